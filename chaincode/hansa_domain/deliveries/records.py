"""An order's deliveries: how far each line is, its despatches, what was received, what was invoiced."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

import msgspec

from hansa_domain.deliveries.shares import run_value
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events.deliveries import (
    CreditedLine,
    InvoicedLine,
    LineProgress,
    Reason,
    ReceivedLineView,
)
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Fetch, Key, Record, Records
from hansa_domain.orders.delivery_terms import DeliveryTerms
from hansa_domain.orders.order import Order, require_settlement

DespatchStatus = Literal["despatched", "delivered", "received", "settled", "refunded"]
InvoiceStatus = Literal["issued", "credited", "paid"]
BackOrderStatus = Literal["proposed", "agreed"]


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """How far one line is; ``value`` is the price of all of it, in minor units.

    ``ordered`` = ``open`` (to be despatched) + ``back`` (back-ordered) + ``under_way`` + ``paid`` +
    ``refunded``. ``restocked`` of the refunded units went back to stock: those never despatched.
    """

    value: str
    ordered: int
    open: int
    back: int = 0
    under_way: int = 0
    paid: int = 0
    refunded: int = 0
    restocked: int = 0

    @property
    def taken(self) -> int:
        """The place of the next unit that is despatched or refunded: places are given out in order."""
        return self.ordered - self.open - self.back

    def worth(self, first: int, quantity: int) -> int:
        """Minor units of ``quantity`` units from place ``first`` on."""
        return run_value(int(self.value), self.ordered, first, quantity)


class BackOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the seller promised for later. ``due``: until when to answer; once agreed, the promise."""

    status: BackOrderStatus
    promised_at: Timestamp
    due: Timestamp


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """When a despatch's present state may be defaulted."""

    despatch: str
    due: Timestamp


class Fulfilment(Record, frozen=True, kw_only=True):
    """How far an order's parts are; key ``("fulfilment", order)``. Only the order's own steps write it.

    ``despatches`` are the ids of all, ``waiting`` those not ended. ``proceeds``, ``freight``, ``fee`` and
    ``refunded`` have left escrow so far; ``goods_ended`` is the price of all units paid or refunded,
    ``goods_paid`` what of it went to the seller, fee included. ``carriages`` used so far, by place.
    """

    NOUN: ClassVar[str] = "fulfilment"
    order: str
    lines: list[LineState]
    open_due: Timestamp | None = None
    back_order: BackOrder | None = None
    despatches: list[str] = msgspec.field(default_factory=list)
    waiting: list[Deadline] = msgspec.field(default_factory=list)
    carriages: list[int] = msgspec.field(default_factory=list)
    goods_ended: str = "0"
    goods_paid: str = "0"
    proceeds: str = "0"
    freight: str = "0"
    fee: str = "0"
    refunded: str = "0"

    @property
    def open(self) -> int:
        """Units still to be despatched, back-orders aside."""
        return sum(line.open for line in self.lines)

    @property
    def back(self) -> int:
        """Units that are back-ordered."""
        return sum(line.back for line in self.lines)

    @property
    def ended(self) -> bool:
        """Whether nothing of the order is to come."""
        return not self.waiting and self.open == 0 and self.back == 0

    @property
    def due(self) -> Timestamp | None:
        """The next deadline of any part."""
        found = [each.due for each in self.waiting]
        if self.open and self.open_due is not None:
            found.append(self.open_due)
        if self.back_order is not None and self.back:
            found.append(self.back_order.due)
        return min(found, default=None)

    @property
    def progress(self) -> list[LineProgress]:
        """Its lines as events show them."""
        return [
            LineProgress(
                value=line.value,
                ordered=line.ordered,
                open=line.open,
                back=line.back,
                under_way=line.under_way,
                paid=line.paid,
                refunded=line.refunded,
            )
            for line in self.lines
        ]


class DespatchLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of a line (by its place in the order, from 0), from place ``first`` of it on."""

    line: int
    quantity: int
    first: int


class Despatch(Record, frozen=True, kw_only=True):
    """One shipment of an order; key ``("despatch", id)``. ``number`` counts from 1 within the order.

    ``carriage`` is the place of its transport in the order's terms, None where the seller brings it himself;
    ``units`` all goods of the ledger that went with it, packed ones included. ``invoice`` is the one that
    counts.
    """

    NOUN: ClassVar[str] = "despatch"
    id: str
    order: str
    number: int
    status: DespatchStatus
    lines: list[DespatchLine]
    carriage: int | None
    carrier: str | None
    freight: str
    sscc: str | None
    epcs: list[str]
    units: list[str]
    expected_at: Timestamp | None
    due: Timestamp | None
    despatched_at: Timestamp
    delivered_at: Timestamp | None = None
    received_at: Timestamp | None = None
    closed_at: Timestamp | None = None
    invoice: str | None = None
    cause: str | None = None


class ReceivedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one line of a despatch; ``over_first`` is the place of the units kept beyond it."""

    line: int
    accepted: int
    short: int
    over: int
    over_accepted: int
    over_first: int
    damaged: int
    damaged_kept: int
    rejected: int
    returned: int
    reason: Reason | None

    @property
    def kept(self) -> int:
        """Units the buyer keeps, and pays."""
        return self.accepted + self.over_accepted + self.damaged_kept

    @property
    def arrived(self) -> int:
        """Units that reached the buyer."""
        return self.accepted + self.over + self.damaged + self.rejected + self.returned

    @property
    def view(self) -> ReceivedLineView:
        """The line as events show it."""
        return ReceivedLineView(
            line=self.line,
            accepted=self.accepted,
            short=self.short,
            over=self.over,
            over_accepted=self.over_accepted,
            damaged=self.damaged,
            damaged_kept=self.damaged_kept,
            rejected=self.rejected,
            returned=self.returned,
            reason=self.reason,
        )


