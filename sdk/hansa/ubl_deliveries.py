"""UBL documents about an order that is delivered in parts: despatched, received and invoiced part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec

from hansa import ubl
from hansa.documents.errors import DocumentCode, DocumentError
from hansa.errors import RefusedError
from hansa.repetition import once, submit_once
from hansa.submission import Receipt, Submitter
from hansa.ubl.matching import places
from hansa_domain.deliveries.commands import (
    AcceptPart,
    AmountOfLine,
    CreditInvoice,
    DeliveriesReply,
    DespatchDetailReply,
    DespatchReply,
    FulfilmentReply,
    GetDeliveries,
    GetDespatch,
    InvoiceReply,
    IssueInvoice,
    LineAnswer,
    LineReport,
    ReceiptReply,
    ReportReceipt,
    SendDespatch,
    UnitsOfLine,
)
from hansa_domain.deliveries.records import Despatch
from hansa_domain.error_codes import Code
from hansa_domain.events.deliveries import Reason
from hansa_domain.orders.order import Order

REASONS: tuple[str, ...] = get_args(Reason)
Named = Callable[[str, str], str]
"""The id on the ledger of what a document of a member became: member's kind and document id to entity id."""


class Deliveries:
    """Carries out documents about parts of an order.

    Args:
        submitter: sends the commands.
    """

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def accept(self, document: ubl.OrderResponse, order: Order, command_id: str) -> Receipt[DeliveriesReply]:
        """Accepts what the lines say; what they leave out is declined, and its money goes back at once."""
        where = "/OrderResponse/cac:OrderLine"
        if not document.lines:
            raise DocumentError(DocumentCode.FIELD_MISSING, "The answer names no lines that it takes.", where)
        units = _units(
            order, places(order, [(line, line.id) for line in document.lines], where), document.lines
        )
        lines = [LineAnswer(line=line, accepted=count) for line, count in units]
        command = AcceptPart(id=command_id, order=order.id, lines=lines)
        return submit_once(self._submitter, "orders:AcceptPart", command, DeliveriesReply, command_id)

    def despatch(
        self, document: ubl.DespatchAdvice, order: Order, carrier: str | None, command_id: str
    ) -> Receipt[DespatchReply]:
        """Sends what the lines say, with the first transport of this carrier that is still free."""
        where = "/DespatchAdvice/cac:DespatchLine"
        found = places(order, [(line, line.order_line) for line in document.lines], where)
        units = [
            UnitsOfLine(line=line, quantity=count) for line, count in _units(order, found, document.lines)
        ]
        epcs = [epc for line in document.lines for epc in line.epcs]

        def same(made: Despatch) -> bool:
            return (
                made.order == order.id
                and [(line.line, line.quantity) for line in made.lines]
                == [(line.line, line.quantity) for line in units]
                and (made.epcs, made.sscc, made.carrier) == (epcs, document.sscc, carrier)
            )

        return once(
            self._submitter,
            "despatches:Despatch",
            command_id,
            DespatchReply,
            lambda earlier: same(msgspec.json.decode(earlier.reply, type=DespatchReply).despatch),
            lambda: self._submitter.submit(
                "despatches:Despatch",
                SendDespatch(
                    id=command_id,
                    order=order.id,
                    lines=units,
                    carriage=self._carriage(order, carrier),
                    epcs=epcs,
                    sscc=document.sscc,
                ),
                DespatchReply,
            ),
        )

    def _carriage(self, order: Order, carrier: str | None) -> int | None:
        if carrier is None or order.deliveries is None:
            return None
        query = GetDeliveries(order=order.id)
        used = self._submitter.evaluate("deliveries:Get", query, FulfilmentReply).fulfilment.carriages
        for place, each in enumerate(order.deliveries.carriages):
            if each.carrier == carrier and place not in used:
                return place
        raise DocumentError(
            DocumentCode.ORDER_DIFFERS,
            f"The order has no transport by {carrier} left.",
            "/DespatchAdvice/cac:Shipment/cac:Consignment/cac:CarrierParty",
        )

    def receive(
        self, document: ubl.ReceiptAdvice, order: Order, named: Named, command_id: str
    ) -> Receipt[ReceiptReply]:
        """Reports what came of a despatch: taken, short, refused, too many."""
        where = "/ReceiptAdvice/cac:ReceiptLine"
        despatch = self._despatch(document.despatch, order, named, "ReceiptAdvice")
        found = places(order, [(line, line.order_line) for line in document.lines], where)
        lines = [
            _report(line, place, f"{where}[{number}]")
            for number, (line, place) in enumerate(zip(document.lines, found, strict=True), 1)
        ]
        command = ReportReceipt(id=command_id, despatch=despatch.id, lines=lines)
        return submit_once(self._submitter, "receipts:Report", command, ReceiptReply, command_id)

    def invoice(
        self, document: ubl.Invoice, order: Order, named: Named, command_id: str
    ) -> Receipt[InvoiceReply]:
        """Invoices a despatch."""
        despatch = self._despatch(document.despatch, order, named, "Invoice")
        command = IssueInvoice(
            id=command_id,
            despatch=despatch.id,
            lines=_amounts(document, order, "Invoice"),
            freight=str(document.freight),
            number=document.id,
        )
        return submit_once(self._submitter, "invoices:Issue", command, InvoiceReply, command_id)

    def credit(
        self, document: ubl.CreditNote, order: Order, named: Named, command_id: str
    ) -> Receipt[InvoiceReply]:
        """Takes back what the lines say of an invoice that is not paid."""
        if document.invoice is None:
            where = "/CreditNote/cac:BillingReference"
            raise DocumentError(DocumentCode.FIELD_MISSING, "The credit note names no invoice.", where)
        command = CreditInvoice(
            id=command_id,
            invoice=named("Invoice", document.invoice),
            lines=_amounts(document, order, "CreditNote"),
            freight=str(document.freight),
            number=document.id,
        )
        return submit_once(self._submitter, "invoices:Credit", command, InvoiceReply, command_id)

    def _despatch(self, document: str | None, order: Order, named: Named, kind: str) -> Despatch:
        """The despatch that a document names, which must be one of the order's."""
        where = f"/{kind}/cac:DespatchDocumentReference"
        if document is None:
            raise DocumentError(
                DocumentCode.FIELD_MISSING, "Name the despatch advice that it is about.", where
            )
        query = GetDespatch(despatch=named("DespatchAdvice", document))
        try:
            found = self._submitter.evaluate("despatches:Get", query, DespatchDetailReply).despatch
        except RefusedError as error:
            if error.code != Code.DESPATCH_NOT_FOUND.value:
                raise
            raise DocumentError(
                DocumentCode.ORDER_DIFFERS, f"The seller sent no despatch advice {document}.", where
            ) from error
        if found.order != order.id:
            raise DocumentError(DocumentCode.ORDER_DIFFERS, "That despatch is of another order.", where)
        return found


