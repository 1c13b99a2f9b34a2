"""Events of milestones, of splits by consent, and of whatever else leaves an order's escrow in part."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.events.base import Event

MilestoneCause = Literal["reported", "conceded", "silence"]
DivisionCause = Literal["agreed", "decided"]


class MilestoneView(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone as agreed; ``weight`` is its share among all weights, ``within`` seconds."""

    name: str
    event: str
    within: int
    otherwise: str
    weight: str
    inspector: str | None


class MilestonesAgreed(Event, frozen=True, kw_only=True, tag="milestones.agreed"):
    """An order was placed that is paid by milestones, in this order."""

    order: str
    milestones: list[MilestoneView]
    at: str


class MilestonePaid(Event, frozen=True, kw_only=True, tag="milestone.paid"):
    """A milestone was reached and its share left escrow; ``place`` counts from 0, amounts in minor units.

    ``by`` reported it, conceded it as the buyer, or called the default; ``due`` is the next one's deadline.
    """

    order: str
    place: int
    name: str
    cause: MilestoneCause
    by: str
    document: str | None
    currency: str
    proceeds: str
    freight: str
    fee: str
    due: str | None
    at: str


class SettlementProposed(Event, frozen=True, kw_only=True, tag="settlement.proposed"):
    """A party would split escrow like this, in minor units; ``needs`` are those who must agree."""

    order: str
    number: int
    by: str
    currency: str
    to_buyer: str
    to_seller: str
    to_carrier: str
    goods: str | None
    needs: list[str]
    statement: str | None
    expires_at: str
    at: str


class SettlementAccepted(Event, frozen=True, kw_only=True, tag="settlement.accepted"):
    """One of those who must agree did; with the last of them the split is carried out."""

    order: str
    number: int
    by: str
    complete: bool
    at: str


class SettlementWithdrawn(Event, frozen=True, kw_only=True, tag="settlement.withdrawn"):
    """A proposed split is off: its author took it back, or one who was to agree said no."""

    order: str
    number: int
    by: str
    at: str


class EscrowReleased(Event, frozen=True, kw_only=True, tag="escrow.released"):
    """A part of escrow went out by consent and the order goes on; minor units.

    ``buyer`` went back, ``seller`` and ``carrier`` were paid, ``fee`` went to the consortium, ``left`` stays.
    """

    order: str
    by: str
    currency: str
    buyer: str
    seller: str
    carrier: str
    fee: str
    left: str
    at: str


class OrderDivided(Event, frozen=True, kw_only=True, tag="order.divided"):
    """An order ended by a split of what was in escrow: agreed on, or decided by its arbitrator.

    ``status`` is settled where the seller got anything, else refunded. Amounts in minor units:
    ``arbitration`` went to the arbitrator. ``goods`` is whose they are now: the buyer's or the seller's.
    """

    order: str
    status: str
    cause: DivisionCause
    by: str
    currency: str
    buyer: str
    seller: str
    carrier: str
    fee: str
    arbitration: str
    goods: str
    at: str
