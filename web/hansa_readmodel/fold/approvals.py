"""Approvals inside members' companies."""

from __future__ import annotations

from sqlalchemy import Connection

from hansa_domain import events as domain
from hansa_readmodel import buying_tables as b
from hansa_readmodel.fold.register import Place, on, put


@on(domain.ApprovalRulesSet)
def _rules_set(connection: Connection, event: domain.ApprovalRulesSet, place: Place) -> tuple[str, ...]:
    values = {"rules": event.rules, "set_by": event.by, "set_at": event.at}
    put(connection, b.approval_rules, {"member": event.member}, values)
    return (event.member,)


@on(domain.ApprovalGiven)
def _given(connection: Connection, event: domain.ApprovalGiven, place: Place) -> tuple[str, ...]:
    values = {
        "member": event.member,
        "approver": event.approver,
        "seller": event.seller,
        "currency": event.currency,
        "amount": int(event.amount),
        "given_at": event.at,
    }
    put(connection, b.approvals, {"order_id": event.order}, values)
    return (event.order,)
