"""Licences that members hold, and the papers of orders."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, or_, select

from hansa_readmodel import compliance_tables as b
from hansa_readmodel import delivery_tables as d
from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, has


@dataclass(frozen=True)
class LicenceRow:
    """A licence; ``scope`` as the event has it."""

    licence: str
    kind: str
    holder: str
    issuer: str
    scope: dict[str, Any]
    valid_from: str
    valid_until: str
    document: str
    number: str | None
    status: str
    issued_at: str
    revoked_at: str | None
    reason: str | None

    def standing(self, now: str) -> str:
        """``revoked``, ``to come``, ``expired`` or ``valid`` at a time, RFC 3339 UTC with milliseconds."""
        if self.status == "revoked":
            return "revoked"
        if now < self.valid_from:
            return "to come"
        return "valid" if now < self.valid_until else "expired"


@dataclass(frozen=True)
class PaperRow:
    """A paper of an order, without its content; ``signer`` is the SHA-256 of the key that signed it."""

    paper: str
    kind: str
    order_id: str
    issuer: str
    document: str
    number: str | None
    security: str | None
    signer: str | None
    valid_from: str
    valid_until: str | None
    status: str
    registered_at: str
    revoked_at: str | None
    reason: str | None

    def standing(self, now: str) -> str:
        """As of a licence."""
        if self.status == "revoked":
            return "revoked"
        if now < self.valid_from:
            return "to come"
        return "valid" if self.valid_until is None or now < self.valid_until else "expired"


class LicenceQueries:
    """``queries.licences``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        party: str | None = None,
        kind: str | None = None,
        status: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[LicenceRow]:
        """Licences, the newest first.

        Args:
            party: MSP id of holder or issuer; None: everybody's.
            kind: as rules ask for it.
            status: ``issued`` or ``revoked``.
        """
        c = b.licences.c
        query = select(b.licences).order_by(c.issued_at.desc(), c.licence.desc()).limit(limit).offset(offset)
        if party is not None:
            query = query.where(or_(c.holder == party, c.issuer == party))
        if kind is not None:
            query = query.where(c.kind == kind)
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(LicenceRow, connection, query)

    def find(self, licence: str) -> LicenceRow | None:
        """One licence."""
        with self._engine.connect() as connection:
            rows = all_of(LicenceRow, connection, select(b.licences).where(b.licences.c.licence == licence))
        return rows[0] if rows else None


class PaperQueries:
    """``queries.papers``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        party: str | None = None,
        order: str | None = None,
        kind: str | None = None,
        words: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[PaperRow]:
        """Papers, the newest first.

        Args:
            party: MSP id of a party of the order or of the issuer; None: everybody's.
            order: id of the order.
            kind: of paper.
            words: a hash, a number such as an MRN, or the id of an order, or a part of it.
        """
        c, o = b.papers.c, t.orders.c
        query = (
            select(b.papers)
            .join(t.orders, o.order_id == c.order_id)
            .order_by(c.registered_at.desc(), c.paper)
            .limit(limit)
            .offset(offset)
        )
        if party is not None:
            columns = (o.buyer, o.seller, o.carrier, c.issuer)
            by_parts = c.order_id.in_(select(d.carriages.c.order_id).where(d.carriages.c.carrier == party))
            query = query.where(or_(*(column == party for column in columns), by_parts))
        if order is not None:
            query = query.where(c.order_id == order)
        if kind is not None:
            query = query.where(c.kind == kind)
        if words:
            query = query.where(or_(*(has(column, words) for column in (c.document, c.number, c.order_id))))
        with self._engine.connect() as connection:
            return all_of(PaperRow, connection, query)
