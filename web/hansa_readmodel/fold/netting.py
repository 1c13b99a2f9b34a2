"""What members owe each other, and setting it off."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from hansa_domain import events as domain
from hansa_readmodel import money_tables as t
from hansa_readmodel.fold.held import hold
from hansa_readmodel.fold.register import Place, on


@on(domain.ObligationRegistered)
def _registered(connection: Connection, event: domain.ObligationRegistered, place: Place) -> tuple[str, ...]:
    values = {
        "status": "proposed",
        "debtor": event.debtor,
        "creditor": event.creditor,
        "account": event.account,
        "currency": event.currency,
        "amount": int(event.amount),
        "reference": event.reference,
        "registered_by": event.by,
        "registered_at": event.at,
    }
    connection.execute(insert(t.obligations).values(obligation=event.obligation, **values))
    return (event.obligation, event.debtor, event.creditor)


@on(domain.ObligationChanged)
def _changed(connection: Connection, event: domain.ObligationChanged, place: Place) -> tuple[str, ...]:
    closed_at = None if event.status == "confirmed" else event.at
    values = {"status": event.status, "account": event.account, "closed_at": closed_at}
    c = t.obligations.c
    connection.execute(update(t.obligations).where(c.obligation == event.obligation).values(**values))
    return (event.obligation,)


@on(domain.NettingOpened)
def _opened(connection: Connection, event: domain.NettingOpened, place: Place) -> tuple[str, ...]:
    values = {
        "status": "open",
        "currency": event.currency,
        "opened_by": event.by,
        "opened_at": event.at,
        "due": event.due,
    }
    connection.execute(insert(t.netting_cycles).values(cycle=event.cycle, **values))
    rows = [
        {
            "cycle": event.cycle,
            "member": each.member,
            "account": each.account,
            "owes": int(each.owes),
            "receives": int(each.receives),
        }
        for each in event.positions
    ]
    connection.execute(insert(t.netting_positions), rows)
    c = t.obligations.c
    connection.execute(
        update(t.obligations).where(c.obligation.in_(event.obligations)).values(cycle=event.cycle)
    )
    return (event.cycle, *event.obligations, *(each.member for each in event.positions))


@on(domain.NettingFunded)
def _funded(connection: Connection, event: domain.NettingFunded, place: Place) -> tuple[str, ...]:
    c = t.netting_positions.c
    mine = (c.cycle == event.cycle, c.member == event.debtor)
    connection.execute(update(t.netting_positions).where(*mine).values(funded_at=event.at))
    holder = f"{event.cycle}/{event.debtor}"
    hold(connection, "netting", holder, event.account, event.currency, int(event.amount))
    return (event.cycle, event.debtor)


@on(domain.NettingClosed)
def _closed(connection: Connection, event: domain.NettingClosed, place: Place) -> tuple[str, ...]:
    c = t.netting_cycles.c
    values = {"status": event.outcome, "closed_at": event.at}
    connection.execute(update(t.netting_cycles).where(c.cycle == event.cycle).values(**values))
    p = t.netting_positions.c
    for member in connection.execute(select(p.member).where(p.cycle == event.cycle)).scalars().all():
        hold(connection, "netting", f"{event.cycle}/{member}", "", "", 0)
    o = t.obligations.c
    ended = {"status": "netted", "closed_at": event.at} if event.outcome == "closed" else {"cycle": None}
    inside = connection.execute(select(o.obligation).where(o.cycle == event.cycle)).scalars().all()
    connection.execute(update(t.obligations).where(o.cycle == event.cycle).values(**ended))
    return (event.cycle, *inside)
