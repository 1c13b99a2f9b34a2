"""A listing on the ledger, the parts of its stock, and who tried its goods."""

from __future__ import annotations

from typing import ClassVar, Literal

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import StockChanged, StockView
from hansa_domain.fields import Timestamp
from hansa_domain.listings.terms import ListingTerms, Tier
from hansa_domain.operation import Context, Key, Record, Records

ListingStatus = Literal["open", "suspended", "withdrawn"]
MAX_BUCKETS = 256


class Listing(Record, frozen=True, kw_only=True):
    """Goods on offer; key ``("listing", id)``. No order rewrites it, so orders do not conflict.

    ``unit_price`` in minor units of ``currency``; None: by agreement, the order names the total and the
    seller consents by accepting. ``quantity`` was offered at first, ``buckets`` is in how many parts.

    Version 2 has ``terms``, ``version`` (earlier ones are kept, see ``history``), and may be suspended.
    """

    NOUN: ClassVar[str] = "listing"
    VERSION: ClassVar[int] = 2
    v: int = 2
    id: str
    seller: str
    gtin: str
    unit_price: str | None
    currency: str
    quantity: int
    buckets: int
    status: ListingStatus
    created_at: Timestamp
    terms: ListingTerms = ListingTerms()
    version: int = 1
    revised_at: Timestamp | None = None

    @property
    def currencies(self) -> tuple[str, ...]:
        """In which currencies it may be ordered, its own first."""
        return (self.currency, *(price.currency for price in self.terms.prices))

    def price_of(self, quantity: int, currency: str) -> int | None:
        """What a unit costs where so many are ordered, in minor units.

        Returns:
            None where the price is by agreement, or there is none in that currency.
        """
        if self.unit_price is None:
            return None
        tiers: list[Tier] = self.terms.tiers
        unit: str | None = self.unit_price
        if currency != self.currency:
            named = [price for price in self.terms.prices if price.currency == currency]
            if not named:
                return None
            unit, tiers = named[0].unit_price, named[0].tiers
        for tier in tiers:
            if quantity >= tier.from_quantity:
                unit = tier.unit_price
        return None if unit is None else int(unit)


class Stock(Record, frozen=True, kw_only=True):
    """One part of a listing's stock; key ``("stock", listing, "000" to "255")``."""

    NOUN: ClassVar[str] = "stock"
    listing: str
    bucket: int
    quantity: int


class SamplesTaken(Record, frozen=True, kw_only=True):
    """How many sample orders a buyer placed; key ``("samples", listing, buyer)``: no two buyers share one."""

    NOUN: ClassVar[str] = "samples"
    listing: str
    buyer: str
    orders: int


def listing_key(listing: str) -> Key:
    """Where a listing stands."""
    return (Listing.NOUN, listing)


def stock_key(listing: str, bucket: int) -> Key:
    """Where one bucket of a listing's stock stands."""
    return (Stock.NOUN, listing, f"{bucket:03d}")


def samples_key(listing: str, buyer: str) -> Key:
    """Where a buyer's sample orders of a listing are counted."""
    return (SamplesTaken.NOUN, listing, buyer)


def found_listing(records: Records, listing: str, where: str = "listing") -> Listing:
    """The listing, whose key was fetched. Refuses LISTING_NOT_FOUND."""
    return records.get(Listing, listing, refuse=Code.LISTING_NOT_FOUND, where=where)


def require_seller(listing: Listing, context: Context, act: str) -> None:
    """Refuses NOT_PERMITTED unless the caller sells it; ``act`` completes "only X may ..."."""
    if listing.seller != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {listing.seller} may {act} this listing.")


def require_not_withdrawn(listing: Listing) -> None:
    """Refuses LISTING_WITHDRAWN: a listing that was taken back stays so."""
    if listing.status == "withdrawn":
        raise Refusal(Code.LISTING_WITHDRAWN, f"The listing {listing.id} is withdrawn already.", "listing")


def stock_changed(listing: str, parts: list[Stock], context: Context) -> StockChanged:
    """The event that tells what these buckets hold now."""
    views = [StockView(bucket=part.bucket, quantity=part.quantity) for part in parts]
    return StockChanged(listing=listing, buckets=views, at=context.at)
