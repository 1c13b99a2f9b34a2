"""Invoices against despatch and receipt, credit notes, and payment where all three documents agree."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from msgspec.structs import replace

from hansa_domain.deliveries.commands import (
    CreditInvoice,
    DespatchPaidReply,
    InvoiceReply,
    IssueInvoice,
    PayInvoice,
)
from hansa_domain.deliveries.matching import amount_due, differences
from hansa_domain.deliveries.records import (
    CreditNote,
    Despatch,
    Fulfilment,
    Invoice,
    Receipt,
    load_despatch,
    require_despatch,
)
from hansa_domain.deliveries.settling import settle_part
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CreditedLine, InvoiceCredited, InvoicedLine, InvoiceIssued
from hansa_domain.operation import Context, Decision, Fetch, Records, Steps, operation
from hansa_domain.orders.order import Order, require_party


@operation("invoices:Issue", IssueInvoice, InvoiceReply)
def issue(command: IssueInvoice, context: Context) -> Steps:
    """The seller asks to be paid for a despatch. Nothing is paid yet: the receipt has its say."""
    order, fulfilment, despatch = yield from load_despatch(command.despatch)
    require_party(context, order.seller, "invoice a part of")
    require_despatch(despatch, ("despatched", "delivered", "received"), "invoice")
    if despatch.invoice is not None:
        raise Refusal(Code.INVOICE_STATE, f"Credit {despatch.invoice} before you issue another.", "despatch")
    _check_lines(command, despatch, fulfilment)
    if int(command.freight) > int(despatch.freight):
        raise Refusal(
            Code.INVOICE_MISMATCH, f"The freight of this despatch is {despatch.freight}.", "freight"
        )
    invoice = Invoice(
        id=context.reference(command),
        order=order.id,
        despatch=despatch.id,
        status="issued",
        lines=[line.view for line in command.lines],
        credited=[CreditedLine(quantity=0, amount="0") for _ in command.lines],
        freight=command.freight,
        freight_credited="0",
        document=command.document,
        number=command.number,
        issued_at=context.at,
    )
    event = InvoiceIssued(
        invoice=invoice.id,
        order=order.id,
        despatch=despatch.id,
        currency=order.currency,
        lines=invoice.lines,
        freight=invoice.freight,
        total=str(invoice.total),
        number=invoice.number,
        document=invoice.document,
        at=context.at,
    )
    return Decision(
        reply=InvoiceReply(invoice=invoice),
        writes={
            (Invoice.NOUN, invoice.id): invoice,
            (Despatch.NOUN, despatch.id): replace(despatch, invoice=invoice.id),
        },
        events=(event,),
    )


def _check_lines(command: IssueInvoice, despatch: Despatch, fulfilment: Fulfilment) -> None:
    """Only lines of the despatch, each once, and never more than is ordered of it."""
    sent = {line.line for line in despatch.lines}
    for place, line in enumerate(command.lines):
        where = f"lines[{place}]"
        if line.line not in sent or any(line.line == other.line for other in command.lines[:place]):
            raise Refusal(
                Code.PART_LINES_INVALID,
                f"Invoice each line of the despatch once; there is no line {line.line} left.",
                f"{where}.line",
            )
        state = fulfilment.lines[line.line]
        if line.quantity > state.ordered:
            raise Refusal(
                Code.INVOICE_MISMATCH, f"{state.ordered} of this line are ordered.", f"{where}.quantity"
            )


@operation("invoices:Credit", CreditInvoice, InvoiceReply)
def credit(command: CreditInvoice, context: Context) -> Steps:
    """The seller takes back a part of his invoice, or all of it; then he may issue another."""
    invoice, order, _, despatch = yield from _load(command.invoice)
    require_party(context, order.seller, "credit an invoice of")
    if invoice.status != "issued":
        raise Refusal(Code.INVOICE_STATE, f"The invoice is {invoice.status}.", "invoice")
    lines, freight = _credit_of(command, invoice)
    credited = _with_credit(invoice, lines, freight)
    if freight == 0 and not any(line.quantity or line.amount != "0" for line in lines):
        raise Refusal(Code.AMOUNT_ZERO, "A credit note takes something back.", "lines")
    whole = credited.total == 0 and all(
        credited.standing(place)[0] == 0 for place in range(len(credited.lines))
    )
    if whole:
        credited = replace(credited, status="credited", closed_at=context.at)
    note = CreditNote(
        id=context.reference(command),
        invoice=invoice.id,
        order=order.id,
        lines=lines,
        freight=str(freight),
        document=command.document,
        number=command.number,
        issued_at=context.at,
    )
    event = InvoiceCredited(
        invoice=invoice.id,
        order=order.id,
        credit_note=note.id,
        status=credited.status,
        lines=note.lines,
        freight=note.freight,
        total=str(credited.total),
        number=note.number,
        document=note.document,
        at=context.at,
    )
    freed = replace(despatch, invoice=None) if whole else despatch
    return Decision(
        reply=InvoiceReply(invoice=credited, credit_note=note),
        writes={
            (Invoice.NOUN, invoice.id): credited,
            (CreditNote.NOUN, note.id): note,
            (Despatch.NOUN, despatch.id): freed,
        },
        events=(event,),
    )


def _credit_of(command: CreditInvoice, invoice: Invoice) -> tuple[list[InvoicedLine], int]:
    """What is taken back: what is named, or all that still stands."""
    if command.lines is not None:
        return [line.view for line in command.lines], int(command.freight)
    if command.freight != "0":
        return [], int(command.freight)
    standing = [(line.line, *invoice.standing(place)) for place, line in enumerate(invoice.lines)]
    lines = [InvoicedLine(line=line, quantity=number, amount=str(minor)) for line, number, minor in standing]
    return lines, int(invoice.freight) - int(invoice.freight_credited)


def _with_credit(invoice: Invoice, lines: Sequence[InvoicedLine], freight: int) -> Invoice:
    places = {line.line: place for place, line in enumerate(invoice.lines)}
    credited = list(invoice.credited)
    seen: set[int] = set()
    for number, line in enumerate(lines):
        where = f"lines[{number}]"
        place = places.get(line.line)
        if place is None or place in seen:
            raise Refusal(
                Code.PART_LINES_INVALID,
                f"Credit each line of the invoice once; there is no line {line.line} left.",
                f"{where}.line",
            )
        seen.add(place)
        quantity, amount = invoice.standing(place)
        if line.quantity > quantity or int(line.amount) > amount:
            raise Refusal(
                Code.INVOICE_MISMATCH,
                f"The invoice still asks {amount} minor units for {quantity} of this line.",
                f"{where}.amount" if int(line.amount) > amount else f"{where}.quantity",
            )
        before = credited[place]
        credited[place] = CreditedLine(
            quantity=before.quantity + line.quantity, amount=str(int(before.amount) + int(line.amount))
        )
    taken = int(invoice.freight_credited) + freight
    if taken > int(invoice.freight):
        raise Refusal(Code.INVOICE_MISMATCH, f"The invoice's freight is {invoice.freight}.", "freight")
    return replace(invoice, credited=credited, freight_credited=str(taken))


@operation("invoices:Pay", PayInvoice, DespatchPaidReply)
def pay(command: PayInvoice, context: Context) -> Steps:
    """The three-way match: where order, receipt and invoice agree, exactly this part leaves escrow."""
    invoice, order, fulfilment, despatch = yield from _load(command.invoice)
    if context.caller.msp_id not in order.parties:
        raise Refusal(Code.NOT_PERMITTED, "Only a party of the order may have an invoice paid.")
    if invoice.status != "issued":
        raise Refusal(Code.INVOICE_STATE, f"The invoice is {invoice.status}.", "invoice")
    # An arbitrator, or both sides, may have divided the escrow while the invoice stood.
    require_despatch(despatch, ("despatched", "delivered", "received"), "pay")
    records = yield Fetch(keys=((Receipt.NOUN, despatch.id),))
    receipt = records.find(Receipt, despatch.id)
    due = None if receipt is None else amount_due(order, fulfilment, despatch, receipt.lines)
    found = differences(order, due, invoice)
    if found or receipt is None:
        raise Refusal(Code.INVOICE_MISMATCH, found[0].message, f"invoice.{found[0].field}")
    reference = context.reference(command)
    settled = yield from settle_part(order, fulfilment, despatch, receipt, invoice, reference, context)
    paid = replace(invoice, status="paid", closed_at=context.at)
    return Decision(
        reply=DespatchPaidReply(
            order=settled.done.order,
            despatch=settled.despatch,
            notes=[note.view for note in settled.done.notes],
        ),
        writes={**settled.writes, (Invoice.NOUN, invoice.id): paid},
        events=settled.events,
    )


def _load(invoice_id: str) -> Generator[Fetch, Records, tuple[Invoice, Order, Fulfilment, Despatch]]:
    records = yield Fetch(keys=((Invoice.NOUN, invoice_id),))
    invoice = records.get(Invoice, invoice_id, refuse=Code.INVOICE_NOT_FOUND, where="invoice")
    order, fulfilment, despatch = yield from load_despatch(invoice.despatch)
    return invoice, order, fulfilment, despatch
