"""What buyer and seller agree on about an order that is shipped, received and paid part by part."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.fields import Amount, BasisPoints, MspId, Seconds

MAX_PARTS = 20
"""Most despatches of an order."""


class Carriage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One despatch's transport: who carries it, and his freight in minor units."""

    carrier: MspId
    freight: Amount


class DeliveryTerms(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Terms of an order of settlement ``deliveries``; public, as deadlines are. Fees in basis points.

    ``carriages`` add up to the order's freight; each serves one despatch. ``weights``, one a line, say how
    the price of the goods is divided among lines: in minor units it is exact, any other numbers keep prices
    private; without it, the prices of the listings. ``answer_within`` is the buyer's time to take a
    back-order, ``invoice_within`` the seller's, from receipt, to invoice and be paid by that.
    ``cancellation_fee`` is the seller's part of what the buyer cancels before it is despatched,
    ``return_fee`` of sound goods that he sends back (None: he may not), ``damage_discount`` what the buyer
    saves on damaged goods that he keeps (None: they go back). ``tolerance`` is how far an invoice may be
    from the order's price.
    """

    answer_within: Seconds
    invoice_within: Seconds
    carriages: Annotated[list[Carriage], msgspec.Meta(max_length=MAX_PARTS)] = msgspec.field(
        default_factory=list
    )
    weights: Annotated[list[Amount], msgspec.Meta(min_length=1)] | None = None
    cancellation_fee: BasisPoints = 0
    return_fee: BasisPoints | None = None
    damage_discount: BasisPoints | None = None
    tolerance: BasisPoints = 0

    @property
    def freight(self) -> int:
        """All carriages' together, in minor units."""
        return sum(int(each.freight) for each in self.carriages)

    @property
    def carriers(self) -> list[str]:
        """MSP ids of all who carry, each once, in order of the carriages."""
        return list(dict.fromkeys(each.carrier for each in self.carriages))
