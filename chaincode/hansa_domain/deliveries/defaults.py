"""What the terms say of a part whose deadline passed, whoever's silence it was."""

from __future__ import annotations

from hansa_domain.deliveries.agreeing import give_up_back_order
from hansa_domain.deliveries.commands import DespatchPaidReply
from hansa_domain.deliveries.dropping import all_back, all_open, drop
from hansa_domain.deliveries.paying import closed_reply
from hansa_domain.deliveries.receiving import deemed_accepted
from hansa_domain.deliveries.records import Despatch, Fulfilment, Receipt, load_deliveries
from hansa_domain.deliveries.settling import settle_part, undo_part
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.operation import Context, Decision, Fetch, Steps
from hansa_domain.orders.order import Order
from hansa_domain.times import milliseconds


def part_default(order_id: str, reference: str, context: Context) -> Steps:
    """Carries out one default: that of the part whose deadline is the earliest. Others take another call.

    Args:
        order_id: of an open order of settlement ``deliveries``.
        reference: of the command; names the new notes.
        context: the transaction's.

    Raises:
        Refusal: ORDER_NOT_DUE.
    """
    order, fulfilment = yield from load_deliveries(order_id)
    due = order.due if order.status == "placed" else fulfilment.due
    if due is None or context.now < milliseconds(due):
        raise Refusal(Code.ORDER_NOT_DUE, f"The next part of the order is due at {due}.", "order")
    decision = yield from _default(order, fulfilment, due, reference, context)
    return closed_reply(decision, order.id)


def _default(order: Order, fulfilment: Fulfilment, due: str, reference: str, context: Context) -> Steps:
    if order.status == "placed":
        whole = all_open(fulfilment)
        return (yield from drop(order, fulfilment, context, reference, "not_accepted", open_units=whole))
    part = next((each.despatch for each in fulfilment.waiting if each.due == due), None)
    if part is not None:
        return (yield from _despatch_default(part, order, fulfilment, reference, context))
    back_order = fulfilment.back_order
    if back_order is not None and fulfilment.back and back_order.due == due:
        if back_order.status == "proposed":
            return (yield from give_up_back_order(order, fulfilment, context, reference))
        back = all_back(fulfilment)
        return (yield from drop(order, fulfilment, context, reference, "not_despatched", back_units=back))
    rest = all_open(fulfilment)
    return (yield from drop(order, fulfilment, context, reference, "not_despatched", open_units=rest))


def _despatch_default(
    despatch_id: str, order: Order, fulfilment: Fulfilment, reference: str, context: Context
) -> Steps:
    records = yield Fetch(keys=((Despatch.NOUN, despatch_id), (Receipt.NOUN, despatch_id)))
    despatch = records.get(Despatch, despatch_id, refuse=Code.LEDGER_INCONSISTENT)
    if despatch.status == "delivered":
        return (yield from deemed_accepted(order, fulfilment, despatch, context))
    if despatch.status == "despatched":
        settled = yield from undo_part(order, fulfilment, despatch, reference, context)
    else:
        receipt = records.get(Receipt, despatch_id, refuse=Code.LEDGER_INCONSISTENT)
        settled = yield from settle_part(order, fulfilment, despatch, receipt, None, reference, context)
    notes = [note.view for note in settled.done.notes]
    reply = DespatchPaidReply(order=settled.done.order, despatch=settled.despatch, notes=notes)
    return Decision(reply=reply, writes=settled.writes, events=settled.events)
