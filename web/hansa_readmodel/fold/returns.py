"""Goods that go back."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from hansa_domain import events as domain
from hansa_readmodel import buying_tables as b
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.ReturnProposed)
def _proposed(connection: Connection, event: domain.ReturnProposed, place: Place) -> tuple[str, ...]:
    values = {
        "status": "proposed",
        "currency": event.currency,
        "restocking_fee": int(event.restocking_fee),
        "exchange": False,
        "proposed_at": event.at,
        "closed_at": None,
    }
    put(connection, b.returns, {"order_id": event.order}, values)
    return (event.order,)


@on(domain.ExchangeAsked)
def _exchange(connection: Connection, event: domain.ExchangeAsked, place: Place) -> tuple[str, ...]:
    changed = update(b.returns).where(b.returns.c.order_id == event.order)
    connection.execute(changed.values(exchange=True))
    return (event.order,)


@on(domain.OrderReopened)
def _reopened(connection: Connection, event: domain.OrderReopened, place: Place) -> tuple[str, ...]:
    c = t.orders.c
    changed = update(t.orders).where(c.order_id == event.order)
    connection.execute(changed.values(status="accepted", due=event.due, sscc=None, changed_at=event.at))
    connection.execute(delete(t.shipped_epcs).where(t.shipped_epcs.c.order_id == event.order))
    return (event.order,)


@on(domain.ReturnAccepted)
def _accepted(connection: Connection, event: domain.ReturnAccepted, place: Place) -> tuple[str, ...]:
    _changed(connection, event.order, "accepted", None)
    _due(connection, event.order, event.due)
    return (event.order,)


@on(domain.ReturnRefused)
def _refused(connection: Connection, event: domain.ReturnRefused, place: Place) -> tuple[str, ...]:
    _changed(connection, event.order, "refused", event.at)
    _due(connection, event.order, event.due)
    return (event.order,)


@on(domain.ReturnReceived)
def _received(connection: Connection, event: domain.ReturnReceived, place: Place) -> tuple[str, ...]:
    _changed(connection, event.order, "received", event.at)
    return (event.order,)


def _changed(connection: Connection, order: str, status: str, closed_at: str | None) -> None:
    changed = update(b.returns).where(b.returns.c.order_id == order)
    connection.execute(changed.values(status=status, closed_at=closed_at))


def _due(connection: Connection, order: str, due: str) -> None:
    connection.execute(update(t.orders).where(t.orders.c.order_id == order).values(due=due))
