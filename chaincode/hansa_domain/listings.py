"""Listings: goods on offer, with a stock split into buckets so that buyers do not conflict (rule 4)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ListingCreated, ListingWithdrawn, StockChanged, StockView
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
from hansa_domain.gs1 import gtin14
from hansa_domain.iso4217 import minor_units
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.products import Product

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


def stock_key(listing: str, bucket: int) -> Key:
    """Where one bucket of a listing's stock stands."""
    return (Stock.NOUN, listing, f"{bucket:03d}")


@operation("listings:Create", CreateListing, ListingReply)
def create(command: CreateListing, context: Context) -> Steps:
    """Offers goods and fills the buckets evenly, the first ones with one more where it does not divide."""
    gtin = gtin14(command.gtin, "gtin")
    minor_units(command.currency, "currency")
    buckets = command.buckets or min(command.quantity, MAX_BUCKETS)
    if buckets > command.quantity:
        raise Refusal(
            Code.BUCKETS_INVALID, f"{command.quantity} pieces cannot fill {buckets} buckets.", "buckets"
        )
    records = yield Fetch(keys=((Product.NOUN, gtin), member_key(context.caller.msp_id)))
    require_role(records, context, ("producer", "retailer"), "list goods")
    records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")
    listing = Listing(
        id=context.reference(command),
        seller=context.caller.msp_id,
        gtin=gtin,
        unit_price=command.unit_price,
        currency=command.currency,
        quantity=command.quantity,
        buckets=buckets,
        status="open",
        created_at=context.at,
    )
    stock = _fill(listing)
    return Decision(
        reply=ListingReply(listing=listing),
        writes={
            (Listing.NOUN, listing.id): listing,
            **{stock_key(part.listing, part.bucket): part for part in stock},
        },
        events=(_created(listing), stock_changed(listing.id, stock, context)),
    )


def _fill(listing: Listing) -> list[Stock]:
    each, rest = divmod(listing.quantity, listing.buckets)
    return [
        Stock(listing=listing.id, bucket=bucket, quantity=each + (1 if bucket < rest else 0))
        for bucket in range(listing.buckets)
    ]


def _created(listing: Listing) -> ListingCreated:
    return ListingCreated(
        listing=listing.id,
        seller=listing.seller,
        gtin=listing.gtin,
        unit_price=listing.unit_price,
        currency=listing.currency,
        quantity=listing.quantity,
        at=listing.created_at,
    )


def stock_changed(listing: str, parts: list[Stock], context: Context) -> StockChanged:
    """The event that tells what these buckets hold now."""
    views = [StockView(bucket=part.bucket, quantity=part.quantity) for part in parts]
    return StockChanged(listing=listing, buckets=views, at=context.at)


@operation("listings:Withdraw", WithdrawListing, ListingReply)
def withdraw(command: WithdrawListing, context: Context) -> Steps:
    """Closes the listing to new orders."""
    records = yield Fetch(keys=((Listing.NOUN, command.listing),))
    listing = records.get(Listing, command.listing, refuse=Code.LISTING_NOT_FOUND, where="listing")
    if listing.seller != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {listing.seller} may withdraw this listing.")
    if listing.status != "open":
        raise Refusal(Code.LISTING_WITHDRAWN, f"The listing {listing.id} is withdrawn already.", "listing")
    withdrawn = msgspec.structs.replace(listing, status="withdrawn")
    event = ListingWithdrawn(listing=listing.id, seller=listing.seller, at=context.at)
    return Decision(
        reply=ListingReply(listing=withdrawn),
        writes={(Listing.NOUN, listing.id): withdrawn},
        events=(event,),
    )


@operation("listings:Get", GetListing, ListingReply)
def get(command: GetListing, context: Context) -> Steps:
    """One listing."""
    records = yield Fetch(keys=((Listing.NOUN, command.listing),))
    listing = records.get(Listing, command.listing, refuse=Code.LISTING_NOT_FOUND, where="listing")
    return Decision(reply=ListingReply(listing=listing))


@operation("listings:Stock", GetStock, StockReply)
def get_stock(command: GetStock, context: Context) -> Steps:
    """What every bucket holds now."""
    scan = Scan((Stock.NOUN, command.listing), MAX_BUCKETS)
    records = yield Fetch(keys=((Listing.NOUN, command.listing),), scans=(scan,))
    records.get(Listing, command.listing, refuse=Code.LISTING_NOT_FOUND, where="listing")
    parts = [decode_record(value, Stock) for _, value in records.pages[scan].items]
    return Decision(
        reply=StockReply(
            listing=command.listing,
            total=sum(part.quantity for part in parts),
            buckets=[StockView(bucket=part.bucket, quantity=part.quantity) for part in parts],
        )
    )


@operation("listings:List", ListListings, ListingsReply)
def list_listings(command: ListListings, context: Context) -> Steps:
    """Listings in order of id."""
    scan = Scan((Listing.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    listings = [decode_record(value, Listing) for _, value in page.items]
    if command.seller is not None:
        listings = [listing for listing in listings if listing.seller == command.seller]
    return Decision(reply=ListingsReply(listings=listings, bookmark=page.bookmark))
