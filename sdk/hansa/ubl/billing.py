"""What UBL's Invoice and CreditNote share: both are one document, read and written under two names."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from hansa.documents.errors import DocumentCode
from hansa.documents.numbers import amount
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.ubl import parts as c
from hansa.ubl.order import read_freight, read_tax, write_freight


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts in minor units of ``currency``; ``payable`` = lines + ``freight`` + ``tax``.

    ``invoice`` is the invoice that a credit note corrects, ``despatch`` the despatch advice billed.
    """

    id: str
    issue_date: str
    currency: str
    order: c.OrderRef
    supplier: c.Party
    customer: c.Party
    lines: tuple[c.Line, ...]
    payable: int
    freight: int = 0
    tax: int = 0
    due_date: str | None = None
    buyer_reference: str | None = None
    invoice: str | None = None
    despatch: str | None = None


@dataclass(frozen=True)
class Form:
    """How one of the two is written: its name, type (UNCL 1001), and its lines' and quantities' names."""

    name: str
    code: str
    line: str
    quantity: str


INVOICE = Form("Invoice", "380", "cac:InvoiceLine", "cbc:InvoicedQuantity")
CREDIT_NOTE = Form("CreditNote", "381", "cac:CreditNoteLine", "cbc:CreditedQuantity")


def read_bill(root: Element, form: Form) -> Bill:
    """One of the two from its root. Raises DocumentError."""
    code = root.find(f"cbc:{form.name}TypeCode")
    if code is not None and code.said() != form.code:
        code.refuse(f"Of these, type {form.code} (UNCL 1001) is read.", DocumentCode.NOT_SUPPORTED)
    currency = c.read_currency(root)
    lines = c.read_lines(root, form.line, form.quantity, currency)
    freight = read_freight(root, currency)
    tax = read_tax(root, currency)
    total = root.get("cac:LegalMonetaryTotal")
    payable = total.get("cbc:PayableAmount")
    minor = amount(payable, currency, "currencyID")
    sum_ = c.line_total(lines)
    if sum_ is None:
        root.refuse("A line has no cbc:LineExtensionAmount.", DocumentCode.FIELD_MISSING)
    said = total.find("cbc:LineExtensionAmount")
    if said is not None:
        c.check_total(said, amount(said, currency, "currencyID"), sum_, "the lines")
    c.check_total(payable, minor, sum_ + freight + tax, "lines, freight and tax")
    return Bill(
        id=root.value("cbc:ID", 64),
        issue_date=c.read_date(root),
        currency=currency,
        order=c.read_order_reference(root),
        supplier=c.read_party(root.get("cac:AccountingSupplierParty/cac:Party")),
        customer=c.read_party(root.get("cac:AccountingCustomerParty/cac:Party")),
        lines=tuple(lines),
        payable=minor,
        freight=freight,
        tax=tax,
        due_date=None if root.find("cbc:DueDate") is None else c.read_date(root, "cbc:DueDate"),
        buyer_reference=root.optional("cbc:BuyerReference", 64),
        invoice=root.optional("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID", 64),
        despatch=root.optional("cac:DespatchDocumentReference/cbc:ID", 128),
    )


def write_bill(bill: Bill, form: Form) -> bytes:
    """One of the two as UBL 2.1."""
    lines = sum(line.amount or 0 for line in bill.lines)
    reference = None
    if bill.invoice is not None:
        corrected = Node("cac:InvoiceDocumentReference", [Node("cbc:ID", bill.invoice)])
        reference = Node("cac:BillingReference", [corrected])
    despatch = None
    if bill.despatch is not None:
        despatch = Node("cac:DespatchDocumentReference", [Node("cbc:ID", bill.despatch)])
    content: list[Node | None] = [
        Node("cbc:ID", bill.id),
        Node("cbc:IssueDate", bill.issue_date),
        optional("cbc:DueDate", bill.due_date) if form is INVOICE else None,
        Node(f"cbc:{form.name}TypeCode", form.code),
        Node("cbc:DocumentCurrencyCode", bill.currency),
        optional("cbc:BuyerReference", bill.buyer_reference),
        c.write_order_reference(bill.order),
        reference,
        despatch,
        c.write_party("cac:AccountingSupplierParty", bill.supplier),
        c.write_party("cac:AccountingCustomerParty", bill.customer),
        write_freight(bill.freight, bill.currency),
        Node("cac:TaxTotal", [c.money("cbc:TaxAmount", bill.tax, bill.currency)]),
        Node("cac:LegalMonetaryTotal", _totals(bill, lines)),
        *(_line(line, bill.currency, form) for line in bill.lines),
    ]
    return c.write_document(form.name, content)


def _totals(bill: Bill, lines: int) -> list[Node | None]:
    def total(name: str, minor: int) -> Node:
        return c.money(f"cbc:{name}", minor, bill.currency)

    return [
        total("LineExtensionAmount", lines),
        total("TaxExclusiveAmount", lines + bill.freight),
        total("TaxInclusiveAmount", lines + bill.freight + bill.tax),
        total("ChargeTotalAmount", bill.freight) if bill.freight else None,
        total("PayableAmount", bill.payable),
    ]


def _line(line: c.Line, currency: str, form: Form) -> Node:
    return Node(
        form.line,
        [
            Node("cbc:ID", line.id),
            Node(form.quantity, str(line.quantity), unitCode=c.UNIT),
            c.money("cbc:LineExtensionAmount", line.amount or 0, currency),
            c.write_item(line),
            c.write_price(line, currency),
        ],
    )
