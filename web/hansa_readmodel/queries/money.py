"""Who holds how much, and whether it adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select

from hansa_readmodel import money_tables as m
from hansa_readmodel import tables as t
from hansa_readmodel.queries.ledger import Step, steps
from hansa_readmodel.queries.orders import OPEN
from hansa_readmodel.queries.rows import of_member

_HIGH = 10**9
"""Amounts are summed in two halves, since a sum of 18-digit numbers may pass 64 bits."""


@dataclass(frozen=True)
class Balance:
    """What an account holds of one currency, in minor units, in how many notes."""

    owner: str
    currency: str
    amount: int
    notes: int


@dataclass(frozen=True)
class Supply:
    """A currency's money, in minor units: how much was made and taken back, and where the rest is.

    ``in_escrow`` is all that is held outside notes: for orders, under hash time-locks, in quotes, in
    facilities and in netting.
    """

    currency: str
    issuer: str
    minted: int
    burned: int
    in_notes: int
    in_escrow: int

    @property
    def reconciles(self) -> bool:
        """Whether what was minted is in notes, in escrow, or burned, to the minor unit."""
        return self.minted == self.in_notes + self.in_escrow + self.burned


class MoneyQueries:
    """``queries.money``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def balances(self, organisation: str) -> list[Balance]:
        """Every account of a member, its main account first; an account without notes is absent."""
        n = t.notes.c
        query = (
            _sums(n.owner, n.currency, func.count(), amount=n.amount)
            .where(of_member(n.owner, organisation))
            .group_by(n.owner, n.currency)
            .order_by(n.owner, n.currency)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return [Balance(row[0], row[1], _whole(row[3], row[4]), int(row[2])) for row in rows]

    def supply(self) -> list[Supply]:
        """Every currency in use, in order of code."""
        with self._engine.connect() as connection:
            notes = _by_currency(connection, _sums(t.notes.c.currency, amount=t.notes.c.amount))
            held = _by_currency(
                connection,
                _sums(t.orders.c.currency, amount=t.orders.c.amount - t.orders.c.released).where(
                    t.orders.c.status.in_(OPEN)
                ),
            )
            locked = _by_currency(
                connection,
                _sums(t.hashlocks.c.currency, amount=t.hashlocks.c.amount).where(
                    t.hashlocks.c.status == "locked"
                ),
            )
            outside = _by_currency(connection, _sums(m.held_money.c.currency, amount=m.held_money.c.amount))
            rows = connection.execute(select(t.currencies).order_by(t.currencies.c.currency)).all()
        return [
            Supply(
                currency=row.currency,
                issuer=row.issuer,
                minted=int(row.minted),
                burned=int(row.burned),
                in_notes=notes.get(row.currency, 0),
                in_escrow=held.get(row.currency, 0)
                + locked.get(row.currency, 0)
                + outside.get(row.currency, 0),
            )
            for row in rows
        ]

    def currencies(self) -> list[str]:
        """The codes of the currencies in use."""
        with self._engine.connect() as connection:
            query = select(t.currencies.c.currency).order_by(t.currencies.c.currency)
            return list(connection.execute(query).scalars())

    def movements(self, accounts: list[str], *, limit: int = 50) -> list[Step]:
        """The latest steps that moved money of these accounts, the newest first."""
        with self._engine.connect() as connection:
            return steps(connection, accounts, types=("money.moved",), newest_first=True, limit=limit)

    def made_by(self, command: str) -> bool:
        """Whether a command (``<MSP>.<ULID>``) has made notes."""
        s = t.subjects.c
        with self._engine.connect() as connection:
            return (
                connection.execute(select(s.block).where(s.subject == command).limit(1)).first() is not None
            )


def _sums(*columns: Any, amount: ColumnElement[int]) -> Select[Any]:
    return select(*columns, func.sum(amount // _HIGH), func.sum(amount % _HIGH))


def _by_currency(connection: Connection, query: Select[Any]) -> dict[str, int]:
    column = query.selected_columns[0]
    return {row[0]: _whole(row[1], row[2]) for row in connection.execute(query.group_by(column))}


def _whole(high: Any, low: Any) -> int:
    return int(high or 0) * _HIGH + int(low or 0)
