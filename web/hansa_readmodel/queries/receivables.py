"""Proceeds of orders, offered and sold."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class ReceivableRow:
    """What an order owes its seller, offered or sold; amounts in minor units."""

    order_id: str
    status: str
    seller: str
    financier: str
    assignee: str | None
    currency: str
    proceeds: int
    price: int
    offered_at: str
    expires_at: str


class ReceivableQueries:
    """``queries.receivables``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, party: str, *, status: str | None = None, limit: int = 100) -> list[ReceivableRow]:
        """Those that a member offered or was offered, the newest first."""
        c = t.receivables.c
        query = select(t.receivables).where(or_(c.seller == party, c.financier == party))
        if status is not None:
            query = query.where(c.status == status)
        query = query.order_by(c.offered_at.desc(), c.order_id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return all_of(ReceivableRow, connection, query)
