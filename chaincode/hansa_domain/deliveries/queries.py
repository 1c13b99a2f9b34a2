"""Questions about the parts of an order."""

from __future__ import annotations

from hansa_domain.deliveries.commands import (
    DespatchDetailReply,
    FulfilmentReply,
    GetDeliveries,
    GetDespatch,
    GetInvoice,
    InvoiceDetailReply,
)
from hansa_domain.deliveries.matching import amount_due, differences
from hansa_domain.deliveries.records import Despatch, Fulfilment, Invoice, Receipt, fulfilment_key
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import InvoicedLine
from hansa_domain.operation import Context, Decision, Fetch, Steps, operation
from hansa_domain.orders.order import Order


@operation("deliveries:Get", GetDeliveries, FulfilmentReply)
def get(command: GetDeliveries, context: Context) -> Steps:
    """How far the parts of one order are."""
    records = yield Fetch(keys=((Order.NOUN, command.order), fulfilment_key(command.order)))
    records.get(Order, command.order, refuse=Code.ORDER_NOT_FOUND, where="order")
    found = records.find(Fulfilment, command.order)
    if found is None:
        raise Refusal(Code.ORDER_SETTLEMENT, "This order is not delivered in parts.", "order")
    records = yield Fetch(keys=tuple((Despatch.NOUN, each) for each in found.despatches))
    despatches = [records.get(Despatch, each, refuse=Code.LEDGER_INCONSISTENT) for each in found.despatches]
    return Decision(reply=FulfilmentReply(fulfilment=found, despatches=despatches))


@operation("despatches:Get", GetDespatch, DespatchDetailReply)
def get_despatch(command: GetDespatch, context: Context) -> Steps:
    """One despatch with its receipt and invoice."""
    records = yield Fetch(keys=((Despatch.NOUN, command.despatch), (Receipt.NOUN, command.despatch)))
    despatch = records.get(Despatch, command.despatch, refuse=Code.DESPATCH_NOT_FOUND, where="despatch")
    receipt = records.find(Receipt, despatch.id)
    named = () if despatch.invoice is None else ((Invoice.NOUN, despatch.invoice),)
    records = yield Fetch(keys=((Order.NOUN, despatch.order), fulfilment_key(despatch.order), *named))
    order = records.get(Order, despatch.order, refuse=Code.LEDGER_INCONSISTENT)
    fulfilment = records.get(Fulfilment, despatch.order, refuse=Code.LEDGER_INCONSISTENT)
    due = None if receipt is None else amount_due(order, fulfilment, despatch, receipt.lines)
    lines = () if due is None else due.lines
    return Decision(
        reply=DespatchDetailReply(
            despatch=despatch,
            receipt=receipt,
            invoice=None if despatch.invoice is None else records.find(Invoice, despatch.invoice),
            due=[InvoicedLine(line=each.line, quantity=each.kept, amount=str(each.amount)) for each in lines],
            freight_due=None if due is None else str(due.freight),
        )
    )


@operation("invoices:Get", GetInvoice, InvoiceDetailReply)
def get_invoice(command: GetInvoice, context: Context) -> Steps:
    """One invoice, and whether order and receipt agree with it."""
    records = yield Fetch(keys=((Invoice.NOUN, command.invoice),))
    invoice = records.get(Invoice, command.invoice, refuse=Code.INVOICE_NOT_FOUND, where="invoice")
    records = yield Fetch(
        keys=(
            (Order.NOUN, invoice.order),
            fulfilment_key(invoice.order),
            (Despatch.NOUN, invoice.despatch),
            (Receipt.NOUN, invoice.despatch),
        )
    )
    order = records.get(Order, invoice.order, refuse=Code.LEDGER_INCONSISTENT)
    fulfilment = records.get(Fulfilment, invoice.order, refuse=Code.LEDGER_INCONSISTENT)
    despatch = records.get(Despatch, invoice.despatch, refuse=Code.LEDGER_INCONSISTENT)
    receipt = records.find(Receipt, despatch.id)
    due = None if receipt is None else amount_due(order, fulfilment, despatch, receipt.lines)
    found = [] if invoice.status == "paid" else differences(order, due, invoice)
    return Decision(reply=InvoiceDetailReply(invoice=invoice, differences=found))
