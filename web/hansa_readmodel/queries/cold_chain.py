"""The cold chain: limits of products, and goods that were not kept at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import tables as t
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.goods import goods_of_order
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class LimitRow:
    """A limit of a product; numbers as text, in ``uom``."""

    measures: str
    uom: str
    minimum: str | None
    maximum: str | None
    allowed_seconds: int


@dataclass(frozen=True)
class ExcursionRow:
    """How long a unit or lot was outside a limit, and who holds the unit now, as far as known."""

    uri: str
    gtin: str
    measures: str
    since: str
    until: str | None
    seconds: int
    worst: str
    uom: str
    holder: str | None


class ColdChainQueries:
    """``queries.cold_chain``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def limits(self, gtin: str) -> list[LimitRow]:
        """What a product (GTIN of 14 digits) must be kept at."""
        c = g.cold_chain_limits.c
        columns = [c[name] for name in LimitRow.__dataclass_fields__]
        query = select(*columns).where(c.gtin == gtin).order_by(c.number)
        with self._engine.connect() as connection:
            return all_of(LimitRow, connection, query)

    def excursions(
        self,
        *,
        epc: str | None = None,
        epcs: Sequence[str] | None = None,
        gtin: str | None = None,
        holder: str | None = None,
        order: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[ExcursionRow]:
        """Goods that were not kept at their limits, the latest first.

        Args:
            epc: one unit or lot, in any spelling.
            epcs: any of these.
            gtin: one product's, 14 digits.
            holder: MSP id of who holds them now.
            order: of goods that were shipped or moved under this order.
            limit: at most so many.
            offset: after so many.
        """
        c, u = g.excursions.c, t.units.c
        columns = [c[name] for name in ExcursionRow.__dataclass_fields__ if name != "holder"]
        query = select(*columns, u.holder).join_from(g.excursions, t.units, u.epc == c.epc, isouter=True)
        if epc is not None:
            query = query.where(c.epc == subject_of(epc))
        if epcs is not None:
            query = query.where(c.epc.in_([subject_of(each) for each in epcs]))
        if gtin is not None:
            query = query.where(c.gtin == gtin)
        if holder is not None:
            query = query.where(u.holder == holder)
        if order is not None:
            query = query.where(or_(u.order_id == order, c.epc.in_(goods_of_order(order))))
        query = query.order_by(c.since.desc(), c.epc, c.measures, c.device).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            return all_of(ExcursionRow, connection, query)
