"""Listings: goods on offer, with a stock split into buckets so that buyers do not conflict (rule 4)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.events import StockView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    EntityId,
    Gtin,
    MspId,
    PageLimit,
    Quantity,
    Timestamp,
)
from hansa_domain.operation import Command, Query, Record

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


class CreateListing(Command, frozen=True, kw_only=True):
    """``listings:Create``, by a producer or retailer. ``buckets`` defaults to the quantity, at most 256."""

    gtin: Gtin
    unit_price: Amount | None
    currency: CurrencyCode
    quantity: Quantity
    buckets: Annotated[int, msgspec.Meta(ge=1, le=MAX_BUCKETS)] | None = None


class WithdrawListing(Command, frozen=True, kw_only=True):
    """``listings:Withdraw``, by the seller. Orders already placed go on."""

    listing: EntityId


class GetListing(Query, frozen=True, kw_only=True):
    """``listings:Get``."""

    listing: EntityId


class GetStock(Query, frozen=True, kw_only=True):
    """``listings:Stock``: what every bucket holds."""

    listing: EntityId


class ListListings(Query, frozen=True, kw_only=True):
    """``listings:List``; ``seller`` narrows each page, so a page may hold fewer than ``limit``."""

    seller: MspId | None = None
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class ListingReply(msgspec.Struct, frozen=True, kw_only=True):
    """One listing."""

    listing: Listing


class ListingsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of listings; ``bookmark`` is empty on the last page."""

    listings: list[Listing]
    bookmark: str


class StockReply(msgspec.Struct, frozen=True, kw_only=True):
    """The stock of a listing, bucket by bucket in order."""

    listing: str
    total: int
    buckets: list[StockView]
