"""Orders delivered in parts: what the seller agrees to, despatches, receipts, invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hansa.errors import RefusedError, hint
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.deliveries.commands import (
    AcceptBackOrder,
    AcceptPart,
    AmountOfLine,
    CancelRest,
    CreditInvoice,
    DeliverDespatch,
    DeliveriesReply,
    DespatchDetailReply,
    DespatchPaidReply,
    DespatchReply,
    FulfilmentReply,
    GetDeliveries,
    GetDespatch,
    GetInvoice,
    InvoiceDetailReply,
    InvoiceReply,
    IssueInvoice,
    LineAnswer,
    LineReport,
    PayInvoice,
    ReceiptReply,
    RefuseBackOrder,
    ReportReceipt,
    SendDespatch,
    UnitsOfLine,
)
from hansa_domain.deliveries.matching import Due
from hansa_domain.deliveries.receiving import due_by
from hansa_domain.errors import Refusal
from hansa_domain.operation import Command
from hansa_domain.orders.commands import GetOrder, OrderDetailReply

Quantities = Mapping[int, int]
"""Units by the line's place in the order, from 0."""


class _Noun:
    """What the nouns here have in common: commands that may pay notes to this member."""

    def __init__(self, submitter: Submitter, purse: Purse) -> None:
        self._submitter = submitter
        self._purse = purse

    def _paid(
        self, name: str, command: Command[DeliveriesReply], given: str | None
    ) -> Receipt[DeliveriesReply]:
        before = self._purse.moment()
        receipt = submit_once(self._submitter, name, command, DeliveriesReply, given)
        if not receipt.repeated:
            self._purse.received(receipt.reply.notes, before)
        return receipt


class Deliveries(_Noun):
    """``client.deliveries``: what is agreed about the parts of an order, and how far they are."""

    def accept_part(
        self,
        order: str,
        accepted: Quantities,
        *,
        back_ordered: Quantities | None = None,
        promise_within: int | None = None,
        command_id: str | None = None,
    ) -> Receipt[DeliveriesReply]:
        """The seller takes some of an order; what he does not name goes back to the buyer at once.

        Args:
            order: the order's id.
            accepted: units to be despatched in time.
            back_ordered: units promised for later; the buyer may wait for them or not.
            promise_within: seconds until these are despatched; longer than the buyer has to answer.
        """
        later = back_ordered or {}
        lines = [
            LineAnswer(line=line, accepted=accepted.get(line, 0), back_ordered=later.get(line, 0))
            for line in sorted({*accepted, *later})
        ]
        command = AcceptPart(
            id=command_id or new_id(), order=order, lines=lines, promise_within=promise_within
        )
        return self._paid("orders:AcceptPart", command, command_id)

    def accept_back_order(self, order: str, *, command_id: str | None = None) -> Receipt[DeliveriesReply]:
        """The buyer waits until the promised time."""
        command = AcceptBackOrder(id=command_id or new_id(), order=order)
        return self._paid("orders:AcceptBackOrder", command, command_id)

    def refuse_back_order(self, order: str, *, command_id: str | None = None) -> Receipt[DeliveriesReply]:
        """The buyer does not wait: the money for these units comes back."""
        command = RefuseBackOrder(id=command_id or new_id(), order=order)
        return self._paid("orders:RefuseBackOrder", command, command_id)

    def cancel_rest(
        self, order: str, quantities: Quantities | None = None, *, command_id: str | None = None
    ) -> Receipt[DeliveriesReply]:
        """Buyer (for the agreed fee) or seller cancels what is not despatched.

        Args:
            order: the order's id.
            quantities: only so many; None: all.
        """
        lines = None if quantities is None else _lines(quantities)
        command = CancelRest(id=command_id or new_id(), order=order, lines=lines)
        return self._paid("orders:CancelRest", command, command_id)

    def get(self, order: str) -> FulfilmentReply:
        """How far the parts are. Raises RefusedError (ORDER_NOT_FOUND, ORDER_SETTLEMENT)."""
        return self._submitter.evaluate("deliveries:Get", GetDeliveries(order=order), FulfilmentReply)


class Despatches(_Noun):
    """``client.despatches``."""

    def send(
        self,
        order: str,
        quantities: Quantities,
        *,
        carriage: int | None = None,
        epcs: Sequence[str] = (),
        sscc: str | None = None,
        expected_within: int | None = None,
        command_id: str | None = None,
    ) -> Receipt[DespatchReply]:
        """The seller sends some of an order's goods.

        Args:
            order: the order's id.
            quantities: units by the line's place in the order.
            carriage: the place of the transport in the order's terms; None: the seller brings it himself.
            epcs: identities of what is sent; empty for goods without any.
            sscc: the logistic unit's SSCC, 18 digits.
            expected_within: seconds until it should arrive.

        Raises:
            RefusedError: among others PART_LINES_INVALID, CARRIAGE_INVALID, UNIT_NOT_ORDERED.
        """
        command = SendDespatch(
            id=command_id or new_id(),
            order=order,
            lines=_lines(quantities),
            carriage=carriage,
            epcs=list(epcs),
            sscc=sscc,
            expected_within=expected_within,
        )
        return submit_once(self._submitter, "despatches:Despatch", command, DespatchReply, command_id)

    def deliver(self, despatch: str, *, command_id: str | None = None) -> Receipt[DespatchReply]:
        """Its carrier (or the seller, where it has none) reports delivery."""
        command = DeliverDespatch(id=command_id or new_id(), despatch=despatch)
        return submit_once(self._submitter, "despatches:Deliver", command, DespatchReply, command_id)

    def get(self, despatch: str) -> DespatchDetailReply:
        """A despatch with receipt and invoice. Raises RefusedError (DESPATCH_NOT_FOUND)."""
        query = GetDespatch(despatch=despatch)
        return self._submitter.evaluate("despatches:Get", query, DespatchDetailReply)


