"""Recalls: what is blocked, and what holders have secured."""

from __future__ import annotations

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.RecallOpened)
def _recall_opened(connection: Connection, event: domain.RecallOpened, place: Place) -> tuple[str, ...]:
    values = {
        "opener": event.opener,
        "gtin": event.gtin,
        "lots": event.lots,
        "serials": event.serials,
        "reason": event.reason,
        "status": "open",
        "followed": 0,
        "opened_at": event.at,
    }
    put(connection, g.recalls, {"recall": event.recall}, values)
    return (event.recall, event.gtin)


@on(domain.RecallExtended)
def _recall_extended(connection: Connection, event: domain.RecallExtended, place: Place) -> tuple[str, ...]:
    for uri in event.marked:
        key = {"epc": subject_of(uri), "recall": event.recall}
        put(connection, g.recalled_goods, key, {"uri": uri, "marked_at": event.at})
    changed = update(g.recalls).where(g.recalls.c.recall == event.recall)
    connection.execute(changed.values(followed=int(event.followed)))
    return (event.recall, *(subject_of(uri) for uri in event.marked))


@on(domain.RecallAcknowledged)
def _recall_acknowledged(
    connection: Connection, event: domain.RecallAcknowledged, place: Place
) -> tuple[str, ...]:
    values = {"secured": event.secured, "acknowledged_at": event.at}
    put(connection, g.recall_acknowledgements, {"recall": event.recall, "member": event.member}, values)
    return (event.recall,)


@on(domain.RecallClosed)
def _recall_closed(connection: Connection, event: domain.RecallClosed, place: Place) -> tuple[str, ...]:
    changed = update(g.recalls).where(g.recalls.c.recall == event.recall)
    connection.execute(changed.values(status=event.outcome, closed_at=event.at, closed_by=event.by))
    return (event.recall,)
