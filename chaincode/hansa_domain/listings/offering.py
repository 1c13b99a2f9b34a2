"""Goods come on offer, and go off it."""

from __future__ import annotations

import msgspec

from hansa_domain.compliance.gate import let_through_by
from hansa_domain.compliance.packs import REGISTER, PacksInForce
from hansa_domain.compliance.subjects import listing_subject
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ListingCreated, ListingWithdrawn
from hansa_domain.gs1 import gtin14
from hansa_domain.iso4217 import minor_units
from hansa_domain.listings.commands import CreateListing, ListingReply, WithdrawListing
from hansa_domain.listings.records import MAX_BUCKETS, Listing, Stock, stock_changed, stock_key
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import Context, Decision, Fetch, Steps, operation
from hansa_domain.products.records import Product


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
    records = yield Fetch(keys=((Product.NOUN, gtin), member_key(context.caller.msp_id), REGISTER))
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
    subject = listing_subject(listing.id, listing.seller, gtin)
    register = records.find(PacksInForce)
    checked = yield from let_through_by(register, subject, "created", listing.id, context)
    stock = _fill(listing)
    return Decision(
        reply=ListingReply(listing=listing),
        writes={
            (Listing.NOUN, listing.id): listing,
            **{stock_key(part.listing, part.bucket): part for part in stock},
            **checked.writes,
        },
        events=(_created(listing), stock_changed(listing.id, stock, context), *checked.events),
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
