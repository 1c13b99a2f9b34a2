"""UBL Invoice: what the seller asks for."""

from __future__ import annotations

from hansa.documents.reading import Element
from hansa.ubl.billing import INVOICE, Bill, read_bill, write_bill


class Invoice(Bill, frozen=True, kw_only=True):
    """A commercial invoice (UNCL 1001: 380)."""


def read(root: Element) -> Invoice:
    """An invoice from its root. Raises DocumentError."""
    bill = read_bill(root, INVOICE)
    return Invoice(**{name: getattr(bill, name) for name in bill.__struct_fields__})


def write(invoice: Invoice) -> bytes:
    """An invoice as UBL 2.1."""
    return write_bill(invoice, INVOICE)
