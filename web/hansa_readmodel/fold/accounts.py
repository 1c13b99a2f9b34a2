"""Accounts with rules."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, Table, select, update

from hansa_domain import events as domain
from hansa_readmodel import account_tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.AccountRulesSet)
def _rules_set(connection: Connection, event: domain.AccountRulesSet, place: Place) -> tuple[str, ...]:
    values = {
        "kind": event.kind,
        "revision": event.revision,
        "threshold": event.threshold,
        "delay": event.delay,
        "cold": event.cold,
        "signers": msgspec.to_builtins(event.signers),
        "limits": msgspec.to_builtins(event.limits),
        "changed_at": event.at,
    }
    put(connection, t.accounts, {"account": event.account}, values)
    return (event.account,)


@on(domain.AccountPaid)
def _paid(connection: Connection, event: domain.AccountPaid, place: Place) -> tuple[str, ...]:
    d = t.account_days.c
    key = {"account": event.account, "currency": event.currency, "day": event.day}
    row = connection.execute(
        select(d.drawn, d.signed).where(*(d[name] == value for name, value in key.items()))
    ).first()
    sums = {"drawn": 0, "signed": 0} if row is None else {"drawn": int(row.drawn), "signed": int(row.signed)}
    sums["drawn" if event.instruction is None else "signed"] += int(event.amount)
    put(connection, t.account_days, key, {name: str(value) for name, value in sums.items()})
    return (event.account,)


@on(domain.RefillProposed)
def _refill(connection: Connection, event: domain.RefillProposed, place: Place) -> tuple[str, ...]:
    values = {
        "hot": event.hot,
        "cold": event.cold,
        "currency": event.currency,
        "amount": int(event.amount),
        "status": "waiting",
        "due": event.due,
        "proposed_at": event.at,
    }
    put(connection, t.refills, {"refill": event.refill}, values)
    return (event.refill, event.hot, event.cold)


@on(domain.RefillStopped)
def _refill_stopped(connection: Connection, event: domain.RefillStopped, place: Place) -> tuple[str, ...]:
    _close(connection, t.refills, event.refill, "stopped", event.at, event.stopped_by)
    return (event.refill, event.hot, event.cold)


@on(domain.RefillCompleted)
def _refill_completed(connection: Connection, event: domain.RefillCompleted, place: Place) -> tuple[str, ...]:
    _close(connection, t.refills, event.refill, "completed", event.at, None)
    return (event.refill, event.hot, event.cold)


@on(domain.RecoveryProposed)
def _recovery(connection: Connection, event: domain.RecoveryProposed, place: Place) -> tuple[str, ...]:
    values = {
        "account": event.account,
        "threshold": event.threshold,
        "signers": msgspec.to_builtins(event.signers),
        "status": "waiting",
        "due": event.due,
        "proposed_at": event.at,
    }
    put(connection, t.recoveries, {"recovery": event.recovery}, values)
    return (event.recovery, event.account)


@on(domain.RecoveryStopped)
def _recovery_stopped(connection: Connection, event: domain.RecoveryStopped, place: Place) -> tuple[str, ...]:
    _close(connection, t.recoveries, event.recovery, "stopped", event.at, event.stopped_by)
    return (event.recovery, event.account)


@on(domain.RecoveryCompleted)
def _recovered(connection: Connection, event: domain.RecoveryCompleted, place: Place) -> tuple[str, ...]:
    _close(connection, t.recoveries, event.recovery, "completed", event.at, None)
    return (event.recovery, event.account)


def _close(
    connection: Connection, table: Table, name: str, status: str, at: str, stopped_by: str | None
) -> None:
    (key,) = table.primary_key.columns
    values = {"status": status, "closed_at": at, "stopped_by": stopped_by}
    connection.execute(update(table).where(key == name).values(**values))
