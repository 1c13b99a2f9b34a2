"""Published schedules of fees, and who agreed to them."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, insert, update

from hansa_domain import events as domain
from hansa_readmodel import money_tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.FeeSchedulePublished)
def _published(connection: Connection, event: domain.FeeSchedulePublished, place: Place) -> tuple[str, ...]:
    values = {
        "order": msgspec.to_builtins(event.order),
        "arbitration": msgspec.to_builtins(event.arbitration),
        "exchange": msgspec.to_builtins(event.exchange),
        "account": event.account,
        "document": event.document,
        "effective_from": event.effective_from,
        "published_by": event.by,
        "published_at": event.at,
    }
    connection.execute(insert(t.fee_schedules).values(schedule=event.schedule, **values))
    return (event.schedule,)


@on(domain.FeeScheduleApproved)
def _approved(connection: Connection, event: domain.FeeScheduleApproved, place: Place) -> tuple[str, ...]:
    key = {"schedule": event.schedule, "member": event.member}
    put(connection, t.fee_approvals, key, {"approved_at": event.at})
    return (event.schedule,)


@on(domain.FeeScheduleInForce)
def _in_force(connection: Connection, event: domain.FeeScheduleInForce, place: Place) -> tuple[str, ...]:
    c = t.fee_schedules.c
    values = {"version": event.version, "in_force_from": event.begins}
    connection.execute(update(t.fee_schedules).where(c.schedule == event.schedule).values(**values))
    return (event.schedule,)
