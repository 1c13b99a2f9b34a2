"""Firm quotes and facilities, and what is behind them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, or_, select

from hansa_readmodel import money_tables as t
from hansa_readmodel.queries.rows import all_of, of_member


@dataclass(frozen=True)
class ExchangeRow:
    """A firm quote: ``amount`` of ``currency`` for ``price``, minor units, ``fee`` once it was taken."""

    exchange: str
    status: str
    dealer: str
    account: str
    taker: str
    currency: str
    amount: int
    price_currency: str
    price: int
    fee: int | None
    expires_at: str
    offered_at: str
    closed_at: str | None


@dataclass(frozen=True)
class FacilityRow:
    """A standing facility; ``spread`` in basis points, ``max_age`` in seconds."""

    facility: str
    status: str
    dealer: str
    account: str
    base: str
    quote: str
    gives: str
    takes: str
    spread: int
    max_age: int
    opened_at: str
    changed_at: str


@dataclass(frozen=True)
class HeldRow:
    """Money outside notes: under which record, whose account it came from, minor units."""

    kind: str
    holder: str
    account: str
    currency: str
    amount: int


class ExchangeQueries:
    """``queries.exchanges``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def quotes(self, party: str, *, status: str | None = None, limit: int = 100) -> list[ExchangeRow]:
        """The firm quotes that a member made or may take, the latest first."""
        c = t.exchanges.c
        query = select(t.exchanges).where(or_(c.dealer == party, c.taker == party))
        if status is not None:
            query = query.where(c.status == status)
        query = query.order_by(c.offered_at.desc(), c.exchange).limit(limit)
        with self._engine.connect() as connection:
            return all_of(ExchangeRow, connection, query)

    def due(self, now: str, *, party: str | None = None, limit: int = 100) -> list[ExchangeRow]:
        """Firm quotes that anybody may end: open, and their time is over; the oldest first.

        Args:
            now: RFC 3339 with milliseconds, UTC.
            party: MSP id of dealer or taker; None: everybody's.
        """
        c = t.exchanges.c
        query = select(t.exchanges).where(c.status == "open", c.expires_at <= now)
        if party is not None:
            query = query.where(or_(c.dealer == party, c.taker == party))
        with self._engine.connect() as connection:
            return all_of(ExchangeRow, connection, query.order_by(c.expires_at, c.exchange).limit(limit))

    def facilities(self, *, takes: str | None = None, gives: str | None = None) -> list[FacilityRow]:
        """Open facilities, the lowest spread first; those of these currencies where they are named."""
        c = t.facilities.c
        query = select(t.facilities).where(c.status == "open")
        for column, wanted in ((c.takes, takes), (c.gives, gives)):
            if wanted is not None:
                query = query.where(column == wanted)
        with self._engine.connect() as connection:
            return all_of(FacilityRow, connection, query.order_by(c.spread, c.facility))

    def held(self, organisation: str) -> list[HeldRow]:
        """A member's money in quotes, facilities and netting, in order of record."""
        c = t.held_money.c
        query = select(t.held_money).where(of_member(c.account, organisation))
        with self._engine.connect() as connection:
            return all_of(HeldRow, connection, query.order_by(c.kind, c.holder))
