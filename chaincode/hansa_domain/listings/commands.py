"""What may be asked about listings, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.events import StockView
from hansa_domain.fields import Amount, Bookmark, CurrencyCode, EntityId, Gtin, MspId, PageLimit, Quantity
from hansa_domain.listings.records import MAX_BUCKETS, Listing
from hansa_domain.operation import Command, Query


class CreateListing(Command["ListingReply"], frozen=True, kw_only=True):
    """``listings:Create``, by a producer or retailer. ``buckets`` defaults to the quantity, at most 256."""

    gtin: Gtin
    unit_price: Amount | None
    currency: CurrencyCode
    quantity: Quantity
    buckets: Annotated[int, msgspec.Meta(ge=1, le=MAX_BUCKETS)] | None = None


class WithdrawListing(Command["ListingReply"], frozen=True, kw_only=True):
    """``listings:Withdraw``, by the seller. Orders already placed go on."""

    listing: EntityId


class GetListing(Query["ListingReply"], frozen=True, kw_only=True):
    """``listings:Get``."""

    listing: EntityId


class GetStock(Query["StockReply"], frozen=True, kw_only=True):
    """``listings:Stock``: what every bucket holds."""

    listing: EntityId


class ListListings(Query["ListingsReply"], frozen=True, kw_only=True):
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
