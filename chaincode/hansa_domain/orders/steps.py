"""The steps of an order under way: accepted, shipped, delivered. Late ones count until a default commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from hansa_domain.compliance.gate import check_shipment
from hansa_domain.deliveries.agreeing import accept_whole
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import Event, OrderAccepted, OrderDelivered, OrderShipped
from hansa_domain.goods import custody
from hansa_domain.gs1 import normal_form, sscc18
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.orders.commands import AcceptOrder, DeliverOrder, OrderReply, ShipOrder
from hansa_domain.orders.milestone_paying import (
    load_plan,
    pay_milestone,
    present_milestone,
    reported_by_step,
)
from hansa_domain.orders.order import (
    Order,
    Shipment,
    after,
    load_order,
    require_party,
    require_settlement,
    require_status,
    require_undisputed,
)
from hansa_domain.recalls.blocking import refuse_recalled
from hansa_domain.returns import Return, return_key


@operation("orders:Accept", AcceptOrder, OrderReply)
def accept(command: AcceptOrder, context: Context) -> Steps:
    """The seller agrees, also to the total of an order by agreement."""
    order = yield from load_order(command.order)
    require_party(context, order.seller, "accept")
    require_status(order, ("placed",), "accept")
    if order.settlement == "deliveries":
        return (yield from accept_whole(order, context))
    within = order.terms.ship_within
    if order.settlement == "milestones":
        within = present_milestone((yield from load_plan(order))).within
    due = after(context, within)
    accepted = replace(order, status="accepted", accepted_at=context.at, due=due)
    return Decision(
        reply=OrderReply(order=accepted),
        writes={(Order.NOUN, order.id): accepted},
        events=(OrderAccepted(order=order.id, due=due, at=context.at),),
    )


@operation("orders:Ship", ShipOrder, OrderReply)
def ship(command: ShipOrder, context: Context) -> Steps:
    """The goods leave the seller: those identified on the ledger pass to the carrier."""
    sscc = None if command.sscc is None else sscc18(command.sscc, "sscc")
    check_distinct(command.epcs)
    order = yield from load_order(command.order)
    require_party(context, order.seller, "ship")
    require_settlement(order, ("whole", "milestones"), "ship")
    require_status(order, ("accepted",), "ship")
    require_undisputed(order, "ship")
    named = [*command.epcs, *([custody.logistic_unit(sscc)] if sscc is not None else [])]
    units = yield from custody.load_units(named)
    yield from refuse_recalled({line.gtin: "order" for line in order.lines}, units, "epcs")
    ordered: Counter[str] = Counter()
    for line in order.lines:
        ordered[line.gtin] += line.quantity
    moved = custody.ship(
        units,
        command.epcs,
        order=order.id,
        seller=order.seller,
        carrier=order.carrier,
        ordered=ordered,
        now=context.now,
        sscc=sscc,
    )
    checked = yield from check_shipment(
        order, order.id, sorted(ordered.items()), order.carrier, context.reference(command), context
    )
    shipped = replace(order, status="shipped", shipped_at=context.at)
    reached = yield from _progress(shipped, "shipped", order.terms.deliver_within, command, context)
    assert reached.order.due is not None  # nothing is settled by shipping
    shipment = Shipment(order=order.id, sscc=sscc, epcs=command.epcs, units=list(moved.units))
    event = OrderShipped(order=order.id, sscc=sscc, epcs=command.epcs, due=reached.order.due, at=context.at)
    events: tuple[Event, ...] = (event,) if moved.event is None else (event, moved.event)
    return Decision(
        reply=OrderReply(order=reached.order),
        writes={
            **reached.writes,
            (Shipment.NOUN, order.id): shipment,
            **moved.writes,
            **checked.writes,
        },
        events=(*events, *reached.events, *checked.events),
    )


@dataclass(frozen=True)
class _Progress:
    """The order after a step, what is written for it, and what a milestone that it reached told."""

    order: Order
    writes: Mapping[Key, Record | None]
    events: tuple[Event, ...] = ()


def _progress(
    order: Order,
    event: Literal["shipped", "delivered"],
    within: int,
    command: ShipOrder | DeliverOrder,
    context: Context,
) -> Generator[Fetch, Records, _Progress]:
    """The next deadline: of the terms, or of the milestones, one of which this step may reach and pay."""
    if order.settlement != "milestones":
        changed = replace(order, due=after(context, within))
        return _Progress(changed, {(Order.NOUN, order.id): changed})
    plan = yield from load_plan(order)
    if not reported_by_step(plan, event):
        return _Progress(order, {(Order.NOUN, order.id): order})
    reached = yield from pay_milestone(order, plan, context.reference(command), context, "reported")
    return _Progress(reached.order, reached.writes, reached.events)


def check_distinct(epcs: Sequence[str], where: str = "epcs") -> None:
    """Refuses EPC_REPEATED where one is named twice, in whatever spelling."""
    seen: set[str] = set()
    for place, epc in enumerate(epcs):
        normal = normal_form(epc)
        if normal in seen:
            raise Refusal(Code.EPC_REPEATED, f"{epc} is named twice.", f"{where}[{place}]")
        seen.add(normal)


@operation("orders:Deliver", DeliverOrder, OrderReply)
def deliver(command: DeliverOrder, context: Context) -> Steps:
    """The carrier's word that the goods arrived; the buyer's inspection begins."""
    order = yield from load_order(command.order)
    require_party(context, order.carrier or order.seller, "report delivery of")
    require_settlement(order, ("whole", "milestones"), "deliver")
    require_status(order, ("shipped",), "deliver")
    require_undisputed(order, "deliver")
    delivered = replace(order, status="delivered", delivered_at=context.at)
    agreed = (yield Fetch(keys=(return_key(order.id),))).find(Return, order.id)
    if agreed is not None and agreed.status == "accepted":
        # The goods are to go back: the deadline stays the seller's for that, whatever the carrier says.
        assert order.due is not None  # an open order always has a deadline
        writes: dict[Key, Record | None] = {(Order.NOUN, order.id): delivered}
        told = OrderDelivered(order=order.id, due=order.due, at=context.at)
        return Decision(reply=OrderReply(order=delivered), writes=writes, events=(told,))
    reached = yield from _progress(delivered, "delivered", order.terms.inspect_within, command, context)
    told = OrderDelivered(order=order.id, due=reached.order.due or context.at, at=context.at)
    return Decision(
        reply=OrderReply(order=reached.order), writes=reached.writes, events=(told, *reached.events)
    )
