"""Rates as exact ratios of whole numbers; nothing is rounded before an amount is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key

from hansa_domain.fees.schedule import BASIS


@dataclass(frozen=True)
class Ratio:
    """So many minor units of the quote currency for so many of the base currency, both above 0."""

    base: int
    quote: int

    @property
    def inverse(self) -> Ratio:
        """The same rate seen from the other currency."""
        return Ratio(self.quote, self.base)

    def compared(self, other: Ratio) -> int:
        """Below, at or above 0, as this is the lower, the same or the higher rate."""
        return self.quote * other.base - other.quote * self.base

    def near(self, other: Ratio, basis_points: int) -> bool:
        """Whether this is at most so many basis points of ``other`` away from it."""
        return abs(self.compared(other)) * BASIS <= basis_points * other.quote * self.base

    def convert(self, amount: int, spread: int = 0) -> int:
        """What an amount of the base currency comes to, less a spread, rounded down to whole minor units.

        Args:
            amount: minor units of the base currency.
            spread: basis points of the result that whoever pays it keeps.
        """
        return amount * self.quote * (BASIS - spread) // (self.base * BASIS)


def median(ratios: Sequence[Ratio]) -> Ratio:
    """The middle one in order of height; of an even number, exactly halfway between the middle two."""
    ordered = sorted(ratios, key=cmp_to_key(Ratio.compared))
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if len(ordered) % 2 == 1:
        return low
    return Ratio(2 * low.base * high.base, low.quote * high.base + high.quote * low.base)
