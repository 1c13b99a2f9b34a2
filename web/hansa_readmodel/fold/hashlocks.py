"""Hash time-locks."""

from __future__ import annotations

from sqlalchemy import Connection, update

from hansa_domain import events as domain
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.HashlockLocked)
def _locked(connection: Connection, event: domain.HashlockLocked, place: Place) -> tuple[str, ...]:
    values = {
        "status": "locked",
        "payer": event.payer,
        "recipient": event.recipient,
        "currency": event.currency,
        "amount": int(event.amount),
        "hash": event.hash,
        "expires_at": event.expires_at,
        "locked_at": event.at,
    }
    put(connection, t.hashlocks, {"hashlock": event.hashlock}, values)
    return (event.hashlock, event.payer, event.recipient)


@on(domain.HashlockClaimed)
def _claimed(connection: Connection, event: domain.HashlockClaimed, place: Place) -> tuple[str, ...]:
    changed = update(t.hashlocks).where(t.hashlocks.c.hashlock == event.hashlock)
    connection.execute(changed.values(status="claimed", preimage=event.preimage, closed_at=event.at))
    return (event.hashlock, event.recipient)


@on(domain.HashlockRefunded)
def _refunded(connection: Connection, event: domain.HashlockRefunded, place: Place) -> tuple[str, ...]:
    changed = update(t.hashlocks).where(t.hashlocks.c.hashlock == event.hashlock)
    connection.execute(changed.values(status="refunded", closed_at=event.at))
    return (event.hashlock, event.payer)
