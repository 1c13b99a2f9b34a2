"""What a milestone does when it is reached: its share leaves escrow, and the next one's time begins."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, MilestoneCause, MilestonePaid, OrderSettled
from hansa_domain.notes import Note
from hansa_domain.operation import Context, Fetch, Key, Record, Records, Steps
from hansa_domain.orders import closing
from hansa_domain.orders.escrow import escrow_key, pay_out
from hansa_domain.orders.milestone_plan import (
    MilestonePlan,
    PlannedMilestone,
    milestone_shares,
    plan_key,
)
from hansa_domain.orders.order import Order, Shares, after
from hansa_domain.orders.receivable import Receivable, payee, receivable_key


@dataclass(frozen=True)
class Reached:
    """What reaching a milestone does; ``writes`` have the order, the plan, escrow, notes and goods."""

    order: Order
    plan: MilestonePlan
    notes: list[Note]
    writes: dict[Key, Record | None]
    events: tuple[Event, ...]


def load_plan(order: Order) -> Generator[Fetch, Records, MilestonePlan]:
    """The milestones of an order of that settlement; ``yield from`` it."""
    records = yield Fetch(keys=(plan_key(order.id),))
    return records.get(MilestonePlan, order.id, refuse=Code.LEDGER_INCONSISTENT, where="order")


def present_milestone(plan: MilestonePlan) -> PlannedMilestone:
    """The milestone of an open order that is due next."""
    present = plan.present
    if present is None:
        raise Refusal(Code.LEDGER_INCONSISTENT, "All milestones are paid and the order is open.", "order")
    return present


def reported_by_step(plan: MilestonePlan, event: str) -> bool:
    """Whether shipping or delivery, reported now, reaches the present milestone.

    Raises:
        Refusal: MILESTONE_STATE, where another milestone comes before the one that it would reach.
    """
    pending = [milestone.event for milestone in plan.milestones[plan.place :]]
    if event not in pending:
        return False
    if pending[0] != event:
        first = present_milestone(plan)
        raise Refusal(
            Code.MILESTONE_STATE, f"The milestone {first.name!r} ({first.event}) comes first.", "order"
        )
    return True


def pay_milestone(
    order: Order,
    plan: MilestonePlan,
    reference: str,
    context: Context,
    cause: MilestoneCause,
    document: str | None = None,
) -> Generator[Fetch, Records, Reached]:
    """Pays the present milestone; with the last one the order is settled.

    The goods are the buyer's once nothing but the warranty is left.

    Args:
        order: accepted, shipped or delivered, with whatever else this transaction changes in it.
        plan: its milestones.
        reference: of the command; names the new notes.
        context: the transaction's.
        cause: why it is paid.
        document: the SHA-256 of the report, if there is one.
    """
    records = yield Fetch(keys=(escrow_key(order.id), receivable_key(order.id)))
    present, place = present_milestone(plan), plan.place
    now, later = milestone_shares(order, plan)
    owed = payee(records.find(Receivable, order.id), order.seller)
    outputs = [(owed, int(now.proceeds)), (order.fee_account, int(now.fee))]
    if order.carrier is not None:
        outputs.insert(1, (order.carrier, int(now.freight)))
    paid = pay_out(
        order, outputs, "release", reference=reference, records=records, context=context, left=later
    )
    done = replace(
        present, status="paid", paid_at=context.at, reported_by=context.caller.msp_id, document=document
    )
    reached = _with_paid(plan, done)
    following = reached.present
    goods: Mapping[Key, Record | None] = {}
    moved: tuple[Event | None, ...] = ()
    if following is None or following.event == "warranty":
        # Again at the end: goods may have been shipped after the work was paid.
        goods, moved = yield from closing.move_goods(order, "buyer", context)
    if following is None:
        changed = closing.closed(paid.order, context, "settled", "milestones")
    else:
        changed = replace(paid.order, due=after(context, following.within))
    told: list[Event] = [_milestone_paid(order, present, place, now, cause, document, changed.due, context)]
    if following is None:
        told.append(_settled(order, now, context))
    return Reached(
        changed,
        reached,
        paid.notes,
        {**goods, **paid.writes, (Order.NOUN, order.id): changed, plan_key(order.id): reached},
        tuple(event for event in (*told, *moved, paid.event) if event is not None),
    )


def _settled(order: Order, shares: Shares, context: Context) -> OrderSettled:
    return OrderSettled(
        order=order.id,
        cause="milestones",
        by=context.caller.msp_id,
        currency=order.currency,
        proceeds=shares.proceeds,
        freight=shares.freight,
        fee=shares.fee,
        at=context.at,
    )


def miss_milestone(order: Order, reference: str, context: Context) -> Steps:
    """The present milestone's time is over: what was agreed for that comes about.

    Silence pays nobody for goods that never left: until they are shipped, the buyer gets the money back.
    """
    plan = yield from load_plan(order)
    present = present_milestone(plan)
    never_left = order.status == "accepted" and present.event != "warranty"
    if present.otherwise == "refund" or never_left:
        return (yield from closing.refund(order, reference, context, "milestone_missed"))
    reached = yield from pay_milestone(order, plan, reference, context, "silence")
    return closing.answer(reached.order, reached.notes, reached.writes, reached.events)


def pay_all(order: Order, reference: str, context: Context) -> Steps:
    """The buyer confirms: every milestone left is paid at once."""
    plan = yield from load_plan(order)
    decision = yield from closing.settle(order, reference, context, "confirmed")
    by, told, rest = context.caller.msp_id, list[Event](), order
    while (present := plan.present) is not None:
        place = plan.place
        now, later = milestone_shares(rest, plan)
        paid = replace(present, status="paid", paid_at=context.at, reported_by=by)
        told.append(_milestone_paid(order, present, place, now, "conceded", None, None, context))
        plan = _with_paid(plan, paid)
        rest = replace(rest, released=str(int(rest.released) + now.total), left=later)
    return closing.beside(decision, {plan_key(order.id): plan}, *told)


def _with_paid(plan: MilestonePlan, paid: PlannedMilestone) -> MilestonePlan:
    place = plan.place
    return replace(
        plan, milestones=[paid if at == place else each for at, each in enumerate(plan.milestones)]
    )


def _milestone_paid(
    order: Order,
    milestone: PlannedMilestone,
    place: int,
    shares: Shares,
    cause: MilestoneCause,
    document: str | None,
    due: str | None,
    context: Context,
) -> MilestonePaid:
    return MilestonePaid(
        order=order.id,
        place=place,
        name=milestone.name,
        cause=cause,
        by=context.caller.msp_id,
        document=document,
        currency=order.currency,
        proceeds=shares.proceeds,
        freight=shares.freight,
        fee=shares.fee,
        due=due,
        at=context.at,
    )
