"""How much of each lot members have."""

from __future__ import annotations

from sqlalchemy import Connection

from hansa_domain import events as domain
from hansa_readmodel import tables_goods as g
from hansa_readmodel.fold.register import Place, on, put, subject_of


@on(domain.LotsChanged)
def _lots_changed(connection: Connection, event: domain.LotsChanged, place: Place) -> tuple[str, ...]:
    for change in event.changes:
        key = {"lot": subject_of(change.lot), "member": change.member, "uom": change.uom}
        values = {"uri": change.lot, "quantity": change.quantity, "changed_at": event.at}
        put(connection, g.lot_holdings, key, values)
    return tuple(subject_of(change.lot) for change in event.changes)


@on(domain.ToleranceAgreed)
def _tolerance_agreed(connection: Connection, event: domain.ToleranceAgreed, place: Place) -> tuple[str, ...]:
    values = {"basis_points": event.basis_points, "agreed_at": event.at}
    put(connection, g.tolerances, {"gtin": event.gtin}, values)
    return (event.gtin,)
