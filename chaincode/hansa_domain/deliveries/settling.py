"""How a part ends: paid by what order and receipt make due, or paid back; its goods are somebody's again."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from msgspec.structs import replace

from hansa_domain.deliveries.matching import Due, amount_due, nothing_due, payable
from hansa_domain.deliveries.parts import with_part
from hansa_domain.deliveries.paying import Concluded, Flow, conclude
from hansa_domain.deliveries.records import Despatch, DespatchStatus, Fulfilment, Invoice, Receipt
from hansa_domain.events import DespatchSettled, Event, SettledCause
from hansa_domain.goods import custody
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.order import Order


@dataclass(frozen=True)
class Settled:
    """The order and its part after the part ended, and all that is written and told."""

    done: Concluded
    despatch: Despatch
    writes: dict[Key, Record | None]
    events: tuple[Event, ...]


def settle_part(
    order: Order,
    fulfilment: Fulfilment,
    despatch: Despatch,
    receipt: Receipt,
    invoice: Invoice | None,
    reference: str,
    context: Context,
) -> Generator[Fetch, Records, Settled]:
    """Pays a part that was received: what the matching invoice asks, or without one what is due.

    Args:
        order: the part's.
        fulfilment: the order's.
        despatch: received.
        receipt: its receipt.
        invoice: one that matches; None pays by the receipt alone.
        reference: of the command; names the new notes.
        context: the transaction's.
    """
    due = amount_due(order, fulfilment, despatch, receipt.lines)
    units = yield from _units(despatch)
    sides = custody.part_of(units, despatch.units, receipt.not_taken)
    moved = custody.divide(
        units, sides.back, order=order.id, buyer=order.buyer, seller=order.seller, now=context.now
    )
    cause: SettledCause = "self_billed" if invoice is None else "matched"
    paid = payable(due, invoice)
    status: DespatchStatus = "settled" if any(line.kept for line in due.lines) or paid else "refunded"
    closed = replace(despatch, status=status, due=None, closed_at=context.at, cause=cause)
    flow = Flow(
        price=due.price,
        goods=paid,
        freight=due.freight,
        carrier=despatch.carrier,
        freight_back=int(despatch.freight) - due.freight,
    )
    return (yield from _end(order, fulfilment, closed, due, flow, moved, cause, reference, context))


def undo_part(
    order: Order, fulfilment: Fulfilment, despatch: Despatch, reference: str, context: Context
) -> Generator[Fetch, Records, Settled]:
    """Pays a part back since nobody reported its delivery in time; its goods are the seller's again."""
    units = yield from _units(despatch)
    moved = custody.give_back(units, order=order.id, seller=order.seller, now=context.now)
    cause: SettledCause = "not_delivered"
    closed = replace(despatch, status="refunded", due=None, closed_at=context.at, cause=cause)
    due = nothing_due(fulfilment, despatch)
    flow = Flow(price=due.price, freight_back=int(despatch.freight))
    return (yield from _end(order, fulfilment, closed, due, flow, moved, cause, reference, context))


def _units(despatch: Despatch) -> Generator[Fetch, Records, custody.Units]:
    """The despatch's own goods: what was packed into them later may be of another part, not paid yet."""
    units = yield from custody.load_units(despatch.units)
    return {epc: units[epc] for epc in despatch.units if epc in units}


def _end(
    order: Order,
    fulfilment: Fulfilment,
    closed: Despatch,
    due: Due,
    flow: Flow,
    moved: custody.Custody,
    cause: SettledCause,
    reference: str,
    context: Context,
) -> Generator[Fetch, Records, Settled]:
    states = list(fulfilment.lines)
    for line in due.lines:
        state = states[line.line]
        states[line.line] = replace(
            state,
            under_way=state.under_way - line.kept - line.lost,
            paid=state.paid + line.kept,
            refunded=state.refunded + line.lost,
        )
    after = replace(with_part(fulfilment, closed), lines=states)
    done = yield from conclude(order, after, context, flow=flow, reference=reference)
    event = DespatchSettled(
        despatch=closed.id,
        order=order.id,
        status=closed.status,
        cause=cause,
        by=context.caller.msp_id,
        invoice=closed.invoice if cause == "matched" else None,
        currency=order.currency,
        proceeds=str(done.proceeds),
        freight=str(flow.freight),
        fee=str(done.fee),
        refunded=str(done.back),
        at=context.at,
    )
    events = (event, *done.events, *((moved.event,) if moved.event is not None else ()))
    writes = {**done.writes, **moved.writes, (Despatch.NOUN, closed.id): closed}
    return Settled(done, closed, writes, events)
