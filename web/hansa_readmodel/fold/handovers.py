"""Goods offered from one member to another."""

from __future__ import annotations

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.HandoverOffered)
def _offered(connection: Connection, event: domain.HandoverOffered, place: Place) -> tuple[str, ...]:
    values = {
        "giver": event.giver,
        "taker": event.taker,
        "passes": event.passes,
        "epcs": event.epcs,
        "status": "offered",
        "offered_at": event.at,
    }
    put(connection, g.handovers, {"handover": event.handover}, values)
    return (event.handover, *(subject_of(epc) for epc in event.epcs))


@on(domain.HandoverClosed)
def _closed(connection: Connection, event: domain.HandoverClosed, place: Place) -> tuple[str, ...]:
    changed = update(g.handovers).where(g.handovers.c.handover == event.handover)
    connection.execute(changed.values(status=event.outcome, closed_at=event.at))
    return (event.handover,)
