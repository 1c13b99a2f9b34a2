"""Proceeds of orders, offered and sold."""

from __future__ import annotations

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.ReceivableOffered)
def _offered(connection: Connection, event: domain.ReceivableOffered, place: Place) -> tuple[str, ...]:
    values = {
        "status": "offered",
        "seller": event.seller,
        "financier": event.financier,
        "assignee": None,
        "currency": event.currency,
        "proceeds": int(event.proceeds),
        "price": int(event.price),
        "offered_at": event.at,
        "expires_at": event.expires_at,
    }
    put(connection, t.receivables, {"order_id": event.order}, values)
    return (event.order, event.seller, event.financier)


@on(domain.ReceivableWithdrawn)
def _withdrawn(connection: Connection, event: domain.ReceivableWithdrawn, place: Place) -> tuple[str, ...]:
    changed = update(t.receivables).where(t.receivables.c.order_id == event.order)
    connection.execute(changed.values(status="withdrawn"))
    return (event.order, event.seller, event.financier)


@on(domain.ReceivableAssigned)
def _assigned(connection: Connection, event: domain.ReceivableAssigned, place: Place) -> tuple[str, ...]:
    changed = update(t.receivables).where(t.receivables.c.order_id == event.order)
    connection.execute(changed.values(status="assigned", assignee=event.assignee))
    return (event.order, event.seller, event.financier, event.assignee)
