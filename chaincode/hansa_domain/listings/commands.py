"""What may be asked about listings, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.events import StockView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    Bucket,
    CurrencyCode,
    EntityId,
    Gtin,
    MspId,
    PageLimit,
    Quantity,
)
from hansa_domain.listings.records import MAX_BUCKETS, Listing
from hansa_domain.listings.terms import ListingTerms
from hansa_domain.operation import Command, Query


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many units of one bucket."""

    bucket: Bucket
    quantity: Quantity


Parts = Annotated[list[Part], msgspec.Meta(min_length=1, max_length=MAX_BUCKETS)]


class CreateListing(Command["ListingReply"], frozen=True, kw_only=True):
    """``listings:Create``, by a producer or retailer. ``buckets`` defaults to the quantity, at most 256."""

    gtin: Gtin
    unit_price: Amount | None
    currency: CurrencyCode
    quantity: Quantity
    buckets: Annotated[int, msgspec.Meta(ge=1, le=MAX_BUCKETS)] | None = None
    terms: ListingTerms = ListingTerms()


class ReviseListing(Command["ListingReply"], frozen=True, kw_only=True):
    """``listings:Revise``, by the seller: price and terms take the place of all that was said before.

    ``version`` is the one revised, so that nobody overwrites what he has not seen. Orders keep what they were
    placed at. The stock stays; see ``listings:Restock``.
    """

    listing: EntityId
    version: Annotated[int, msgspec.Meta(ge=1, le=9999)]
    unit_price: Amount | None
    currency: CurrencyCode
    terms: ListingTerms = ListingTerms()


class SuspendListing(Command["ListingReply"], frozen=True, kw_only=True):
    """``listings:Suspend``, by the seller: no orders for the time being."""

    listing: EntityId


class ResumeListing(Command["ListingReply"], frozen=True, kw_only=True):
    """``listings:Resume``, by the seller."""

    listing: EntityId


class RestockListing(Command["StockLevelsReply"], frozen=True, kw_only=True):
    """``listings:Restock``, by the seller: more units, into the buckets named, each at most once."""

    listing: EntityId
    parts: Parts


class ReduceListing(Command["StockLevelsReply"], frozen=True, kw_only=True):
    """``listings:Reduce``, by the seller: fewer units, out of the buckets named, each at most once."""

    listing: EntityId
    parts: Parts


class WithdrawListing(Command["ListingReply"], frozen=True, kw_only=True):
    """``listings:Withdraw``, by the seller. Orders already placed go on."""

    listing: EntityId


class GetListing(Query["ListingReply"], frozen=True, kw_only=True):
    """``listings:Get``."""

    listing: EntityId


class ListListingVersions(Query["ListingVersionsReply"], frozen=True, kw_only=True):
    """``listings:Versions``: on which terms it was ever offered, the oldest first, the present ones last."""

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


class ListingVersionsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A listing's versions."""

    versions: list[Listing]


class ListingsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of listings; ``bookmark`` is empty on the last page."""

    listings: list[Listing]
    bookmark: str


class StockReply(msgspec.Struct, frozen=True, kw_only=True):
    """The stock of a listing, bucket by bucket in order."""

    listing: str
    total: int
    buckets: list[StockView]


class StockLevelsReply(msgspec.Struct, frozen=True, kw_only=True):
    """What the buckets that were touched hold now, in the order of the command."""

    listing: str
    buckets: list[StockView]
