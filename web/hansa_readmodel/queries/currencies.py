"""What stands behind currencies, and which accounts are frozen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class AttestationRow:
    """What an auditor found behind a currency; ``amount`` in minor units, ``document`` a SHA-256."""

    attestation: str
    currency: str
    amount: int
    as_of: str
    document: str
    auditor: str
    attested_at: str


@dataclass(frozen=True)
class FrozenRow:
    """A frozen account, by whose order and why."""

    account: str
    by: str
    reason: str
    court_order: str | None
    order_hash: str | None
    frozen_at: str


class CurrencyQueries:
    """``queries.currencies``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def attestations(self, currency: str, *, limit: int = 100) -> list[AttestationRow]:
        """What was attested about a currency, for the latest day first."""
        c = t.attestations.c
        query = select(t.attestations).where(c.currency == currency)
        query = query.order_by(c.as_of.desc(), c.attested_at.desc(), c.attestation).limit(limit)
        with self._engine.connect() as connection:
            return all_of(AttestationRow, connection, query)

    def frozen(self) -> list[FrozenRow]:
        """All frozen accounts, in order."""
        with self._engine.connect() as connection:
            query = select(t.frozen_accounts).order_by(t.frozen_accounts.c.account)
            return all_of(FrozenRow, connection, query)

    def approvals(self, currency: str, bank: str) -> list[str]:
        """The members that approved a bank for a currency, by MSP id."""
        c = t.issuer_approvals.c
        query = select(c.member).where(c.currency == currency, c.bank == bank).order_by(c.member)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())
