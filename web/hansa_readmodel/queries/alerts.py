"""Alerts about goods, what goods are until further notice, and reports that were taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select

from hansa_domain.goods.records import key_part
from hansa_domain.goods.sellable import UNSELLABLE
from hansa_readmodel import tables as t
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.goods import goods_of_order
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class AlertRow:
    """An alert; ``evidence`` lists events with ``event``, ``reporter``, ``time`` and ``place``.

    ``owner`` answered for the goods when it was raised, ``answers`` does now: the owner of their product.
    ``holder`` has them, as far as known.
    """

    alert: str
    code: str
    severity: str
    uri: str
    gtin: str | None
    product: str | None
    owner: str | None
    answers: str | None
    holder: str | None
    reporter: str
    evidence: list[dict[str, Any]]
    detail: str
    status: str
    raised_at: str
    acknowledged_at: str | None
    acknowledged_by: str | None
    closed_at: str | None
    closed_by: str | None
    outcome: str | None
    remark: str | None


@dataclass(frozen=True)
class AlertFilter:
    """Alerts that are like all that is named.

    Args:
        epcs: what they are about, in any spelling: any of these.
        owner: MSP id of whose products they were about when they were raised.
        answers: MSP id of whose products they are about now.
        others_than: MSP id; not of his products now.
        holder: MSP id of who holds the goods now.
        order: of goods that were shipped or moved under this order.
        resting_on: the id of an event that they rest on.
        status: ``open``, ``acknowledged`` or ``closed``.
        closed: only those that are closed, or only the others.
        code: what was noticed.
        severity: ``warning`` or ``critical``.
    """

    epcs: Sequence[str] | None = None
    owner: str | None = None
    answers: str | None = None
    others_than: str | None = None
    holder: str | None = None
    order: str | None = None
    resting_on: str | None = None
    status: str | None = None
    closed: bool | None = None
    code: str | None = None
    severity: str | None = None


@dataclass(frozen=True)
class DispositionRow:
    """What a unit is until further notice."""

    uri: str
    dispositions: list[str]
    changed_at: str

    @property
    def sellable(self) -> bool:
        """Whether none of them forbids its sale."""
        return not UNSELLABLE.intersection(self.dispositions)


@dataclass(frozen=True)
class CorrectionRow:
    """A report that was taken back; ``outcome``: ``undone``, ``doubted`` or ``nothing``."""

    event_id: str
    reporter: str
    reason: str | None
    corrective_event_ids: list[str]
    outcome: str
    doubted: list[str]
    declared_at: str


_ANSWERS = func.coalesce(t.products.c.owner, g.alerts.c.owner)
_PLACE = ("block", "position", "number")
_ALERT = [
    *(g.alerts.c[name] for name in AlertRow.__dataclass_fields__ if name in g.alerts.c),
    t.products.c.name.label("product"),
    _ANSWERS.label("answers"),
    t.units.c.holder,
]
_DISPOSITION = [g.dispositions.c[name] for name in DispositionRow.__dataclass_fields__]
_CORRECTION = [g.corrections.c[name] for name in CorrectionRow.__dataclass_fields__]


EVERY_ALERT = AlertFilter()


def _joined(*columns: ColumnElement[Any]) -> Select[Any]:
    c = g.alerts.c
    return (
        select(*columns)
        .select_from(g.alerts)
        .outerjoin(t.products, t.products.c.gtin == c.gtin)
        .outerjoin(t.units, t.units.c.epc == c.epc)
    )


def _asked(wanted: AlertFilter) -> Sequence[ColumnElement[bool]]:
    c, u = g.alerts.c, t.units.c
    equal: list[tuple[ColumnElement[Any], str | None]] = [
        (c.owner, wanted.owner),
        (_ANSWERS, wanted.answers),
        (u.holder, wanted.holder),
        (c.status, wanted.status),
        (c.code, wanted.code),
        (c.severity, wanted.severity),
    ]
    found: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if wanted.others_than is not None:
        found.append(_ANSWERS.is_distinct_from(wanted.others_than))
    if wanted.epcs is not None:
        found.append(c.epc.in_([subject_of(epc) for epc in wanted.epcs]))
    if wanted.order is not None:
        found.append(or_(u.order_id == wanted.order, c.epc.in_(goods_of_order(wanted.order))))
    if wanted.closed is not None:
        found.append(c.status == "closed" if wanted.closed else c.status != "closed")
    if wanted.resting_on is not None:
        s, h = t.subjects.c, t.history.c
        raised = (
            select(h.body["alert"].as_string())
            .join_from(
                t.subjects,
                t.history,
                (s.block == h.block) & (s.position == h.position) & (s.number == h.number),
            )
            .where(s.subject == key_part(wanted.resting_on), h.type == "alert.raised")
        )
        found.append(c.alert.in_(raised))
    return found


class AlertQueries:
    """``queries.alerts``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, alert: str) -> AlertRow | None:
        """One alert."""
        with self._engine.connect() as connection:
            row = connection.execute(_joined(*_ALERT).where(g.alerts.c.alert == alert)).one_or_none()
        return None if row is None else one_of(AlertRow, row)

    def list(
        self, wanted: AlertFilter = EVERY_ALERT, *, limit: int = 50, offset: int = 0
    ) -> Sequence[AlertRow]:
        """Alerts, the latest first.

        Args:
            wanted: which.
            limit: at most so many.
            offset: after so many.
        """
        c = g.alerts.c
        query = _joined(*_ALERT).where(*_asked(wanted)).order_by(c.raised_at.desc(), c.alert.desc())
        with self._engine.connect() as connection:
            return all_of(AlertRow, connection, query.limit(limit).offset(offset))

    def count(self, wanted: AlertFilter = EVERY_ALERT) -> int:
        """How many ``list`` would find."""
        with self._engine.connect() as connection:
            query = _joined(func.count(g.alerts.c.alert)).where(*_asked(wanted))
            return int(connection.execute(query).scalar_one())

    def dispositions(self, epcs: Sequence[str]) -> Sequence[DispositionRow]:
        """What these units are until further notice, of those of which something was said."""
        c = g.dispositions.c
        query = select(*_DISPOSITION).where(c.epc.in_([subject_of(epc) for epc in epcs])).order_by(c.epc)
        with self._engine.connect() as connection:
            return all_of(DispositionRow, connection, query)

    def corrections(self, event_id: str) -> Sequence[CorrectionRow]:
        """Who took a report of that id back, and what became of it."""
        c = g.corrections.c
        query = select(*_CORRECTION).where(c.event_key == key_part(event_id)).order_by(c.reporter)
        with self._engine.connect() as connection:
            return all_of(CorrectionRow, connection, query)
