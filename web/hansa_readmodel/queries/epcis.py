"""EPCIS events by what the standard's query parameters ask; the ledger has the events themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from sqlalchemy import ColumnElement, Engine, and_, exists, func, or_, select

from hansa_readmodel import tables as t
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.rows import all_of

OrderBy = Literal["eventTime", "recordTime"]
Column = Literal["kind", "action", "biz_step", "disposition", "read_point", "biz_location", "event_id"]


@dataclass(frozen=True)
class Naming:
    """Goods an event must name, any of them, in one of the roles (``hansa_readmodel.goods_roles.bits``)."""

    goods: Sequence[str]
    roles: int


@dataclass(frozen=True)
class EventFilter:
    """What events must be like. Times are RFC 3339 UTC with milliseconds; ``before`` is exclusive."""

    values: dict[Column, Sequence[str]] = field(default_factory=dict)
    names: Sequence[Naming] = ()
    time_from: str | None = None
    time_before: str | None = None
    recorded_from: str | None = None
    recorded_before: str | None = None
    error_declared: bool | None = None


@dataclass(frozen=True)
class FoundEvent:
    """Where an event is found; ``event`` counts them in the order the ledger took them."""

    event: int
    event_id: str
    hash: str
    reporter: str
    variant: str
    time: str
    at: str


class EpcisQueries:
    """``queries.epcis``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(
        self,
        asked: EventFilter,
        *,
        order: OrderBy = "eventTime",
        ascending: bool = False,
        after: tuple[str, int] | None = None,
        limit: int = 30,
    ) -> list[FoundEvent]:
        """A page of events, in order of a time and, among equals, of the ledger.

        Args:
            asked: what they must be like.
            order: by when they happened, or by when the ledger took them.
            ascending: the earliest first.
            after: that time and number of the last event of the page before.
            limit: at most so many.
        """
        e = t.epcis_events.c
        key = e.time if order == "eventTime" else e.at
        query = select(e.event, e.event_id, e.hash, e.reporter, e.variant, e.time, e.at).where(*_where(asked))
        if after is not None:
            moment, event = after
            further = (key > moment, e.event > event) if ascending else (key < moment, e.event < event)
            query = query.where(or_(further[0], and_(key == moment, further[1])))
        by = (key.asc(), e.event.asc()) if ascending else (key.desc(), e.event.desc())
        with self._engine.connect() as connection:
            return all_of(FoundEvent, connection, query.order_by(*by).limit(limit))

    def since(self, asked: EventFilter, event: int, *, limit: int) -> list[FoundEvent]:
        """Events the ledger took after the one of that number, in that order; -1 for all."""
        e = t.epcis_events.c
        query = select(e.event, e.event_id, e.hash, e.reporter, e.variant, e.time, e.at)
        query = query.where(e.event > event, *_where(asked)).order_by(e.event).limit(limit)
        with self._engine.connect() as connection:
            return all_of(FoundEvent, connection, query)

    def last(self) -> int:
        """The number of the latest event; -1 where there is none."""
        with self._engine.connect() as connection:
            found = connection.execute(select(func.max(t.epcis_events.c.event))).scalar()
        return -1 if found is None else int(found)

    def count(self, asked: EventFilter, *, most: int) -> int:
        """How many events there are; beyond ``most`` they are not counted."""
        query = select(t.epcis_events.c.event).where(*_where(asked)).limit(most).subquery()
        with self._engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(query)).scalar_one())

    def values(self, column: Column, *, after: str, limit: int) -> list[str]:
        """The values that stand in events, each once, in order; those after ``after``."""
        found = t.epcis_events.c[column]
        query = select(found).where(found > after).distinct().order_by(found).limit(limit)
        with self._engine.connect() as connection:
            return [cast(str, row[0]) for row in connection.execute(query)]

    def goods(self, *, after: str, limit: int) -> list[str]:
        """The goods that events name, each once, in order; those after ``after``."""
        found = t.event_epcs.c.epc
        query = select(found).where(found > after).distinct().order_by(found).limit(limit)
        with self._engine.connect() as connection:
            return [row[0] for row in connection.execute(query)]


def _where(asked: EventFilter) -> list[ColumnElement[bool]]:
    e, named = t.epcis_events.c, t.event_epcs.c
    found: list[ColumnElement[bool]] = [e[column].in_(values) for column, values in asked.values.items()]
    for naming in asked.names:
        goods = [subject_of(epc) for epc in naming.goods]
        role = named.roles.bitwise_and(naming.roles) != 0
        found.append(exists().where(named.event == e.event, named.epc.in_(goods), role))
    bounds = (
        (e.time, asked.time_from, asked.time_before),
        (e.at, asked.recorded_from, asked.recorded_before),
    )
    for column, least, before in bounds:
        if least is not None:
            found.append(column >= least)
        if before is not None:
            found.append(column < before)
    if asked.error_declared is not None:
        found.append(e.error_declared == int(asked.error_declared))
    return found
