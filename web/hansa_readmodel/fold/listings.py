"""What is on offer."""

from __future__ import annotations

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.ListingCreated)
def _listing_created(connection: Connection, event: domain.ListingCreated, place: Place) -> tuple[str, ...]:
    values = {
        "seller": event.seller,
        "gtin": event.gtin,
        "unit_price": event.unit_price,
        "currency": event.currency,
        "offered": event.quantity,
        "status": "open",
        "created_at": event.at,
    }
    put(connection, t.listings, {"listing": event.listing}, values)
    return (event.listing,)


@on(domain.ListingWithdrawn)
def _listing_withdrawn(
    connection: Connection, event: domain.ListingWithdrawn, place: Place
) -> tuple[str, ...]:
    changed = update(t.listings).where(t.listings.c.listing == event.listing)
    connection.execute(changed.values(status="withdrawn"))
    return (event.listing,)


@on(domain.StockChanged)
def _stock_changed(connection: Connection, event: domain.StockChanged, place: Place) -> tuple[str, ...]:
    for bucket in event.buckets:
        key = {"listing": event.listing, "bucket": bucket.bucket}
        put(connection, t.stock, key, {"quantity": bucket.quantity})
    return ()
