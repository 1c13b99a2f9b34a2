"""Standing facilities: a dealer's money, given at the oracles' rate less a spread, to whoever asks."""

from __future__ import annotations

from collections.abc import Generator
from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NoteView
from hansa_domain.fields import (
    Amount,
    BasisPoints,
    Bookmark,
    CurrencyCode,
    EntityId,
    Owner,
    PageLimit,
    Seconds,
    Timestamp,
    form,
)
from hansa_domain.money import NoteIds
from hansa_domain.notes import organisation
from hansa_domain.operation import Command, Fetch, Key, Query, Record, Records
from hansa_domain.rates.records import MAX_AGE, Rate

MAX_PARTS = 16
Part = Annotated[int, msgspec.Meta(ge=0, lt=MAX_PARTS)]
PartId = Annotated[
    str,
    form(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\.[0-7][0-9A-HJKMNP-TV-Z]{25}/[0-9]{2}",
        "a facility's id, a slash, and the number of one of its parts in two digits",
    ),
]
MaxAge = Annotated[int, msgspec.Meta(ge=1, le=MAX_AGE, description="Seconds, from 1 to a day.")]


class Facility(Record, frozen=True, kw_only=True):
    """A dealer's standing offer; key ``("facility", id)``. Its money is in its parts.

    It gives ``gives`` for ``takes``, the two currencies of the pair ``base``/``quote``, at the median of the
    oracles' quotes of at most ``max_age`` seconds, less ``spread`` basis points. ``account`` is the dealer's,
    which gets what customers pay, and the rest at the end.
    """

    NOUN: ClassVar[str] = "facility"
    id: str
    status: Literal["open", "closed"]
    account: str
    base: str
    quote: str
    gives: str
    takes: str
    spread: int
    max_age: int
    parts: int
    opened_at: Timestamp
    closed_at: Timestamp | None = None

    @property
    def dealer(self) -> str:
        """MSP id."""
        return organisation(self.account)

    @property
    def guardian(self) -> str:
        """The dealer, whose peer decides by it about the money in its parts."""
        return self.dealer


class FacilityPart(Record, frozen=True, kw_only=True):
    """A part of a facility's money; key ``("facility-part", facility, number)``, the number in two digits.

    Customers of different parts write different keys.
    """

    NOUN: ClassVar[str] = "facility-part"
    facility: str
    part: int
    account: str
    currency: str
    amount: str

    @property
    def guardian(self) -> str:
        """The dealer, whose money it is."""
        return organisation(self.account)

    @property
    def holding(self) -> tuple[str, int]:
        """All of it."""
        return self.currency, int(self.amount)


class OpenFacility(Spending["FacilityFundedReply"], frozen=True, kw_only=True):
    """``facilities:Open``, by any member: ``amount`` of ``currency`` is given for the pair's other currency.

    ``base`` and ``quote`` name the pair as oracles quote it; ``currency`` is one of the two. The amount is
    split evenly in ``parts``: as many customers are served at once. ``change`` is the account that pays and
    gets what customers pay; without it, the main one.
    """

    base: CurrencyCode
    quote: CurrencyCode
    currency: CurrencyCode
    amount: Amount
    spread: BasisPoints
    notes: NoteIds
    parts: Annotated[int, msgspec.Meta(ge=1, le=MAX_PARTS)] = 4
    max_age: MaxAge = 3600
    change: Owner | None = None


class ReviseFacility(Command["FacilityReply"], frozen=True, kw_only=True):
    """``facilities:Revise``, by the dealer: another spread or age limit, from now on."""

    facility: EntityId
    spread: BasisPoints
    max_age: MaxAge


class TopUpFacility(Spending["FacilityFundedReply"], frozen=True, kw_only=True):
    """``facilities:TopUp``, by the dealer: ``amount`` goes into one part, out of the account ``change``."""

    facility: EntityId
    part: Part
    currency: CurrencyCode
    amount: Amount
    notes: NoteIds
    change: Owner | None = None


class WithdrawFacility(Command["FacilityPaidReply"], frozen=True, kw_only=True):
    """``facilities:Withdraw``, by the dealer: ``amount`` of one part goes back to the facility's account."""

    facility: EntityId
    part: Part
    currency: CurrencyCode
    amount: Amount


class CloseFacility(Command["FacilityPaidReply"], frozen=True, kw_only=True):
    """``facilities:Close``, by the dealer: all of it goes back to the facility's account."""

    facility: EntityId


