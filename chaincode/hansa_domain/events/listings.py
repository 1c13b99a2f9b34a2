"""Events of what is on offer."""

from __future__ import annotations

from hansa_domain.events.base import Event, StockView
from hansa_domain.listings.terms import ListingTerms


class ListingCreated(Event, frozen=True, kw_only=True, tag="listing.created"):
    """Goods are offered; ``unit_price`` None means by agreement. Version 2 has ``terms``."""

    v: int = 2
    listing: str
    seller: str
    gtin: str
    unit_price: str | None
    currency: str
    quantity: int
    at: str
    terms: ListingTerms = ListingTerms()


class ListingRevised(Event, frozen=True, kw_only=True, tag="listing.revised"):
    """They are offered on other terms from now on; ``version`` counts."""

    listing: str
    seller: str
    version: int
    unit_price: str | None
    currency: str
    terms: ListingTerms
    at: str


class ListingSuspended(Event, frozen=True, kw_only=True, tag="listing.suspended"):
    """A listing takes no orders for the time being."""

    listing: str
    seller: str
    at: str


class ListingResumed(Event, frozen=True, kw_only=True, tag="listing.resumed"):
    """A listing that was suspended takes orders again."""

    listing: str
    seller: str
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
