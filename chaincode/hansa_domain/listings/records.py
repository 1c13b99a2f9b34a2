"""A listing on the ledger and the parts of its stock."""

from __future__ import annotations

from typing import ClassVar, Literal

from hansa_domain.events import StockChanged, StockView
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Context, Key, Record

ListingStatus = Literal["open", "withdrawn"]
MAX_BUCKETS = 256


class Listing(Record, frozen=True, kw_only=True):
    """Goods on offer; key ``("listing", id)``. No order rewrites it, so orders do not conflict.

    ``unit_price`` in minor units of ``currency``; None: by agreement, the order names the total and the
    seller consents by accepting. ``quantity`` was offered at first, ``buckets`` is in how many parts.
    """

    NOUN: ClassVar[str] = "listing"
    id: str
    seller: str
    gtin: str
    unit_price: str | None
    currency: str
    quantity: int
    buckets: int
    status: ListingStatus
    created_at: Timestamp


class Stock(Record, frozen=True, kw_only=True):
    """One part of a listing's stock; key ``("stock", listing, "000" to "255")``."""

    NOUN: ClassVar[str] = "stock"
    listing: str
    bucket: int
    quantity: int


def stock_key(listing: str, bucket: int) -> Key:
    """Where one bucket of a listing's stock stands."""
    return (Stock.NOUN, listing, f"{bucket:03d}")


def stock_changed(listing: str, parts: list[Stock], context: Context) -> StockChanged:
    """The event that tells what these buckets hold now."""
    views = [StockView(bucket=part.bucket, quantity=part.quantity) for part in parts]
    return StockChanged(listing=listing, buckets=views, at=context.at)
