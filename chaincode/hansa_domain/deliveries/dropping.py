"""Units that will not be delivered: declined, cancelled, not despatched in time. Money and stock go back."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from hansa_domain.deliveries.commands import DeliveriesReply
from hansa_domain.deliveries.paying import Concluded, Flow, conclude
from hansa_domain.deliveries.records import Fulfilment, LineState
from hansa_domain.deliveries.shares import portion
from hansa_domain.events import Event, LineQuantity, OrderPartDropped, PartCause
from hansa_domain.listings.records import Stock
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records
from hansa_domain.orders.order import Order
from hansa_domain.orders.stock_taking import put_back_part, return_keys, stock_events, stock_writes

Quantities = Mapping[int, int]
"""Units by the line's place in the order."""


def all_open(fulfilment: Fulfilment) -> Quantities:
    """What is still to be despatched, back-orders aside."""
    return {place: line.open for place, line in enumerate(fulfilment.lines) if line.open}


def all_back(fulfilment: Fulfilment) -> Quantities:
    """What is back-ordered."""
    return {place: line.back for place, line in enumerate(fulfilment.lines) if line.back}


def drop(
    order: Order,
    fulfilment: Fulfilment,
    context: Context,
    reference: str,
    cause: PartCause,
    *,
    open_units: Quantities | None = None,
    back_units: Quantities | None = None,
    fee: int = 0,
    before: tuple[Event, ...] = (),
) -> Generator[Fetch, Records, Decision]:
    """Ends units of an order that were not despatched; ``yield from`` it.

    Args:
        order: the order as it is, or as the step that drops leaves it.
        fulfilment: likewise.
        context: the transaction's.
        reference: of the command; names the new notes.
        cause: why.
        open_units: of those to be despatched.
        back_units: of those back-ordered.
        fee: the seller's part of the open ones' price, in basis points.
        before: events that come first.
    """
    records = yield Fetch(keys=return_keys(order.lines))
    dropped = _dropped(order, fulfilment, records, open_units or {}, back_units or {}, fee)
    done: Concluded = yield from conclude(
        order,
        replace(fulfilment, lines=dropped.lines),
        context,
        flow=Flow(price=dropped.kept + dropped.back, goods=dropped.kept),
        reference=reference,
        cancelled=cause == "cancelled",
    )
    event = OrderPartDropped(
        order=order.id,
        cause=cause,
        by=context.caller.msp_id,
        lines=dropped.units,
        currency=order.currency,
        refunded=str(dropped.back),
        kept=str(dropped.kept),
        at=context.at,
    )
    told = (event,) if dropped.units else ()
    writes: dict[Key, Record | None] = {**stock_writes(dropped.stock), **done.writes}
    return Decision(
        reply=DeliveriesReply(
            order=done.order, fulfilment=done.fulfilment, notes=[note.view for note in done.notes]
        ),
        writes=writes,
        events=(*before, *told, *done.events, *stock_events(dropped.stock, context)),
    )


@dataclass(frozen=True)
class _Dropped:
    """The lines and buckets without what is dropped, and its price: the seller's part and the buyer's."""

    lines: list[LineState]
    stock: list[Stock]
    units: list[LineQuantity]
    kept: int
    back: int


def _dropped(
    order: Order, fulfilment: Fulfilment, records: Records, opened: Quantities, waiting: Quantities, fee: int
) -> _Dropped:
    lines = list(fulfilment.lines)
    stock: list[Stock] = []
    named: list[LineQuantity] = []
    kept = back = 0
    for place in sorted({*opened, *waiting}):
        line, first, second = lines[place], opened.get(place, 0), waiting.get(place, 0)
        price = line.worth(line.taken, first)
        kept += portion(price, fee)
        back += price - portion(price, fee) + line.worth(line.taken + first, second)
        units = first + second
        stock += put_back_part(records, order.lines[place], line.restocked, units)
        named.append(LineQuantity(line=place, quantity=units))
        lines[place] = replace(
            line,
            open=line.open - first,
            back=line.back - second,
            refunded=line.refunded + units,
            restocked=line.restocked + units,
        )
    return _Dropped(lines, stock, named, kept, back)
