"""Listings: goods on offer."""

from __future__ import annotations

import builtins

from hansa.errors import RefusedError, hint
from hansa.ids import new_id
from hansa.repetition import once, submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.error_codes import Code
from hansa_domain.listings.commands import (
    CreateListing,
    GetListing,
    GetStock,
    ListingReply,
    ListingsReply,
    ListingVersionsReply,
    ListListings,
    ListListingVersions,
    Part,
    ReduceListing,
    RestockListing,
    ResumeListing,
    ReviseListing,
    StockLevelsReply,
    StockReply,
    SuspendListing,
    WithdrawListing,
)
from hansa_domain.listings.records import Listing
from hansa_domain.listings.terms import Incoterm, ListingTerms, Price, Sample, Tier

__all__ = ["Incoterm", "ListingTerms", "Listings", "Price", "Sample", "Tier"]

NO_TERMS = ListingTerms()


class Listings:
    """``client.listings``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def create(
        self,
        gtin: str,
        *,
        unit_price: int | None,
        currency: str,
        quantity: int,
        buckets: int | None = None,
        terms: ListingTerms | None = None,
        command_id: str | None = None,
    ) -> Receipt[ListingReply]:
        """Offers goods.

        Args:
            gtin: a registered product.
            unit_price: minor units of ``currency``; None leaves the price to agreement on each order.
            quantity: units in stock.
            buckets: how many parts the stock is split into; None: one a unit, at most 256.
            terms: tiers, further currencies, lead time, Incoterm, regions, samples and more.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = CreateListing(
            id=command_id or new_id(),
            gtin=gtin,
            unit_price=None if unit_price is None else str(unit_price),
            currency=currency,
            quantity=quantity,
            buckets=buckets,
            terms=NO_TERMS if terms is None else terms,
        )
        return submit_once(self._submitter, "listings:Create", command, ListingReply, command_id)

    def revise(
        self,
        listing: str,
        *,
        unit_price: int | None = None,
        terms: ListingTerms | None = None,
        command_id: str | None = None,
    ) -> Receipt[ListingReply]:
        """Offers goods on other terms from now on; what is not named stays, and so do orders already placed.

        Args:
            listing: the listing's id.
            unit_price: minor units of its currency.
            terms: all of them; ``msgspec.structs.replace(client.listings.get(id).terms, ...)`` changes some.

        Raises:
            RefusedError: among others LISTING_VERSION, where somebody else revised it meanwhile.
        """
        present = self.get(listing)
        command = ReviseListing(
            id=command_id or new_id(),
            listing=listing,
            version=present.version,
            unit_price=present.unit_price if unit_price is None else str(unit_price),
            currency=present.currency,
            terms=present.terms if terms is None else terms,
        )
        return submit_once(self._submitter, "listings:Revise", command, ListingReply, command_id)

    def suspend(self, listing: str, *, command_id: str | None = None) -> Receipt[ListingReply]:
        """Takes no orders for the time being."""
        command = SuspendListing(id=command_id or new_id(), listing=listing)
        return submit_once(self._submitter, "listings:Suspend", command, ListingReply, command_id)

    def resume(self, listing: str, *, command_id: str | None = None) -> Receipt[ListingReply]:
        """Takes orders again."""
        command = ResumeListing(id=command_id or new_id(), listing=listing)
        return submit_once(self._submitter, "listings:Resume", command, ListingReply, command_id)

    def restock(
        self, listing: str, quantity: int, *, command_id: str | None = None
    ) -> Receipt[StockLevelsReply]:
        """Puts more units on offer, into the emptiest buckets first."""
        return once(
            self._submitter,
            "listings:Restock",
            command_id,
            StockLevelsReply,
            lambda found: True,
            lambda: self._submitter.submit(
                "listings:Restock",
                RestockListing(
                    id=command_id or new_id(), listing=listing, parts=filling(self.stock(listing), quantity)
                ),
                StockLevelsReply,
            ),
        )

    def reduce(
        self, listing: str, quantity: int, *, command_id: str | None = None
    ) -> Receipt[StockLevelsReply]:
        """Takes units off offer, out of the fullest buckets first, or refuses STOCK_INSUFFICIENT."""
        return once(
            self._submitter,
            "listings:Reduce",
            command_id,
            StockLevelsReply,
            lambda found: True,
            lambda: self._submitter.submit(
                "listings:Reduce",
                ReduceListing(
                    id=command_id or new_id(), listing=listing, parts=taking(self.stock(listing), quantity)
                ),
                StockLevelsReply,
            ),
        )

    def versions(self, listing: str) -> builtins.list[Listing]:
        """On which terms it was ever offered, the oldest first."""
        query = ListListingVersions(listing=listing)
        return self._submitter.evaluate("listings:Versions", query, ListingVersionsReply).versions

    def withdraw(self, listing: str, *, command_id: str | None = None) -> Receipt[ListingReply]:
        """Takes an offer back; orders already placed go on."""
        command = WithdrawListing(id=command_id or new_id(), listing=listing)
        return submit_once(self._submitter, "listings:Withdraw", command, ListingReply, command_id)

    def get(self, listing: str) -> Listing:
        """One listing. Raises RefusedError (LISTING_NOT_FOUND)."""
        return self._submitter.evaluate("listings:Get", GetListing(listing=listing), ListingReply).listing

    def stock(self, listing: str) -> StockReply:
        """What is left of a listing, bucket by bucket."""
        return self._submitter.evaluate("listings:Stock", GetStock(listing=listing), StockReply)

    def list(self, *, seller: str | None = None, limit: int = 100, bookmark: str = "") -> ListingsReply:
        """A page of listings, of one seller (MSP id) where named."""
        query = ListListings(seller=seller, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("listings:List", query, ListingsReply)


def filling(stock: StockReply, quantity: int) -> list[Part]:
    """So many units into a listing's buckets, so that they become as level as they can."""
    added = dict.fromkeys((bucket.bucket for bucket in stock.buckets), 0)
    held = {bucket.bucket: bucket.quantity for bucket in stock.buckets}
    level, rest = divmod(sum(held.values()) + quantity, len(held))
    for place, bucket in enumerate(sorted(held, key=lambda each: (held[each], each))):
        added[bucket] = min(max(0, level + (1 if place < rest else 0) - held[bucket]), quantity)
        quantity -= added[bucket]
    emptiest = min(held, key=lambda each: (held[each] + added[each], each))
    added[emptiest] += quantity
    return [Part(bucket=bucket, quantity=units) for bucket, units in added.items() if units]


def taking(stock: StockReply, quantity: int) -> list[Part]:
    """So many units out of a listing's buckets, the fullest first, or STOCK_INSUFFICIENT."""
    if stock.total < quantity:
        code = Code.STOCK_INSUFFICIENT.value
        raise RefusedError(
            code, f"Listing {stock.listing} has {stock.total} units left.", hint(code), field="quantity"
        )
    parts = []
    for bucket in sorted(stock.buckets, key=lambda each: (-each.quantity, each.bucket)):
        units = min(bucket.quantity, quantity)
        if units:
            parts.append(Part(bucket=bucket.bucket, quantity=units))
        quantity -= units
    return parts
