"""Events of money."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.events.base import Event, NoteView

MoneyReason = Literal[
    "mint",
    "transfer",
    "burn",
    "escrow",
    "release",
    "refund",
    "lock",
    "claim",
    "refill",
    "sweep",
    "mandate",
    "hold",
    "exchange",
    "netting",
]


class CurrencyDefined(Event, frozen=True, kw_only=True, tag="currency.defined"):
    """The first mint of a currency names its issuing bank for good."""

    currency: str
    issuer: str
    minor_units: int
    at: str


class MoneyMoved(Event, frozen=True, kw_only=True, tag="money.moved"):
    """Notes were consumed and created. Every change of notes shows here and nowhere else.

    Created less consumed is what was minted, minus what was burned, minus what went into escrow (``escrow``),
    under a hash (``lock``), into quotes, facilities and netting (``hold``), plus what came out of them
    (``release``, ``claim``, ``refund``, ``exchange``, ``netting``), and nothing for ``transfer`` and
    ``mandate``, and for ``refill`` and ``sweep`` between a hot account and its cold one.

    Version 2 has ``references``, the payer's or the payee's own by note created, and ``document``, the hash
    of the payment order that was carried out.
    """

    v: int = 2
    reason: MoneyReason
    currency: str
    consumed: list[NoteView]
    created: list[NoteView]
    order: str | None
    at: str
    references: dict[str, str] = msgspec.field(default_factory=dict)
    document: str | None = None
