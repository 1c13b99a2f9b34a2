"""UBL 2 (OASIS Universal Business Language, ISO/IEC 19845): documents of trade, as bytes and typed structs.

``read`` takes any 2.x document of the kinds below; ``write`` makes a 2.1 one, the same bytes each time.
Neither touches a network: ``client.ubl`` carries documents out and makes them from the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hansa.documents.reading import Element
from hansa.ubl import credit_note, despatch_advice, invoice, order, order_response, receipt_advice
from hansa.ubl.credit_note import CreditNote
from hansa.ubl.despatch_advice import DespatchAdvice, DespatchLine
from hansa.ubl.invoice import Invoice
from hansa.ubl.order import Address, Order
from hansa.ubl.order_response import OrderResponse
from hansa.ubl.parts import Line, OrderRef, Party, open_document, same_kind
from hansa.ubl.receipt_advice import ReceiptAdvice, ReceiptLine

__all__ = [
    "Address", "CreditNote", "DespatchAdvice", "DespatchLine", "Document", "Invoice", "Line", "Order",
    "OrderRef", "OrderResponse", "Party", "ReceiptAdvice", "ReceiptLine", "read", "write",
]  # fmt: skip

Document = Order | OrderResponse | DespatchAdvice | ReceiptAdvice | Invoice | CreditNote

_READ: dict[str, Callable[[Element], Document]] = {
    "Order": order.read,
    "OrderResponse": order_response.read,
    "OrderResponseSimple": order_response.read_simple,
    "DespatchAdvice": despatch_advice.read,
    "ReceiptAdvice": receipt_advice.read,
    "Invoice": invoice.read,
    "CreditNote": credit_note.read,
}
_WRITE: dict[type[Any], Callable[[Any], bytes]] = {
    Order: order.write,
    OrderResponse: order_response.write,
    DespatchAdvice: despatch_advice.write,
    ReceiptAdvice: receipt_advice.write,
    Invoice: invoice.write,
    CreditNote: credit_note.write,
}


def read(raw: bytes) -> Document:
    """A document of any of these kinds.

    Raises:
        DocumentError: what is wrong with it, and in ``field`` where, as an XPath.
    """
    root = open_document(raw)
    same_kind(root, _READ)
    return _READ[root.name](root)


def write(document: Document) -> bytes:
    """A document as UBL 2.1; the same bytes each time."""
    return _WRITE[type(document)](document)
