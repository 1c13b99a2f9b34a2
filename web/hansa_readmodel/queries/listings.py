"""Goods on offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, func, or_, select

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, contains, one_of


@dataclass(frozen=True)
class ListingRow:
    """A listing with what is left of it; ``unit_price`` in minor units, None: by agreement."""

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
        limit: int = 25,
        offset: int = 0,
    ) -> list[ListingRow]:
        """Listings, the newest first.

        Args:
            seller: MSP id, where only one's are wanted.
            status: ``open`` or ``withdrawn``; None gives both.
            words: part of the product's name or brand, or a GTIN.
        """
        c = t.listings.c
        query = _listings().order_by(c.created_at.desc(), c.listing.desc()).limit(limit).offset(offset)
        if seller is not None:
            query = query.where(c.seller == seller)
        if status is not None:
            query = query.where(c.status == status)
        if words:
            part = contains(words.lower())
            query = query.where(
                or_(
                    func.lower(t.products.c.name).like(part, escape="\\"),
                    func.lower(t.products.c.brand).like(part, escape="\\"),
                    c.gtin.like(contains(words), escape="\\"),
                )
            )
        with self._engine.connect() as connection:
            return all_of(ListingRow, connection, query)

    def find(self, listing: str) -> ListingRow | None:
        """One listing."""
        with self._engine.connect() as connection:
            row = connection.execute(_listings().where(t.listings.c.listing == listing)).one_or_none()
        return None if row is None else one_of(ListingRow, row)


def _listings() -> Select[Any]:
    c = t.listings.c
    stock = t.stock.c
    left = (
        select(func.coalesce(func.sum(stock.quantity), 0))
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
        )
        .join(t.products, t.products.c.gtin == c.gtin)
        .join(t.members, t.members.c.msp_id == c.seller)
    )
