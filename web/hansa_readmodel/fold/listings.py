"""What is on offer, on which terms, and how much of it is left."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, insert, update

from hansa_domain import events as domain
from hansa_domain.listings.terms import ListingTerms, Tier
from hansa_readmodel import offering_tables as o
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.ListingCreated)
def _listing_created(connection: Connection, event: domain.ListingCreated, place: Place) -> tuple[str, ...]:
    values = {
        "seller": event.seller,
        "gtin": event.gtin,
        "offered": event.quantity,
        "status": "open",
        "created_at": event.at,
        "version": 1,
        **_said(event),
    }
    put(connection, t.listings, {"listing": event.listing}, values)
    _priced(connection, event)
    return (event.listing,)


@on(domain.ListingRevised)
def _listing_revised(connection: Connection, event: domain.ListingRevised, place: Place) -> tuple[str, ...]:
    changed = update(t.listings).where(t.listings.c.listing == event.listing)
    connection.execute(changed.values(version=event.version, **_said(event)))
    _priced(connection, event)
    return (event.listing,)


def _said(event: domain.ListingCreated | domain.ListingRevised) -> dict[str, Any]:
    incoterm = event.terms.incoterm
    return {
        "unit_price": event.unit_price,
        "currency": event.currency,
        "incoterm": None if incoterm is None else incoterm.code,
        "terms": msgspec.to_builtins(event.terms),
    }


def _priced(connection: Connection, event: domain.ListingCreated | domain.ListingRevised) -> None:
    """Its prices and regions, in place of what was said before."""
    prices: list[dict[str, Any]] = []
    if event.unit_price is not None:
        prices += _tiers(event.currency, event.unit_price, event.terms.tiers)
        for price in event.terms.prices:
            prices += _tiers(price.currency, price.unit_price, price.tiers)
    _put_all(connection, o.listing_prices, event.listing, prices)
    _put_all(connection, o.listing_regions, event.listing, _regions(event.terms))


def _tiers(currency: str, unit_price: str, tiers: list[Tier]) -> list[dict[str, Any]]:
    steps = [(1, unit_price), *((tier.from_quantity, tier.unit_price) for tier in tiers)]
    return [
        {"currency": currency, "from_quantity": quantity, "unit_price": int(price)}
        for quantity, price in steps
    ]


def _regions(terms: ListingTerms) -> list[dict[str, Any]]:
    # A country in both lists is not served.
    served = dict.fromkeys(terms.allowed, True) | dict.fromkeys(terms.excluded, False)
    return [{"country": country, "served": each} for country, each in served.items()]


def _put_all(connection: Connection, table: Table, listing: str, rows: list[dict[str, Any]]) -> None:
    connection.execute(delete(table).where(table.c.listing == listing))
    if rows:
        connection.execute(insert(table), [{"listing": listing, **row} for row in rows])


def _turned(connection: Connection, listing: str, status: str) -> tuple[str, ...]:
    connection.execute(update(t.listings).where(t.listings.c.listing == listing).values(status=status))
    return (listing,)


@on(domain.ListingSuspended)
def _listing_suspended(
    connection: Connection, event: domain.ListingSuspended, place: Place
) -> tuple[str, ...]:
    return _turned(connection, event.listing, "suspended")


@on(domain.ListingResumed)
def _listing_resumed(connection: Connection, event: domain.ListingResumed, place: Place) -> tuple[str, ...]:
    return _turned(connection, event.listing, "open")


@on(domain.ListingWithdrawn)
def _listing_withdrawn(
    connection: Connection, event: domain.ListingWithdrawn, place: Place
) -> tuple[str, ...]:
    return _turned(connection, event.listing, "withdrawn")


@on(domain.StockChanged)
def _stock_changed(connection: Connection, event: domain.StockChanged, place: Place) -> tuple[str, ...]:
    for bucket in event.buckets:
        key = {"listing": event.listing, "bucket": bucket.bucket}
        put(connection, t.stock, key, {"quantity": bucket.quantity})
    return ()
