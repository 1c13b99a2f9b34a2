"""A ledger in memory for the rules of trade: given this state and caller, when this, then exactly that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from hansa_domain.errors import Refusal
from hansa_domain.execution import Outcome, execute
from hansa_domain.operation import (
    Caller,
    Context,
    Fetch,
    Key,
    PrivateKey,
    Records,
    Scan,
    ScanPage,
)

START = 1_800_000_000_000
"""2027-01-15T08:00:00.000Z, when every test begins."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

MEMBERS = [
    {"msp_id": "ProducerMSP", "name": "Producer", "role": "producer", "country": "NL"},
    {"msp_id": "RetailerMSP", "name": "Retailer", "role": "retailer", "country": "DE"},
    {"msp_id": "CarrierMSP", "name": "Carrier", "role": "carrier", "country": "BE"},
    {"msp_id": "BankMSP", "name": "Bank", "role": "bank", "country": "LU"},
    {"msp_id": "RegulatorMSP", "name": "Regulator", "role": "regulator", "country": "FR"},
]
INIT = {"members": MEMBERS, "fee": {"basis_points": 50, "account": "BankMSP/consortium-fees"}}
TERMS = {"accept_within": 60, "ship_within": 120, "deliver_within": 180, "inspect_within": 240}
GTIN = "09506000134352"


def ulid(seed: object) -> str:
    """A ULID that depends on the seed alone."""
    number = int.from_bytes(sha256(repr(seed).encode()).digest()[:16], "big")
    digits = []
    for _ in range(26):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return "0" + "".join(reversed(digits))[1:]


@dataclass
class Result:
    """What one command did, decoded."""

    outcome: Outcome
    command_id: str

    @property
    def reply(self) -> Any:
        return json.loads(self.outcome.reply)

    @property
    def events(self) -> list[Any]:
        if self.outcome.event is None:
            return []
        envelope = json.loads(self.outcome.event)
        assert envelope["v"] == 1
        return list(envelope["events"])

    @property
    def event_types(self) -> list[str]:
        return [event["type"] for event in self.events]

    @property
    def writes(self) -> dict[Key, Any]:
        """Public writes without the command's own record; None deletes."""
        return {
            key: None if value is None else json.loads(value)
            for key, value in self.outcome.writes.items()
            if key[0] != "command"
        }


@dataclass
class World:
    """Public state and every organisation's implicit collection; ``now`` in Unix milliseconds."""

    state: dict[Key, bytes] = field(default_factory=dict)
    private: dict[PrivateKey, bytes] = field(default_factory=dict)
    now: int = START
    calls: int = 0

    def call(
        self,
        caller: str | Caller,
        name: str,
        document: Mapping[str, Any] | bytes,
        transient: Mapping[str, bytes] | None = None,
    ) -> Result:
        """Carries out a command or query and keeps what it writes. A command without id gets a fresh one."""
        self.calls += 1
        who = caller if isinstance(caller, Caller) else Caller(caller, "user")
        command_id = ""
        if not isinstance(document, bytes):
            command_id = str(document.get("id", ulid(self.calls)))
            document = json.dumps(document).encode()
        context = Context(caller=who, now=self.now, tx_id=f"tx{self.calls}", transient=transient or {})
        outcome = self.drive(name, document, context)
        self.keep(outcome)
        return Result(outcome, command_id)

    def do(
        self,
        caller: str | Caller,
        name: str,
        /,
        *,
        transient: Mapping[str, bytes] | None = None,
        **fields: Any,
    ) -> Result:
        """A command with a fresh id unless the fields give one."""
        return self.call(caller, name, {"id": ulid(self.calls), **fields}, transient)

    def ask(self, caller: str, name: str, /, **fields: Any) -> Any:
        """A query's reply."""
        return self.call(caller, name, fields).reply

    def drive(self, name: str, argument: bytes, context: Context) -> Outcome:
        """Runs the execution against this state without keeping anything."""
        execution = execute(name, argument, context)
        try:
            wanted = next(execution)
            while True:
                wanted = execution.send(self.fetch(wanted))
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome

    def fetch(self, wanted: Fetch) -> Records:
        return Records(
            values={key: self.state.get(key) for key in wanted.keys},
            pages={scan: self._page(scan) for scan in wanted.scans},
            private={place: self.private.get(place) for place in wanted.private},
            ranges={prefix: tuple(self._under(prefix)) for prefix in wanted.ranges},
        )

    def _under(self, prefix: Key) -> list[tuple[Key, bytes]]:
        size = len(prefix)
        return [(key, self.state[key]) for key in sorted(self.state) if key[:size] == prefix]

    def _page(self, scan: Scan) -> ScanPage:
        size = len(scan.prefix)
        keys = sorted(key for key in self.state if key[:size] == scan.prefix)
        if scan.bookmark:
            keys = [key for key in keys if "\0".join(key) >= scan.bookmark]
        page, rest = keys[: scan.limit], keys[scan.limit :]
        bookmark = "\0".join(rest[0]) if rest else ""
        return ScanPage(items=tuple((key, self.state[key]) for key in page), bookmark=bookmark)

    def keep(self, outcome: Outcome) -> None:
        for key, value in outcome.writes.items():
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
        for place, value in outcome.private_writes.items():
            if value is None:
                self.private.pop(place, None)
            else:
                self.private[place] = value

    def refusal(
        self,
        caller: str | Caller,
        name: str,
        document: Mapping[str, Any] | bytes,
        transient: Mapping[str, bytes] | None = None,
    ) -> tuple[str, str | None]:
        """Code and field of the refusal that must come; the state must not change by it."""
        before, before_private = dict(self.state), dict(self.private)
        try:
            self.call(caller, name, document, transient)
        except Refusal as refusal:
            assert (self.state, self.private) == (before, before_private)
            assert refusal.message.endswith(".")
            return refusal.code.value, refusal.field
        raise AssertionError(f"{name} was not refused")

    def refused(
        self,
        caller: str | Caller,
        name: str,
        /,
        *,
        transient: Mapping[str, bytes] | None = None,
        **fields: Any,
    ) -> tuple[str, str | None]:
        """``refusal`` of a command with a fresh id."""
        return self.refusal(caller, name, {"id": ulid(self.calls), **fields}, transient)

    def pass_time(self, seconds: int) -> None:
        self.now += seconds * 1000

    def record(self, *key: str) -> Any:
        """The document under a key, None where there is none."""
        raw = self.state.get(key)
        return None if raw is None else json.loads(raw)

    def balance(self, owner: str, currency: str = "EUR") -> int:
        reply = self.ask("BankMSP", "money:Balance", owner=owner, currency=currency)
        return int(reply["balances"][0]["amount"])


