"""What the ledger keeps about goods: units, events as received, and the indexes that trace follows."""

from __future__ import annotations

import hashlib
from typing import ClassVar, Literal

import msgspec

from hansa_domain.gs1 import normal_form
from hansa_domain.operation import Key, Record

EventStatus = Literal["accepted", "claim"]
EndOfUnit = Literal["consumed", "retired"]
ClaimReason = Literal[
    "no_goods",
    "goods_unknown",
    "not_a_party",
    "already_commissioned",
    "packed_elsewhere",
    "circular",
    "not_held",
    "not_owned",
    "ended",
    "recalled",
    "quantity_invalid",
    "mass_balance",
    "declared_in_error",
]
"""Why an event is kept as a claim only.

``no_goods``: it names none. ``goods_unknown``: the ledger knows them not. ``not_a_party``: the reporter
neither holds nor owns them, nor is party to the order that carries them. ``circular``: a thing would be
packed in itself. ``not_held``: only who holds goods, and that much of a lot, may end them. ``not_owned``:
only who owns goods uses them up in making others. ``recalled``: recalled goods are neither handed on nor used
up in making others. ``quantity_invalid``: an amount is not positive, too large or too fine.
``mass_balance``: more came out of a transformation than went in. ``declared_in_error``: its reporter had
taken it back before it arrived.
"""

_LONGEST_KEY_PART = 200


class Unit(Record, frozen=True, kw_only=True):
    """One identified thing: a serialised trade item, or a logistic unit; key ``("unit", epc)``.

    ``epc`` is in normal form. ``custodian`` is the one member that holds it, ``owner`` the member it belongs
    to. ``order`` is set while an order carries it. ``parent`` is the logistic unit it is packed in,
    ``contents`` what is packed in it. ``ended`` says that it exists no more. Version 2 has ``lot``, the class
    of its lot in normal form where that was told, and ``made_at``, when the ledger learnt of it. Version 3
    has ``dispositions``: the persistent dispositions that hold (``damaged``), and which member set each.
    """

    NOUN: ClassVar[str] = "unit"
    VERSION: ClassVar[int] = 3
    v: int = 3
    epc: str
    gtin: str | None
    owner: str
    custodian: str
    order: str | None = None
    parent: str | None = None
    contents: list[str] = msgspec.field(default_factory=list)
    ended: EndOfUnit | None = None
    lot: str | None = None
    made_at: str | None = None
    dispositions: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def guardian(self) -> str:
        """Who holds it."""
        return self.custodian


class EventRecord(Record, frozen=True, kw_only=True):
    """An EPCIS event as one member reported it; key ``("epcis-event", id, reporter, variant)``.

    ``text`` and ``context`` are JSON exactly as received (``context`` is the document's ``@context``, empty
    where the event carries its own). ``hash`` is CBV 2.0's event hash. ``time`` is when it happened,
    ``captured_at`` when the ledger took it. An error declaration is a variant beside the event it concerns.
    Version 2 has ``on_behalf_of``: who delegated it, where it counts for another than its reporter. Version 3
    has ``declared_in_error``: its reporter took it back; and the events that stand in its place, if any.
    """

    NOUN: ClassVar[str] = "epcis-event"
    VERSION: ClassVar[int] = 3
    v: int = 3
    event_id: str
    hash: str
    reporter: str
    status: EventStatus
    reason: ClaimReason | None
    text: str
    context: str
    time: str
    captured_at: str
    tx_id: str
    error_declared: bool = False
    on_behalf_of: str | None = None
    declared_in_error: bool = False
    corrective_event_ids: list[str] = msgspec.field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether it tells of something that happened: not taken back, and taking nothing back."""
        return not self.declared_in_error and not self.error_declared


class EventPointer(Record, frozen=True, kw_only=True):
    """Where an event's record stands: ``event`` is its key without the noun."""

    event: tuple[str, str, str]


class EventOfEpc(EventPointer, frozen=True, kw_only=True):
    """Index of events by what they name; key ``("epc-event", epc, time, id, reporter, variant)``.

    ``claim`` tells that the event is only a claim: trace looks at those last.
    """

    NOUN: ClassVar[str] = "epc-event"
    claim: bool = False


class EventOfHash(EventPointer, frozen=True, kw_only=True):
    """Index of events by hash; key ``("epcis-hash", hash, id, reporter, variant)``."""

    NOUN: ClassVar[str] = "epcis-hash"


def key_part(text: str) -> str:
    """``text`` as part of a key: itself, or its digest where it is long (stores bound the length of keys)."""
    if len(text) <= _LONGEST_KEY_PART and text.isascii():
        return text
    return "sha-256;" + hashlib.sha256(text.encode()).hexdigest()


def unit_key(epc: str) -> Key:
    """The key of the unit that ``epc``, in any spelling, names."""
    return (Unit.NOUN, key_part(normal_form(epc)))
