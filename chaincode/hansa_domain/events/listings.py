"""Events of what is on offer."""

from __future__ import annotations

from hansa_domain.events.base import Event, StockView


class ListingCreated(Event, frozen=True, kw_only=True, tag="listing.created"):
    """Goods are offered; ``unit_price`` None means by agreement."""

    listing: str
    seller: str
    gtin: str
    unit_price: str | None
    currency: str
    quantity: int
    at: str


class ListingWithdrawn(Event, frozen=True, kw_only=True, tag="listing.withdrawn"):
    """A listing takes no further orders."""

    listing: str
    seller: str
    at: str


class StockChanged(Event, frozen=True, kw_only=True, tag="stock.changed"):
    """These buckets of a listing hold these quantities now (absolute, not differences)."""

    listing: str
    buckets: list[StockView]
    at: str
