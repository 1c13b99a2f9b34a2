"""Recalls: what is recalled, where it is now, and what its holders have secured."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, or_, select

from hansa_domain.recalls.blocking import product_class
from hansa_readmodel import tables as t
from hansa_readmodel import tables_goods as g
from hansa_readmodel.queries.rows import all_of, begins, one_of


@dataclass(frozen=True)
class RecallRow:
    """A recall; ``lots`` and ``serials`` both empty: the whole product."""

    recall: str
    opener: str
    gtin: str
    lots: list[str]
    serials: list[str]
    reason: str
    status: str
    followed: int
    opened_at: str
    closed_at: str | None
    closed_by: str | None


@dataclass(frozen=True)
class RecalledUnit:
    """A unit of recalled goods, who holds it now, and how many that member has secured in all, if it said."""

    uri: str
    holder: str
    since: str
    secured: int | None


class RecallQueries:
    """``queries.recalls``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, recall: str) -> RecallRow | None:
        """One recall."""
        with self._engine.connect() as connection:
            row = connection.execute(select(g.recalls).where(g.recalls.c.recall == recall)).one_or_none()
        return None if row is None else one_of(RecallRow, row)

    def units(self, recall: str, *, holder: str | None = None, limit: int = 500) -> list[RecalledUnit]:
        """The units that a recall covers and who holds each now, in order of holder.

        Args:
            recall: its id.
            holder: MSP id, where only one's are wanted.
        """
        found = self.find(recall)
        if found is None:
            return []
        u, said = t.units.c, g.recall_acknowledgements.c
        marked = select(g.recalled_goods.c.epc).where(g.recalled_goods.c.recall == recall)
        covered: ColumnElement[bool] = u.epc.in_(marked)
        if not found.lots and not found.serials:
            # Units of a product recalled as a whole carry no mark each.
            covered = or_(covered, begins(u.uri, product_class(found.gtin) + "/"))
        query = (
            select(u.uri, u.holder, u.since, said.secured)
            .join_from(
                t.units,
                g.recall_acknowledgements,
                (said.member == u.holder) & (said.recall == recall),
                isouter=True,
            )
            .where(covered)
            .order_by(u.holder, u.uri)
            .limit(limit)
        )
        if holder is not None:
            query = query.where(u.holder == holder)
        with self._engine.connect() as connection:
            return all_of(RecalledUnit, connection, query)

    def list(self, *, status: str | None = None, limit: int = 50, offset: int = 0) -> list[RecallRow]:
        """Recalls, the latest first, those of one status where named."""
        c = g.recalls.c
        query = select(g.recalls).order_by(c.opened_at.desc(), c.recall.desc())
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(RecallRow, connection, query.limit(limit).offset(offset))
