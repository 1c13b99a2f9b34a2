"""Who holds goods, and what was reported of them."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select

from hansa_domain import events as domain
from hansa_domain.goods.records import key_part
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put, subject_of
from hansa_readmodel.goods_roles import united


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
    last = connection.execute(select(func.max(t.epcis_events.c.event))).scalar()
    following = 0 if last is None else int(last) + 1
    about: list[str] = []
    for offset, captured in enumerate(event.events):
        _forget_claim(connection, event.reporter, captured)
        connection.execute(
            insert(t.epcis_events).values(
                block=place.block,
                position=place.position,
                number=first + offset,
                event=following + offset,
                reporter=event.reporter,
                at=event.at,
                **_row(captured),
            )
        )
        goods = _roles(captured)
        if goods:
            rows = [{"epc": epc, "event": following + offset, "roles": roles} for epc, roles in goods.items()]
            connection.execute(insert(t.event_epcs), rows)
        about += [*captured.orders, *goods, key_part(captured.event_id), key_part(captured.hash)]
    return tuple(about)


def _row(captured: domain.CapturedEventView) -> dict[str, str | int | None]:
    return {
        "event_id": captured.event_id,
        "hash": captured.hash,
        "kind": captured.kind,
        "status": captured.status,
        "time": captured.time,
        "action": captured.action,
        "biz_step": captured.biz_step,
        "disposition": captured.disposition,
        "read_point": captured.read_point,
        "biz_location": captured.biz_location,
        "error_declared": int(captured.error_declared),
        "declared_in_error": int(captured.declared_in_error),
        "variant": captured.variant,
    }


def _roles(captured: domain.CapturedEventView) -> dict[str, int]:
    # What was captured before events told roles is found by name; no trail leads through it.
    roles = captured.roles or [[]] * len(captured.epcs)
    return united((subject_of(epc), found) for epc, found in zip(captured.epcs, roles, strict=True))


def _forget_claim(connection: Connection, reporter: str, captured: domain.CapturedEventView) -> None:
    """A claim that was sent again and now counts stands in the tables once."""
    e = t.epcis_events.c
    same = (e.hash == captured.hash, e.event_id == captured.event_id, e.variant == captured.variant)
    earlier = connection.execute(select(e.event).where(*same, e.reporter == reporter)).scalar()
    if earlier is not None:
        connection.execute(delete(t.event_epcs).where(t.event_epcs.c.event == earlier))
        connection.execute(delete(t.epcis_events).where(e.event == earlier))