class UseFacility(Spending["FacilityUsedReply"], frozen=True, kw_only=True):
    """``facilities:Exchange``, by any other member: ``amount`` of ``currency`` for the most the rate gives.

    ``currency`` is what the facility takes. A fee comes on top. ``least`` is the least he accepts, minor
    units of the other currency; ``max_age`` how old a quote may be for him, seconds; ``max_fee`` the most the
    fee may be. ``change`` is the account that pays and receives; without it, the main one.
    """

    facility: EntityId
    part: Part
    currency: CurrencyCode
    amount: Amount
    least: Amount
    notes: NoteIds
    max_age: Seconds = MAX_AGE
    change: Owner | None = None
    max_fee: Amount | None = None


class GetFacility(Query["FacilityReply"], frozen=True, kw_only=True):
    """``facilities:Get``: a facility and what its parts hold."""

    facility: EntityId


class ListFacilities(Query["FacilitiesReply"], frozen=True, kw_only=True):
    """``facilities:List``: all facilities, in order of id, which begins with the dealer's MSP id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class QuoteFacility(Query["FacilityQuoteReply"], frozen=True, kw_only=True):
    """``facilities:Quote``: what an amount of ``currency`` would bring now, and what it would cost."""

    facility: EntityId
    currency: CurrencyCode
    amount: Amount
    max_age: Seconds = MAX_AGE


class FacilityReply(msgspec.Struct, frozen=True, kw_only=True):
    """A facility, and its parts in order."""

    facility: Facility
    parts: list[FacilityPart]


class FacilityFundedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The facility, the parts funded, and what came back of the notes."""

    facility: Facility
    parts: list[FacilityPart]
    change: NoteView | None


class FacilityPaidReply(msgspec.Struct, frozen=True, kw_only=True):
    """The facility, and what was paid out of it to its account."""

    facility: Facility
    notes: list[NoteView]


class FacilityUsedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The note bought, the change, and the fee paid, minor units of the currency given.

    ``quote_amount`` minor units of the pair's quote currency for ``base_amount`` of its base is the rate that
    was used, before the spread.
    """

    facility: str
    bought: NoteView
    change: NoteView | None
    fee: str
    base_amount: str
    quote_amount: str


class FacilitiesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of facilities; ``bookmark`` is empty on the last page."""

    facilities: list[Facility]
    bookmark: str


class FacilityQuoteReply(msgspec.Struct, frozen=True, kw_only=True):
    """What would be received and what the fee would be, both in minor units, and the rate they follow from.

    ``parts`` hold enough, the fullest first. ``fee`` is in the currency given, and goes to ``fee_account``.
    """

    currency: str
    amount: str
    receives_currency: str
    receives: str
    fee: str
    fee_account: str | None
    base_amount: str
    quote_amount: str
    rates: list[Rate]
    parts: list[int]


def part_key(facility: str, part: int) -> Key:
    """Where a part stands."""
    return (FacilityPart.NOUN, facility, f"{part:02d}")


def load_facility(facility: str) -> Generator[Fetch, Records, Facility]:
    """A facility, or FACILITY_NOT_FOUND; ``yield from`` it."""
    records = yield Fetch(keys=((Facility.NOUN, facility),))
    return records.get(Facility, facility, refuse=Code.FACILITY_NOT_FOUND, where="facility")


def load_part(facility: Facility, part: int) -> Generator[Fetch, Records, FacilityPart]:
    """One of its parts, or FACILITY_NOT_FOUND at ``part``; ``yield from`` it."""
    key = part_key(facility.id, part)
    records = yield Fetch(keys=(key,))
    return records.get(FacilityPart, *key[1:], refuse=Code.FACILITY_NOT_FOUND, where="part")


def load_parts(facility: Facility) -> Generator[Fetch, Records, list[FacilityPart]]:
    """All parts that there are, in order; ``yield from`` it."""
    keys = tuple(part_key(facility.id, part) for part in range(facility.parts))
    records = yield Fetch(keys=keys)
    found = (records.find(FacilityPart, *key[1:]) for key in keys)
    return [part for part in found if part is not None]


def require_open_facility(facility: Facility) -> None:
    """Refuses FACILITY_STATE for one that is closed."""
    if facility.status != "open":
        raise Refusal(Code.FACILITY_STATE, "This facility is closed.", "facility")
