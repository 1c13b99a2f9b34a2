"""UBL ReceiptAdvice: what the buyer has received, and in what state."""

from __future__ import annotations

import msgspec

from hansa.documents.errors import DocumentCode, DocumentError
from hansa.documents.numbers import quantity
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.ubl import parts as c


class ReceiptLine(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a line of the order, in units: received in all, and of it refused or too many; missing.

    ``reason`` says why it differs (UN/CEFACT 4221).
    """

    id: str
    order_line: str
    received: int
    short: int = 0
    rejected: int = 0
    over: int = 0
    reason: str | None = None
    gtin: str | None = None
    listing: str | None = None
    name: str | None = None


class ReceiptAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of goods; ``despatch`` is the id of the despatch advice, where it names one."""

    id: str
    issue_date: str
    order: c.OrderRef
    customer: c.Party
    supplier: c.Party
    lines: tuple[ReceiptLine, ...]
    despatch: str | None = None

    @property
    def clean(self) -> bool:
        """Whether all came, and came well."""
        return not any(line.short or line.rejected or line.over for line in self.lines)


def read(root: Element) -> ReceiptAdvice:
    """A receipt from its root. Raises DocumentError."""
    for name in ("cac:OrderReference", "cac:DespatchDocumentReference"):
        references = root.all(name)
        if len(references) > 1:
            references[1].refuse("A receipt advice is about one of these.", DocumentCode.NOT_SUPPORTED)
    elements = root.all("cac:ReceiptLine")
    if not elements:
        where = f"{root.path}/cac:ReceiptLine"
        raise DocumentError(DocumentCode.FIELD_MISSING, "It has no lines.", where)
    if len(elements) > c.MAX_LINES:
        elements[c.MAX_LINES].refuse(f"It has more than {c.MAX_LINES} lines.", DocumentCode.NOT_SUPPORTED)
    lines = [_line(each) for each in elements]
    if len({line.id for line in lines}) < len(lines):
        root.refuse("Two of its lines have one id.", DocumentCode.FIELD_REPEATED)
    return ReceiptAdvice(
        id=root.value("cbc:ID", 64),
        issue_date=c.read_date(root),
        order=c.read_order_reference(root),
        customer=c.read_party(root.get("cac:DeliveryCustomerParty/cac:Party")),
        supplier=c.read_party(root.get("cac:DespatchSupplierParty/cac:Party")),
        lines=tuple(lines),
        despatch=root.optional("cac:DespatchDocumentReference/cbc:ID", 128),
    )


def _line(element: Element) -> ReceiptLine:
    items = element.all("cac:Item")
    if len(items) > 1:
        items[1].refuse("A line has one item.", DocumentCode.FIELD_REPEATED)
    item = items[0] if items else None
    return ReceiptLine(
        id=element.value("cbc:ID", 64),
        order_line=element.value("cac:OrderLineReference/cbc:LineID", 64),
        received=_units(element, "cbc:ReceivedQuantity"),
        short=_units(element, "cbc:ShortQuantity"),
        rejected=_units(element, "cbc:RejectedQuantity"),
        over=_units(element, "cbc:OversupplyQuantity"),
        reason=element.optional("cbc:QuantityDiscrepancyCode", 3),
        gtin=None if item is None else c.read_gtin(item),
        listing=None if item is None else c.read_listing(item),
        name=None if item is None else item.optional("cbc:Name"),
    )


def _units(element: Element, name: str) -> int:
    found = element.get(name) if name == "cbc:ReceivedQuantity" else element.find(name)
    if found is None:
        return 0
    c.check_unit(found)
    return quantity(found)


def write(advice: ReceiptAdvice) -> bytes:
    """A receipt as UBL 2.1."""
    despatch = None
    if advice.despatch is not None:
        despatch = Node("cac:DespatchDocumentReference", [Node("cbc:ID", advice.despatch)])
    return c.write_document(
        "ReceiptAdvice",
        [
            Node("cbc:ID", advice.id),
            Node("cbc:IssueDate", advice.issue_date),
            c.write_order_reference(advice.order),
            despatch,
            c.write_party("cac:DeliveryCustomerParty", advice.customer),
            c.write_party("cac:DespatchSupplierParty", advice.supplier),
            *(_written(line) for line in advice.lines),
        ],
    )


def _written(line: ReceiptLine) -> Node:
    def units(name: str, count: int) -> Node:
        return Node(name, str(count), unitCode=c.UNIT)

    item = c.Line(id=line.id, quantity=line.received, gtin=line.gtin, listing=line.listing, name=line.name)
    return Node(
        "cac:ReceiptLine",
        [
            Node("cbc:ID", line.id),
            units("cbc:ReceivedQuantity", line.received),
            units("cbc:ShortQuantity", line.short) if line.short else None,
            units("cbc:RejectedQuantity", line.rejected) if line.rejected else None,
            optional("cbc:QuantityDiscrepancyCode", line.reason),
            units("cbc:OversupplyQuantity", line.over) if line.over else None,
            Node("cac:OrderLineReference", [Node("cbc:LineID", line.order_line)]),
            c.write_item(item) if line.gtin or line.listing or line.name else None,
        ],
    )
