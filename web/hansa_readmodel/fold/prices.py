"""What changes prices: discounts, coupons, taxes."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, insert, update

from hansa_domain import events as domain
from hansa_readmodel import offering_tables as o
from hansa_readmodel.fold.register import Place, on, put


@on(domain.DiscountCreated)
def _discount_created(connection: Connection, event: domain.DiscountCreated, place: Place) -> tuple[str, ...]:
    values = {
        "seller": event.seller,
        "name": event.name,
        "status": "open",
        "concession": msgspec.to_builtins(event.concession),
        "created_at": event.at,
    }
    put(connection, o.discounts, {"discount": event.discount}, values)
    return (event.discount, *event.concession.listings)


@on(domain.DiscountWithdrawn)
def _discount_withdrawn(
    connection: Connection, event: domain.DiscountWithdrawn, place: Place
) -> tuple[str, ...]:
    changed = update(o.discounts).where(o.discounts.c.discount == event.discount)
    connection.execute(changed.values(status="withdrawn"))
    return (event.discount,)


@on(domain.CouponIssued)
def _coupon_issued(connection: Connection, event: domain.CouponIssued, place: Place) -> tuple[str, ...]:
    values = {
        "name": event.name,
        "status": "open",
        "concession": msgspec.to_builtins(event.concession),
        "uses": event.uses,
        "used": 0,
        "per_buyer": event.per_buyer,
        "issued_at": event.at,
    }
    put(connection, o.coupons, {"seller": event.seller, "code_hash": event.code_hash}, values)
    return (event.code_hash,)


@on(domain.CouponWithdrawn)
def _coupon_withdrawn(connection: Connection, event: domain.CouponWithdrawn, place: Place) -> tuple[str, ...]:
    c = o.coupons.c
    changed = update(o.coupons).where(c.seller == event.seller, c.code_hash == event.code_hash)
    connection.execute(changed.values(status="withdrawn"))
    return (event.code_hash,)


@on(domain.TaxTablePublished)
def _taxes_published(
    connection: Connection, event: domain.TaxTablePublished, place: Place
) -> tuple[str, ...]:
    key = {"country": event.country, "version": event.version}
    values = {
        "publisher": event.publisher,
        "source": event.source,
        "valid_from": event.valid_from,
        "published_at": event.at,
    }
    put(connection, o.tax_tables, key, values)
    rows = [
        {
            **key,
            "number": number,
            "hs_prefix": rule.hs_prefix,
            "origin": rule.origin,
            "kind": rule.kind,
            "vat": rule.vat,
            "duty": rule.duty,
            "vat_on_duty": rule.vat_on_duty,
        }
        for number, rule in enumerate(event.rules)
    ]
    connection.execute(insert(o.tax_rules), rows)
    return (f"taxes {event.country}",)
