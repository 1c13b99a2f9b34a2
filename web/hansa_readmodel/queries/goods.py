"""Goods: which events name them, and who holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Engine, Select, and_, select
from sqlalchemy.orm import aliased

from hansa_readmodel import tables as t
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.rows import all_of, one_of
from hansa_readmodel.queries.trace import MAX_DEPTH, TraceRows, trace


@dataclass(frozen=True)
class EventRow:
    """A captured EPCIS event; ``time`` is when it happened, ``at`` when the ledger took it.

    ``error_declared``: it takes another back. ``declared_in_error``: it was taken back.
    """

    event_id: str
    hash: str
    reporter: str
    kind: str
    status: str
    time: str
    action: str | None
    biz_step: str | None
    read_point: str | None
    error_declared: int
    declared_in_error: int
    block: int
    transaction_id: str
    at: str


@dataclass(frozen=True)
class UnitRow:
    """A unit of goods the ledger knows, and who holds it since when; ``order_id`` of the last handover."""

    uri: str
    holder: str
    order_id: str | None
    since: str


class GoodsQueries:
    """``queries.goods``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def events(
        self, *, epc: str | None = None, reporter: str | None = None, limit: int = 100
    ) -> list[EventRow]:
        """Captured events: of goods (an EPC in any spelling) by the time they happened, else the latest.

        Args:
            epc: an EPC URI or Digital Link.
            reporter: MSP id, where only one's are wanted.
        """
        e, x, named = t.epcis_events.c, t.transactions.c, t.event_epcs.c
        query = select(*(e[field.name] for field in fields(EventRow) if field.name in e), x.transaction_id)
        transaction = and_(e.block == x.block, e.position == x.position)
        query = query.join_from(t.epcis_events, t.transactions, transaction)
        if epc is None:
            query = query.order_by(e.block.desc(), e.position.desc(), e.number.desc())
        else:
            query = query.join(t.event_epcs, e.event == named.event).where(named.epc == subject_of(epc))
            query = query.order_by(e.time, e.block, e.position, e.number)
        if reporter is not None:
            query = query.where(e.reporter == reporter)
        with self._engine.connect() as connection:
            return all_of(EventRow, connection, query.limit(limit))

    def reports(
        self,
        epcs: Sequence[str],
        *,
        reporter: str | None = None,
        since: str = "",
        event_ids: Sequence[str] = (),
        limit: int = 100,
    ) -> list[EventRow]:
        """Events that name any of these goods, each once, by the time they happened; no error declarations.

        Args:
            epcs: EPC URIs or Digital Links.
            reporter: MSP id, where only one's are wanted.
            since: only what the ledger took from then on, RFC 3339.
            event_ids: only those with one of these ids, where any are named.
        """
        e, x, named = t.epcis_events.c, t.transactions.c, t.event_epcs.c
        about = select(named.event).where(named.epc.in_([subject_of(epc) for epc in epcs]))
        query = (
            select(*(e[field.name] for field in fields(EventRow) if field.name in e), x.transaction_id)
            .join_from(t.epcis_events, t.transactions, and_(e.block == x.block, e.position == x.position))
            .where(e.event.in_(about), e.variant == "event", e.at >= since)
            .order_by(e.time, e.block, e.position, e.number)
            .limit(limit)
        )
        if reporter is not None:
            query = query.where(e.reporter == reporter)
        if event_ids:
            query = query.where(e.event_id.in_(event_ids))
        with self._engine.connect() as connection:
            return all_of(EventRow, connection, query)

    def trace(self, epc: str, *, depth: int = MAX_DEPTH) -> TraceRows:
        """The trail of goods as ``goods:Trace`` tells it, from the tables. See ``trace.trace``."""
        return trace(self._engine, epc, depth)

    def unit(self, epc: str) -> UnitRow | None:
        """A unit of goods by its EPC in any spelling."""
        u = t.units.c
        query = select(u.uri, u.holder, u.order_id, u.since).where(u.epc == subject_of(epc))
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else one_of(UnitRow, row)

    def held_by(self, member: str, *, limit: int = 50) -> list[UnitRow]:
        """Goods a member holds, the latest received first."""
        u = t.units.c
        query = (
            select(u.uri, u.holder, u.order_id, u.since)
            .where(u.holder == member)
            .order_by(u.since.desc(), u.epc)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return all_of(UnitRow, connection, query)


def goods_of_order(order_id: str) -> Select[Any]:
    """Under what goods are indexed that left the seller for an order, whole or in parts."""
    s, h = t.subjects.c, t.history.c
    named = aliased(t.subjects)
    place = ("block", "position", "number")
    return (
        select(named.c.subject)
        .join_from(t.subjects, t.history, and_(*(s[name] == h[name] for name in place)))
        .join(named, and_(*(named.c[name] == h[name] for name in place)))
        .where(s.subject == order_id, h.type.in_(("order.shipped", "despatch.sent")))
    )
