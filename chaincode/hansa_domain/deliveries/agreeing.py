"""What the seller agrees to: all of an order, or some now and some later; and what the buyer then says."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.deliveries.commands import (
    AcceptBackOrder,
    AcceptPart,
    CancelRest,
    DeliveriesReply,
    RefuseBackOrder,
)
from hansa_domain.deliveries.dropping import all_back, all_open, drop
from hansa_domain.deliveries.paying import closed_reply, conclude
from hansa_domain.deliveries.records import (
    BackOrder,
    BackOrderStatus,
    Fulfilment,
    load_deliveries,
    terms_of,
)
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    AcceptedLine,
    BackOrderAnswered,
    Event,
    OrderAccepted,
    OrderPartAccepted,
)
from hansa_domain.operation import Context, Decision, Fetch, Steps, operation
from hansa_domain.orders.commands import OrderReply
from hansa_domain.orders.order import Order, after, require_party, require_status
from hansa_domain.orders.receivable import Receivable, receivable_key, refuse_sold


def accept_whole(order: Order, context: Context) -> Steps:
    """The seller agrees to all of it: from now on he has his time to despatch."""
    order, fulfilment = yield from load_deliveries(order.id)
    due = after(context, order.terms.ship_within)
    accepted = replace(order, status="accepted", accepted_at=context.at)
    done = yield from conclude(accepted, replace(fulfilment, open_due=due), context)
    event = OrderAccepted(order=order.id, due=due, at=context.at)
    return Decision(reply=OrderReply(order=done.order), writes=done.writes, events=(event, *done.events))


@operation("orders:AcceptPart", AcceptPart, DeliveriesReply)
def accept_part(command: AcceptPart, context: Context) -> Steps:
    """Some now, some later, the rest not: what is declined is paid back in the same transaction."""
    order, fulfilment = yield from load_deliveries(command.order)
    require_party(context, order.seller, "accept")
    require_status(order, ("placed",), "accept")
    answers = _answers(command, fulfilment)
    if not any(each.accepted or each.back_ordered for each in answers):
        raise Refusal(Code.PART_LINES_INVALID, "To decline all of an order, cancel it.", "lines")
    back_order = _promise(command, order, answers, context)
    lines = [
        replace(line, open=line.ordered - each.back_ordered, back=each.back_ordered)
        for line, each in zip(fulfilment.lines, answers, strict=True)
    ]
    due = after(context, order.terms.ship_within)
    accepted = replace(order, status="accepted", accepted_at=context.at)
    promised = None if back_order is None else back_order.promised_at
    events: tuple[Event, ...] = (
        OrderAccepted(order=order.id, due=due, at=context.at),
        OrderPartAccepted(
            order=order.id,
            lines=answers,
            promised_at=promised,
            answer_due=None if back_order is None else back_order.due,
            at=context.at,
        ),
    )
    return (
        yield from drop(
            accepted,
            replace(fulfilment, lines=lines, open_due=due, back_order=back_order),
            context,
            context.reference(command),
            "declined",
            open_units={each.line: each.declined for each in answers if each.declined},
            before=events,
        )
    )


def _answers(command: AcceptPart, fulfilment: Fulfilment) -> list[AcceptedLine]:
    """The seller's answer about every line of the order."""
    given: dict[int, AcceptedLine] = {}
    for place, answer in enumerate(command.lines):
        where = f"lines[{place}]"
        if answer.line >= len(fulfilment.lines) or answer.line in given:
            raise Refusal(
                Code.PART_LINES_INVALID,
                f"Name each line once, from 0; there is no line {answer.line} left.",
                f"{where}.line",
            )
        ordered = fulfilment.lines[answer.line].ordered
        declined = ordered - answer.accepted - answer.back_ordered
        if declined < 0:
            raise Refusal(Code.PART_LINES_INVALID, f"{ordered} are ordered, not more.", f"{where}.accepted")
        given[answer.line] = AcceptedLine(
            line=answer.line,
            accepted=answer.accepted,
            back_ordered=answer.back_ordered,
            declined=declined,
        )
    return [
        given.get(place, AcceptedLine(line=place, accepted=0, back_ordered=0, declined=line.ordered))
        for place, line in enumerate(fulfilment.lines)
    ]


def _promise(
    command: AcceptPart, order: Order, answers: list[AcceptedLine], context: Context
) -> BackOrder | None:
    wanted = any(each.back_ordered for each in answers)
    if wanted != (command.promise_within is not None):
        raise Refusal(Code.FIELD_INVALID, "A back-order and its promised time go together.", "promise_within")
    if command.promise_within is None:
        return None
    answer_within = terms_of(order).answer_within
    if command.promise_within <= answer_within:
        raise Refusal(
            Code.FIELD_INVALID,
            f"The buyer has {answer_within} seconds to answer: promise a later time.",
            "promise_within",
        )
    return BackOrder(
        status="proposed",
        promised_at=after(context, command.promise_within),
        due=after(context, answer_within),
    )


