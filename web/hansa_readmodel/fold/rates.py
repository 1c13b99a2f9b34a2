"""Oracles and what they quote."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from hansa_domain import events as domain
from hansa_readmodel import money_tables as t
from hansa_readmodel.fold.register import Place, on, put


@on(domain.OracleTrusted)
def _trusted(connection: Connection, event: domain.OracleTrusted, place: Place) -> tuple[str, ...]:
    key = {"base": event.base, "quote": event.quote, "oracle": event.oracle, "member": event.member}
    table = t.oracle_approvals
    if event.trusted:
        put(connection, table, key, {"approved_at": event.at})
    else:
        connection.execute(delete(table).where(*(table.c[name] == value for name, value in key.items())))
    return (pair(event.base, event.quote),)


@on(domain.OracleChanged)
def _oracles(connection: Connection, event: domain.OracleChanged, place: Place) -> tuple[str, ...]:
    key = {"base": event.base, "quote": event.quote}
    put(connection, t.rate_pairs, key, {"oracles": event.oracles, "changed_at": event.at})
    return (pair(event.base, event.quote),)


@on(domain.RatePublished)
def _published(connection: Connection, event: domain.RatePublished, place: Place) -> tuple[str, ...]:
    values = {
        "base": event.base,
        "quote": event.quote,
        "oracle": event.oracle,
        "base_amount": int(event.base_amount),
        "quote_amount": int(event.quote_amount),
        "observed_at": event.observed_at,
        "published_at": event.at,
        "source": event.source,
    }
    connection.execute(insert(t.rates).values(block=place.block, position=place.position, **values))
    return (pair(event.base, event.quote),)


def pair(base: str, quote: str) -> str:
    """Under what a pair's history stands, such as ``EUR/USD``."""
    return f"{base}/{quote}"
