"""UBL DespatchAdvice: what the seller has sent."""

from __future__ import annotations

import msgspec

from hansa.documents.errors import DocumentCode
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.ubl import parts as c

MAX_EPCS = 500
"""As many as a shipment of the ledger names at most."""


class DespatchLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many units of a line of the order; ``epcs`` are their identities (EPC URIs or Digital Links)."""

    id: str
    order_line: str
    quantity: int
    gtin: str | None = None
    listing: str | None = None
    name: str | None = None
    epcs: tuple[str, ...] = ()


class DespatchAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """A despatch; ``sscc`` is the logistic unit that holds it, where it is one."""

    id: str
    issue_date: str
    order: c.OrderRef
    supplier: c.Party
    customer: c.Party
    lines: tuple[DespatchLine, ...]
    carrier: c.Party | None = None
    sscc: str | None = None


def read(root: Element) -> DespatchAdvice:
    """A despatch from its root. Raises DocumentError."""
    references = root.all("cac:OrderReference")
    if len(references) > 1:
        references[1].refuse("A despatch advice is about one order.", DocumentCode.NOT_SUPPORTED)
    elements = root.all("cac:DespatchLine")
    lines = c.read_lines(root, "cac:DespatchLine", "cbc:DeliveredQuantity", None)
    shipment = root.find("cac:Shipment")
    carrier = None if shipment is None else _carrier(shipment)
    found = [_line(element, line) for element, line in zip(elements, lines, strict=True)]
    if sum(len(line.epcs) for line in found) > MAX_EPCS:
        root.refuse(f"A despatch names at most {MAX_EPCS} identities.", DocumentCode.NOT_SUPPORTED)
    return DespatchAdvice(
        id=root.value("cbc:ID", 64),
        issue_date=c.read_date(root),
        order=c.read_order_reference(root),
        supplier=c.read_party(root.get("cac:DespatchSupplierParty/cac:Party")),
        customer=c.read_party(root.get("cac:DeliveryCustomerParty/cac:Party")),
        lines=tuple(found),
        carrier=carrier,
        sscc=None if shipment is None else _sscc(shipment),
    )


def _carrier(shipment: Element) -> c.Party | None:
    consignments = shipment.all("cac:Consignment")
    found = consignments[0].find("cac:CarrierParty") if consignments else None
    return None if found is None else c.read_party(found)


def _sscc(shipment: Element) -> str | None:
    units = shipment.all("cac:TransportHandlingUnit")
    if len(units) > 1:
        units[1].refuse("One logistic unit is taken; name the goods themselves.", DocumentCode.NOT_SUPPORTED)
    return units[0].optional("cbc:ID", 18) if units else None


def _line(element: Element, line: c.Line) -> DespatchLine:
    epcs = [
        each.value("cbc:ProductTraceID", 256)
        for each in element.get("cac:Item").all("cac:ItemInstance")
        if each.find("cbc:ProductTraceID") is not None
    ]
    return DespatchLine(
        id=line.id,
        order_line=element.value("cac:OrderLineReference/cbc:LineID", 64),
        quantity=line.quantity,
        gtin=line.gtin,
        listing=line.listing,
        name=line.name,
        epcs=tuple(epcs),
    )


def write(advice: DespatchAdvice) -> bytes:
    """A despatch as UBL 2.1."""
    unit = None
    if advice.sscc is not None:
        unit = Node("cac:TransportHandlingUnit", [Node("cbc:ID", advice.sscc, schemeID="SSCC")])
    consignment = None
    if advice.carrier is not None:
        carrier = c.write_party("cac:CarrierParty", advice.carrier)
        consignment = Node("cac:Consignment", [Node("cbc:ID", "1"), carrier])
    shipment = None
    if unit is not None or consignment is not None:
        shipment = Node("cac:Shipment", [Node("cbc:ID", "1"), consignment, unit])
    return c.write_document(
        "DespatchAdvice",
        [
            Node("cbc:ID", advice.id),
            Node("cbc:IssueDate", advice.issue_date),
            c.write_order_reference(advice.order),
            c.write_party("cac:DespatchSupplierParty", advice.supplier),
            c.write_party("cac:DeliveryCustomerParty", advice.customer),
            shipment,
            *(_written(line) for line in advice.lines),
        ],
    )


def _written(line: DespatchLine) -> Node:
    item = c.write_item(
        c.Line(id=line.id, quantity=line.quantity, gtin=line.gtin, listing=line.listing, name=line.name)
    )
    content = [each for each in item.content or () if not isinstance(each, str)]
    traced = [Node("cac:ItemInstance", [Node("cbc:ProductTraceID", epc)]) for epc in line.epcs]
    return Node(
        "cac:DespatchLine",
        [
            Node("cbc:ID", line.id),
            Node("cbc:DeliveredQuantity", str(line.quantity), unitCode=c.UNIT),
            Node("cac:OrderLineReference", [optional("cbc:LineID", line.order_line)]),
            Node("cac:Item", [*content, *traced]),
        ],
    )
