"""Statements of accounts, and what their payments were for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, and_, or_, select, tuple_

from hansa.statements import Entry, Movement, Part, Statement, statement
from hansa_domain.events import MoneyMoved
from hansa_domain.notes import organisation
from hansa_readmodel import tables as t

_CHUNK = 500
"""So many rows are in hand at once, whatever the account's history."""
_OWN = {"mint": "issue", "burn": "issue", "refill": "own account", "sweep": "own account"}
_BESIDE = {
    "payment_request.closed": ("payment request", "payment_request"),
    "mandate.collected": ("mandate", "mandate"),
    "hashlock.locked": ("hashlock", "hashlock"),
    "hashlock.claimed": ("hashlock", "hashlock"),
    "hashlock.refunded": ("hashlock", "hashlock"),
}
"""Events beside the movement of their money: what kind of thing it was for, and the field with its id."""


@dataclass(frozen=True)
class Matched:
    """One payment of a statement, and what it was for.

    ``kind`` and ``subject`` say what (``order``, ``payment request``, ``mandate``, ``hashlock``, ``issue``,
    ``own account``); both None where nothing on the ledger tells. ``by_reference`` is set where only the
    payer's reference says so.
    """

    entry: Entry
    part: Part
    kind: str | None
    subject: str | None
    by_reference: bool = False


class StatementQueries:
    """``queries.statements``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def statement(self, account: str, currency: str, start: str, end: str) -> Statement:
        """An account in one currency, from ``start`` until before ``end``; see ``hansa.statements``."""
        with self._engine.connect() as connection:
            return statement(_movements(connection, account), account, currency, start, end)

    def movement(self, block: int, position: int) -> Movement | None:
        """The movement of money in a transaction; None where it moved none."""
        h = t.history.c
        here = and_(h.block == block, h.position == position, h.type == "money.moved")
        with self._engine.connect() as connection:
            for found in _read(connection, here):
                return found
        return None

    def matched(self, found: Statement) -> list[Matched]:
        """Every payment of a statement with what it was for."""
        with self._engine.connect() as connection:
            return [
                _match(connection, found.account, entry, part, beside)
                for entry, beside in zip(found.entries, _beside(connection, found.entries), strict=True)
                for part in entry.parts
            ]


def _movements(connection: Connection, account: str) -> Iterator[Movement]:
    h, s = t.history.c, t.subjects.c
    about = select(s.block, s.position, s.number).where(s.subject == account)
    return _read(connection, and_(tuple_(h.block, h.position, h.number).in_(about), h.type == "money.moved"))


def _read(connection: Connection, where: Any) -> Iterator[Movement]:
    h = t.history.c
    query = (
        select(h.body, h.block, h.position, h.number, t.transactions.c.transaction_id)
        .join_from(
            t.history,
            t.transactions,
            and_(h.block == t.transactions.c.block, h.position == t.transactions.c.position),
        )
        .where(where)
        .order_by(h.block, h.position, h.number)
    )
    for row in connection.execution_options(yield_per=_CHUNK).execute(query):
        event = msgspec.convert(row.body, MoneyMoved)
        yield Movement(event, row.block, row.position, row.number, row.transaction_id)


def _beside(connection: Connection, entries: Sequence[Entry]) -> list[list[dict[str, Any]]]:
    """The other events of each entry's transaction that say what it was for."""
    h = t.history.c
    found: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for start in range(0, len(entries), _CHUNK):
        places = [(entry.block, entry.position) for entry in entries[start : start + _CHUNK]]
        query = select(h.block, h.position, h.body).where(
            tuple_(h.block, h.position).in_(places), h.type.in_(_BESIDE)
        )
        for row in connection.execute(query):
            found.setdefault((row.block, row.position), []).append(row.body)
    return [found.get((entry.block, entry.position), []) for entry in entries]


def _match(
    connection: Connection, account: str, entry: Entry, part: Part, beside: list[dict[str, Any]]
) -> Matched:
    if entry.order is not None:
        return Matched(entry, part, "order", entry.order)
    for body in beside:
        kind, field = _BESIDE[body["type"]]
        return Matched(entry, part, kind, str(body[field]))
    if entry.reason in _OWN:
        return Matched(entry, part, _OWN[entry.reason], None)
    if part.counterparty is None:
        return Matched(entry, part, None, None)
    if organisation(part.counterparty) == organisation(account):
        return Matched(entry, part, "own account", part.counterparty)
    if part.reference is not None:
        named = _by_reference(connection, account, part)
        if named is not None:
            return Matched(entry, part, *named, by_reference=True)
    return Matched(entry, part, None, None)


def _by_reference(connection: Connection, account: str, part: Part) -> tuple[str, str] | None:
    """The one order or request for payment between the two whose reference the payment has."""
    assert part.counterparty is not None
    pair = (organisation(account), organisation(part.counterparty))
    o, r = t.orders.c, t.payment_requests.c
    orders = select(o.order_id).where(
        o.reference == part.reference,
        or_(*(and_(getattr(o, side) == pair[0], getattr(o, other) == pair[1]) for side, other in _SIDES)),
    )
    found = [("order", row) for row in connection.execute(orders.limit(2)).scalars()]
    requests = select(r.payment_request, r.payee, r.payer).where(r.reference == part.reference)
    requests = requests.order_by(r.payment_request).limit(50)
    found += [
        ("payment request", row.payment_request)
        for row in connection.execute(requests)
        if {organisation(row.payee), row.payer} == set(pair)
    ]
    return found[0] if len(found) == 1 else None


_SIDES = [
    (one, other)
    for one in ("buyer", "seller", "carrier")
    for other in ("buyer", "seller", "carrier")
    if one != other
]
