"""Payments and whole orders by members of the consortium: how fast, and what got in the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from rich.console import Console

from benchmark.machine import cpu_seconds
from hansa import Client, connect, new_id
from hansa.submission import Retry
from hansa_cli.running import start
from hansa_domain.money import MAX_OUTPUTS, Output, Transfer
from hansa_network.network import Network

PAYMENTS = {1: 40, 10: 300, 100: 1000}
ORDERS = {1: 15, 10: 100, 100: 300}
NOTES_EACH = (1, 2, 8)
GTIN = "09521321999985"
PRICE = 100


@dataclass(frozen=True)
class Load:
    """One load: how many, how fast, and what got in the way. Latencies in milliseconds.

    ``cpu_ms`` is what each took of processors in all, the client's and every process of the network's: the
    figure that a busy machine distorts least.
    """

    what: str
    in_flight: int
    count: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float
    retries: int
    conflicts: int
    validation_codes: dict[str, int]


@dataclass
class Parties:
    """A connection for each who takes part."""

    producer: Client
    retailer: Client
    carrier: Client
    bank: Client
    retries: list[Retry]
    network: Network

    def cpu_s(self) -> float:
        """Seconds of processors that client and network used so far."""
        return time.process_time() + sum(cpu_seconds(process.pid) for process in self.network.processes())

    def close(self) -> None:
        """Ends the connections."""
        for client in (self.producer, self.retailer, self.carrier, self.bank):
            client.close()


def measure(target: Network, scale: float, console: Console) -> list[dict[str, object]]:
    """Payments, then whole orders, at 1, 10 and 100 in flight; ``scale`` is the part of the usual counts."""
    loads = []
    parties = parties_of(target)
    try:
        for in_flight, count in PAYMENTS.items():
            loads.append(_payments(parties, in_flight, max(in_flight, int(scale * count))))
            _tell(loads[-1], console)
        for in_flight, count in ORDERS.items():
            loads.append(orders(parties, in_flight, max(in_flight, int(scale * count))))
            _tell(loads[-1], console)
        for notes in NOTES_EACH:
            loads.append(_payments_of(parties, notes, max(10, int(scale * 200))))
            _tell(loads[-1], console)
    finally:
        parties.close()
    return [asdict(one) for one in loads]


def _tell(load: Load, console: Console) -> None:
    console.print(f"{load.what}, {load.in_flight} in flight: {load.per_second:.1f}/s")


def first_order(target: Network) -> float:
    """Seconds from `hansa up` to the first committed order."""
    begun = time.perf_counter()
    start(target)
    parties = parties_of(target)
    listing = _offer(parties, 1)
    parties.bank.money.mint("EUR", PRICE, "RetailerMSP")
    parties.retailer.orders.place(listing, 1, carrier="CarrierMSP")
    seconds = time.perf_counter() - begun
    parties.close()
    return round(seconds, 2)


def parties_of(target: Network) -> Parties:
    """Everybody connected, to be closed after use."""
    retries: list[Retry] = []

    def client(name: str) -> Client:
        return connect(name, "admin", data=target.folder.root, on_retry=retries.append)

    return Parties(client("Producer"), client("Retailer"), client("Carrier"), client("Bank"), retries, target)


def _offer(parties: Parties, quantity: int) -> str:
    known = [product.gtin for product in parties.producer.products.list().products]
    if GTIN not in known:
        parties.producer.products.register(GTIN, "Benchmark goods")
    made = parties.producer.listings.create(GTIN, unit_price=PRICE, currency="EUR", quantity=quantity)
    return made.reply.listing.id


def _payments(parties: Parties, in_flight: int, count: int) -> Load:
    parties.bank.money.mint("EUR", count * PRICE, "RetailerMSP")

    def pay(_: int) -> None:
        parties.retailer.money.transfer("ProducerMSP", "EUR", PRICE)

    return run_load("payment", parties, in_flight, count, pay)


def _payments_of(parties: Parties, notes: int, count: int) -> Load:
    """Payments that spend so many notes each, ten in flight."""
    whole = parties.bank.money.mint("EUR", count * PRICE * notes, "RetailerMSP").reply.notes[0].id
    parts: list[str] = []
    retailer = parties.retailer
    for begun in range(0, count * notes, MAX_OUTPUTS - 1):
        left = count * notes - begun
        many = min(MAX_OUTPUTS - 1, left)
        owner = "RetailerMSP"
        outputs = [Output(owner=owner, amount=str(PRICE)) for _ in range(many)]
        if left > many:
            outputs.append(Output(owner=owner, amount=str((left - many) * PRICE)))
        made = retailer.send(Transfer(id=new_id(), notes=[whole], outputs=outputs)).reply.notes
        parts += [note.id for note in made[:many]]
        whole = made[-1].id

    def pay(number: int) -> None:
        chosen = parts[number * notes : (number + 1) * notes]
        output = Output(owner="ProducerMSP", amount=str(PRICE * notes))
        retailer.send(Transfer(id=new_id(), notes=chosen, outputs=[output]))

    return run_load(f"payment of {notes} notes", parties, 10, count, pay)


def orders(parties: Parties, in_flight: int, count: int) -> Load:
    """Whole orders, from placing to settlement."""
    parties.bank.money.mint("EUR", count * PRICE, "RetailerMSP")
    listing = _offer(parties, count)

    def live(_: int) -> None:
        placed = parties.retailer.orders.place(listing, 1, carrier="CarrierMSP", freight=0)
        order = placed.reply.order.id
        parties.producer.orders.accept(order)
        parties.producer.orders.ship(order)
        parties.carrier.orders.deliver(order)
        parties.retailer.orders.confirm(order)

    return run_load("order, whole life", parties, in_flight, count, live)


def run_load(what: str, parties: Parties, in_flight: int, count: int, work: Callable[[int], None]) -> Load:
    """Does ``work`` so often, so many at once, and tells how it went."""
    parties.retries.clear()
    used = parties.cpu_s()
    # The bank's peer may be a block behind those that told of the commits before, and of those counted below.
    first_block = parties.bank.catch_up()
    latencies: list[float] = []

    def timed(number: int) -> None:
        begun = time.perf_counter()
        work(number)
        latencies.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    with ThreadPoolExecutor(in_flight) as pool:
        for done in [pool.submit(timed, number) for number in range(count)]:
            done.result()
    seconds = time.perf_counter() - begun
    used = parties.cpu_s() - used
    parties.bank.catch_up()
    codes = _codes(parties.bank, first_block)
    latencies.sort()
    conflicts = sum(number for code, number in codes.items() if code != "VALID")
    return Load(
        what=what,
        in_flight=in_flight,
        count=count,
        per_second=round(count / seconds, 1),
        p50_ms=round(percentile(latencies, 50), 1),
        p95_ms=round(percentile(latencies, 95), 1),
        p99_ms=round(percentile(latencies, 99), 1),
        cpu_ms=round(used / count * 1000, 1),
        retries=len(parties.retries),
        conflicts=conflicts,
        validation_codes=codes,
    )


def _codes(client: Client, first_block: int) -> dict[str, int]:
    """Validation codes of every transaction since a block, counted from the blocks themselves."""
    found: Counter[str] = Counter()
    with client.ledger.blocks(first_block, client.ledger.height() - 1) as blocks:
        for block in blocks:
            found.update(transaction.validation_code for transaction in block.transactions)
    return dict(found)


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The value that this part of the ascending values does not exceed."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
