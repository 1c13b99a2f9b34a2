"""Currencies and notes."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from hansa_domain import events as domain
from hansa_readmodel import tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.CurrencyDefined)
def _currency_defined(connection: Connection, event: domain.CurrencyDefined, place: Place) -> tuple[str, ...]:
    values = {"issuer": event.issuer, "minor_units": event.minor_units, "minted": "0", "burned": "0"}
    put(connection, t.currencies, {"currency": event.currency}, values)
    return ()


@on(domain.MoneyMoved)
def _money_moved(connection: Connection, event: domain.MoneyMoved, place: Place) -> tuple[str, ...]:
    spent = [note.id for note in event.consumed]
    if spent:
        connection.execute(delete(t.notes).where(t.notes.c.note.in_(spent)))
    rows = [
        {"note": note.id, "owner": note.owner, "currency": note.currency, "amount": int(note.amount)}
        for note in event.created
    ]
    if rows:
        connection.execute(insert(t.notes), rows)
    column = {"mint": "minted", "burn": "burned"}.get(event.reason)
    if column is not None:
        moved = abs(sum(int(n.amount) for n in event.created) - sum(int(n.amount) for n in event.consumed))
        one = t.currencies.c.currency == event.currency
        total = int(connection.execute(select(t.currencies.c[column]).where(one)).scalar_one()) + moved
        connection.execute(update(t.currencies).where(one).values(**{column: str(total)}))
    owners = {note.owner for note in (*event.consumed, *event.created)}
    # Notes are named after the command that made them, so a payment is found by its command.
    commands = {note.id.rpartition(".")[0] for note in event.created}
    return (*sorted(owners), *sorted(commands), *((event.order,) if event.order else ()))
