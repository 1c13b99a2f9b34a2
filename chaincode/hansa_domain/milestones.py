"""Milestones as buyer and inspectors report them; shipping and delivery are the order's own steps."""

from __future__ import annotations

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import MilestoneCause, NoteView
from hansa_domain.fields import EntityId, Name, Sha256Hex
from hansa_domain.operation import Command, Context, Decision, Fetch, Query, Steps, operation
from hansa_domain.orders.milestone_paying import load_plan, pay_milestone, present_milestone
from hansa_domain.orders.milestone_plan import MilestonePlan, PlannedMilestone, plan_key
from hansa_domain.orders.order import Order, load_order, require_status, require_undisputed


class ReportMilestone(Command["MilestoneReply"], frozen=True, kw_only=True):
    """``milestones:Report``: the present milestone is reached, and its share leaves escrow.

    By the inspector of an attested one, with the SHA-256 of the report; by the buyer of any, who may also let
    one go that others would report. ``milestone`` is its name, so that nobody reports the wrong one.
    """

    order: EntityId
    milestone: Name
    document: Sha256Hex | None = None


class GetMilestones(Query["MilestonesReply"], frozen=True, kw_only=True):
    """``milestones:Get``: the milestones of an order."""

    order: EntityId


class MilestoneReply(msgspec.Struct, frozen=True, kw_only=True):
    """Order and milestones as they stand, and the notes that were paid."""

    order: Order
    plan: MilestonePlan
    notes: list[NoteView]


class MilestonesReply(msgspec.Struct, frozen=True, kw_only=True):
    """The milestones of an order."""

    plan: MilestonePlan


@operation("milestones:Report", ReportMilestone, MilestoneReply)
def report(command: ReportMilestone, context: Context) -> Steps:
    """Pays the share of the present milestone."""
    order = yield from load_order(command.order)
    if order.settlement != "milestones":
        raise Refusal(Code.ORDER_SETTLEMENT, f"The order is settled by {order.settlement}.", "order")
    require_status(order, ("accepted", "shipped", "delivered"), "report a milestone of")
    require_undisputed(order, "report a milestone of")
    plan = yield from load_plan(order)
    present = present_milestone(plan)
    if command.milestone != present.name:
        raise Refusal(Code.MILESTONE_STATE, f"The present milestone is {present.name!r}.", "milestone")
    cause = _cause(command, order, present, context)
    reached = yield from pay_milestone(
        order, plan, context.reference(command), context, cause, command.document
    )
    return Decision(
        reply=MilestoneReply(
            order=reached.order, plan=reached.plan, notes=[note.view for note in reached.notes]
        ),
        writes=reached.writes,
        events=reached.events,
    )


def _cause(
    command: ReportMilestone, order: Order, present: PlannedMilestone, context: Context
) -> MilestoneCause:
    """Whether the caller reports it by right, or lets it go as the buyer."""
    caller = context.caller.msp_id
    if present.event == "attested" and caller == present.inspector:
        if command.document is None:
            raise Refusal(Code.MILESTONE_STATE, "An attestation names the report by its hash.", "document")
        return "reported"
    if caller != order.buyer:
        who = present.inspector or {"shipped": order.seller, "delivered": order.carrier or order.seller}.get(
            present.event, order.buyer
        )
        raise Refusal(
            Code.NOT_PERMITTED, f"The milestone {present.name!r} ({present.event}) is {who}'s to report."
        )
    return "reported" if present.event in ("inspected", "accepted") else "conceded"


@operation("milestones:Get", GetMilestones, MilestonesReply)
def get(command: GetMilestones, context: Context) -> Steps:
    """The milestones of an order, paid and pending."""
    records = yield Fetch(keys=((Order.NOUN, command.order), plan_key(command.order)))
    records.get(Order, command.order, refuse=Code.ORDER_NOT_FOUND, where="order")
    plan = records.get(MilestonePlan, command.order, refuse=Code.ORDER_SETTLEMENT, where="order")
    return Decision(reply=MilestonesReply(plan=plan))
