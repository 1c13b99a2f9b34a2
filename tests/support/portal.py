"""Members whose ledger is in memory: the real rules, SDK, read model and pages, and no network."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from hansa.alerts import Alerts
from hansa.cold_chain import ColdChain
from hansa.config_updates import ConfigUpdates
from hansa.deliveries import Deliveries, Despatches, Invoices, Receipts
from hansa.discounts import Coupons, Discounts
from hansa.errors import ConnectionProfileError, HansaError, OutcomeUnknownError, RefusedError, hint
from hansa.exchanges import Exchanges
from hansa.goods import Goods
from hansa.hashlocks import Hashlocks
from hansa.iso20022_payments import Iso20022
from hansa.ledger import LedgerBlock, LedgerStreamError, LedgerTransaction
from hansa.listings import Listings
from hansa.members import Members
from hansa.money import Money
from hansa.netting import Netting
from hansa.notes import Purse
from hansa.offers import Offers
from hansa.orders import Orders
from hansa.places import Places
from hansa.products import Products
from hansa.stock import Shelf
from hansa.submission import Receipt, Retry
from hansa.taxes import Taxes
from hansa.tenders import Tenders
from hansa.ubl_exchange import Ubl
from hansa_domain.commands import CommandReply, GetCommand
from hansa_domain.errors import Refusal
from hansa_domain.events import Event
from hansa_domain.operation import BY_ARGUMENT, Caller, Command, Context, Query, canonical
from hansa_domain.times import rfc3339
from hansa_portal.app import Settings, create_app
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import ReadModel, open_database
from tests.support.config_changes import admin
from tests.support.databases import GENESIS, database_url
from tests.support.domain import INIT, START, World, ulid

EVENTS = msgspec.json.Decoder(type=dict[str, Any])


def decode_events(payload: bytes | None) -> tuple[Event, ...]:
    """The typed events of a `hansa` event's payload."""
    if payload is None:
        return ()
    kinds = {kind.__struct_config__.tag: kind for kind in Event.__subclasses__()}
    listed = EVENTS.decode(payload)["events"]
    return tuple(msgspec.convert(each, kinds[each["type"]]) for each in listed)


@dataclass
class MemoryLedger:
    """A chain of one-transaction blocks over the domain, followed by a read model unless that is paused."""

    database: str
    world: World = field(default_factory=World)
    blocks: list[LedgerBlock] = field(default_factory=list)
    following: bool = True
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.engine = open_database(self.database)
        self.model = ReadModel(self.engine, GENESIS)
        self.model.prepare()
        self.queries = Queries(self.engine)

    def commit(
        self, msp_id: str, signer: str, function: str, events: tuple[Event, ...], code: str = "VALID"
    ) -> LedgerBlock:
        """Appends a block with one transaction."""
        number = len(self.blocks)
        transaction = LedgerTransaction(
            transaction_id=hashlib.sha256(str(number).encode()).hexdigest(),
            index=0,
            validation_code=code,
            creator=msp_id,
            at=rfc3339(self.world.now),
            chaincode="hansa",
            function=function,
            events=events if code == "VALID" else (),
            signer=signer,
        )
        block = LedgerBlock(
            number, hashlib.sha256(b"block" + bytes([number % 256])).hexdigest(), (transaction,)
        )
        self.blocks.append(block)
        if self.following:
            self.catch_up()
        return block

    def catch_up(self) -> None:
        """Folds in what the read model has not seen yet."""
        found = self.queries.ledger.checkpoint()
        assert found is not None
        for block in self.blocks[found.next_block :]:
            self.model.apply(block)

    def begin(self, more: Sequence[Mapping[str, Any]] = ()) -> None:
        """The five members, and more of them, as a block."""
        submitter = MemorySubmitter(self, Caller("BankMSP", "admin", admin=True))
        document = {"id": ulid("init"), **INIT, "members": [*INIT["members"], *more]}
        submitter.carry_out("members:Init", canonical(document), {})


