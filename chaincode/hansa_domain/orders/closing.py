"""How an order ends: what is left in escrow goes out, once, and the goods are somebody's again."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.events import (
    Event,
    OrderCancelled,
    OrderRefunded,
    OrderReopened,
    OrderSettled,
    RefundCause,
    SettlementCause,
)
from hansa_domain.goods import custody
from hansa_domain.notes import Note
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps
from hansa_domain.orders.commands import OrderClosedReply
from hansa_domain.orders.escrow import Payout, check_escrow, escrow_key, pay_out
from hansa_domain.orders.order import Order, OrderStatus, Shipment, after
from hansa_domain.orders.receivable import Receivable, payee, receivable_key
from hansa_domain.orders.stock_taking import put_back, return_keys, stock_events, stock_writes

Holder = Literal["buyer", "seller"]
"""Whose the goods of an order are once it ended."""


def settle(order: Order, reference: str, context: Context, cause: SettlementCause) -> Steps:
    """Pays seller (or who bought what he is owed), carrier and fee out of escrow; the goods are the buyer's.

    Args:
        order: shipped or delivered.
        reference: of the command that ends it; names the new notes.
        context: the transaction's.
        cause: why it is paid.
    """
    sold = receivable_key(order.id)
    records = yield Fetch(keys=(escrow_key(order.id), (Shipment.NOUN, order.id), sold))
    check_escrow(records, order)
    owed = payee(records.find(Receivable, order.id), order.seller)
    units = yield from custody.load_units(_shipped(records, order))
    moved = custody.confirm(units, order=order.id, buyer=order.buyer, now=context.now)
    shares = order.shares
    outputs = [(owed, int(shares.proceeds)), (order.fee_account, int(shares.fee))]
    if order.carrier is not None:
        outputs.insert(1, (order.carrier, int(shares.freight)))
    event = OrderSettled(
        order=order.id,
        cause=cause,
        by=context.caller.msp_id,
        currency=order.currency,
        proceeds=shares.proceeds,
        freight=shares.freight,
        fee=shares.fee,
        at=context.at,
    )
    paid = pay_out(order, outputs, "release", reference=reference, records=records, context=context)
    gone = closed(paid.order, context, "settled", cause)
    return ended(gone, paid, goods=moved.writes, events=(event, moved.event))


def cancel(order: Order, reference: str, context: Context) -> Steps:
    """Money back to the buyer, goods back to stock, by the will of a party."""
    records, writes, moved = yield from _restock(order, context)
    event = OrderCancelled(order=order.id, by=context.caller.msp_id, at=context.at)
    paid = _refund(order, reference, records, context)
    gone = closed(paid.order, context, "cancelled", None)
    return ended(gone, paid, goods=writes, events=(event, *moved))


def refund(order: Order, reference: str, context: Context, cause: RefundCause) -> Steps:
    """Money back to the buyer since a deadline passed; goods to stock or, once shipped, to the seller."""
    writes: Mapping[Key, Record | None]
    moved: tuple[Event | None, ...]
    if order.status in ("shipped", "delivered"):
        records = yield Fetch(keys=(escrow_key(order.id), (Shipment.NOUN, order.id)))
        check_escrow(records, order)
        units = yield from custody.load_units(_shipped(records, order))
        returned = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
        writes, moved = returned.writes, (returned.event,)
    else:
        records, writes, moved = yield from _restock(order, context)
    event = OrderRefunded(order=order.id, cause=cause, by=context.caller.msp_id, at=context.at)
    paid = _refund(order, reference, records, context)
    gone = closed(paid.order, context, "refunded", cause)
    return ended(gone, paid, goods=writes, events=(event, *moved))


def take_back(order: Order, restocking_fee: int, reference: str, context: Context) -> Steps:
    """The goods go back to the seller, the money to the buyer but for the freight and an agreed fee.

    Args:
        order: shipped or delivered.
        restocking_fee: minor units that stay with the seller; with the freight no more than what is held.
        reference: of the command that ends it; names the new notes.
        context: the transaction's.
    """
    records = yield Fetch(keys=(escrow_key(order.id), (Shipment.NOUN, order.id)))
    check_escrow(records, order)
    units = yield from custody.load_units(_shipped(records, order))
    returned = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
    freight = int(order.shares.freight)
    outputs = [
        (order.refund_account, order.held - freight - restocking_fee),
        (order.seller, restocking_fee),
    ]
    if order.carrier is not None:
        outputs.append((order.carrier, freight))
    event = OrderRefunded(order=order.id, cause="returned", by=context.caller.msp_id, at=context.at)
    paid = pay_out(order, outputs, "refund", reference=reference, records=records, context=context)
    gone = closed(paid.order, context, "refunded", "returned")
    return ended(gone, paid, goods=returned.writes, events=(event, returned.event))


def ship_anew(order: Order, context: Context) -> Steps:
    """The goods are back with the seller; the order is as if it had just been accepted: others are due."""
    records = yield Fetch(keys=((Shipment.NOUN, order.id),))
    units = yield from custody.load_units(_shipped(records, order))
    returned = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
    due = after(context, order.terms.ship_within)
    again = replace(order, status="accepted", shipped_at=None, delivered_at=None, due=due)
    event = OrderReopened(order=order.id, by=context.caller.msp_id, due=due, at=context.at)
    return answer(again, [], {**returned.writes, (Order.NOUN, order.id): again}, (event, returned.event))


def _refund(order: Order, reference: str, records: Records, context: Context) -> Payout:
    outputs = [(order.refund_account, order.held)]
    return pay_out(order, outputs, "refund", reference=reference, records=records, context=context)


def _restock(
    order: Order, context: Context
) -> Generator[Fetch, Records, tuple[Records, dict[Key, Record | None], tuple[Event, ...]]]:
    records = yield Fetch(keys=(escrow_key(order.id), *return_keys(order.lines)))
    check_escrow(records, order)
    parts = put_back(records, order.lines)
    return records, stock_writes(parts), stock_events(parts, context)


def _shipped(records: Records, order: Order) -> list[str]:
    shipment = records.get(Shipment, order.id, refuse=Code.LEDGER_INCONSISTENT, where="order")
    return shipment.units


def move_goods(
    order: Order, to: Holder, context: Context
) -> Generator[Fetch, Records, tuple[Mapping[Key, Record | None], tuple[Event | None, ...]]]:
    """The goods of an open order become the buyer's, or the seller's again; writes and events.

    Before they were shipped, the seller's go back to stock, and the buyer's stay what they are: not the
    ledger's to move.
    """
    if order.status in ("placed", "accepted"):
        if to == "buyer":
            return {}, ()
        _, writes, moved = yield from _restock(order, context)
        return writes, moved
    records = yield Fetch(keys=((Shipment.NOUN, order.id),))
    units = yield from custody.load_units(_shipped(records, order))
    if to == "buyer":
        done = custody.confirm(units, order=order.id, buyer=order.buyer, now=context.now)
    else:
        done = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
    return done.writes, (done.event,)


def closed(order: Order, context: Context, status: OrderStatus, cause: str | None) -> Order:
    """The order as it ends."""
    return replace(
        order, status=status, due=None, closed_at=context.at, closed_by=context.caller.msp_id, cause=cause
    )


def ended(
    order: Order, paid: Payout, *, goods: Mapping[Key, Record | None], events: Sequence[Event | None]
) -> Decision:
    """The end of an order as writes, events and reply; escrow goes where the notes come from."""
    writes = {**goods, **paid.writes, (Order.NOUN, order.id): order}
    return answer(order, paid.notes, writes, (*events, paid.event))


def answer(
    order: Order,
    notes: Sequence[Note],
    writes: Mapping[Key, Record | None],
    events: Sequence[Event | None],
) -> Decision:
    """A decision that tells how the order stands and which notes it paid."""
    return Decision(
        reply=OrderClosedReply(order=order, notes=[note.view for note in notes]),
        writes=writes,
        events=tuple(event for event in events if event is not None),
    )


def beside(decision: Decision, writes: Mapping[Key, Record | None], *events: Event) -> Decision:
    """The same decision with more that is written, and told before all else."""
    return dataclasses.replace(
        decision, writes={**decision.writes, **writes}, events=(*events, *decision.events)
    )
