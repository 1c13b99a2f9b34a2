"""What may be asked about rates of exchange, and what is answered."""

from __future__ import annotations

import msgspec

from hansa_domain.fields import Amount, CurrencyCode, Moment, MspId, Seconds, Sha256Hex
from hansa_domain.operation import Command, Query
from hansa_domain.rates.records import MAX_AGE, OracleApproval, Rate, RatePair


class ApproveOracle(Command["OracleReply"], frozen=True, kw_only=True):
    """``rates:Approve``, by an administrator: his organisation trusts a member's quotes for a pair.

    It is an oracle of the pair once more than half of the members do.
    """

    base: CurrencyCode
    quote: CurrencyCode
    oracle: MspId


class RevokeOracle(Command["OracleReply"], frozen=True, kw_only=True):
    """``rates:Revoke``, by an administrator: his organisation trusts it no more."""

    base: CurrencyCode
    quote: CurrencyCode
    oracle: MspId


class PublishRate(Command["RateReply"], frozen=True, kw_only=True):
    """``rates:Publish``, by an oracle of the pair: ``quote_amount`` is what ``base_amount`` is worth.

    Both in minor units, so that a rate is exact: 100.00 EUR for 108.37 USD. ``source`` is the SHA-256 of the
    text it was taken from, ``observed_at`` when, by default now. A quote far from the oracle's own of an hour
    ago needs a second oracle near it.
    """

    base: CurrencyCode
    quote: CurrencyCode
    base_amount: Amount
    quote_amount: Amount
    source: Sha256Hex
    observed_at: Moment | None = None


class GetRate(Query["RateNowReply"], frozen=True, kw_only=True):
    """``rates:Get``: a pair's rate: the median of its oracles' quotes of at most ``max_age`` seconds."""

    base: CurrencyCode
    quote: CurrencyCode
    max_age: Seconds = MAX_AGE


class ListRates(Query["RatesReply"], frozen=True, kw_only=True):
    """``rates:List``: every pair with its oracles, who approved them, and their latest quotes."""


class OracleReply(msgspec.Struct, frozen=True, kw_only=True):
    """The pair's oracles, the present members that approve of this one, and how many it takes."""

    pair: RatePair
    approved_by: list[str]
    needed: int


class RateReply(msgspec.Struct, frozen=True, kw_only=True):
    """The quote as it stands."""

    rate: Rate


class RateNowReply(msgspec.Struct, frozen=True, kw_only=True):
    """``quote_amount`` minor units for ``base_amount``, the quotes it comes from, and those too old."""

    base: str
    quote: str
    base_amount: str
    quote_amount: str
    rates: list[Rate]
    stale: list[Rate]


class RatesReply(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, each in order of key."""

    pairs: list[RatePair]
    rates: list[Rate]
    approvals: list[OracleApproval]