class MemorySubmitter:
    """What `hansa.submission.Submitter` does, against the ledger in memory.

    `fail` may raise instead of, or after, the command: that is how networks behave.
    """

    def __init__(self, ledger: MemoryLedger, caller: Caller) -> None:
        self.ledger = ledger
        self.caller = caller

    def evaluate(self, function: str, query: msgspec.Struct, kind: type[Any]) -> Any:
        with self.ledger.lock:
            context = Context(self.caller, self.ledger.world.now, "query")
            try:
                outcome = self.ledger.world.drive(function, canonical(query), context)
            except Refusal as refusal:
                raise refused(refusal) from refusal
            return msgspec.json.decode(outcome.reply, type=kind)

    def submit(
        self,
        function: str,
        command: msgspec.Struct,
        kind: type[Any],
        *,
        transient: Mapping[str, bytes] | None = None,
        endorsing_organizations: Sequence[str] = (),
        attempts: int | None = None,
    ) -> Receipt[Any]:
        reply, block = self.carry_out(function, canonical(command), transient or {})
        FAILURES.after(function, str(getattr(command, "id", "")))
        transaction = block.transactions[0]
        return Receipt(
            reply=msgspec.json.decode(reply, type=kind),
            command_id=str(getattr(command, "id", "")),
            transaction_id=transaction.transaction_id,
            block_number=block.number,
            attempts=1,
        )

    @property
    def msp_id(self) -> str:
        return self.caller.msp_id

    def carried_out(self, command_id: str) -> CommandReply | None:
        query = GetCommand(command=f"{self.msp_id}.{command_id}")
        try:
            found: CommandReply = self.evaluate("commands:Get", query, CommandReply)
        except RefusedError:
            return None
        return found

    def block_of(self, transaction_id: str) -> int:
        return next(
            block.number
            for block in self.ledger.blocks
            if any(each.transaction_id == transaction_id for each in block.transactions)
        )

    def tell(self, retry: Retry) -> None:
        raise AssertionError(f"nothing else uses this ledger: {retry}")

    def carry_out(
        self, function: str, argument: bytes, transient: Mapping[str, bytes]
    ) -> tuple[bytes, LedgerBlock]:
        with self.ledger.lock:
            world = self.ledger.world
            world.now += 1000
            world.calls += 1
            transaction = hashlib.sha256(str(len(self.ledger.blocks)).encode()).hexdigest()
            context = Context(self.caller, world.now, transaction, transient)
            try:
                outcome = world.drive(function, argument, context)
            except Refusal as refusal:
                raise refused(refusal) from refusal
            world.keep(outcome)
            events = () if outcome.replayed else decode_events(outcome.event)
            block = self.ledger.commit(self.caller.msp_id, self.caller.name, function, events)
            return outcome.reply, block


class Failures:
    """Outcomes that nobody could tell: the command was carried out and its answer lost."""

    def __init__(self) -> None:
        self.functions: set[str] = set()

    def after(self, function: str, command_id: str) -> None:
        if function in self.functions:
            self.functions.discard(function)
            raise OutcomeUnknownError("The peer went away.", command_id, None)


FAILURES = Failures()


def refused(refusal: Refusal) -> RefusedError:
    code = refusal.code.value
    return RefusedError(code, refusal.message, hint(code), field=refusal.field)


