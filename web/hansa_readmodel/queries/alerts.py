"""Alerts about goods, what goods are until further notice, and reports that were taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select

from hansa_domain.goods.records import key_part
from hansa_domain.goods.sellable import UNSELLABLE
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold import subject_of
from hansa_readmodel.queries.rows import all_of, one_of


@dataclass(frozen=True)
class AlertRow:
    """An alert; ``evidence`` lists events with ``event``, ``reporter``, ``time`` and ``place``."""

    alert: str
    code: str
    severity: str
    uri: str
    owner: str | None
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


_ALERT = [g.alerts.c[name] for name in AlertRow.__dataclass_fields__]
_DISPOSITION = [g.dispositions.c[name] for name in DispositionRow.__dataclass_fields__]
_CORRECTION = [g.corrections.c[name] for name in CorrectionRow.__dataclass_fields__]


class AlertQueries:
    """``queries.alerts``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, alert: str) -> AlertRow | None:
        """One alert."""
        with self._engine.connect() as connection:
            row = connection.execute(select(*_ALERT).where(g.alerts.c.alert == alert)).one_or_none()
        return None if row is None else one_of(AlertRow, row)

    def list(
        self,
        *,
        epc: str | None = None,
        owner: str | None = None,
        status: str | None = None,
        code: str | None = None,
        severity: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[AlertRow]:
        """Alerts, the latest first, those that are like all that is named.

        Args:
            epc: what they are about, in any spelling.
            owner: MSP id of whose products they are about.
            status: ``open``, ``acknowledged`` or ``closed``.
            code: what was noticed.
            severity: ``warning`` or ``critical``.
            limit: at most so many.
            offset: after so many.
        """
        c = g.alerts.c
        named = {"owner": owner, "status": status, "code": code, "severity": severity}
        query = select(*_ALERT).where(*(c[name] == each for name, each in named.items() if each is not None))
        if epc is not None:
            query = query.where(c.epc == subject_of(epc))
        query = query.order_by(c.raised_at.desc(), c.alert.desc()).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            return all_of(AlertRow, connection, query)

    def open(self, *, owner: str | None = None) -> int:
        """How many are not closed, all or one owner's."""
        c = g.alerts.c
        query = select(func.count()).select_from(g.alerts).where(c.status != "closed")
        if owner is not None:
            query = query.where(c.owner == owner)
        with self._engine.connect() as connection:
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
