"""Accounts with rules: what they may do, what they did today, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, or_, select

from hansa_readmodel import account_tables as t
from hansa_readmodel.queries.rows import all_of, below


@dataclass(frozen=True)
class AccountRow:
    """An account's rules; ``signers`` and ``limits`` as the event ``account.rules_set`` has them."""

    account: str
    kind: str
    revision: int
    threshold: int
    delay: int
    cold: str | None
    signers: list[dict[str, Any]]
    limits: list[dict[str, Any]]
    changed_at: str


@dataclass(frozen=True)
class AccountDayRow:
    """What left an account on a day (UTC), minor units in digits: on users' own word, and signed for."""

    account: str
    currency: str
    day: str
    drawn: str
    signed: str


@dataclass(frozen=True)
class RefillRow:
    """A refill; ``amount`` in minor units, ``status`` waiting, stopped or completed."""

    refill: str
    hot: str
    cold: str
    currency: str
    amount: int
    status: str
    due: str
    proposed_at: str
    closed_at: str | None
    stopped_by: str | None


@dataclass(frozen=True)
class RecoveryRow:
    """Other signers proposed for an account; ``status`` waiting, stopped or completed."""

    recovery: str
    account: str
    threshold: int
    signers: list[dict[str, Any]]
    status: str
    due: str
    proposed_at: str
    closed_at: str | None
    stopped_by: str | None


class AccountQueries:
    """``queries.accounts``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def days(self, account: str, *, limit: int = 31) -> list[AccountDayRow]:
        """What left an account, the latest day first."""
        c = t.account_days.c
        query = select(t.account_days).where(c.account == account)
        with self._engine.connect() as connection:
            return all_of(AccountDayRow, connection, query.order_by(c.day.desc(), c.currency).limit(limit))

    def refills(self, account: str, *, status: str | None = None, limit: int = 100) -> list[RefillRow]:
        """Refills into or out of an account, the newest first."""
        c = t.refills.c
        query = select(t.refills).where(or_(c.hot == account, c.cold == account))
        if status is not None:
            query = query.where(c.status == status)
        with self._engine.connect() as connection:
            return all_of(
                RefillRow, connection, query.order_by(c.proposed_at.desc(), c.refill.desc()).limit(limit)
            )

    def recoveries(self, account: str, *, limit: int = 100) -> list[RecoveryRow]:
        """Recoveries of an account, the newest first."""
        c = t.recoveries.c
        query = select(t.recoveries).where(c.account == account)
        with self._engine.connect() as connection:
            return all_of(
                RecoveryRow, connection, query.order_by(c.proposed_at.desc(), c.recovery.desc()).limit(limit)
            )

    def list(self, organisation: str) -> list[AccountRow]:
        """A member's accounts with rules, in order of name."""
        c = t.accounts.c
        own = below(c.account, organisation)
        with self._engine.connect() as connection:
            return all_of(AccountRow, connection, select(t.accounts).where(own).order_by(c.account))