class Receipt(Record, frozen=True, kw_only=True):
    """The buyer's receipt advice of a despatch; key ``("receipt", despatch)``.

    ``by`` reported it: the buyer, or whoever called the outcome of his silence (``deemed``: accepted in
    full). ``not_taken`` are identities that did not arrive or go back. ``document`` is the hash of the full
    one.
    """

    NOUN: ClassVar[str] = "receipt"
    despatch: str
    order: str
    lines: list[ReceivedLine]
    not_taken: list[str]
    deemed: bool
    by: str
    document: str | None
    reported_at: Timestamp


class Invoice(Record, frozen=True, kw_only=True):
    """The seller's invoice for a despatch; key ``("invoice", id)``. Amounts in minor units of the order's.

    ``credited`` is what credit notes took off again, line by line; ``document`` is the hash of the full one.
    """

    NOUN: ClassVar[str] = "invoice"
    id: str
    order: str
    despatch: str
    status: InvoiceStatus
    lines: list[InvoicedLine]
    credited: list[CreditedLine]
    freight: str
    freight_credited: str
    document: str | None
    number: str | None
    issued_at: Timestamp
    closed_at: Timestamp | None = None

    def standing(self, place: int) -> tuple[int, int]:
        """Quantity and amount of one of its lines after credits."""
        line, credit = self.lines[place], self.credited[place]
        return line.quantity - credit.quantity, int(line.amount) - int(credit.amount)

    @property
    def total(self) -> int:
        """What it asks for after credits, freight included."""
        goods = sum(self.standing(place)[1] for place in range(len(self.lines)))
        return goods + int(self.freight) - int(self.freight_credited)


class CreditNote(Record, frozen=True, kw_only=True):
    """What the seller takes back of an invoice; key ``("credit-note", id)``."""

    NOUN: ClassVar[str] = "credit-note"
    id: str
    invoice: str
    order: str
    lines: list[InvoicedLine]
    freight: str
    document: str | None
    number: str | None
    issued_at: Timestamp


def fulfilment_key(order: str) -> Key:
    """Where an order's deliveries stand."""
    return (Fulfilment.NOUN, order)


def load_deliveries(order_id: str) -> Generator[Fetch, Records, tuple[Order, Fulfilment]]:
    """An order of settlement ``deliveries`` and how far it is; ``yield from`` it.

    Raises:
        Refusal: ORDER_NOT_FOUND, or ORDER_SETTLEMENT where it is delivered as a whole.
    """
    records = yield Fetch(keys=((Order.NOUN, order_id), fulfilment_key(order_id)))
    order = records.get(Order, order_id, refuse=Code.ORDER_NOT_FOUND, where="order")
    require_settlement(order, ("deliveries",), "take it in parts")
    return order, records.get(Fulfilment, order_id, refuse=Code.LEDGER_INCONSISTENT, where="order")


def load_despatch(despatch_id: str) -> Generator[Fetch, Records, tuple[Order, Fulfilment, Despatch]]:
    """A despatch and its order; ``yield from`` it. Refuses DESPATCH_NOT_FOUND."""
    records = yield Fetch(keys=((Despatch.NOUN, despatch_id),))
    despatch = records.get(Despatch, despatch_id, refuse=Code.DESPATCH_NOT_FOUND, where="despatch")
    order, fulfilment = yield from load_deliveries(despatch.order)
    return order, fulfilment, despatch


def terms_of(order: Order) -> DeliveryTerms:
    """What was agreed for its deliveries."""
    if order.deliveries is None:
        raise Refusal(Code.LEDGER_INCONSISTENT, f"{order.id} has no terms for deliveries.", "order")
    return order.deliveries


def require_despatch(despatch: Despatch, allowed: tuple[DespatchStatus, ...], act: str) -> None:
    """Refuses DESPATCH_STATE unless the despatch is in one of these states."""
    if despatch.status not in allowed:
        raise Refusal(
            Code.DESPATCH_STATE,
            f"The despatch is {despatch.status}; to {act} it, it must be {' or '.join(allowed)}.",
            "despatch",
        )
