"""What the ledger has of a pair of currencies: its oracles, and the latest quote of each."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Sha256Hex, Timestamp
from hansa_domain.majority import MemberApproval
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.rates.ratio import Ratio, median
from hansa_domain.times import milliseconds

MAX_AGE = 86_400
"""Seconds after which no quote counts any more, however patient its user is."""

MAX_JUMP = 1_000
"""Basis points that a rate may move within ``WINDOW`` on one oracle's word alone."""

WINDOW = 3_600
"""Seconds over which a movement is measured."""

MAX_ORACLES = 9
"""Oracles of one pair: whatever uses its rate reads all of their quotes."""


class OracleApproval(MemberApproval, frozen=True, kw_only=True):
    """A member trusts an oracle for a pair; key ``("oracle-approval", base, quote, oracle, member)``."""

    NOUN: ClassVar[str] = "oracle-approval"
    base: str
    quote: str
    oracle: str


class RatePair(Record, frozen=True, kw_only=True):
    """The oracles a majority approved for a pair, MSP ids in order; key ``("rate-pair", base, quote)``."""

    NOUN: ClassVar[str] = "rate-pair"
    base: str
    quote: str
    oracles: list[str]


class Rate(Record, frozen=True, kw_only=True):
    """An oracle's latest quote; key ``("rate", base, quote, oracle)``.

    ``quote_amount`` minor units of ``quote`` for ``base_amount`` of ``base``, as of ``observed_at``.
    ``source`` is the SHA-256 of the text it was taken from. ``anchor_base`` and ``anchor_quote`` are the
    oracle's rate of ``anchored_at``: what the next one is held against. Version 2
    has ``earlier_base`` and ``earlier_quote``, the anchor before, as long as it counts too.
    """

    NOUN: ClassVar[str] = "rate"
    VERSION: ClassVar[int] = 2
    v: int = 2
    base: str
    quote: str
    oracle: str
    base_amount: str
    quote_amount: str
    observed_at: Timestamp
    published_at: Timestamp
    source: Sha256Hex
    anchor_base: str
    anchor_quote: str
    anchored_at: Timestamp
    earlier_base: str | None = None
    earlier_quote: str | None = None

    @property
    def ratio(self) -> Ratio:
        """The rate itself."""
        return Ratio(int(self.base_amount), int(self.quote_amount))

    @property
    def anchor(self) -> Ratio:
        """The rate it is held against."""
        return Ratio(int(self.anchor_base), int(self.anchor_quote))

    @property
    def earlier(self) -> Ratio | None:
        """The one before, as long as it counts too."""
        if self.earlier_base is None or self.earlier_quote is None:
            return None
        return Ratio(int(self.earlier_base), int(self.earlier_quote))

    def fresh(self, now: int, max_age: int) -> bool:
        """Whether it was observed at most so many seconds before ``now``, Unix milliseconds."""
        return now - milliseconds(self.observed_at) <= min(max_age, MAX_AGE) * 1000


def pair_key(base: str, quote: str) -> Key:
    """Where a pair's oracles stand."""
    return (RatePair.NOUN, base, quote)


def load_rates(base: str, quote: str) -> Generator[Fetch, Records, list[Rate]]:
    """The latest quotes of all approved oracles, however old, in order of oracle; ``yield from`` it.

    Raises:
        Refusal: RATE_NOT_FOUND: no oracle was approved for the pair.
    """
    found = (yield Fetch(keys=(pair_key(base, quote),))).find(RatePair, base, quote)
    oracles = [] if found is None else found.oracles
    if not oracles:
        raise Refusal(Code.RATE_NOT_FOUND, f"No oracle is approved for {base}/{quote}.", "base")
    records = yield Fetch(keys=tuple((Rate.NOUN, base, quote, oracle) for oracle in oracles))
    rates = (records.find(Rate, base, quote, oracle) for oracle in oracles)
    return [rate for rate in rates if rate is not None]


def usable(
    rates: list[Rate], context: Context, max_age: int, *, without: tuple[str, ...] = ()
) -> tuple[Ratio, list[Rate]]:
    """The median of fresh quotes, and the quotes.

    Args:
        rates: those of a pair.
        context: whose time is now.
        max_age: seconds that a quote may be old; never more than ``MAX_AGE``.
        without: MSP ids of oracles that do not count, since they are parties.

    Raises:
        Refusal: RATE_STALE: none is fresh.
    """
    counted = [rate for rate in rates if rate.oracle not in without and rate.fresh(context.now, max_age)]
    if not counted:
        raise Refusal(
            Code.RATE_STALE,
            f"No approved oracle's quote is at most {min(max_age, MAX_AGE)} seconds old.",
            "max_age",
        )
    return median([rate.ratio for rate in counted]), counted