def _units(order: Order, found: Sequence[int], lines: Sequence[Any]) -> list[tuple[int, int]]:
    """Units by line of the order, in its order; lines of a document about the same one are added up."""
    told = [0] * len(order.lines)
    for place, line in zip(found, lines, strict=True):
        told[place] += line.quantity
    return [(place, count) for place, count in enumerate(told) if count]


def _report(line: ubl.ReceiptLine, place: int, where: str) -> LineReport:
    taken = line.received - line.rejected - line.over
    if taken < 0:
        raise DocumentError(
            DocumentCode.TOTALS_DIFFER, "More was refused than was received.", f"{where}/cbc:ReceivedQuantity"
        )
    reason: Any = line.reason
    if reason is not None and reason not in REASONS:
        raise DocumentError(
            DocumentCode.FIELD_INVALID,
            f"{reason} is none of {', '.join(REASONS)} (UN/CEFACT 4221).",
            f"{where}/cbc:QuantityDiscrepancyCode",
        )
    return LineReport(
        line=place, accepted=taken, short=line.short, over=line.over, rejected=line.rejected, reason=reason
    )


def _amounts(document: ubl.Invoice | ubl.CreditNote, order: Order, kind: str) -> list[AmountOfLine]:
    where = f"/{kind}/cac:{kind}Line"
    if document.currency != order.currency:
        raise DocumentError(
            DocumentCode.ORDER_DIFFERS,
            f"The order is in {order.currency}.",
            f"/{kind}/cbc:DocumentCurrencyCode",
        )
    if document.tax:
        raise DocumentError(
            DocumentCode.NOT_SUPPORTED,
            "What is invoiced is the order's price, tax included: give lines with it.",
            f"/{kind}/cac:TaxTotal",
        )
    found = places(order, [(line, line.id) for line in document.lines], where)
    if len(set(found)) < len(found):
        raise DocumentError(DocumentCode.FIELD_REPEATED, "Two lines are about the same goods.", where)
    return [
        AmountOfLine(line=place, quantity=line.quantity, amount=str(line.amount or 0))
        for line, place in zip(document.lines, found, strict=True)
    ]
