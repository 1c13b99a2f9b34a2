"""Questions about listings."""

from __future__ import annotations

from hansa_domain.events import StockView
from hansa_domain.history import earlier_versions
from hansa_domain.listings.commands import (
    GetListing,
    GetStock,
    ListingReply,
    ListingsReply,
    ListingVersionsReply,
    ListListings,
    ListListingVersions,
    StockReply,
)
from hansa_domain.listings.records import MAX_BUCKETS, Listing, Stock, found_listing, listing_key
from hansa_domain.operation import Context, Decision, Fetch, Scan, Steps, decode_record, operation


@operation("listings:Get", GetListing, ListingReply)
def get(command: GetListing, context: Context) -> Steps:
    """One listing."""
    records = yield Fetch(keys=(listing_key(command.listing),))
    return Decision(reply=ListingReply(listing=found_listing(records, command.listing)))


@operation("listings:Versions", ListListingVersions, ListingVersionsReply)
def versions(command: ListListingVersions, context: Context) -> Steps:
    """Every version of one listing."""
    records = yield Fetch(keys=(listing_key(command.listing),))
    listing = found_listing(records, command.listing)
    earlier = yield from earlier_versions(Listing, listing.id)
    return Decision(reply=ListingVersionsReply(versions=[*earlier, listing]))


@operation("listings:Stock", GetStock, StockReply)
def get_stock(command: GetStock, context: Context) -> Steps:
    """What every bucket holds now."""
    scan = Scan((Stock.NOUN, command.listing), MAX_BUCKETS)
    records = yield Fetch(keys=(listing_key(command.listing),), scans=(scan,))
    found_listing(records, command.listing)
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
