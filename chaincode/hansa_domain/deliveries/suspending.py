"""An order by deliveries in a dispute: its parts wait, and end with it or go on with the time they had."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from msgspec.structs import replace

from hansa_domain.deliveries.paying import progressed
from hansa_domain.deliveries.records import BackOrder, Despatch, Fulfilment, LineState, fulfilment_key
from hansa_domain.error_codes import Code
from hansa_domain.events import DespatchSettled, Event
from hansa_domain.goods import custody
from hansa_domain.listings.records import Stock
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.order import Order, Shares
from hansa_domain.orders.stock_taking import put_back_part, return_keys, stock_events, stock_writes
from hansa_domain.times import milliseconds, rfc3339


@dataclass(frozen=True)
class Resumed:
    """The order with its next deadline, and the parts with theirs, as writes and events."""

    order: Order
    writes: dict[Key, Record | None]
    events: tuple[Event, ...]


def resume_parts(order: Order, paused: int, context: Context) -> Generator[Fetch, Records, Resumed]:
    """Every deadline of every part moves by the time that the order stood still.

    Args:
        order: of settlement ``deliveries``, its dispute taken out.
        paused: milliseconds.
        context: the transaction's.
    """
    fulfilment, despatches = yield from _load(order)
    back_order = fulfilment.back_order
    moved = replace(
        fulfilment,
        open_due=_later(fulfilment.open_due, paused),
        back_order=None if back_order is None else _promised_later(back_order, paused),
        waiting=[replace(each, due=_moved(each.due, paused)) for each in fulfilment.waiting],
    )
    going_on = replace(order, due=moved.due)
    writes: dict[Key, Record | None] = {fulfilment_key(order.id): moved, (Order.NOUN, order.id): going_on}
    for each in despatches:
        writes[Despatch.NOUN, each.id] = replace(each, due=_later(each.due, paused))
    return Resumed(going_on, writes, (progressed(going_on, moved, context),))


def _promised_later(back_order: BackOrder, paused: int) -> BackOrder:
    """A promise not yet taken moves too, or the buyer could let its time run out by a dispute."""
    due, promised = _moved(back_order.due, paused), _moved(back_order.promised_at, paused)
    return replace(back_order, due=due, promised_at=promised)


def _later(due: str | None, paused: int) -> str | None:
    return None if due is None else _moved(due, paused)


def _moved(due: str, paused: int) -> str:
    return rfc3339(milliseconds(due) + paused)


def end_parts(
    order: Order, to_buyer: bool, paid: Shares, back: int, context: Context
) -> Generator[Fetch, Records, tuple[dict[Key, Record | None], tuple[Event | None, ...]]]:
    """All parts end with the order: goods under way are the buyer's or the seller's, the rest goes to stock.

    Args:
        order: of settlement ``deliveries``.
        to_buyer: whether the buyer keeps what is under way.
        paid: what seller, carrier and consortium get by the split that ends it.
        back: what the buyer gets back, minor units.
        context: the transaction's.
    """
    fulfilment, despatches = yield from _load(order)
    records = yield Fetch(keys=return_keys(order.lines))
    units = yield from custody.load_units([epc for each in despatches for epc in each.units])
    if to_buyer:
        moved = custody.confirm(units, order=order.id, buyer=order.buyer, now=context.now)
    else:
        moved = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
    lines: list[LineState] = []
    stock: list[Stock] = []
    for place, line in enumerate(fulfilment.lines):
        unsent = line.open + line.back
        stock += put_back_part(records, order.lines[place], line.restocked, unsent)
        lines.append(
            replace(
                line,
                open=0,
                back=0,
                under_way=0,
                paid=line.paid + (line.under_way if to_buyer else 0),
                refunded=line.refunded + unsent + (0 if to_buyer else line.under_way),
                restocked=line.restocked + unsent,
            )
        )
    ended = replace(
        _with_split(fulfilment, order, paid, back), lines=lines, waiting=[], open_due=None, back_order=None
    )
    writes: dict[Key, Record | None] = {
        **moved.writes,
        **stock_writes(stock),
        fulfilment_key(order.id): ended,
    }
    told: list[Event] = []
    for each in despatches:
        closed = _closed(each, to_buyer, context)
        writes[Despatch.NOUN, closed.id] = closed
        told.append(_settled(closed, order, context))
    events = (*told, progressed(order, ended, context), moved.event, *stock_events(stock, context))
    return writes, events


def _with_split(fulfilment: Fulfilment, order: Order, paid: Shares, back: int) -> Fulfilment:
    """The running sums with the split: what left escrow is all of it, but for an arbitrator's fee."""
    goods = int(fulfilment.goods_paid) + int(paid.proceeds) + int(paid.fee)
    return replace(
        fulfilment,
        goods_ended=str(int(order.amount) - int(order.freight)),
        goods_paid=str(goods),
        proceeds=str(int(fulfilment.proceeds) + int(paid.proceeds)),
        freight=str(int(fulfilment.freight) + int(paid.freight)),
        fee=str(int(fulfilment.fee) + int(paid.fee)),
        refunded=str(int(fulfilment.refunded) + back),
    )


def _load(order: Order) -> Generator[Fetch, Records, tuple[Fulfilment, list[Despatch]]]:
    """The order's parts, and the despatches under way."""
    records = yield Fetch(keys=(fulfilment_key(order.id),))
    fulfilment = records.get(Fulfilment, order.id, refuse=Code.LEDGER_INCONSISTENT)
    keys: tuple[Key, ...] = tuple((Despatch.NOUN, each.despatch) for each in fulfilment.waiting)
    records = yield Fetch(keys=keys)
    found = [
        records.get(Despatch, each.despatch, refuse=Code.LEDGER_INCONSISTENT) for each in fulfilment.waiting
    ]
    return fulfilment, found


def _closed(despatch: Despatch, to_buyer: bool, context: Context) -> Despatch:
    status = "settled" if to_buyer else "refunded"
    return replace(despatch, status=status, due=None, closed_at=context.at, cause="divided")


def _settled(despatch: Despatch, order: Order, context: Context) -> DespatchSettled:
    """The part's end; what it paid is told of the whole order at once."""
    return DespatchSettled(
        despatch=despatch.id,
        order=order.id,
        status="settled" if despatch.status == "settled" else "refunded",
        cause="divided",
        by=context.caller.msp_id,
        invoice=None,
        currency=order.currency,
        proceeds="0",
        freight="0",
        fee="0",
        refunded="0",
        at=context.at,
    )
