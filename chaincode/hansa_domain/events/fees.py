"""Events of what the consortium's services cost."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event


class FeeRuleView(msgspec.Struct, frozen=True, kw_only=True):
    """One fee: basis points, and the least and most by currency, minor units."""

    basis_points: int
    minimum: dict[str, str]
    maximum: dict[str, str]


class FeeSchedulePublished(Event, frozen=True, kw_only=True, tag="fees.published"):
    """A member published a schedule; members approve it next."""

    schedule: str
    order: FeeRuleView
    arbitration: FeeRuleView
    exchange: FeeRuleView
    account: str
    document: str | None
    effective_from: str
    by: str
    at: str


class FeeScheduleApproved(Event, frozen=True, kw_only=True, tag="fees.approved"):
    """A member's administrator agreed to a schedule."""

    schedule: str
    member: str
    at: str


class FeeScheduleInForce(Event, frozen=True, kw_only=True, tag="fees.in_force"):
    """More than half of the members agreed: the schedule holds from ``begins`` on."""

    schedule: str
    version: int
    begins: str
    at: str
