"""How an order ends: escrow goes out whole, once, and the goods are somebody's again."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    Event,
    MoneyReason,
    OrderCancelled,
    OrderRefunded,
    OrderSettled,
    RefundCause,
    SettlementCause,
)
from hansa_domain.goods import custody
from hansa_domain.money import money_moved
from hansa_domain.notes import Note, new_notes, note_writes
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records, Steps
from hansa_domain.orders.commands import OrderClosedReply
from hansa_domain.orders.order import Escrow, Order, OrderStatus, Shipment
from hansa_domain.orders.receivable import Receivable, payee, receivable_key
from hansa_domain.orders.stock_taking import put_back, return_keys, stock_events, stock_writes


def settle(order: Order, reference: str, context: Context, cause: SettlementCause) -> Steps:
    """Pays seller (or who bought what he is owed), carrier and fee out of escrow; the goods are the buyer's.

    Args:
        order: shipped or delivered.
        reference: of the command that ends it; names the new notes.
        context: the transaction's.
        cause: why it is paid.
    """
    sold = receivable_key(order.id)
    records = yield Fetch(keys=((Escrow.NOUN, order.id), (Shipment.NOUN, order.id), sold))
    _check_escrow(records, order)
    owed = payee(records.find(Receivable, order.id), order.seller)
    units = yield from custody.load_units(_shipped(records, order))
    moved = custody.confirm(units, order=order.id, buyer=order.buyer, now=context.now)
    outputs = [(owed, int(order.proceeds)), (order.fee_account, int(order.fee))]
    if order.carrier is not None:
        outputs.insert(1, (order.carrier, int(order.freight)))
    event = OrderSettled(
        order=order.id,
        cause=cause,
        by=context.caller.msp_id,
        currency=order.currency,
        proceeds=order.proceeds,
        freight=order.freight,
        fee=order.fee,
        at=context.at,
    )
    notes = new_notes(reference, order.currency, outputs)
    closed = _closed(order, context, "settled", cause)
    return _decision(closed, "release", notes, context, goods=moved.writes, events=(event, moved.event))


def cancel(order: Order, reference: str, context: Context) -> Steps:
    """Money back to the buyer, goods back to stock, by the will of a party."""
    writes, moved = yield from _restock(order, context)
    event = OrderCancelled(order=order.id, by=context.caller.msp_id, at=context.at)
    closed = _closed(order, context, "cancelled", None)
    notes = _refund(order, reference)
    return _decision(closed, "refund", notes, context, goods=writes, events=(event, *moved))


def refund(order: Order, reference: str, context: Context, cause: RefundCause) -> Steps:
    """Money back to the buyer since a deadline passed; goods to stock or, once shipped, to the seller."""
    writes: Mapping[Key, Record | None]
    moved: tuple[Event | None, ...]
    if order.status == "shipped":
        records = yield Fetch(keys=((Escrow.NOUN, order.id), (Shipment.NOUN, order.id)))
        _check_escrow(records, order)
        units = yield from custody.load_units(_shipped(records, order))
        returned = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
        writes, moved = returned.writes, (returned.event,)
    else:
        writes, moved = yield from _restock(order, context)
    event = OrderRefunded(order=order.id, cause=cause, by=context.caller.msp_id, at=context.at)
    closed = _closed(order, context, "refunded", cause)
    notes = _refund(order, reference)
    return _decision(closed, "refund", notes, context, goods=writes, events=(event, *moved))


def take_back(order: Order, restocking_fee: int, reference: str, context: Context) -> Steps:
    """The goods go back to the seller, the money to the buyer but for the freight and an agreed fee.

    Args:
        order: shipped or delivered.
        restocking_fee: minor units that stay with the seller; with the freight no more than the amount.
        reference: of the command that ends it; names the new notes.
        context: the transaction's.
    """
    records = yield Fetch(keys=((Escrow.NOUN, order.id), (Shipment.NOUN, order.id)))
    _check_escrow(records, order)
    units = yield from custody.load_units(_shipped(records, order))
    returned = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
    freight = int(order.freight)
    outputs = [
        (order.refund_account, int(order.amount) - freight - restocking_fee),
        (order.seller, restocking_fee),
    ]
    if order.carrier is not None:
        outputs.append((order.carrier, freight))
    notes = new_notes(reference, order.currency, outputs)
    event = OrderRefunded(order=order.id, cause="returned", by=context.caller.msp_id, at=context.at)
    closed = _closed(order, context, "refunded", "returned")
    return _decision(closed, "refund", notes, context, goods=returned.writes, events=(event, returned.event))


def _refund(order: Order, reference: str) -> list[Note]:
    return new_notes(reference, order.currency, [(order.refund_account, int(order.amount))])


def _restock(
    order: Order, context: Context
) -> Generator[Fetch, Records, tuple[dict[Key, Record | None], tuple[Event, ...]]]:
    records = yield Fetch(keys=((Escrow.NOUN, order.id), *return_keys(order.lines)))
    _check_escrow(records, order)
    parts = put_back(records, order.lines)
    return stock_writes(parts), stock_events(parts, context)


def _check_escrow(records: Records, order: Order) -> None:
    """The escrow must hold exactly what the order says, or the ledger has been tampered with."""
    escrow = records.find(Escrow, order.id)
    held = ("0", order.currency) if escrow is None else (escrow.amount, escrow.currency)
    if held != (order.amount, order.currency):
        raise Refusal(
            Code.LEDGER_INCONSISTENT, f"Escrow of {order.id} holds {held[0]}, not {order.amount}.", "order"
        )


def _shipped(records: Records, order: Order) -> list[str]:
    shipment = records.get(Shipment, order.id, refuse=Code.LEDGER_INCONSISTENT, where="order")
    return shipment.units


def _closed(order: Order, context: Context, status: OrderStatus, cause: str | None) -> Order:
    return replace(
        order, status=status, due=None, closed_at=context.at, closed_by=context.caller.msp_id, cause=cause
    )


def _decision(
    order: Order,
    reason: MoneyReason,
    notes: list[Note],
    context: Context,
    *,
    goods: Mapping[Key, Record | None],
    events: Sequence[Event | None],
) -> Decision:
    """The end of an order as writes, events and reply; escrow goes where the notes come from."""
    writes = {**goods, **note_writes([], notes), (Order.NOUN, order.id): order}
    if notes:
        writes[Escrow.NOUN, order.id] = None
        money = money_moved(reason, [], notes, context, currency=order.currency, order=order.id)
        events = (*events, money)
    return Decision(
        reply=OrderClosedReply(order=order, notes=[note.view for note in notes]),
        writes=writes,
        events=tuple(event for event in events if event is not None),
    )
