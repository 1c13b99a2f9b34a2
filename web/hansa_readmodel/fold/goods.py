"""Who holds goods, and what was reported of them."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from hansa_domain import events as domain
from hansa_domain.goods.records import key_part
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.CustodyMoved)
def _custody_moved(connection: Connection, event: domain.CustodyMoved, place: Place) -> tuple[str, ...]:
    for change in event.changes:
        values = {
            "uri": change.epc,
            "holder": change.holder,
            "order_id": event.order,
            "since": event.at,
        }
        put(connection, t.units, {"epc": subject_of(change.epc)}, values)
    about = (event.order,) if event.order else ()
    return (*about, *(subject_of(change.epc) for change in event.changes))


@on(domain.GoodsCaptured)
def _goods_captured(connection: Connection, event: domain.GoodsCaptured, place: Place) -> tuple[str, ...]:
    first = place.number * 1000  # events of one capture are told apart within the transaction
    about: list[str] = []
    for offset, captured in enumerate(event.events):
        where = {"block": place.block, "position": place.position, "number": first + offset}
        row = {
            "event_id": captured.event_id,
            "hash": captured.hash,
            "reporter": event.reporter,
            "kind": captured.kind,
            "status": captured.status,
            "time": captured.time,
            "action": captured.action,
            "biz_step": captured.biz_step,
            "read_point": captured.read_point,
            "error_declared": int(captured.error_declared),
        }
        connection.execute(insert(t.epcis_events).values(**where, **row))
        goods = list(dict.fromkeys(subject_of(epc) for epc in captured.epcs))
        if goods:
            connection.execute(insert(t.event_epcs), [{"epc": epc, **where} for epc in goods])
        about += [*captured.orders, *goods, key_part(captured.event_id), key_part(captured.hash)]
    return tuple(about)
