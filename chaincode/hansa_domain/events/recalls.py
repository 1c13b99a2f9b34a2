"""Events of recalls."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event


class RecallHolder(msgspec.Struct, frozen=True, kw_only=True):
    """A member that held so many marked units when they were found."""

    member: str
    units: int


class RecallOpened(Event, frozen=True, kw_only=True, tag="recall.opened"):
    """Goods are recalled: whoever holds them secures them. Both lists empty: the whole product."""

    recall: str
    opener: str
    gtin: str
    lots: list[str]
    serials: list[str]
    reason: str
    at: str


class RecallExtended(Event, frozen=True, kw_only=True, tag="recall.extended"):
    """These goods are marked now; ``holders`` are those of the units among them.

    ``followed``: everything that the ledger knows to be made of recalled goods is marked.
    """

    recall: str
    marked: list[str]
    holders: list[RecallHolder]
    followed: bool
    at: str


class RecallAcknowledged(Event, frozen=True, kw_only=True, tag="recall.acknowledged"):
    """A member has secured so many of the recalled goods, in all."""

    recall: str
    member: str
    secured: int
    at: str


class RecallClosed(Event, frozen=True, kw_only=True, tag="recall.closed"):
    """A recall ended. ``completed``: its goods stay blocked. ``unfounded``: they are free again."""

    recall: str
    outcome: str
    by: str
    at: str
