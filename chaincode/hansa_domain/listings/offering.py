"""Goods come on offer, on other terms, off it for a time, and for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec.structs import replace

from hansa_domain.compliance.gate import let_through_by
from hansa_domain.compliance.packs import REGISTER, PacksInForce
from hansa_domain.compliance.records import ComplianceFlag, flag_key
from hansa_domain.compliance.subjects import listing_subject
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    Event,
    ListingCreated,
    ListingResumed,
    ListingRevised,
    ListingSuspended,
    ListingWithdrawn,
)
from hansa_domain.gs1 import gtin14
from hansa_domain.history import superseded
from hansa_domain.iso4217 import minor_units
from hansa_domain.listings.commands import (
    CreateListing,
    ListingReply,
    ResumeListing,
    ReviseListing,
    SuspendListing,
    WithdrawListing,
)
from hansa_domain.listings.records import (
    MAX_BUCKETS,
    Listing,
    Stock,
    found_listing,
    listing_key,
    require_not_withdrawn,
    require_seller,
    stock_changed,
    stock_key,
)
from hansa_domain.listings.terms import ListingTerms, check_terms
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.places import open_place, place_key
from hansa_domain.products.records import Product


@operation("listings:Create", CreateListing, ListingReply)
def create(command: CreateListing, context: Context) -> Steps:
    """Offers goods and fills the buckets evenly, the first ones with one more where it does not divide."""
    gtin = gtin14(command.gtin, "gtin")
    minor_units(command.currency, "currency")
    check_terms(command.terms, command.unit_price, command.currency)
    buckets = command.buckets or min(command.quantity, MAX_BUCKETS)
    if buckets > command.quantity:
        raise Refusal(
            Code.BUCKETS_INVALID, f"{command.quantity} pieces cannot fill {buckets} buckets.", "buckets"
        )
    caller = member_key(context.caller.msp_id)
    keys = ((Product.NOUN, gtin), caller, REGISTER, *_place_keys(command.terms))
    records = yield Fetch(keys=keys)
    require_role(records, context, ("producer", "retailer"), "list goods")
    records.get(Product, gtin, refuse=Code.PRODUCT_NOT_FOUND, where="gtin")
    _check_place(command.terms, records)
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
        terms=command.terms,
    )
    subject = listing_subject(listing.id, listing.seller, gtin)
    register = records.find(PacksInForce)
    checked = yield from let_through_by(register, subject, "created", listing.id, context)
    stock = _fill(listing)
    return Decision(
        reply=ListingReply(listing=listing),
        writes={
            listing_key(listing.id): listing,
            **{stock_key(part.listing, part.bucket): part for part in stock},
            **checked.writes,
        },
        events=(_created(listing), stock_changed(listing.id, stock, context), *checked.events),
    )


def _place_keys(terms: ListingTerms) -> tuple[Key, ...]:
    return () if terms.ships_from is None else (place_key(terms.ships_from),)


def _check_place(terms: ListingTerms, records: Records) -> None:
    if terms.ships_from is not None:
        open_place(records, terms.ships_from, "terms.ships_from")


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
        terms=listing.terms,
    )


@operation("listings:Revise", ReviseListing, ListingReply)
def revise(command: ReviseListing, context: Context) -> Steps:
    """Another version takes the place of the present one, which stays readable; orders keep theirs."""
    minor_units(command.currency, "currency")
    check_terms(command.terms, command.unit_price, command.currency)
    records = yield Fetch(keys=(listing_key(command.listing), REGISTER, *_place_keys(command.terms)))
    listing = found_listing(records, command.listing)
    require_seller(listing, context, "revise")
    require_not_withdrawn(listing)
    if command.version != listing.version:
        raise Refusal(
            Code.LISTING_VERSION, f"Version {listing.version} is the present one of this listing.", "version"
        )
    _check_place(command.terms, records)
    revised = replace(
        listing,
        unit_price=command.unit_price,
        currency=command.currency,
        terms=command.terms,
        version=listing.version + 1,
        revised_at=context.at,
    )
    event = ListingRevised(
        listing=listing.id,
        seller=listing.seller,
        version=revised.version,
        unit_price=revised.unit_price,
        currency=revised.currency,
        terms=revised.terms,
        at=context.at,
    )
    subject = listing_subject(listing.id, listing.seller, listing.gtin)
    register, check = records.find(PacksInForce), context.reference(command)
    checked = yield from let_through_by(register, subject, "revised", check, context)
    before = superseded(listing_key(listing.id), listing.version, listing)
    return _decided(revised, event, {**before, **checked.writes}, checked.events)


@operation("listings:Suspend", SuspendListing, ListingReply)
def suspend(command: SuspendListing, context: Context) -> Steps:
    """Closes the listing to orders until it is resumed."""
    listing = _changeable((yield Fetch(keys=(listing_key(command.listing),))), command, context, "suspend")
    event = ListingSuspended(listing=listing.id, seller=listing.seller, at=context.at)
    return _decided(_turned(listing, "open", "suspended"), event)


@operation("listings:Resume", ResumeListing, ListingReply)
def resume(command: ResumeListing, context: Context) -> Steps:
    """Opens a suspended listing again, unless a check holds it back: then another check opens it."""
    records = yield Fetch(keys=(listing_key(command.listing), flag_key(command.listing)))
    listing = _changeable(records, command, context, "resume")
    flag = records.find(ComplianceFlag, listing.id)
    if flag is not None:
        says = f"The check {flag.check} holds the listing back; one that it passes opens it."
        raise Refusal(Code.COMPLIANCE_VIOLATED, says, "listing")
    event = ListingResumed(listing=listing.id, seller=listing.seller, at=context.at)
    return _decided(_turned(listing, "suspended", "open"), event)


@operation("listings:Withdraw", WithdrawListing, ListingReply)
def withdraw(command: WithdrawListing, context: Context) -> Steps:
    """Closes the listing to new orders."""
    listing = _changeable((yield Fetch(keys=(listing_key(command.listing),))), command, context, "withdraw")
    event = ListingWithdrawn(listing=listing.id, seller=listing.seller, at=context.at)
    return _decided(replace(listing, status="withdrawn"), event)


def _changeable(
    records: Records,
    command: SuspendListing | ResumeListing | WithdrawListing,
    context: Context,
    act: str,
) -> Listing:
    listing = found_listing(records, command.listing)
    require_seller(listing, context, act)
    require_not_withdrawn(listing)
    return listing


def _turned(
    listing: Listing, before: Literal["open", "suspended"], after: Literal["open", "suspended"]
) -> Listing:
    if listing.status != before:
        raise Refusal(Code.LISTING_SUSPENDED, f"The listing is {listing.status} already.", "listing")
    return replace(listing, status=after)


def _decided(
    listing: Listing,
    event: Event,
    more: Mapping[Key, Record | None] | None = None,
    events: tuple[Event, ...] = (),
) -> Decision:
    return Decision(
        reply=ListingReply(listing=listing),
        writes={**(more or {}), listing_key(listing.id): listing},
        events=(event, *events),
    )
