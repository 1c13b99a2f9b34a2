"""Money: a bank issues it, members transfer it, the issuer takes it back."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from hansa_domain.events import NoteView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    NoteId,
    Owner,
    PageLimit,
    Timestamp,
)
from hansa_domain.operation import Command, Query, Record

MAX_NOTES = 16
MAX_OUTPUTS = 64
NoteIds = Annotated[list[NoteId], msgspec.Meta(min_length=1, max_length=MAX_NOTES)]


class Currency(Record, frozen=True, kw_only=True):
    """A currency in use; key ``("currency", code)``. Its first mint names the issuing bank for good."""

    NOUN: ClassVar[str] = "currency"
    code: str
    issuer: str
    minor_units: int
    defined_at: Timestamp


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note to be made."""

    owner: Owner
    amount: Amount


class Mint(Command, frozen=True, kw_only=True):
    """``money:Mint``, by the currency's issuing bank; a currency's first mint makes the caller its issuer."""

    currency: CurrencyCode
    amount: Amount
    owner: Owner


class Transfer(Command, frozen=True, kw_only=True):
    """``money:Transfer``: the caller's notes become the outputs, of one currency and the same total.

    Change is an output to oneself. Output ``n`` is the note ``<MSP>.<command id>.<n>``.
    """

    notes: NoteIds
    outputs: Annotated[list[Output], msgspec.Meta(min_length=1, max_length=MAX_OUTPUTS)]


class Burn(Command, frozen=True, kw_only=True):
    """``money:Burn``: the issuing bank takes its own notes out of the world, whole."""

    notes: NoteIds


class ListNotes(Query, frozen=True, kw_only=True):
    """``money:Notes``: the unspent notes of one account in one currency, in order of id."""

    owner: Owner
    currency: CurrencyCode
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class GetBalance(Query, frozen=True, kw_only=True):
    """``money:Balance``: the sum of an account's notes; every currency where none is named."""

    owner: Owner
    currency: CurrencyCode | None = None


class ListCurrencies(Query, frozen=True, kw_only=True):
    """``money:Currencies``: the currencies in use and their issuers."""


class NotesCreatedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The notes a mint or transfer made, in the order asked for."""

    notes: list[NoteView]


class BurnReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was burned."""

    currency: str
    amount: str


class NotesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of notes; ``bookmark`` is empty on the last page."""

    notes: list[NoteView]
    bookmark: str


class CurrencyBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds of one currency; ``amount`` may pass 18 digits."""

    currency: str
    amount: str
    notes: int


class BalanceReply(msgspec.Struct, frozen=True, kw_only=True):
    """An account's holdings in order of currency; a currency it does not hold is absent unless asked for."""

    owner: str
    balances: list[CurrencyBalance]


class CurrenciesReply(msgspec.Struct, frozen=True, kw_only=True):
    """Currencies in order of code."""

    currencies: list[Currency]
