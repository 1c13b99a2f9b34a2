"""Products, and what certifies them."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, or_, select

from hansa_readmodel import offering_tables as o
from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, begins, has, named, one_of


@dataclass(frozen=True)
class ProductRow:
    """A product; ``gtin`` has 14 digits, ``details`` as ``ProductDetails`` of the domain has them."""

    gtin: str
    owner: str
    name: str
    brand: str | None
    registered_at: str
    version: int
    hs_code: str | None
    origin: str | None
    un_number: str | None
    details: dict[str, Any]


@dataclass(frozen=True)
class CertificateRow:
    """A product's certificate; ``valid_until`` is its last day."""

    gtin: str
    kind: str
    number: str
    issuer: str
    valid_until: str
    document: str
    added_at: str
    revoked_at: str | None


_SHOWN = [t.products.c[name] for name in ProductRow.__dataclass_fields__]


class ProductQueries:
    """``queries.products``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        owner: str | None = None,
        words: str = "",
        hs_code: str | None = None,
        origin: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> builtins.list[ProductRow]:
        """Products in order of name.

        Args:
            owner: MSP id of the member that answers for them.
            words: part of the name or brand, or a GTIN.
            hs_code: the code's first digits.
            origin: ISO 3166-1 code.
        """
        c = t.products.c
        query = select(*_SHOWN).order_by(c.name, c.gtin).limit(limit).offset(offset)
        if owner is not None:
            query = query.where(c.owner == owner)
        if words:
            query = query.where(or_(named(c.found_by, words), has(c.gtin, words)))
        if hs_code is not None:
            query = query.where(begins(c.hs_code, hs_code))
        if origin is not None:
            query = query.where(c.origin == origin)
        with self._engine.connect() as connection:
            return all_of(ProductRow, connection, query)

    def find(self, gtin: str) -> ProductRow | None:
        """One product by its GTIN of 14 digits."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*_SHOWN).where(t.products.c.gtin == gtin)).one_or_none()
        return None if row is None else one_of(ProductRow, row)

    def certificates(self, gtin: str) -> builtins.list[CertificateRow]:
        """A product's certificates, revoked ones too, the newest first."""
        c = o.product_certificates.c
        query = (
            select(o.product_certificates).where(c.gtin == gtin).order_by(c.added_at.desc(), c.number, c.kind)
        )
        with self._engine.connect() as connection:
            return all_of(CertificateRow, connection, query)
