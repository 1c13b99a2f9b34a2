"""Events of rates of exchange."""

from __future__ import annotations

from hansa_domain.events.base import Event


class OracleTrusted(Event, frozen=True, kw_only=True, tag="rate.oracle_trusted"):
    """A member approved an oracle for a pair, or took that back (``trusted`` false)."""

    base: str
    quote: str
    oracle: str
    member: str
    trusted: bool
    at: str


class OracleChanged(Event, frozen=True, kw_only=True, tag="rate.oracles_changed"):
    """The oracles of a pair from now on: those more than half of the members approve."""

    base: str
    quote: str
    oracles: list[str]
    at: str


class RatePublished(Event, frozen=True, kw_only=True, tag="rate.published"):
    """An oracle's quote: so many minor units of ``quote`` for so many of ``base``."""

    base: str
    quote: str
    oracle: str
    base_amount: str
    quote_amount: str
    observed_at: str
    source: str
    at: str
