"""The order goes on after a dispute that decided nothing: with the time that it had when it stood still."""

from __future__ import annotations

from collections.abc import Generator

from msgspec.structs import replace

from hansa_domain.deliveries.suspending import Resumed, resume_parts
from hansa_domain.disputes.records import Dispute
from hansa_domain.operation import Context, Fetch, Records
from hansa_domain.orders.order import Order
from hansa_domain.times import milliseconds, rfc3339


def resumed(order: Order, dispute: Dispute, context: Context) -> Generator[Fetch, Records, Resumed]:
    """The order without the dispute, its deadline and those of its parts moved; ``yield from`` it."""
    free = replace(order, dispute=None)
    if order.settlement == "deliveries":
        return (yield from resume_parts(free, context.now - milliseconds(dispute.opened_at), context))
    going_on = replace(free, due=rfc3339(context.now + dispute.remaining))
    return Resumed(going_on, {(Order.NOUN, order.id): going_on}, ())
