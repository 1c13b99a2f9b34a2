"""What changes prices: discounts, coupons, taxes; and how an order's amount came about."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from hansa_readmodel import offering_tables as o
from hansa_readmodel.queries.rows import all_of, begins


@dataclass(frozen=True)
class DiscountRow:
    """A discount; ``concession`` as ``Concession`` of the domain has it."""

    discount: str
    seller: str
    name: str
    status: str
    concession: dict[str, Any]
    created_at: str


@dataclass(frozen=True)
class CouponRow:
    """A coupon by its code's SHA-256, with how many of its uses orders have taken."""

    seller: str
    code_hash: str
    name: str
    status: str
    concession: dict[str, Any]
    uses: int
    used: int
    per_buyer: int
    issued_at: str


@dataclass(frozen=True)
class TaxTableRow:
    """A version of a country's table; it holds from ``valid_from`` until the next one does."""

    country: str
    version: int
    publisher: str
    source: str
    valid_from: str
    published_at: str


@dataclass(frozen=True)
class TaxRuleRow:
    """A rule of a version; rates in basis points."""

    country: str
    version: int
    number: int
    hs_prefix: str
    origin: str | None
    kind: str
    vat: int
    duty: int
    vat_on_duty: bool


class PriceQueries:
    """``queries.prices``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def discounts(
        self, *, seller: str | None = None, status: str | None = None, limit: int = 100, offset: int = 0
    ) -> builtins.list[DiscountRow]:
        """Discounts, the newest first; of one seller (MSP id) or status where named."""
        c = o.discounts.c
        query = select(o.discounts).order_by(c.created_at.desc(), c.discount).limit(limit).offset(offset)
        if seller is not None:
            query = query.where(c.seller == seller)
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(DiscountRow, connection, query)

    def coupons(
        self, *, seller: str | None = None, limit: int = 100, offset: int = 0
    ) -> builtins.list[CouponRow]:
        """Coupons, the newest first."""
        c = o.coupons.c
        query = (
            select(o.coupons).order_by(c.issued_at.desc(), c.code_hash, c.seller).limit(limit).offset(offset)
        )
        if seller is not None:
            query = query.where(c.seller == seller)
        with self._engine.connect() as connection:
            return all_of(CouponRow, connection, query)

    def tax_tables(self, country: str | None = None) -> builtins.list[TaxTableRow]:
        """Every version of every country's table, or of one's, in order."""
        c = o.tax_tables.c
        query = select(o.tax_tables).order_by(c.country, c.version)
        if country is not None:
            query = query.where(c.country == country)
        with self._engine.connect() as connection:
            return all_of(TaxTableRow, connection, query)

    def tax_rules(
        self, country: str, version: int, *, hs_code: str = "", limit: int = 1000
    ) -> builtins.list[TaxRuleRow]:
        """A version's rules in order of HS prefix, from these digits on."""
        c = o.tax_rules.c
        query = (
            select(o.tax_rules)
            .where(c.country == country, c.version == version)
            .where(begins(c.hs_prefix, hs_code))
            .order_by(c.hs_prefix, c.origin.nulls_first(), c.number)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return all_of(TaxRuleRow, connection, query)

    def of_order(self, order_id: str) -> dict[str, Any] | None:
        """How an order's amount came about, as ``Pricing`` of the domain; None: units times price."""
        query = select(o.order_pricing.c.pricing).where(o.order_pricing.c.order_id == order_id)
        with self._engine.connect() as connection:
            found: dict[str, Any] | None = connection.execute(query).scalar_one_or_none()
        return found