@operation("orders:AcceptBackOrder", AcceptBackOrder, DeliveriesReply)
def accept_back_order(command: AcceptBackOrder, context: Context) -> Steps:
    """The buyer waits: the promised time is the new deadline for these units."""
    order, fulfilment = yield from load_deliveries(command.order)
    require_party(context, order.buyer, "answer a back-order of")
    proposed = _back_order(fulfilment, "proposed")
    agreed = replace(proposed, status="agreed", due=proposed.promised_at)
    done = yield from conclude(order, replace(fulfilment, back_order=agreed), context)
    event = BackOrderAnswered(order=order.id, accepted=True, by=order.buyer, at=context.at)
    return Decision(
        reply=DeliveriesReply(order=done.order, fulfilment=done.fulfilment, notes=[]),
        writes=done.writes,
        events=(event, *done.events),
    )


@operation("orders:RefuseBackOrder", RefuseBackOrder, DeliveriesReply)
def refuse_back_order(command: RefuseBackOrder, context: Context) -> Steps:
    """The buyer does not wait: he gets the money for these units back."""
    order, fulfilment = yield from load_deliveries(command.order)
    require_party(context, order.buyer, "answer a back-order of")
    _back_order(fulfilment, "proposed")
    return (yield from give_up_back_order(order, fulfilment, context, context.reference(command)))


def give_up_back_order(order: Order, fulfilment: Fulfilment, context: Context, reference: str) -> Steps:
    """The buyer did not want to wait, or did not say so in time."""
    event = BackOrderAnswered(order=order.id, accepted=False, by=context.caller.msp_id, at=context.at)
    return (
        yield from drop(
            order,
            fulfilment,
            context,
            reference,
            "back_order_refused",
            back_units=all_back(fulfilment),
            before=(event,),
        )
    )


def _back_order(fulfilment: Fulfilment, status: BackOrderStatus) -> BackOrder:
    found = fulfilment.back_order if fulfilment.back else None
    if found is None or found.status != status:
        raise Refusal(Code.BACK_ORDER_STATE, f"No back-order of this order is {status}.", "order")
    return found


def cancel_placed(order: Order, context: Context, reference: str) -> Steps:
    """Nobody has agreed to anything yet: all of it goes back."""
    order, fulfilment = yield from load_deliveries(order.id)
    whole = all_open(fulfilment)
    decision = yield from drop(order, fulfilment, context, reference, "cancelled", open_units=whole)
    return closed_reply(decision, order.id)


@operation("orders:CancelRest", CancelRest, DeliveriesReply)
def cancel_rest(command: CancelRest, context: Context) -> Steps:
    """What is not despatched is cancelled: by the buyer for the agreed fee, by the seller for none.

    Once the seller sold what the order owes him, he does not cancel without whoever bought it.
    """
    order, fulfilment = yield from load_deliveries(command.order)
    if context.caller.msp_id != order.seller:
        require_party(context, order.buyer, "cancel the rest of")
    require_status(order, ("accepted", "shipped"), "cancel the rest of")
    opened, back = all_open(fulfilment), all_back(fulfilment)
    if command.lines is not None:
        opened, back = _chosen(command, fulfilment)
    if not opened and not back:
        raise Refusal(Code.ORDER_STATE, "Nothing of this order is left to cancel.", "order")
    by_buyer = context.caller.msp_id == order.buyer
    if not by_buyer:
        sold = (yield Fetch(keys=(receivable_key(order.id),))).find(Receivable, order.id)
        refuse_sold(sold, "cancel the rest of the order")
    return (
        yield from drop(
            order,
            fulfilment,
            context,
            context.reference(command),
            "cancelled",
            open_units=opened,
            back_units=back,
            fee=terms_of(order).cancellation_fee if by_buyer else 0,
        )
    )


def _chosen(command: CancelRest, fulfilment: Fulfilment) -> tuple[dict[int, int], dict[int, int]]:
    """What was named, back-ordered units first: they cost nothing."""
    opened: dict[int, int] = {}
    back: dict[int, int] = {}
    for place, named in enumerate(command.lines or []):
        where = f"lines[{place}]"
        if named.line >= len(fulfilment.lines) or named.line in {*opened, *back}:
            raise Refusal(
                Code.PART_LINES_INVALID,
                f"Name each line once, from 0; there is no line {named.line} left.",
                f"{where}.line",
            )
        line = fulfilment.lines[named.line]
        if named.quantity > line.open + line.back:
            raise Refusal(
                Code.PART_LINES_INVALID,
                f"{line.open + line.back} of this line are not despatched.",
                f"{where}.quantity",
            )
        first = min(named.quantity, line.back)
        back[named.line], opened[named.line] = first, named.quantity - first
    return opened, back
