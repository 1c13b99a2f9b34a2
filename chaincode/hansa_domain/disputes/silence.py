"""An arbitrator who falls silent: the second one decides, or the order goes on as it would have."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.disputes.records import dispute_key, ended, open_dispute, open_dispute_keys
from hansa_domain.disputes.resuming import resumed
from hansa_domain.events import DisputePassedOn
from hansa_domain.operation import Context, Fetch, Key, Record, Steps
from hansa_domain.orders import closing
from hansa_domain.orders.order import Order, after


def pass_on(order: Order, context: Context) -> Steps:
    """What comes of a dispute whose time is over; the order's next deadline may have come at once."""
    dispute = open_dispute((yield Fetch(keys=open_dispute_keys(order))), order)
    second = order.second_arbitrator
    if second is not None and dispute.arbitrator != second:
        due = after(context, order.terms.decide_within)
        passed = replace(dispute, arbitrator=second, due=due, passed_on_at=context.at)
        waiting = replace(order, due=due)
        writes: dict[Key, Record | None] = {
            dispute_key(order.id, dispute.opener): passed,
            (Order.NOUN, order.id): waiting,
        }
        event = DisputePassedOn(
            order=order.id,
            opener=dispute.opener,
            silent=dispute.arbitrator,
            arbitrator=second,
            by=context.caller.msp_id,
            due=due,
            at=context.at,
        )
        return closing.answer(waiting, [], writes, (event,))
    going_on = yield from resumed(order, dispute, context)
    lapsed, told = ended(dispute, "lapsed", context, due=going_on.order.due)
    written = {dispute_key(order.id, dispute.opener): lapsed, **going_on.writes}
    return closing.answer(going_on.order, [], written, (told, *going_on.events))
