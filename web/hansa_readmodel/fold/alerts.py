"""Alerts, what goods are until further notice, and reports that were taken back."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, delete, update

from hansa_domain import events as domain
from hansa_domain.goods.records import key_part
from hansa_domain.gs1 import parse
from hansa_readmodel import tables as t
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.AlertRaised)
def _alert_raised(connection: Connection, event: domain.AlertRaised, place: Place) -> tuple[str, ...]:
    key = parse(event.epc)
    values = {
        "code": event.code,
        "severity": event.severity,
        "epc": subject_of(event.epc),
        "uri": event.epc,
        "gtin": None if key is None else key.gtin,
        "owner": event.owner,
        "reporter": event.reporter,
        "evidence": msgspec.to_builtins(event.evidence),
        "detail": event.detail,
        "status": "open",
        "raised_at": event.at,
    }
    put(connection, g.alerts, {"alert": event.alert}, values)
    return (event.alert, subject_of(event.epc), *(key_part(each.event) for each in event.evidence))


@on(domain.AlertAcknowledged)
def _alert_acknowledged(
    connection: Connection, event: domain.AlertAcknowledged, place: Place
) -> tuple[str, ...]:
    _change(
        connection, event.alert, status="acknowledged", acknowledged_at=event.at, acknowledged_by=event.by
    )
    return (event.alert,)


@on(domain.AlertClosed)
def _alert_closed(connection: Connection, event: domain.AlertClosed, place: Place) -> tuple[str, ...]:
    _change(
        connection,
        event.alert,
        status="closed",
        closed_at=event.at,
        closed_by=event.by,
        outcome=event.outcome,
        remark=event.remark,
    )
    return (event.alert,)


def _change(connection: Connection, alert: str, **values: Any) -> None:
    connection.execute(update(g.alerts).where(g.alerts.c.alert == alert).values(**values))


@on(domain.DispositionsChanged)
def _dispositions_changed(
    connection: Connection, event: domain.DispositionsChanged, place: Place
) -> tuple[str, ...]:
    for change in event.changes:
        values = {"uri": change.epc, "dispositions": change.dispositions, "changed_at": event.at}
        put(connection, g.dispositions, {"epc": subject_of(change.epc)}, values)
    return tuple(subject_of(change.epc) for change in event.changes)


@on(domain.EventDeclaredInError)
def _declared_in_error(
    connection: Connection, event: domain.EventDeclaredInError, place: Place
) -> tuple[str, ...]:
    values = {
        "event_id": event.event_id,
        "hash": event.hash,
        "reason": event.reason,
        "corrective_event_ids": event.corrective_event_ids,
        "outcome": event.outcome,
        "doubted": event.doubted,
        "declared_at": event.at,
    }
    key = {"event_key": key_part(event.event_id), "reporter": event.reporter}
    put(connection, g.corrections, key, values)
    e = t.epcis_events.c
    same = (e.event_id == event.event_id, e.hash == event.hash, e.reporter == event.reporter)
    taken_back = update(t.epcis_events).where(*same, e.variant == "event")
    connection.execute(taken_back.values(declared_in_error=1))
    for epc in event.gone:
        connection.execute(delete(t.units).where(t.units.c.epc == subject_of(epc)))
        connection.execute(delete(g.dispositions).where(g.dispositions.c.epc == subject_of(epc)))
    goods = (subject_of(epc) for epc in (*event.gone, *event.doubted))
    corrective = (key_part(each) for each in event.corrective_event_ids)
    return (key_part(event.event_id), key_part(event.hash), *corrective, *goods)
