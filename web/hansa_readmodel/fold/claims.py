"""Claims under a warranty."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import escrow_tables as e
from hansa_readmodel.fold.register import Place, on, put


@on(domain.ClaimOpened)
def _opened(connection: Connection, event: domain.ClaimOpened, place: Place) -> tuple[str, ...]:
    values = {
        "order_id": event.order,
        "status": "open",
        "buyer": event.buyer,
        "seller": event.seller,
        "reason": event.reason,
        "wanted": event.wanted,
        "currency": event.currency,
        "amount": None if event.amount is None else int(event.amount),
        "due": event.due,
        "opened_at": event.at,
    }
    put(connection, e.claims, {"claim": event.claim}, values)
    return (event.claim, event.order)


@on(domain.ClaimRefused)
def _refused(connection: Connection, event: domain.ClaimRefused, place: Place) -> tuple[str, ...]:
    return _changed(connection, event.claim, event.order, status="refused", due=event.due)


@on(domain.ClaimEscalated)
def _escalated(connection: Connection, event: domain.ClaimEscalated, place: Place) -> tuple[str, ...]:
    change = {"status": "escalated", "arbitrator": event.arbitrator, "due": event.due}
    return _changed(connection, event.claim, event.order, **change)


@on(domain.ClaimJudged)
def _judged(connection: Connection, event: domain.ClaimJudged, place: Place) -> tuple[str, ...]:
    change: dict[str, Any] = {"status": "dismissed", "closed_at": event.at}
    if event.upheld:
        change = {"status": "upheld", "owed": int(event.amount)}
    return _changed(connection, event.claim, event.order, due=None, **change)


@on(domain.ClaimMet)
def _met(connection: Connection, event: domain.ClaimMet, place: Place) -> tuple[str, ...]:
    change = {
        "status": "met",
        "remedy": event.remedy,
        "paid": int(event.amount) if event.remedy == "payment" and event.amount else None,
        "replacement": event.replacement,
        "due": None,
        "closed_at": event.at,
    }
    return _changed(connection, event.claim, event.order, **change)


@on(domain.ClaimClosed)
def _closed(connection: Connection, event: domain.ClaimClosed, place: Place) -> tuple[str, ...]:
    change = {"status": event.status, "due": None, "closed_at": event.at}
    return _changed(connection, event.claim, event.order, **change)


def _changed(connection: Connection, claim: str, order: str, **change: Any) -> tuple[str, ...]:
    connection.execute(update(e.claims).where(e.claims.c.claim == claim).values(**change))
    return (claim, order)
