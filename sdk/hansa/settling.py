"""How an order is settled where that is not as a whole: parts, milestones, second arbitrator, warranty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hansa_domain.orders.agreement import settlement_of
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.milestone_plan import Milestone
from hansa_domain.orders.order import Settlement


@dataclass(frozen=True)
class Settling:
    """How an order is settled where that is not as a whole, before its arbitrator alone.

    Args:
        milestones: what it is paid by, one after the other.
        second_arbitrator: MSP id of who decides a dispute that the first one left undecided.
        warranty: seconds from settlement in which the buyer may claim.
        replaces: id of an earlier order, whose goods these take the place of.
        deliveries: terms for an order that is shipped, received and paid part by part, carriers and freight
            included.
    """

    milestones: Sequence[Milestone] | None = None
    second_arbitrator: str | None = None
    warranty: int | None = None
    replaces: str | None = None
    deliveries: DeliveryTerms | None = None

    @property
    def settlement(self) -> Settlement:
        """The order's."""
        return settlement_of(self.deliveries, self.milestones)

    def fields(self, carrier: str | None, freight: int) -> dict[str, Any]:
        """The same as fields of a PlaceOrder.

        Args:
            carrier: MSP id of who carries all of it; terms for deliveries name their own.
            freight: his freight, minor units; likewise.
        """
        parts = self.deliveries
        return {
            "carrier": carrier,
            "freight": str(freight if parts is None else parts.freight),
            "deliveries": parts,
            "settlement": self.settlement,
            "milestones": list(self.milestones) if self.milestones is not None else None,
            "second_arbitrator": self.second_arbitrator,
            "warranty": self.warranty,
            "replaces": self.replaces,
        }


AS_A_WHOLE = Settling()
"""One payment, when the buyer has the goods; no warranty."""
