"""What one step on an order's parts pays out of escrow, and the end of the order when nothing is to come."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from dataclasses import replace as replace_reply

from msgspec.structs import replace

from hansa_domain.deliveries.records import Fulfilment, fulfilment_key
from hansa_domain.deliveries.shares import fee_step
from hansa_domain.events import Event, OrderCancelled, OrderProgressed, OrderRefunded, OrderSettled
from hansa_domain.notes import Note
from hansa_domain.operation import Context, Decision, Fetch, Key, Record, Records
from hansa_domain.orders.commands import OrderClosedReply
from hansa_domain.orders.escrow import escrow_key, pay_out
from hansa_domain.orders.order import Order, Shares
from hansa_domain.orders.receivable import Receivable, payee, receivable_key


@dataclass(frozen=True)
class Flow:
    """What a step lets out of escrow, in minor units.

    ``price`` is that of all goods it ends, of which ``goods`` go to the seller, the fee of it included.
    ``freight`` goes to ``carrier``, ``freight_back`` is freight that was not earned.
    """

    price: int = 0
    goods: int = 0
    freight: int = 0
    carrier: str | None = None
    freight_back: int = 0

    @property
    def back(self) -> int:
        """What the buyer gets back."""
        return self.price - self.goods + self.freight_back


@dataclass(frozen=True)
class Concluded:
    """The order and its parts after a step, what it paid, and what is written and told of both.

    ``proceeds``, ``fee`` and ``back`` are this step's; ``back`` includes what is left when the order ends.
    """

    order: Order
    fulfilment: Fulfilment
    notes: list[Note]
    writes: dict[Key, Record | None]
    events: tuple[Event, ...]
    proceeds: int
    fee: int
    back: int


def conclude(
    order: Order,
    fulfilment: Fulfilment,
    context: Context,
    *,
    flow: Flow | None = None,
    reference: str = "",
    cancelled: bool = False,
) -> Generator[Fetch, Records, Concluded]:
    """Pays what a step lets out of escrow; ends the order where the step was its last. ``yield from`` it.

    Args:
        order: as the step leaves it, but for money, deadline and end.
        fulfilment: likewise.
        context: the transaction's.
        flow: what leaves escrow by the step; None: nothing.
        reference: of the command; names the new notes.
        cancelled: an end at which nothing was paid counts as cancelled, not as refunded.
    """
    flow = flow or Flow()
    records = yield Fetch(keys=(escrow_key(order.id), receivable_key(order.id)))
    fee = fee_step(int(order.fee), _price(order), int(fulfilment.goods_paid), flow.goods)
    # Whatever is left in the end is freight that nobody earned.
    back = order.held - flow.goods - flow.freight if fulfilment.ended else flow.back
    outputs = [
        (payee(records.find(Receivable, order.id), order.seller), flow.goods - fee),
        (flow.carrier or order.refund_account, flow.freight),
        (order.fee_account, fee),
        (order.refund_account, back),
    ]
    fulfilment = replace(
        fulfilment,
        goods_ended=_plus(fulfilment.goods_ended, flow.price),
        goods_paid=_plus(fulfilment.goods_paid, flow.goods),
        proceeds=_plus(fulfilment.proceeds, flow.goods - fee),
        freight=_plus(fulfilment.freight, flow.freight),
        fee=_plus(fulfilment.fee, fee),
        refunded=_plus(fulfilment.refunded, back),
    )
    paid = pay_out(
        order,
        outputs,
        "release" if flow.goods or flow.freight else "refund",
        reference=reference,
        records=records,
        context=context,
        left=_left(order, fulfilment, sum(minor for _, minor in outputs)),
    )
    order, ended = _ended(paid.order, fulfilment, context, cancelled)
    writes: dict[Key, Record | None] = {
        (Order.NOUN, order.id): order,
        fulfilment_key(order.id): fulfilment,
        **paid.writes,
    }
    events = (progressed(order, fulfilment, context), *ended, paid.event)
    told = tuple(event for event in events if event is not None)
    return Concluded(order, fulfilment, paid.notes, writes, told, flow.goods - fee, fee, back)


def _price(order: Order) -> int:
    return int(order.amount) - int(order.freight)


def _plus(so_far: str, more: int) -> str:
    return str(int(so_far) + more)


def _left(order: Order, fulfilment: Fulfilment, paid: int) -> Shares | None:
    """For whom the rest of escrow is meant, if all that is to come is delivered and kept."""
    rest = order.held - paid
    if not rest:
        return None
    goods = _price(order) - int(fulfilment.goods_ended)
    fee = fee_step(int(order.fee), _price(order), int(fulfilment.goods_paid), goods)
    return Shares(proceeds=str(goods - fee), freight=str(rest - goods), fee=str(fee))


def closed_reply(decision: Decision, order_id: str) -> Decision:
    """The decision with the answer of ``orders:Cancel`` and ``orders:Default``: the order, and notes."""
    order = decision.writes[Order.NOUN, order_id]
    assert isinstance(order, Order)
    notes = [record.view for record in decision.writes.values() if isinstance(record, Note)]
    return replace_reply(decision, reply=OrderClosedReply(order=order, notes=notes))


def progressed(order: Order, fulfilment: Fulfilment, context: Context) -> OrderProgressed:
    """The event that tells how far all parts are."""
    back_order = fulfilment.back_order if fulfilment.back else None
    return OrderProgressed(
        order=order.id,
        status=order.status,
        due=order.due,
        lines=fulfilment.progress,
        back_order=None if back_order is None else back_order.status,
        promised_at=None if back_order is None else back_order.promised_at,
        proceeds=fulfilment.proceeds,
        freight=fulfilment.freight,
        fee=fulfilment.fee,
        refunded=fulfilment.refunded,
        at=context.at,
    )


def _ended(
    order: Order, fulfilment: Fulfilment, context: Context, cancelled: bool
) -> tuple[Order, tuple[Event, ...]]:
    """The order with its next deadline; or closed, where nothing is to come, with the event of its end."""
    if not fulfilment.ended:
        return replace(order, due=fulfilment.due), ()
    by = context.caller.msp_id
    closed = replace(order, due=None, closed_at=context.at, closed_by=by)
    kept = any(line.paid for line in fulfilment.lines)
    if kept or fulfilment.goods_paid != "0" or fulfilment.freight != "0":
        settled = OrderSettled(
            order=order.id,
            cause="completed",
            by=by,
            currency=order.currency,
            proceeds=fulfilment.proceeds,
            freight=fulfilment.freight,
            fee=fulfilment.fee,
            at=context.at,
        )
        return replace(closed, status="settled", cause="completed"), (settled,)
    if cancelled:
        return replace(closed, status="cancelled"), (OrderCancelled(order=order.id, by=by, at=context.at),)
    refunded = OrderRefunded(order=order.id, cause="not_fulfilled", by=by, at=context.at)
    return replace(closed, status="refunded", cause="not_fulfilled"), (refunded,)
