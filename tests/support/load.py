"""A steady load of payments and whole orders by several members, which remembers what it was promised."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hansa import Client, HansaError, OutcomeUnknownError, Receipt, RefusedError, new_id
from hansa_domain.events import Event, MoneyMoved, OrderPlaced
from tests.support.network import Trade

MONEY = 1_000_000
PAYMENT = 7
PRICE = 100
PATIENCE = 180.0
"""Seconds that one command may take until it is done, all failures and repetitions included."""


@dataclass(frozen=True)
class Acknowledged:
    """A command that its sender was told is done; moments are of ``time.monotonic``."""

    transaction_id: str
    block_number: int
    begun: float
    ended: float


@dataclass
class Load:
    """Four payers and three lines of orders, until stopped; a command is repeated under its id until done."""

    trade: Trade
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    orders: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def prepare(self) -> None:
        """Money for everybody and goods to order."""
        trade = self.trade
        for owner in ("RetailerMSP", "ProducerMSP", "CarrierMSP", "BankMSP"):
            trade.bank.money.mint("EUR", MONEY, owner)
        self._listing = trade.offer(100_000, price=PRICE)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Under way while the block runs; at its end every command begun is carried to its end."""
        trade = self.trade
        ways = [
            (trade.retailer, "ProducerMSP"),
            (trade.producer, "RetailerMSP"),
            (trade.carrier, "BankMSP"),
            (trade.bank, "CarrierMSP"),
        ]
        threads = [threading.Thread(target=self._watched, args=(self._pay, *way)) for way in ways]
        threads += [threading.Thread(target=self._watched, args=(self._order,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()
        assert not self.refused, self.refused

    def goes_on(self, since: float, commands: int, seconds: float = 120.0) -> float:
        """Waits until so many commands begun after a moment are done; seconds until the first of them was."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                later = [one.ended for one in self.acknowledged.values() if one.begun >= since]
                if len(later) >= commands:
                    return min(later) - since
                assert not self.refused, self.refused
                left = deadline - time.monotonic()
                assert left > 0, f"only {len(later)} commands were done; troubles: {self.troubles}"
                self.changed.wait(left)

    def _watched(self, work: Callable[..., None], *arguments: Any) -> None:
        while not self.stopping.is_set() and not self.refused:
            try:
                work(*arguments)
            except (HansaError, AssertionError) as error:
                with self.changed:
                    self.refused.append(f"{work.__name__}{arguments[1:]}: {error}")
                    self.changed.notify_all()

    def _pay(self, payer: Client, to: str) -> None:
        self._done(lambda name: payer.money.transfer(to, "EUR", PAYMENT, command_id=name))

    def _order(self) -> None:
        trade, listing = self.trade, self._listing
        placed = self._done(
            lambda name: trade.retailer.orders.place(listing, 1, carrier="CarrierMSP", command_id=name)
        )
        order = placed.reply.order.id
        self._done(lambda name: trade.producer.orders.accept(order, command_id=name))
        self._done(lambda name: trade.producer.orders.ship(order, command_id=name))
        self._done(lambda name: trade.carrier.orders.deliver(order, command_id=name))
        self._done(lambda name: trade.retailer.orders.confirm(order, command_id=name))
        self.orders.append(order)

    def _done(self, send: Callable[[str], Receipt[Any]]) -> Receipt[Any]:
        """Sends a command under one id until it is done, whatever is in the way but a refusal."""
        name, begun = new_id(), time.monotonic()
        while True:
            try:
                receipt = send(name)
            except RefusedError:
                raise
            except HansaError as error:
                assert time.monotonic() - begun < PATIENCE, f"{name} is not done: {error}"
                with self.changed:
                    self.troubles[error.code] += 1
                if not isinstance(error, OutcomeUnknownError):
                    time.sleep(0.1)
                continue
            with self.changed:
                self.acknowledged[name] = Acknowledged(
                    receipt.transaction_id, receipt.block_number, begun, time.monotonic()
                )
                self.changed.notify_all()
            return receipt


@dataclass(frozen=True)
class Effects:
    """What the ledger says happened: valid transactions by block, and each effect with how often it did."""

    transactions: dict[str, int]
    effects: Counter[tuple[str, str]]

    @property
    def repeated(self) -> list[tuple[str, str]]:
        """Effects that happened more than once."""
        return [effect for effect, times in self.effects.items() if times > 1]


def effects(client: Client) -> Effects:
    """Everything on the ledger of a member's peer: notes created and consumed, each step of each order."""
    transactions: dict[str, int] = {}
    found: Counter[tuple[str, str]] = Counter()
    with client.ledger.blocks(0, client.ledger.height() - 1) as blocks:
        for block in blocks:
            for transaction in block.transactions:
                if transaction.validation_code == "VALID":
                    transactions[transaction.transaction_id] = block.number
                    for event in transaction.events:
                        found.update(_effects(event))
    return Effects(transactions, found)


def _effects(event: Event) -> Iterator[tuple[str, str]]:
    if isinstance(event, MoneyMoved):
        yield from (("note created", note.id) for note in event.created)
        yield from (("note consumed", note.id) for note in event.consumed)
    elif isinstance(event, OrderPlaced) or type(event).__name__.startswith("Order"):
        yield type(event).__name__, str(getattr(event, "order", ""))
