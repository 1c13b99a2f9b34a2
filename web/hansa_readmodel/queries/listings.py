"""Goods on offer."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Engine, Select, and_, cast, func, or_, select

from hansa_readmodel import offering_tables as o
from hansa_readmodel import tables as t
from hansa_readmodel.queries.ledger import Step, steps
from hansa_readmodel.queries.rows import all_of, begins, has, named, one_of


@dataclass(frozen=True)
class ListingRow:
    """A listing with what is left of it; ``unit_price`` in minor units, None: by agreement.

    ``terms`` as ``ListingTerms`` of the domain has them.
    """

    listing: str
    seller: str
    seller_name: str
    gtin: str
    product: str
    brand: str | None
    unit_price: str | None
    currency: str
    offered: int
    left: int
    status: str
    created_at: str
    version: int
    incoterm: str | None
    terms: dict[str, Any]


@dataclass(frozen=True)
class ListingPriceRow:
    """From ``from_quantity`` units on, each costs ``unit_price`` minor units of the currency."""

    currency: str
    from_quantity: int
    unit_price: int


class ListingQueries:
    """``queries.listings``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        seller: str | None = None,
        status: str | None = None,
        words: str = "",
        hs_code: str = "",
        region: str | None = None,
        price: tuple[str, int] | None = None,
        limit: int = 25,
        offset: int = 0,
    ) -> list[ListingRow]:
        """Listings, the newest first.

        Args:
            seller: MSP id, where only one's are wanted.
            status: ``open``, ``suspended`` or ``withdrawn``; None gives all.
            words: part of the product's name or brand, or a GTIN.
            hs_code: the first digits of the product's HS code.
            region: a country of destination that must be served.
            price: a currency and the most that one unit may cost in it, minor units.
        """
        c = t.listings.c
        query = _listings().order_by(c.created_at.desc(), c.listing.desc()).limit(limit).offset(offset)
        if seller is not None:
            query = query.where(c.seller == seller)
        if status is not None:
            query = query.where(c.status == status)
        if words:
            query = query.where(or_(named(t.products.c.found_by, words), has(c.gtin, words)))
        if hs_code:
            query = query.where(begins(t.products.c.hs_code, hs_code))
        if region is not None:
            query = query.where(_serves(region))
        if price is not None:
            p = o.listing_prices.c
            cheap = select(p.listing).where(p.currency == price[0], p.unit_price <= price[1])
            query = query.where(c.listing.in_(cheap))
        with self._engine.connect() as connection:
            return all_of(ListingRow, connection, query)

    def prices(self, listing: str) -> builtins.list[ListingPriceRow]:
        """A listing's prices, by currency and quantity; none where it is by agreement."""
        p = o.listing_prices.c
        query = (
            select(p.currency, p.from_quantity, p.unit_price)
            .where(p.listing == listing)
            .order_by(p.currency, p.from_quantity)
        )
        with self._engine.connect() as connection:
            return all_of(ListingPriceRow, connection, query)

    def history(self, listing: str) -> builtins.list[Step]:
        """Everything that happened to a listing, in order: its versions and its orders."""
        with self._engine.connect() as connection:
            return steps(connection, [listing])

    def find(self, listing: str) -> ListingRow | None:
        """One listing."""
        with self._engine.connect() as connection:
            row = connection.execute(_listings().where(t.listings.c.listing == listing)).one_or_none()
        return None if row is None else one_of(ListingRow, row)


def _serves(country: str) -> ColumnElement[bool]:
    """Listings without a word about regions serve all countries."""
    r = o.listing_regions.c
    refused = select(r.listing).where(r.country == country, r.served.is_(False))
    welcome = select(r.listing).where(r.country == country, r.served.is_(True))
    limited = select(r.listing).where(r.served.is_(True))
    c = t.listings.c
    return and_(c.listing.not_in(refused), or_(c.listing.in_(welcome), c.listing.not_in(limited)))


def _listings() -> Select[Any]:
    c = t.listings.c
    stock = t.stock.c
    left = (
        # As it was counted: PostgreSQL makes a sum of large integers a decimal number.
        select(cast(func.coalesce(func.sum(stock.quantity), 0), BigInteger))
        .where(stock.listing == c.listing)
        .scalar_subquery()
        .label("left")
    )
    return (
        select(
            c.listing,
            c.seller,
            t.members.c.name.label("seller_name"),
            c.gtin,
            t.products.c.name.label("product"),
            t.products.c.brand,
            c.unit_price,
            c.currency,
            c.offered,
            left,
            c.status,
            c.created_at,
            c.version,
            c.incoterm,
            c.terms,
        )
        .join(t.products, t.products.c.gtin == c.gtin)
        .join(t.members, t.members.c.msp_id == c.seller)
    )
