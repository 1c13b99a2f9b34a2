"""Handovers: goods offered to a member, or by it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import tables_goods as g
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class HandoverRow:
    """An offer of goods and what became of it; ``epcs`` as named, in normal form."""

    handover: str
    giver: str
    taker: str
    passes: str
    epcs: list[str]
    status: str
    offered_at: str
    closed_at: str | None


class HandoverQueries:
    """``queries.handovers``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self, *, party: str | None = None, status: str | None = None, limit: int = 50, offset: int = 0
    ) -> list[HandoverRow]:
        """Handovers, the latest first.

        Args:
            party: MSP id of giver or taker, where only one's are wanted.
            status: ``offered``, ``accepted``, ``declined`` or ``withdrawn``; None gives all.
        """
        c = g.handovers.c
        query = select(g.handovers).order_by(c.offered_at.desc(), c.handover.desc())
        if party is not None:
            query = query.where(or_(c.giver == party, c.taker == party))
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(HandoverRow, connection, query.limit(limit).offset(offset))
