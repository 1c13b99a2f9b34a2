"""What may be asked about an order's deliveries, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hansa_domain.deliveries.records import CreditNote, Despatch, Fulfilment, Invoice, Receipt
from hansa_domain.events import InvoicedLine, NoteView, Reason
from hansa_domain.fields import Amount, EntityId, Epc, Quantity, Reference, Seconds, Sha256Hex, Sscc
from hansa_domain.operation import Command, Query
from hansa_domain.orders.commands import MAX_EPCS, MAX_LINES
from hansa_domain.orders.order import Order

LinePlace = Annotated[int, msgspec.Meta(ge=0, lt=MAX_LINES)]
Units = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
Epcs = Annotated[list[Epc], msgspec.Meta(max_length=MAX_EPCS)]


class LineAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The seller's answer about a line (its place in the order, from 0); what is neither is declined."""

    line: LinePlace
    accepted: Units
    back_ordered: Units = 0


class AcceptPart(Command["DeliveriesReply"], frozen=True, kw_only=True):
    """``orders:AcceptPart``, by the seller, of an order delivered in parts. Lines not named are declined.

    What is declined goes back to the buyer at once, and to stock. Back-ordered units are promised within
    ``promise_within`` seconds, which must be longer than the buyer has to answer.
    """

    order: EntityId
    lines: Annotated[list[LineAnswer], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    promise_within: Seconds | None = None


class AcceptBackOrder(Command["DeliveriesReply"], frozen=True, kw_only=True):
    """``orders:AcceptBackOrder``, by the buyer: he waits until the promised time."""

    order: EntityId


class RefuseBackOrder(Command["DeliveriesReply"], frozen=True, kw_only=True):
    """``orders:RefuseBackOrder``, by the buyer: the money for it comes back; silence means the same."""

    order: EntityId


class UnitsOfLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many units of a line, by its place in the order from 0."""

    line: LinePlace
    quantity: Quantity


Lines = Annotated[list[UnitsOfLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]


class CancelRest(Command["DeliveriesReply"], frozen=True, kw_only=True):
    """``orders:CancelRest``, by buyer or seller of an accepted order: what is not despatched yet, or a part.

    Where the buyer cancels, the agreed ``cancellation_fee`` stays with the seller, except of back-orders.
    """

    order: EntityId
    lines: Lines | None = None


class SendDespatch(Command["DespatchReply"], frozen=True, kw_only=True):
    """``despatches:Despatch``, by the seller: goods leave, with the transport agreed (its place), or his own.

    ``epcs`` are the goods' identities, ``sscc`` the logistic unit's; ``expected_within`` seconds they arrive.
    """

    order: EntityId
    lines: Lines
    carriage: Annotated[int, msgspec.Meta(ge=0)] | None = None
    epcs: Epcs = msgspec.field(default_factory=list)
    sscc: Sscc | None = None
    expected_within: Seconds | None = None


class DeliverDespatch(Command["DespatchReply"], frozen=True, kw_only=True):
    """``despatches:Deliver``, by its carrier, or by the seller where it has none."""

    despatch: EntityId


class LineReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the buyer found of one line of a despatch, in units.

    ``accepted`` + ``short`` + ``damaged`` + ``rejected`` + ``returned`` = despatched. ``over`` came beyond
    it; ``over_accepted`` of them he takes, as far as they were ordered and are not despatched.
    ``damaged_kept`` of the damaged he keeps at the agreed discount, ``returned`` are sound and go back for
    the agreed fee. Any difference needs a ``reason`` (UN/CEFACT code list 4221).
    """

    line: LinePlace
    accepted: Units
    short: Units = 0
    over: Units = 0
    over_accepted: Units = 0
    damaged: Units = 0
    damaged_kept: Units = 0
    rejected: Units = 0
    returned: Units = 0
    reason: Reason | None = None


class ReportReceipt(Command["ReceiptReply"], frozen=True, kw_only=True):
    """``receipts:Report``, by the buyer: one report for every line of the despatch, and once for all.

    ``not_taken`` are identities of goods that did not arrive or go back. ``document`` is the SHA-256 of the
    full receipt advice, which stays off the ledger.
    """

    despatch: EntityId
    lines: Annotated[list[LineReport], msgspec.Meta(min_length=1, max_length=MAX_LINES)]
    not_taken: Epcs = msgspec.field(default_factory=list)
    document: Sha256Hex | None = None


class AmountOfLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of a line, and minor units for all of them together."""

    line: LinePlace
    quantity: Units
    amount: Amount

    @property
    def view(self) -> InvoicedLine:
        """The line as records and events hold it."""
        return InvoicedLine(line=self.line, quantity=self.quantity, amount=self.amount)


AmountsOfLines = Annotated[list[AmountOfLine], msgspec.Meta(min_length=1, max_length=MAX_LINES)]


class IssueInvoice(Command["InvoiceReply"], frozen=True, kw_only=True):
    """``invoices:Issue``, by the seller, for one despatch; one counts at a time: credit it to issue another.

    ``freight`` is that despatch's. ``document`` is the SHA-256 of the full invoice, which stays off the
    ledger; ``number`` the seller's own, public.
    """

    despatch: EntityId
    lines: AmountsOfLines
    freight: Amount = "0"
    number: Reference | None = None
    document: Sha256Hex | None = None


class CreditInvoice(Command["InvoiceReply"], frozen=True, kw_only=True):
    """``invoices:Credit``, by the seller, before it is paid: takes back lines, or all of it."""

    invoice: EntityId
    lines: AmountsOfLines | None = None
    freight: Amount = "0"
    number: Reference | None = None
    document: Sha256Hex | None = None


class PayInvoice(Command["DespatchPaidReply"], frozen=True, kw_only=True):
    """``invoices:Pay``, by any party, where order, receipt and invoice agree: that part leaves escrow."""

    invoice: EntityId


class GetDespatch(Query["DespatchDetailReply"], frozen=True, kw_only=True):
    """``despatches:Get``."""

    despatch: EntityId


class GetInvoice(Query["InvoiceDetailReply"], frozen=True, kw_only=True):
    """``invoices:Get``: with what it does not agree in."""

    invoice: EntityId


class GetDeliveries(Query["FulfilmentReply"], frozen=True, kw_only=True):
    """``deliveries:Get``: how far the parts of an order are."""

    order: EntityId


class DeliveriesReply(msgspec.Struct, frozen=True, kw_only=True):
    """The order and its parts after a step, and the notes that the step paid."""

    order: Order
    fulfilment: Fulfilment
    notes: list[NoteView]


class DespatchReply(msgspec.Struct, frozen=True, kw_only=True):
    """The despatch after a step."""

    despatch: Despatch


class ReceiptReply(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt, and its despatch."""

    receipt: Receipt
    despatch: Despatch


class InvoiceReply(msgspec.Struct, frozen=True, kw_only=True):
    """The invoice after a step, and the credit note, where one was issued."""

    invoice: Invoice
    credit_note: CreditNote | None = None


class DespatchPaidReply(msgspec.Struct, frozen=True, kw_only=True):
    """The order, the part that was paid, and the notes that paid it."""

    order: Order
    despatch: Despatch
    notes: list[NoteView]


class FulfilmentReply(msgspec.Struct, frozen=True, kw_only=True):
    """How far an order's parts are, and its despatches in order."""

    fulfilment: Fulfilment
    despatches: list[Despatch]


class DespatchDetailReply(msgspec.Struct, frozen=True, kw_only=True):
    """A despatch with its receipt and the invoice that counts.

    ``due`` is what order and receipt make due of each line, and ``freight_due`` of its carriage: an invoice
    of just this matches. Both are empty before the receipt.
    """

    despatch: Despatch
    receipt: Receipt | None
    invoice: Invoice | None
    due: list[InvoicedLine]
    freight_due: str | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in which order, receipt and invoice do not agree."""

    field: str
    message: str


class InvoiceDetailReply(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice, and what keeps it from being paid; nothing: it may be."""

    invoice: Invoice
    differences: list[Difference]
