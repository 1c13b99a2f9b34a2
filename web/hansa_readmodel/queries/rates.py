"""Rates of exchange, with their history."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from hansa_readmodel import money_tables as t
from hansa_readmodel.queries.rows import all_of


@dataclass(frozen=True)
class RatePairRow:
    """A pair of currencies and its oracles, MSP ids in order."""

    base: str
    quote: str
    oracles: list[str]
    changed_at: str


@dataclass(frozen=True)
class RateRow:
    """A quote: ``quote_amount`` minor units of ``quote`` for ``base_amount`` of ``base``."""

    base: str
    quote: str
    oracle: str
    base_amount: int
    quote_amount: int
    observed_at: str
    published_at: str
    source: str


class RateQueries:
    """``queries.rates``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def pairs(self) -> list[RatePairRow]:
        """Every pair that ever had an oracle, in order."""
        query = select(t.rate_pairs).order_by(t.rate_pairs.c.base, t.rate_pairs.c.quote)
        with self._engine.connect() as connection:
            return all_of(RatePairRow, connection, query)

    def quotes(self, base: str, quote: str, *, oracle: str | None = None, limit: int = 100) -> list[RateRow]:
        """The quotes of a pair, the latest first; those of one oracle (MSP id) where it is named."""
        c = t.rates.c
        shown = (column for column in t.rates.c if column.name not in ("block", "position"))
        query = select(*shown).where(c.base == base, c.quote == quote)
        if oracle is not None:
            query = query.where(c.oracle == oracle)
        query = query.order_by(c.block.desc(), c.position.desc()).limit(limit)
        with self._engine.connect() as connection:
            return all_of(RateRow, connection, query)

    def approvals(self, base: str, quote: str, oracle: str) -> list[str]:
        """The members that approve of an oracle, by MSP id."""
        c = t.oracle_approvals.c
        query = (
            select(c.member).where(c.base == base, c.quote == quote, c.oracle == oracle).order_by(c.member)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())
