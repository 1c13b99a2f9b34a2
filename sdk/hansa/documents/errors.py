"""Why a document is refused, and where in it."""

from __future__ import annotations

from enum import StrEnum

from hansa.errors import HansaError


class DocumentCode(StrEnum):
    """What can be wrong with a document; never renamed or reused."""

    MALFORMED = "DOCUMENT_MALFORMED"
    TOO_LARGE = "DOCUMENT_TOO_LARGE"
    KIND_UNKNOWN = "DOCUMENT_KIND_UNKNOWN"
    FIELD_MISSING = "DOCUMENT_FIELD_MISSING"
    FIELD_REPEATED = "DOCUMENT_FIELD_REPEATED"
    FIELD_INVALID = "DOCUMENT_FIELD_INVALID"
    TOTALS_DIFFER = "DOCUMENT_TOTALS_DIFFER"
    PARTY_UNKNOWN = "DOCUMENT_PARTY_UNKNOWN"
    PARTY_NOT_YOU = "DOCUMENT_PARTY_NOT_YOU"
    GOODS_UNKNOWN = "DOCUMENT_GOODS_UNKNOWN"
    PRICE_DIFFERS = "DOCUMENT_PRICE_DIFFERS"
    ORDER_DIFFERS = "DOCUMENT_ORDER_DIFFERS"
    NOT_SUPPORTED = "DOCUMENT_NOT_SUPPORTED"
    NOT_AVAILABLE = "DOCUMENT_NOT_AVAILABLE"


HINTS: dict[DocumentCode, str] = {
    DocumentCode.MALFORMED: "Send well-formed XML in UTF-8, without a document type declaration.",
    DocumentCode.TOO_LARGE: "Split it into several documents, each with an id of its own.",
    DocumentCode.KIND_UNKNOWN: "See docs/how-to/exchange-documents.md for the documents that are read.",
    DocumentCode.FIELD_MISSING: "Add the element that the error names.",
    DocumentCode.FIELD_REPEATED: "Give the element once.",
    DocumentCode.FIELD_INVALID: "Correct the element that the error names.",
    DocumentCode.TOTALS_DIFFER: "Let the totals be the sums of their parts.",
    DocumentCode.PARTY_UNKNOWN: "Name a member by its GLN or its MSP id; hansa members list shows both.",
    DocumentCode.PARTY_NOT_YOU: "A document is sent in by the member that issued it.",
    DocumentCode.GOODS_UNKNOWN: "Name goods by GTIN or listing; hansa listings list shows both.",
    DocumentCode.PRICE_DIFFERS: "Order at the price that the seller's listing has now.",
    DocumentCode.ORDER_DIFFERS: "Compare the document with the order that it is about.",
    DocumentCode.NOT_SUPPORTED: "Do this step by hand; see hansa orders --help.",
    DocumentCode.NOT_AVAILABLE: "Look at the order's status: this document belongs to a later step.",
}
"""What to do about each."""


class DocumentError(HansaError):
    """A document that cannot be read or carried out; nothing was written.

    ``field`` is the XPath of the element at fault, such as ``/Order/cac:OrderLine[2]/cac:LineItem``.
    """

    def __init__(self, code: DocumentCode, message: str, field: str | None = None) -> None:
        super().__init__(code.value, message, HINTS[code], field=field)
