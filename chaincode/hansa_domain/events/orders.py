"""Events of an order's life."""

from __future__ import annotations

from typing import Literal

from hansa_domain.events.base import Event, LineView
from hansa_domain.pricing.figures import Pricing

SettlementCause = Literal["confirmed", "not_inspected", "completed", "milestones"]
RefundCause = Literal[
    "not_accepted", "not_shipped", "not_delivered", "returned", "not_fulfilled", "milestone_missed"
]


class OrderPlaced(Event, frozen=True, kw_only=True, tag="order.placed"):
    """A buyer ordered and ``amount`` went into escrow. Amounts in minor units, ``due`` the next deadline.

    Version 2 has ``offer``, the one that was agreed on, and lines without a listing.
    """

    v: int = 2
    order: str
    buyer: str
    seller: str
    carrier: str | None
    arbitrator: str
    currency: str
    amount: str
    freight: str
    fee: str
    proceeds: str
    lines: list[LineView]
    reference: str | None
    due: str
    at: str
    offer: str | None = None
    pricing: Pricing | None = None


class OrderAccepted(Event, frozen=True, kw_only=True, tag="order.accepted"):
    """The seller agreed to the order as placed."""

    order: str
    due: str
    at: str


class OrderShipped(Event, frozen=True, kw_only=True, tag="order.shipped"):
    """The seller handed the goods over for transport."""

    order: str
    sscc: str | None
    epcs: list[str]
    due: str
    at: str


class OrderDelivered(Event, frozen=True, kw_only=True, tag="order.delivered"):
    """The carrier (or the seller, where there is none) reported delivery; inspection begins."""

    order: str
    due: str
    at: str


class OrderSettled(Event, frozen=True, kw_only=True, tag="order.settled"):
    """Escrow was paid: ``proceeds`` to the seller, ``freight`` to the carrier, ``fee`` to the consortium.

    Where parts of it had been paid before, these are what was left.
    """

    order: str
    cause: SettlementCause
    by: str
    currency: str
    proceeds: str
    freight: str
    fee: str
    at: str


class OrderCancelled(Event, frozen=True, kw_only=True, tag="order.cancelled"):
    """A party withdrew in time; escrow went back to the buyer and the goods to stock."""

    order: str
    by: str
    at: str


class OrderRefunded(Event, frozen=True, kw_only=True, tag="order.refunded"):
    """A deadline passed and escrow went back to the buyer; or the goods went back, and all but a fee."""

    order: str
    cause: RefundCause
    by: str
    at: str