class Receipts(_Noun):
    """``client.receipts``: what the buyer found of a despatch."""

    def report(
        self,
        despatch: str,
        lines: Sequence[LineReport] | None = None,
        *,
        not_taken: Sequence[str] = (),
        document: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[ReceiptReply]:
        """The buyer says what he received; the seller's time to invoice begins.

        Args:
            despatch: the despatch's id.
            lines: one report a line; None: everything came and is accepted.
            not_taken: identities of goods that did not arrive or go back.
            document: SHA-256 of the full receipt advice, in hexadecimal.

        Raises:
            RefusedError: among others RECEIPT_QUANTITY, NOT_AGREED.
        """
        if lines is None:
            query = GetDespatch(despatch=despatch)
            found = self._submitter.evaluate("despatches:Get", query, DespatchDetailReply).despatch
            lines = [LineReport(line=line.line, accepted=line.quantity) for line in found.lines]
        command = ReportReceipt(
            id=command_id or new_id(),
            despatch=despatch,
            lines=list(lines),
            not_taken=list(not_taken),
            document=document,
        )
        return submit_once(self._submitter, "receipts:Report", command, ReceiptReply, command_id)

    def expected(self, despatch: str, lines: Sequence[LineReport]) -> Due:
        """What a receipt that says this would make due, before it is reported; nothing is written.

        Args:
            despatch: the despatch's id.
            lines: one report a line.

        Raises:
            RefusedError: DESPATCH_NOT_FOUND; or as ``report`` would be refused for its quantities.
        """
        ask = self._submitter.evaluate
        found = ask("despatches:Get", GetDespatch(despatch=despatch), DespatchDetailReply).despatch
        order = ask("orders:Get", GetOrder(order=found.order), OrderDetailReply).order
        parts = ask("deliveries:Get", GetDeliveries(order=found.order), FulfilmentReply)
        try:
            return due_by(lines, order, parts.fulfilment, found)
        except Refusal as error:
            code = error.code.value
            raise RefusedError(code, error.message, hint(code), field=error.field) from error


class Invoices(_Noun):
    """``client.invoices``: asking for a part's price, and having it paid where all documents agree."""

    def issue(
        self,
        despatch: str,
        lines: Sequence[AmountOfLine] | None = None,
        *,
        freight: int | None = None,
        number: str | None = None,
        document: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[InvoiceReply]:
        """The seller invoices a despatch.

        Args:
            despatch: the despatch's id.
            lines: units and minor units by line of the order; None: what order and receipt make due.
            freight: that of this despatch, minor units; None: what is due.
            number: the seller's own; it is public.
            document: SHA-256 of the full invoice, in hexadecimal.
        """
        if lines is None or freight is None:
            found = self._submitter.evaluate(
                "despatches:Get", GetDespatch(despatch=despatch), DespatchDetailReply
            )
            due = [
                AmountOfLine(line=each.line, quantity=each.quantity, amount=each.amount) for each in found.due
            ]
            lines = due if lines is None else lines
            freight = int(found.freight_due or "0") if freight is None else freight
        command = IssueInvoice(
            id=command_id or new_id(),
            despatch=despatch,
            lines=list(lines),
            freight=str(freight),
            number=number,
            document=document,
        )
        return submit_once(self._submitter, "invoices:Issue", command, InvoiceReply, command_id)

    def credit(
        self,
        invoice: str,
        lines: Sequence[AmountOfLine] | None = None,
        *,
        freight: int = 0,
        number: str | None = None,
        document: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[InvoiceReply]:
        """The seller takes back some of an invoice; all of it where neither lines nor freight are named."""
        command = CreditInvoice(
            id=command_id or new_id(),
            invoice=invoice,
            lines=None if lines is None else list(lines),
            freight=str(freight),
            number=number,
            document=document,
        )
        return submit_once(self._submitter, "invoices:Credit", command, InvoiceReply, command_id)

    def pay(self, invoice: str, *, command_id: str | None = None) -> Receipt[DespatchPaidReply]:
        """Any party has a matching invoice paid out of escrow.

        Raises:
            RefusedError: INVOICE_MISMATCH with the field in which order, receipt and invoice do not agree.
        """
        before = self._purse.moment()
        command = PayInvoice(id=command_id or new_id(), invoice=invoice)
        receipt = submit_once(self._submitter, "invoices:Pay", command, DespatchPaidReply, command_id)
        if not receipt.repeated:
            self._purse.received(receipt.reply.notes, before)
        return receipt

    def get(self, invoice: str) -> InvoiceDetailReply:
        """An invoice, and what keeps it from being paid. Raises RefusedError (INVOICE_NOT_FOUND)."""
        return self._submitter.evaluate("invoices:Get", GetInvoice(invoice=invoice), InvoiceDetailReply)


def _lines(quantities: Quantities) -> list[UnitsOfLine]:
    return [UnitsOfLine(line=line, quantity=quantities[line]) for line in sorted(quantities)]
