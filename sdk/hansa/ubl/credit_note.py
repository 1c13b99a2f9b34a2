"""UBL CreditNote: what the seller takes back of an invoice."""

from __future__ import annotations

from hansa.documents.reading import Element
from hansa.ubl.billing import CREDIT_NOTE, Bill, read_bill, write_bill


class CreditNote(Bill, frozen=True, kw_only=True):
    """A credit note (UNCL 1001: 381)."""


def read(root: Element) -> CreditNote:
    """A credit note from its root. Raises DocumentError."""
    bill = read_bill(root, CREDIT_NOTE)
    return CreditNote(**{name: getattr(bill, name) for name in bill.__struct_fields__})


def write(note: CreditNote) -> bytes:
    """A credit note as UBL 2.1."""
    return write_bill(note, CREDIT_NOTE)
