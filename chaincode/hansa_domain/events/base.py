"""What every domain event is, and the parts that several share."""

from __future__ import annotations

import msgspec

from hansa_domain.pricing.figures import LinePrice


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happened, as the read model and other members' systems learn of it."""

    v: int = 1


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """A note as events and replies show it; ``amount`` in minor units."""

    id: str
    owner: str
    currency: str
    amount: str


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """What a bucket of a listing's stock holds after the transaction."""

    bucket: int
    quantity: int


class LineView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an order; ``listing`` None: agreed by an offer; ``price`` None: by agreement."""

    listing: str | None
    gtin: str
    quantity: int
    price: LinePrice | None = None
