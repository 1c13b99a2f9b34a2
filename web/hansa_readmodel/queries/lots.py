"""Lots by quantity: who has how much."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class LotRow:
    """A member's holding of a lot; ``quantity`` a decimal number as text, in ``uom``."""

    uri: str
    member: str
    uom: str
    quantity: str
    changed_at: str


class LotQueries:
    """``queries.lots``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self, *, lot: str | None = None, member: str | None = None, limit: int = 100, offset: int = 0
    ) -> list[LotRow]:
        """Holdings in order of lot and member.

        Args:
            lot: a lot in any spelling, where only its holders are wanted.
            member: MSP id, where only one's lots are wanted.
        """
        c = g.lot_holdings.c
        query = select(c.uri, c.member, c.uom, c.quantity, c.changed_at).order_by(c.lot, c.member, c.uom)
        if lot is not None:
            query = query.where(c.lot == subject_of(lot))
        if member is not None:
            query = query.where(c.member == member)
        with self._engine.connect() as connection:
            return all_of(LotRow, connection, query.limit(limit).offset(offset))
