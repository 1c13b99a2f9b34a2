"""Returns: of which orders, how they stand, and what stays with the seller."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import buying_tables as b
from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class ReturnRow:
    """The return of an order; the fee in minor units of ``currency``."""

    order_id: str
    status: str
    currency: str
    restocking_fee: int
    exchange: bool
    proposed_at: str
    closed_at: str | None
    buyer: str
    seller: str


class ReturnQueries:
    """``queries.returns``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self, *, party: str | None = None, status: str | None = None, limit: int = 100, offset: int = 0
    ) -> builtins.list[ReturnRow]:
        """Returns, the newest first.

        Args:
            party: MSP id of buyer or seller; None: everybody's.
            status: ``proposed``, ``accepted``, ``refused`` or ``received``.
        """
        c, order = b.returns.c, t.orders.c
        query = (
            select(b.returns, order.buyer, order.seller)
            .join(t.orders, order.order_id == c.order_id)
            .order_by(c.proposed_at.desc(), c.order_id.desc())
            .limit(limit)
            .offset(offset)
        )
        if party is not None:
            query = query.where(or_(order.buyer == party, order.seller == party))
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(ReturnRow, connection, query)
