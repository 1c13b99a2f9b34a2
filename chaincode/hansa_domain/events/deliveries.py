"""Events of orders that are shipped, received and paid part by part. Amounts are minor units."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.events.base import Event

Reason = Literal["AC", "AE", "AF", "AG", "CP", "CS", "IC", "IS", "SS", "ZZZ"]
"""Why what was received differs, by UN/CEFACT's code list 4221: AC over-shipped, AE delivered but not
advised, AF delivered damaged, AG delivered too late, CP partial and considered complete, CS complete with a
substitution, IC item cancelled, IS substitute for what was ordered, SS split shipment, ZZZ agreed
mutually."""
PartCause = Literal["not_accepted", "declined", "back_order_refused", "not_despatched", "cancelled"]
SettledCause = Literal["matched", "self_billed", "not_delivered", "divided"]


class LineQuantity(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of a line, by its place in the order from 0."""

    line: int
    quantity: int


class AcceptedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What the seller answered about a line."""

    line: int
    accepted: int
    back_ordered: int
    declined: int


class LineProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a line is after the transaction, in units; ``value`` is the price of the whole line."""

    value: str
    ordered: int
    open: int
    back: int
    under_way: int
    paid: int
    refunded: int


class ReceivedLineView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line of a despatch, in units."""

    line: int
    accepted: int
    short: int
    over: int
    over_accepted: int
    damaged: int
    damaged_kept: int
    rejected: int
    returned: int
    reason: Reason | None


class InvoicedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Units of a line and what is asked for them together."""

    line: int
    quantity: int
    amount: str


class CreditedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Units and amount that credit notes took off a line of an invoice."""

    quantity: int
    amount: str


class CarriageView(msgspec.Struct, frozen=True, kw_only=True):
    """The transport agreed for one despatch."""

    carrier: str
    freight: str


class DeliveriesAgreed(Event, frozen=True, kw_only=True, tag="deliveries.agreed"):
    """An order is to be shipped, received and paid part by part, on these terms; fees in basis points."""

    order: str
    carriages: list[CarriageView]
    values: list[str]
    answer_within: int
    invoice_within: int
    cancellation_fee: int
    return_fee: int | None
    damage_discount: int | None
    tolerance: int
    at: str


class OrderProgressed(Event, frozen=True, kw_only=True, tag="order.progressed"):
    """How far the parts of an order are after the transaction, and what has left its escrow so far.

    ``status`` is the order's; ``back_order`` how one stands (``proposed`` or ``agreed``), ``promised_at`` its
    time; ``due`` the next deadline of any part.
    """

    order: str
    status: str
    due: str | None
    lines: list[LineProgress]
    back_order: str | None
    promised_at: str | None
    proceeds: str
    freight: str
    fee: str
    refunded: str
    at: str


class OrderPartAccepted(Event, frozen=True, kw_only=True, tag="order.part_accepted"):
    """The seller agreed to some of the order, promised some for later and declined the rest."""

    order: str
    lines: list[AcceptedLine]
    promised_at: str | None
    answer_due: str | None
    at: str


class BackOrderAnswered(Event, frozen=True, kw_only=True, tag="order.back_order_answered"):
    """The buyer takes what was promised for later, or does not; or was silent, which means not."""

    order: str
    accepted: bool
    by: str
    at: str


class OrderPartDropped(Event, frozen=True, kw_only=True, tag="order.part_dropped"):
    """Units will not be delivered: the buyer got ``refunded``, the seller what was agreed (``kept``)."""

    order: str
    cause: PartCause
    by: str
    lines: list[LineQuantity]
    currency: str
    refunded: str
    kept: str
    at: str


class DespatchSent(Event, frozen=True, kw_only=True, tag="despatch.sent"):
    """Goods of an order left the seller; ``due`` is until when their delivery must be reported."""

    despatch: str
    order: str
    number: int
    lines: list[LineQuantity]
    carrier: str | None
    freight: str
    sscc: str | None
    epcs: list[str]
    expected_at: str | None
    due: str
    at: str


class DespatchDelivered(Event, frozen=True, kw_only=True, tag="despatch.delivered"):
    """The carrier (or the seller, where there is none) reported delivery; inspection begins."""

    despatch: str
    order: str
    due: str
    at: str


class ReceiptReported(Event, frozen=True, kw_only=True, tag="receipt.reported"):
    """What the buyer received of a despatch; ``deemed``: he was silent, so all of it counts as accepted."""

    despatch: str
    order: str
    by: str
    deemed: bool
    lines: list[ReceivedLineView]
    not_taken: list[str]
    document: str | None
    due: str
    at: str


class InvoiceIssued(Event, frozen=True, kw_only=True, tag="invoice.issued"):
    """The seller asks to be paid for a despatch; ``total`` includes the ``freight``."""

    invoice: str
    order: str
    despatch: str
    currency: str
    lines: list[InvoicedLine]
    freight: str
    total: str
    number: str | None
    document: str | None
    at: str


class InvoiceCredited(Event, frozen=True, kw_only=True, tag="invoice.credited"):
    """The seller took back some of an invoice, or all; ``total`` is what it still asks for."""

    invoice: str
    order: str
    credit_note: str
    status: str
    lines: list[InvoicedLine]
    freight: str
    total: str
    number: str | None
    document: str | None
    at: str


class DespatchSettled(Event, frozen=True, kw_only=True, tag="despatch.settled"):
    """A part was paid out of escrow, or back: by a matching invoice, by the receipt, or undelivered."""

    despatch: str
    order: str
    status: str
    cause: SettledCause
    by: str
    invoice: str | None
    currency: str
    proceeds: str
    freight: str
    fee: str
    refunded: str
    at: str