class MemoryChain:
    """What the portal asks of `client.ledger`."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger
        self.reachable = True

    def height(self) -> int:
        if not self.reachable:
            raise LedgerStreamError("the peer does not answer")
        return len(self._ledger.blocks)

    @contextmanager
    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Iterator[LedgerBlock]]:
        yield iter(self._ledger.blocks[start : None if stop is None else stop + 1])


class MemoryClient:
    """What `hansa.Client` offers, on the ledger in memory."""

    def __init__(self, ledger: MemoryLedger, caller: Caller, beside: MemoryClient | None = None) -> None:
        submitter: Any = MemorySubmitter(ledger, caller)
        self.submitter = submitter
        self.purse = Purse(submitter, None if beside is None else beside.purse)
        self.shelf = Shelf(submitter, None if beside is None else beside.shelf)
        self.caller = caller
        self.config_updates = ConfigUpdates(submitter)
        self.members = Members(submitter)
        self.products = Products(submitter)
        self.places = Places(submitter)
        self.listings = Listings(submitter)
        self.discounts = Discounts(submitter)
        self.coupons = Coupons(submitter)
        self.taxes = Taxes(submitter)
        chain: Any = MemoryChain(ledger)
        self.ledger = chain
        self.money = Money(submitter, self.purse, caller.msp_id, chain)
        self.exchanges = Exchanges(submitter, self.purse, caller.msp_id)
        self.hashlocks = Hashlocks(submitter, self.purse, caller.msp_id)
        self.netting = Netting(submitter, self.purse, caller.msp_id)
        self.deliveries = Deliveries(submitter, self.purse)
        self.despatches = Despatches(submitter, self.purse)
        self.receipts = Receipts(submitter, self.purse)
        self.invoices = Invoices(submitter, self.purse)
        self.orders = Orders(submitter, self.purse, self.shelf, caller.msp_id)
        self.offers = Offers(submitter, self.purse, self.orders, caller.msp_id)
        self.tenders = Tenders(submitter, self.offers)
        self.ubl = Ubl(
            submitter,
            self.members,
            self.listings,
            self.products,
            self.orders,
            self.offers,
            caller.msp_id,
        )
        self.iso20022 = Iso20022(submitter, self.members, self.money, caller.msp_id)
        self.goods = Goods(submitter)
        self.alerts = Alerts(submitter)
        self.cold_chain = ColdChain(submitter)

    def send(self, command: Command[Any]) -> Receipt[Any]:
        operation = BY_ARGUMENT[type(command)]
        return self.submitter.submit(operation.name, command, operation.reply)

    def ask(self, query: Query[Any]) -> Any:
        operation = BY_ARGUMENT[type(query)]
        return self.submitter.evaluate(operation.name, query, operation.reply)

    @property
    def signer(self) -> Any:
        return admin(self.caller.msp_id)

    def close(self) -> None:
        """Nothing is open."""


class MemoryOffice:
    """A member whose users open their keys with passwords that a test knows."""

    def __init__(self, ledger: MemoryLedger, msp_id: str, folder: Path = Path("nowhere")) -> None:
        self.msp_id = msp_id
        self.folder = folder
        self.organization = msp_id.removesuffix("MSP")
        self.domain = f"{self.organization.lower()}.example"
        self._ledger = ledger
        self._service = MemoryClient(ledger, Caller(msp_id, "service"))

    def sign_in(self, user: str, password: str) -> Any:
        if password != f"{user}-password":
            raise ConnectionProfileError("SIGN_IN_FAILED", "The key does not open.", "")
        caller = Caller(self.msp_id, user, admin=user == "admin")
        return MemoryClient(self._ledger, caller, self._service)

    def administrator(self, client: Any) -> bool:
        return bool(client.caller.admin)

    def service(self) -> Any:
        return self._service

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Consortium:
    """Five members, and ``more`` of them, each with a portal, on one ledger in memory."""

    folder: Path
    configure: Callable[[Settings], Settings] = lambda settings: settings
    more: Sequence[Mapping[str, Any]] = ()

    def __post_init__(self) -> None:
        FAILURES.functions.clear()
        self.ledger = MemoryLedger(database_url(self.folder / "readmodel"))
        self.ledger.world.now = START
        self.ledger.begin(self.more)
        self.apps: dict[str, Any] = {}

    def app(self, name: str) -> Any:
        """The portal of a member, by name."""
        if name not in self.apps:
            office: Any = MemoryOffice(self.ledger, f"{name}MSP", self.folder / name)
            settings = self.configure(
                Settings(
                    secret=b"s" * 32,
                    port=8000,
                    catch_up_seconds=0.05,
                    sign_ins_per_minute=1000,
                    applications_per_hour=1000,
                    now=lambda: rfc3339(self.ledger.world.now),
                )
            )
            self.apps[name] = create_app(office, self.ledger.queries, settings)
        return self.apps[name]

    def sdk(self, name: str, user: str = "user") -> MemoryClient:
        """The SDK of a member's user, for arranging what a test begins with."""
        return MemoryClient(self.ledger, Caller(f"{name}MSP", user, admin=user == "admin"))

    def browser(self, name: str, user: str = "user") -> Browser:
        """A browser in which a user of the member is signed in."""
        browser = Browser(self.app(name).test_client())
        browser.get("/sign-in")
        answer = browser.submit("/sign-in", {"user": user, "password": f"{user}-password"}, page="/sign-in")
        assert answer.status_code == 302, answer.text
        return browser


__all__ = ["FAILURES", "GENESIS", "Browser", "Consortium", "HansaError", "MemoryLedger", "decode_events"]

from tests.support.browser import Browser  # noqa: E402 - the annotation above names it
