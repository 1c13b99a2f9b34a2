"""Listings: goods on offer."""

from __future__ import annotations

from hansa.ids import new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.listings.commands import (
    CreateListing,
    GetListing,
    GetStock,
    ListingReply,
    ListingsReply,
    ListListings,
    StockReply,
    WithdrawListing,
)
from hansa_domain.listings.records import Listing


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
        command_id: str | None = None,
    ) -> Receipt[ListingReply]:
        """Offers goods.

        Args:
            gtin: a registered product.
            unit_price: minor units of ``currency``; None leaves the price to agreement on each order.
            quantity: units in stock.
            buckets: how many parts the stock is split into; None: one a unit, at most 256.
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
        )
        return submit_once(self._submitter, "listings:Create", command, ListingReply, command_id)

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