def consortium() -> World:
    """A world with the five members, and nothing else."""
    world = World()
    world.do(Caller("BankMSP", "admin", admin=True), "members:Init", **INIT)
    return world


def market(quantity: int = 100, unit_price: str | None = "250", buckets: int | None = 4) -> tuple[World, str]:
    """A consortium with a product and a listing of the producer; and the listing's id."""
    world = consortium()
    world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Olive oil 1 l", brand="Oleum")
    listing = world.do(
        "ProducerMSP",
        "listings:Create",
        gtin=GTIN,
        unit_price=unit_price,
        currency="EUR",
        quantity=quantity,
        buckets=buckets,
    ).reply["listing"]["id"]
    return world, listing


def mint(world: World, amount: str, owner: str = "RetailerMSP", currency: str = "EUR") -> str:
    """A fresh note's id."""
    reply = world.do("BankMSP", "money:Mint", currency=currency, amount=amount, owner=owner).reply
    return str(reply["notes"][0]["id"])


def order_fields(listing: str, notes: list[str], quantity: int = 4, **more: Any) -> dict[str, Any]:
    """An order of that many out of bucket 0, at 250 each, freight 100."""
    return {
        "lines": [{"listing": listing, "quantity": quantity, "take": [{"bucket": 0, "quantity": quantity}]}],
        "amount": str(250 * quantity + 100),
        "freight": "100",
        "carrier": "CarrierMSP",
        "notes": notes,
        "terms": TERMS,
        **more,
    }


def placed() -> tuple[World, str]:
    """A market in which the retailer ordered four for 1100 out of a note of 1500; and the order's id."""
    world, listing = market()
    note = mint(world, "1500")
    order = world.do("RetailerMSP", "orders:Place", **order_fields(listing, [note])).reply["order"]["id"]
    return world, str(order)


def advance(world: World, order: str, status: str, epcs: list[str] | None = None) -> None:
    """Brings a placed order to a later open status."""
    steps = [
        ("accepted", "ProducerMSP", "orders:Accept", {}),
        ("shipped", "ProducerMSP", "orders:Ship", {"epcs": epcs or []}),
        ("delivered", "CarrierMSP", "orders:Deliver", {}),
    ]
    for reached, caller, name, fields in steps:
        if world.record("order", order)["status"] == status:
            return
        world.do(caller, name, order=order, **fields)
        assert world.record("order", order)["status"] == reached
