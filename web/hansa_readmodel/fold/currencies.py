"""Who may issue which currency, what was attested about it, and frozen accounts."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from hansa_domain import events as domain
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.IssuerApproved)
def _issuer_approved(connection: Connection, event: domain.IssuerApproved, place: Place) -> tuple[str, ...]:
    key = {"currency": event.currency, "bank": event.bank, "member": event.member}
    put(connection, t.issuer_approvals, key, {"approved_at": event.at})
    return (event.bank,)


@on(domain.ReservesAttested)
def _attested(connection: Connection, event: domain.ReservesAttested, place: Place) -> tuple[str, ...]:
    values = {
        "currency": event.currency,
        "amount": int(event.amount),
        "as_of": event.as_of,
        "document": event.document,
        "auditor": event.auditor,
        "attested_at": event.at,
    }
    connection.execute(insert(t.attestations).values(attestation=event.attestation, **values))
    return (event.attestation,)


@on(domain.AccountFrozen)
def _frozen(connection: Connection, event: domain.AccountFrozen, place: Place) -> tuple[str, ...]:
    values = {
        "by": event.by,
        "reason": event.reason,
        "court_order": event.court_order,
        "order_hash": event.order_hash,
        "frozen_at": event.at,
    }
    put(connection, t.frozen_accounts, {"account": event.account}, values)
    return (event.account,)


@on(domain.AccountUnfrozen)
def _unfrozen(connection: Connection, event: domain.AccountUnfrozen, place: Place) -> tuple[str, ...]:
    connection.execute(delete(t.frozen_accounts).where(t.frozen_accounts.c.account == event.account))
    return (event.account,)
