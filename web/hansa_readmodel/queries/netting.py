"""What members owe each other, and the cycles that set it off."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, and_, exists, or_, select

from hansa_readmodel import money_tables as t
from hansa_readmodel.queries.rows import all_of
from hansa_readmodel.tables import frozen_accounts


@dataclass(frozen=True)
class ObligationRow:
    """``debtor`` owes ``creditor`` an amount in minor units; ``cycle`` is the one that nets it, or did."""

    obligation: str
    status: str
    debtor: str
    creditor: str
    account: str
    currency: str
    amount: int
    reference: str | None
    cycle: str | None
    registered_by: str
    registered_at: str
    closed_at: str | None


@dataclass(frozen=True)
class NettingRow:
    """A netting cycle."""

    cycle: str
    status: str
    currency: str
    opened_by: str
    opened_at: str
    due: str
    closed_at: str | None


@dataclass(frozen=True)
class PositionRow:
    """What a member owes or receives on balance, minor units, and when he paid in."""

    cycle: str
    member: str
    account: str
    owes: int
    receives: int
    funded_at: str | None


class NettingQueries:
    """``queries.netting``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def obligations(self, party: str, *, status: str | None = None, limit: int = 100) -> list[ObligationRow]:
        """What a member owes or is owed, the latest first."""
        c = t.obligations.c
        query = select(t.obligations).where(or_(c.debtor == party, c.creditor == party))
        if status is not None:
            query = query.where(c.status == status)
        query = query.order_by(c.registered_at.desc(), c.obligation).limit(limit)
        with self._engine.connect() as connection:
            return all_of(ObligationRow, connection, query)

    def cycles(self, party: str, *, status: str | None = None, limit: int = 100) -> list[NettingRow]:
        """The cycles that a member is a party of, the latest first."""
        c, p = t.netting_cycles.c, t.netting_positions.c
        query = select(t.netting_cycles).where(c.cycle.in_(select(p.cycle).where(p.member == party)))
        if status is not None:
            query = query.where(c.status == status)
        query = query.order_by(c.opened_at.desc(), c.cycle).limit(limit)
        with self._engine.connect() as connection:
            return all_of(NettingRow, connection, query)

    def funded(self, by: str, *, party: str | None = None, limit: int = 100) -> list[NettingRow]:
        """Cycles that anybody may close: by then every net debtor had paid in; the oldest first.

        Those with a frozen account are left out: the ledger does not close them.

        Args:
            by: RFC 3339 with milliseconds, UTC.
            party: MSP id of a party; None: everybody's.
        """
        return self._open(and_(t.netting_cycles.c.opened_at <= by, _closable(by)), party, limit)

    def due(self, now: str, *, party: str | None = None, limit: int = 100) -> list[NettingRow]:
        """Cycles that anybody may dissolve, and nobody can close; the oldest first.

        Args:
            now: RFC 3339 with milliseconds, UTC.
            party: MSP id of a party; None: everybody's.
        """
        return self._open(and_(t.netting_cycles.c.due <= now, ~_closable()), party, limit)

    def _open(self, which: ColumnElement[bool], party: str | None, limit: int) -> list[NettingRow]:
        c, p = t.netting_cycles.c, t.netting_positions.c
        query = select(t.netting_cycles).where(c.status == "open", which)
        if party is not None:
            query = query.where(exists().where(p.cycle == c.cycle, p.member == party))
        with self._engine.connect() as connection:
            return all_of(NettingRow, connection, query.order_by(c.due, c.cycle).limit(limit))

    def positions(self, cycle: str) -> list[PositionRow]:
        """The positions of a cycle, in order of member."""
        p = t.netting_positions.c
        query = select(t.netting_positions).where(p.cycle == cycle).order_by(p.member)
        with self._engine.connect() as connection:
            return all_of(PositionRow, connection, query)


def _closable(by: str | None = None) -> ColumnElement[bool]:
    """Whether all had paid in, by then where a time is given, and no account of theirs is frozen."""
    p, f, held = t.netting_positions.c, frozen_accounts.c, t.held_money.c
    here = p.cycle == t.netting_cycles.c.cycle
    late = p.funded_at.is_(None) if by is None else or_(p.funded_at.is_(None), p.funded_at > by)
    paid = select(held.account).where(held.kind == "netting", held.holder == p.cycle + "/" + p.member)
    frozen = or_(f.account == p.account, f.account == p.member, f.account.in_(paid))
    return and_(~exists().where(here, p.owes > 0, late), ~exists().where(here, frozen))
