"""Goods of an order leave in parts, each with its own transport, and arrive by their carriers' word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from hansa_domain.compliance.gate import check_shipment
from hansa_domain.deliveries.commands import DeliverDespatch, DespatchReply, SendDespatch, UnitsOfLine
from hansa_domain.deliveries.parts import with_part
from hansa_domain.deliveries.paying import conclude
from hansa_domain.deliveries.records import (
    Despatch,
    DespatchLine,
    Fulfilment,
    LineState,
    load_deliveries,
    load_despatch,
    require_despatch,
    terms_of,
)
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import DespatchDelivered, DespatchSent, Event, LineQuantity
from hansa_domain.goods import custody
from hansa_domain.gs1 import sscc18
from hansa_domain.operation import Context, Decision, Key, Record, Steps, operation
from hansa_domain.orders.delivery_terms import MAX_PARTS, Carriage
from hansa_domain.orders.order import Order, after, require_party, require_status
from hansa_domain.orders.steps import check_distinct
from hansa_domain.recalls.blocking import refuse_recalled


@operation("despatches:Despatch", SendDespatch, DespatchReply)
def send(command: SendDespatch, context: Context) -> Steps:
    """Some of the goods leave the seller: those identified on the ledger pass to this despatch's carrier."""
    sscc = None if command.sscc is None else sscc18(command.sscc, "sscc")
    check_distinct(command.epcs)
    order, fulfilment = yield from load_deliveries(command.order)
    require_party(context, order.seller, "despatch goods of")
    require_status(order, ("accepted", "shipped"), "despatch goods of")
    carriage = _carriage(command, order, fulfilment)
    lines, states = _taken(command.lines, fulfilment)
    named = [*command.epcs, *([custody.logistic_unit(sscc)] if sscc is not None else [])]
    units = yield from custody.load_units(named)
    sent: Counter[str] = Counter()
    for line in lines:
        sent[order.lines[line.line].gtin] += line.quantity
    yield from refuse_recalled(dict.fromkeys(sorted(sent), "lines"), units, "epcs")
    moved = custody.ship(
        units,
        command.epcs,
        order=order.id,
        seller=order.seller,
        carrier=None if carriage is None else carriage.carrier,
        ordered=sent,
        now=context.now,
        sscc=sscc,
    )
    despatch = _despatch(command, order, fulfilment, lines, carriage, moved, context)
    checked = yield from check_shipment(
        order, despatch.id, sorted(sent.items()), despatch.carrier, despatch.id, context
    )
    used = [] if command.carriage is None else [command.carriage]
    fulfilment = replace(
        with_part(fulfilment, despatch),
        lines=states,
        despatches=[*fulfilment.despatches, despatch.id],
        carriages=[*fulfilment.carriages, *used],
    )
    shipped = replace(order, status="shipped", shipped_at=order.shipped_at or context.at)
    done = yield from conclude(shipped, fulfilment, context)
    events: tuple[Event | None, ...] = (
        _sent(despatch, context),
        *done.events,
        moved.event,
        *checked.events,
    )
    writes: dict[Key, Record | None] = {
        **done.writes,
        (Despatch.NOUN, despatch.id): despatch,
        **moved.writes,
        **checked.writes,
    }
    return Decision(
        reply=DespatchReply(despatch=despatch),
        writes=writes,
        events=tuple(event for event in events if event is not None),
    )


def _despatch(
    command: SendDespatch,
    order: Order,
    fulfilment: Fulfilment,
    lines: list[DespatchLine],
    carriage: Carriage | None,
    moved: custody.Custody,
    context: Context,
) -> Despatch:
    within = command.expected_within
    return Despatch(
        id=context.reference(command),
        order=order.id,
        number=len(fulfilment.despatches) + 1,
        status="despatched",
        lines=lines,
        carriage=command.carriage,
        carrier=None if carriage is None else carriage.carrier,
        freight="0" if carriage is None else carriage.freight,
        sscc=None if command.sscc is None else sscc18(command.sscc, "sscc"),
        epcs=command.epcs,
        units=list(moved.units),
        expected_at=None if within is None else after(context, within),
        due=after(context, order.terms.deliver_within),
        despatched_at=context.at,
    )


def _carriage(command: SendDespatch, order: Order, fulfilment: Fulfilment) -> Carriage | None:
    """The transport agreed, which serves one despatch."""
    if len(fulfilment.despatches) >= MAX_PARTS:
        raise Refusal(Code.DESPATCH_STATE, f"An order has at most {MAX_PARTS} despatches.", "order")
    if command.carriage is None:
        return None
    carriages = terms_of(order).carriages
    if command.carriage >= len(carriages):
        raise Refusal(Code.CARRIAGE_INVALID, f"{len(carriages)} carriages were agreed.", "carriage")
    if command.carriage in fulfilment.carriages:
        raise Refusal(Code.CARRIAGE_INVALID, "This carriage has served another despatch.", "carriage")
    return carriages[command.carriage]


def _taken(
    named: Sequence[UnitsOfLine], fulfilment: Fulfilment
) -> tuple[list[DespatchLine], list[LineState]]:
    """The despatch's lines, and the order's without what it takes: open units first, then back-ordered."""
    states = list(fulfilment.lines)
    agreed = fulfilment.back_order is not None and fulfilment.back_order.status == "agreed"
    lines: list[DespatchLine] = []
    for place, each in enumerate(named):
        where = f"lines[{place}]"
        if each.line >= len(states) or each.line in {line.line for line in lines}:
            raise Refusal(
                Code.PART_LINES_INVALID,
                f"Name each line once, from 0; there is no line {each.line} left.",
                f"{where}.line",
            )
        state = states[each.line]
        left = state.open + (state.back if agreed else 0)
        if each.quantity > left:
            raise Refusal(
                Code.PART_LINES_INVALID, f"{left} of this line may be despatched.", f"{where}.quantity"
            )
        opened = min(each.quantity, state.open)
        lines.append(DespatchLine(line=each.line, quantity=each.quantity, first=state.taken))
        states[each.line] = replace(
            state,
            open=state.open - opened,
            back=state.back - (each.quantity - opened),
            under_way=state.under_way + each.quantity,
        )
    return lines, states


def _sent(despatch: Despatch, context: Context) -> DespatchSent:
    assert despatch.due is not None  # one under way always has a deadline
    return DespatchSent(
        despatch=despatch.id,
        order=despatch.order,
        number=despatch.number,
        lines=[LineQuantity(line=line.line, quantity=line.quantity) for line in despatch.lines],
        carrier=despatch.carrier,
        freight=despatch.freight,
        sscc=despatch.sscc,
        epcs=despatch.epcs,
        expected_at=despatch.expected_at,
        due=despatch.due,
        at=context.at,
    )


@operation("despatches:Deliver", DeliverDespatch, DespatchReply)
def deliver(command: DeliverDespatch, context: Context) -> Steps:
    """The carrier's word that this part arrived; the buyer's inspection of it begins."""
    order, fulfilment, despatch = yield from load_despatch(command.despatch)
    require_party(context, despatch.carrier or order.seller, "report delivery of this part of")
    require_despatch(despatch, ("despatched",), "deliver")
    due = after(context, order.terms.inspect_within)
    delivered = replace(despatch, status="delivered", delivered_at=context.at, due=due)
    done = yield from conclude(order, with_part(fulfilment, delivered), context)
    event = DespatchDelivered(despatch=delivered.id, order=order.id, due=due, at=context.at)
    return Decision(
        reply=DespatchReply(despatch=delivered),
        writes={**done.writes, (Despatch.NOUN, delivered.id): delivered},
        events=(event, *done.events),
    )
