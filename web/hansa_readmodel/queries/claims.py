"""Claims under a warranty: of which orders, how they stand, what is owed."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import escrow_tables as e
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class ClaimRow:
    """A claim; amounts in minor units of ``currency``. ``owed`` is what an arbitrator gave the buyer."""

    claim: str
    order_id: str
    status: str
    buyer: str
    seller: str
    arbitrator: str | None
    reason: str
    wanted: str
    currency: str
    amount: int | None
    owed: int | None
    paid: int | None
    remedy: str | None
    replacement: str | None
    due: str | None
    opened_at: str
    closed_at: str | None


class ClaimQueries:
    """``queries.claims``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        order_id: str | None = None,
        party: str | None = None,
        status: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> builtins.list[ClaimRow]:
        """Claims, the newest first.

        Args:
            order_id: of one order only.
            party: MSP id of buyer, seller or who judges; None, for a regulator: everybody's.
            status: such as ``open`` or ``upheld``: judged for the buyer, and not yet paid.
        """
        c = e.claims.c
        query = select(e.claims).order_by(c.opened_at.desc(), c.claim.desc()).limit(limit).offset(offset)
        if order_id is not None:
            query = query.where(c.order_id == order_id)
        if party is not None:
            query = query.where(or_(c.buyer == party, c.seller == party, c.arbitrator == party))
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(ClaimRow, connection, query)

    def due(self, now: str, *, party: str | None = None, limit: int = 100) -> builtins.list[ClaimRow]:
        """Claims that anybody may close: the buyer, or who judges, let the time pass; the oldest first.

        One before the first arbitrator may be among them although the order names a second: then the ledger
        leaves it open.

        Args:
            now: RFC 3339 with milliseconds, UTC.
            party: MSP id of buyer, seller or who judges; None: everybody's.
        """
        c = e.claims.c
        query = select(e.claims).where(c.status.in_(("refused", "escalated")), c.due <= now)
        if party is not None:
            query = query.where(or_(c.buyer == party, c.seller == party, c.arbitrator == party))
        with self._engine.connect() as connection:
            return all_of(ClaimRow, connection, query.order_by(c.due, c.claim).limit(limit))
