"""Money that waits for a secret."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, or_, select

from hansa_readmodel import tables as t
from hansa_readmodel.queries.rows import all_of, of_member


@dataclass(frozen=True)
class HashlockRow:
    """A hash time-lock; ``amount`` in minor units, ``preimage`` once it was shown."""

    hashlock: str
    status: str
    payer: str
    recipient: str
    currency: str
    amount: int
    hash: str
    preimage: str | None
    expires_at: str
    locked_at: str
    closed_at: str | None


class HashlockQueries:
    """``queries.hashlocks``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        party: str | None = None,
        status: str | None = None,
        hash_: str | None = None,
        limit: int = 100,
    ) -> list[HashlockRow]:
        """Hash time-locks, the newest first.

        Args:
            party: MSP id of who pays or receives; None: everybody's.
            status: ``locked``, ``claimed`` or ``refunded``.
            hash_: SHA-256 in hexadecimal digits, as where the other half of an exchange is looked for.
            limit: how many at most.
        """
        c = t.hashlocks.c
        query = select(t.hashlocks).order_by(c.locked_at.desc(), c.hashlock.desc()).limit(limit)
        if party is not None:
            query = query.where(_party(party))
        if status is not None:
            query = query.where(c.status == status)
        if hash_ is not None:
            query = query.where(c.hash == hash_)
        with self._engine.connect() as connection:
            return all_of(HashlockRow, connection, query)

    def due(self, now: str, *, party: str | None = None, limit: int = 100) -> builtins.list[HashlockRow]:
        """Those that anybody may refund: locked, and their time is over; the oldest first.

        Args:
            now: RFC 3339 with milliseconds, UTC.
            party: MSP id of who pays or receives; None: everybody's.
        """
        c = t.hashlocks.c
        query = select(t.hashlocks).where(c.status == "locked", c.expires_at <= now)
        if party is not None:
            query = query.where(_party(party))
        with self._engine.connect() as connection:
            return all_of(HashlockRow, connection, query.order_by(c.expires_at, c.hashlock).limit(limit))


def _party(party: str) -> ColumnElement[bool]:
    c = t.hashlocks.c
    return or_(of_member(c.payer, party), of_member(c.recipient, party))
