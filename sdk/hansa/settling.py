"""How an order is settled where that is not as a whole: milestones, a second arbitrator, a warranty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hansa_domain.orders.milestone_plan import Milestone


@dataclass(frozen=True)
class Settling:
    """How an order is settled where that is not as a whole, before its arbitrator alone.

    Args:
        milestones: what it is paid by, one after the other.
        second_arbitrator: MSP id of who decides a dispute that the first one left undecided.
        warranty: seconds from settlement in which the buyer may claim.
        replaces: id of an earlier order, whose goods these take the place of.
    """

    milestones: Sequence[Milestone] | None = None
    second_arbitrator: str | None = None
    warranty: int | None = None
    replaces: str | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The same as fields of a PlaceOrder."""
        by_milestones = self.milestones is not None
        return {
            "settlement": "milestones" if by_milestones else "whole",
            "milestones": list(self.milestones) if self.milestones is not None else None,
            "second_arbitrator": self.second_arbitrator,
            "warranty": self.warranty,
            "replaces": self.replaces,
        }


AS_A_WHOLE = Settling()
"""One payment, when the buyer has the goods; no warranty."""
