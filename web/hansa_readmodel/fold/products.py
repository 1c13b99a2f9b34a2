"""Products: what is said of them, what certifies them, and whose they are."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_domain.products.details import ProductDetails
from hansa_readmodel import offering_tables as o
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, found_by, on, put


@on(domain.ProductRegistered)
def _registered(connection: Connection, event: domain.ProductRegistered, place: Place) -> tuple[str, ...]:
    values = {
        "owner": event.owner,
        "name": event.name,
        "brand": event.brand,
        "found_by": found_by(event.name, event.brand),
        "registered_at": event.at,
        "version": 1,
    }
    put(connection, t.products, {"gtin": event.gtin}, {**values, **_said(event.details)})
    return (event.gtin,)


@on(domain.ProductRevised)
def _revised(connection: Connection, event: domain.ProductRevised, place: Place) -> tuple[str, ...]:
    values = {
        "name": event.name,
        "brand": event.brand,
        "found_by": found_by(event.name, event.brand),
        "version": event.version,
        **_said(event.details),
    }
    connection.execute(update(t.products).where(t.products.c.gtin == event.gtin).values(**values))
    return (event.gtin,)


def _said(details: ProductDetails) -> dict[str, Any]:
    danger = details.dangerous_goods
    return {
        "hs_code": details.hs_code,
        "origin": details.origin,
        "un_number": None if danger is None else danger.un_number,
        "details": msgspec.to_builtins(details),
    }


@on(domain.ProductCertified)
def _certified(connection: Connection, event: domain.ProductCertified, place: Place) -> tuple[str, ...]:
    c, certificate = o.product_certificates.c, event.certificate
    if event.revoked:
        revoked = update(o.product_certificates).where(
            c.gtin == event.gtin, c.kind == certificate.kind, c.number == certificate.number
        )
        connection.execute(revoked.values(revoked_at=event.at))
        return (event.gtin,)
    key = {"gtin": event.gtin, "kind": certificate.kind, "number": certificate.number}
    values = {
        "issuer": certificate.issuer,
        "valid_until": certificate.valid_until,
        "document": certificate.document,
        "added_at": event.at,
    }
    put(connection, o.product_certificates, key, values)
    return (event.gtin,)


@on(domain.ProductOffered)
def _offered(connection: Connection, event: domain.ProductOffered, place: Place) -> tuple[str, ...]:
    return (event.gtin,)


@on(domain.ProductTransferred)
def _transferred(connection: Connection, event: domain.ProductTransferred, place: Place) -> tuple[str, ...]:
    connection.execute(update(t.products).where(t.products.c.gtin == event.gtin).values(owner=event.owner))
    return (event.gtin,)
