"""Stock that comes and goes by the seller's word, in the buckets that he names (rule 4)."""

from __future__ import annotations

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import StockView
from hansa_domain.listings.commands import Part, ReduceListing, RestockListing, StockLevelsReply
from hansa_domain.listings.records import (
    Stock,
    found_listing,
    listing_key,
    require_not_withdrawn,
    require_seller,
    stock_changed,
    stock_key,
)
from hansa_domain.operation import Context, Decision, Fetch, Steps, operation

MOST = 1_000_000_000
"""The most units a bucket holds."""


@operation("listings:Restock", RestockListing, StockLevelsReply)
def restock(command: RestockListing, context: Context) -> Steps:
    """More units come on offer."""
    return (yield from _changed(command.listing, command.parts, 1, context))


@operation("listings:Reduce", ReduceListing, StockLevelsReply)
def reduce(command: ReduceListing, context: Context) -> Steps:
    """Units go off offer: sold elsewhere, or spoilt."""
    return (yield from _changed(command.listing, command.parts, -1, context))


def _changed(listing_id: str, parts: list[Part], sign: int, context: Context) -> Steps:
    keys = [stock_key(listing_id, part.bucket) for part in parts]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise Refusal(
                Code.BUCKETS_INVALID,
                f"Bucket {parts[place].bucket} is named twice.",
                f"parts[{place}].bucket",
            )
    records = yield Fetch(keys=(listing_key(listing_id), *keys))
    listing = found_listing(records, listing_id)
    require_seller(listing, context, "restock" if sign > 0 else "reduce")
    require_not_withdrawn(listing)
    left: list[Stock] = []
    for place, part in enumerate(parts):
        where = f"parts[{place}]"
        stock = records.find(Stock, *keys[place][1:])
        if stock is None:
            raise Refusal(
                Code.BUCKETS_INVALID,
                f"The listing has {listing.buckets} buckets, counted from 0.",
                f"{where}.bucket",
            )
        held = stock.quantity + sign * part.quantity
        if held < 0:
            raise Refusal(
                Code.STOCK_INSUFFICIENT,
                f"Bucket {part.bucket} holds {stock.quantity}, not {part.quantity}.",
                f"{where}.quantity",
            )
        if held > MOST:
            raise Refusal(Code.BUCKETS_INVALID, f"A bucket holds at most {MOST}.", f"{where}.quantity")
        left.append(Stock(listing=listing_id, bucket=part.bucket, quantity=held))
    views = [StockView(bucket=each.bucket, quantity=each.quantity) for each in left]
    return Decision(
        reply=StockLevelsReply(listing=listing_id, buckets=views),
        writes={stock_key(listing_id, each.bucket): each for each in left},
        events=(stock_changed(listing_id, left, context),),
    )
