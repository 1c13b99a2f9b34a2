"""Mandates and payment requests."""

from __future__ import annotations

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.MandateGranted)
def _granted(connection: Connection, event: domain.MandateGranted, place: Place) -> tuple[str, ...]:
    values = {
        "status": "active",
        "payer": event.payer,
        "payee": event.payee,
        "currency": event.currency,
        "maximum": int(event.maximum),
        "period": event.period,
        "number": 0,
        "collected": 0,
        "reference": event.reference,
        "granted_at": event.at,
        "expires_at": event.expires_at,
    }
    put(connection, t.mandates, {"mandate": event.mandate}, values)
    return (event.mandate, event.payer, event.payee)


@on(domain.MandateCollected)
def _collected(connection: Connection, event: domain.MandateCollected, place: Place) -> tuple[str, ...]:
    changed = update(t.mandates).where(t.mandates.c.mandate == event.mandate)
    connection.execute(changed.values(number=event.number, collected=int(event.collected)))
    return (event.mandate, event.payer, event.payee)


@on(domain.MandateRevoked)
def _revoked(connection: Connection, event: domain.MandateRevoked, place: Place) -> tuple[str, ...]:
    changed = update(t.mandates).where(t.mandates.c.mandate == event.mandate)
    connection.execute(changed.values(status="revoked"))
    return (event.mandate, event.payer, event.payee)


@on(domain.PaymentRequested)
def _requested(connection: Connection, event: domain.PaymentRequested, place: Place) -> tuple[str, ...]:
    values = {
        "status": "open",
        "payee": event.payee,
        "payer": event.payer,
        "currency": event.currency,
        "amount": int(event.amount),
        "reference": event.reference,
        "requested_at": event.at,
        "expires_at": event.expires_at,
    }
    put(connection, t.payment_requests, {"payment_request": event.payment_request}, values)
    return (event.payment_request, event.payee, event.payer)


@on(domain.PaymentRequestClosed)
def _closed(connection: Connection, event: domain.PaymentRequestClosed, place: Place) -> tuple[str, ...]:
    changed = update(t.payment_requests).where(t.payment_requests.c.payment_request == event.payment_request)
    connection.execute(changed.values(status=event.outcome, closed_at=event.at))
    return (event.payment_request, event.payee, event.payer)
