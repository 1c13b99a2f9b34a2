"""Who may end an order, and when: the buyer's confirmation, a cancellation, a deadline that passed."""

from __future__ import annotations

from hansa_domain.compliance.records import ComplianceFlag, flag_key
from hansa_domain.deliveries.agreeing import cancel_placed
from hansa_domain.deliveries.defaults import part_default
from hansa_domain.disputes.records import without_dispute
from hansa_domain.disputes.silence import pass_on
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import RefundCause
from hansa_domain.operation import Context, Fetch, Steps, operation
from hansa_domain.orders import closing
from hansa_domain.orders.commands import CancelOrder, ConfirmOrder, DefaultOrder, OrderClosedReply
from hansa_domain.orders.milestone_paying import miss_milestone, pay_all
from hansa_domain.orders.order import (
    OPEN,
    Order,
    OrderStatus,
    load_order,
    require_party,
    require_settlement,
    require_status,
)
from hansa_domain.orders.receivable import Receivable, receivable_key, refuse_sold
from hansa_domain.returns import Return, complete, return_key
from hansa_domain.times import milliseconds

_REFUNDED_FOR: dict[OrderStatus, RefundCause] = {
    "placed": "not_accepted",
    "accepted": "not_shipped",
    "shipped": "not_delivered",
}


@operation("orders:Confirm", ConfirmOrder, OrderClosedReply)
def confirm(command: ConfirmOrder, context: Context) -> Steps:
    """The buyer has the goods, whether or not the carrier has said so: everybody is paid.

    Where a dispute is open, he concedes it.
    """
    order = yield from load_order(command.order)
    require_party(context, order.buyer, "confirm")
    require_settlement(order, ("whole", "milestones"), "confirm")
    require_status(order, ("shipped", "delivered"), "confirm")
    free, writes, events = yield from without_dispute(order, "conceded", context)
    reference = context.reference(command)
    if order.settlement == "milestones":
        decision = yield from pay_all(free, reference, context)
    else:
        decision = yield from closing.settle(free, reference, context, "confirmed")
    return closing.beside(decision, writes, *events)


@operation("orders:Cancel", CancelOrder, OrderClosedReply)
def cancel(command: CancelOrder, context: Context) -> Steps:
    """The buyer may change his mind until the seller agreed, the seller until he shipped.

    An order that a check holds back cannot be shipped: then the buyer may as long as the seller.
    The seller concedes an open dispute by it. Once a milestone was paid, the two agree on a split instead;
    so they do once the seller sold what the order owes him, with whoever bought it.
    """
    order = yield from load_order(command.order)
    if context.caller.msp_id == order.seller:
        require_status(order, ("placed", "accepted"), "cancel")
        if order.status == "accepted":
            sold = (yield Fetch(keys=(receivable_key(order.id),))).find(Receivable, order.id)
            refuse_sold(sold, "cancel the order")
    else:
        if context.caller.msp_id != order.buyer:
            sentence = f"Only {order.buyer} and {order.seller} may cancel this order."
            raise Refusal(Code.NOT_PERMITTED, sentence)
        held = (yield Fetch(keys=(flag_key(order.id),))).find(ComplianceFlag, order.id)
        require_status(order, ("placed",) if held is None else ("placed", "accepted"), "cancel")
    if order.settlement == "deliveries":
        require_status(order, ("placed",), "cancel")
        return (yield from cancel_placed(order, context, context.reference(command)))
    if order.released != "0":
        raise Refusal(Code.ORDER_STATE, "Part of the price is paid: agree on a split of the rest.", "order")
    free, writes, events = yield from without_dispute(order, "conceded", context)
    decision = yield from closing.cancel(free, context.reference(command), context)
    return closing.beside(decision, writes, *events)


@operation("orders:Default", DefaultOrder, OrderClosedReply)
def default(command: DefaultOrder, context: Context) -> Steps:
    """Any member carries out what the terms say of a deadline that passed; whoever's silence it was.

    While a dispute is open, the deadline is the arbitrator's.
    """
    records = yield Fetch(keys=((Order.NOUN, command.order), return_key(command.order)))
    order = records.get(Order, command.order, refuse=Code.ORDER_NOT_FOUND, where="order")
    require_status(order, OPEN, "default")
    if order.settlement == "deliveries" and order.dispute is None:
        return (yield from part_default(order.id, context.reference(command), context))
    if order.due is None or context.now < milliseconds(order.due):
        raise Refusal(Code.ORDER_NOT_DUE, f"The order is {order.status} and due at {order.due}.", "order")
    if order.dispute is not None:
        return (yield from pass_on(order, context))
    reference = context.reference(command)
    agreed = records.find(Return, order.id)
    if agreed is not None and agreed.status == "accepted":
        return (yield from complete(order, agreed, reference, context))
    if order.settlement == "milestones" and order.status != "placed":
        return (yield from miss_milestone(order, reference, context))
    if order.status == "delivered":
        return (yield from closing.settle(order, reference, context, "not_inspected"))
    return (yield from closing.refund(order, reference, context, _REFUNDED_FOR[order.status]))
