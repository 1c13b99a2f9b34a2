"""Events of approvals inside a member's company."""

from __future__ import annotations

from hansa_domain.events.base import Event


class ApprovalRulesSet(Event, frozen=True, kw_only=True, tag="approval.rules_set"):
    """A member set so many rules of who may order how much alone; none: nobody needs an approval."""

    member: str
    rules: int
    by: str
    at: str


class ApprovalGiven(Event, frozen=True, kw_only=True, tag="approval.given"):
    """Somebody of a member lets a colleague place this order, up to this amount in minor units."""

    order: str
    member: str
    approver: str
    seller: str
    currency: str
    amount: str
    at: str
