"""What UBL's documents have in common: namespaces, parties, lines and totals (OASIS UBL 2)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import msgspec

from hansa.documents.errors import DocumentCode, DocumentError
from hansa.documents.numbers import amount, decimals_of, ordered, written
from hansa.documents.reading import Element, parse
from hansa.documents.writing import Node, document, optional
from hansa_domain.errors import Refusal
from hansa_domain.gs1 import gtin14

VERSION = "2.1"
"""What is written; every later 2.x reads it."""
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
PREFIXES = {"": "", "cac": CAC, "cbc": CBC}
MAX_LINES = 20
"""As many as an order of the ledger has at most."""

GLN, LEI, GTIN = "0088", "0199", "0160"
"""ISO 6523 identifier codes: GLN of GS1, LEI of ISO 17442, GTIN of GS1."""
MSP, LISTING, ORDER = "HANSA:MSP", "HANSA:LISTING", "HANSA:ORDER"
"""Ids of the ledger itself."""
_GLN_NAMES = {GLN, "GLN"}
_GTIN_NAMES = {GTIN, "GTIN", "GS1", "SRV", ""}
FREIGHT = "FC"
"""UNCL 7161: freight service."""

UNIT = "EA"
"""UN/ECE recommendation 20: each. What the ledger counts are trade items as their GTIN identifies them."""
_COUNTED = {"EA", "C62", "H87", "NAR", "NIU", "SET", "PK", "CS", "BX", "CT"}


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A company as a document names it: by any of its ids. ``name`` and ``country`` are for people."""

    gln: str | None = None
    lei: str | None = None
    msp_id: str | None = None
    name: str | None = None
    country: str | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Goods: by GTIN, by the ledger's listing, or both. Amounts in minor units of the document's currency.

    ``price`` is what ``base`` units cost, ``amount`` what the whole line costs.
    """

    id: str
    quantity: int
    gtin: str | None = None
    listing: str | None = None
    name: str | None = None
    price: int | None = None
    base: int = 1
    amount: int | None = None


class OrderRef(msgspec.Struct, frozen=True, kw_only=True):
    """Which order a document is about: the buyer's number for it, the ledger's id, or both."""

    id: str
    order: str | None = None


def open_document(raw: bytes) -> Element:
    """The root of a UBL 2 document of whatever kind.

    Raises:
        DocumentError: DOCUMENT_MALFORMED, DOCUMENT_TOO_LARGE or DOCUMENT_KIND_UNKNOWN.
    """
    root = parse(raw, PREFIXES)
    if root.namespace != ROOT.format(root.name):
        raise DocumentError(
            DocumentCode.KIND_UNKNOWN,
            f"{root.name} of namespace {root.namespace or '(none)'} is no document of UBL 2.",
            root.path,
        )
    version = root.optional("cbc:UBLVersionID")
    if version is not None and not version.startswith("2"):
        root.get("cbc:UBLVersionID").refuse(
            f"UBL {version} is not read; only 2.x is.", DocumentCode.KIND_UNKNOWN
        )
    return root


def write_document(name: str, content: Sequence[Node | None]) -> bytes:
    """A document of a kind."""
    root = Node(name, [Node("cbc:UBLVersionID", VERSION), *content])
    return document(root, {"": ROOT.format(name), "cac": CAC, "cbc": CBC})


def read_date(root: Element, path: str = "cbc:IssueDate") -> str:
    """A day, as ``2027-01-15``; a time zone is taken and left out."""
    element = root.get(path)
    try:
        return datetime.date.fromisoformat(element.said()[:10]).isoformat()
    except ValueError:
        element.refuse(f"{element.text} is no day such as 2027-01-15.")


def read_currency(root: Element, path: str = "cbc:DocumentCurrencyCode") -> str:
    """A currency of ISO 4217."""
    element = root.get(path)
    code = element.said()
    decimals_of(code, element)
    return code


def read_party(element: Element) -> Party:
    """A company from a ``cac:Party``; its first GLN, LEI and MSP id."""
    found: dict[str, str] = {}
    ids = [each.get("cbc:ID") for each in element.all("cac:PartyIdentification")]
    legal = element.find("cac:PartyLegalEntity/cbc:CompanyID")
    endpoint = element.find("cbc:EndpointID")
    for each in [*ids, *(one for one in (endpoint, legal) if one is not None)]:
        scheme = each.attributes.get("schemeID", "")
        kind = "gln" if scheme in _GLN_NAMES else {LEI: "lei", "LEI": "lei", MSP: "msp_id"}.get(scheme)
        if kind is not None:
            found.setdefault(kind, each.said())
    country = element.optional("cac:PostalAddress/cac:Country/cbc:IdentificationCode")
    names = element.all("cac:PartyName")
    return Party(**found, name=names[0].optional("cbc:Name") if names else None, country=country)


def write_party(name: str, party: Party) -> Node:
    """A company below an element such as ``cac:BuyerCustomerParty``."""
    ids = ((GLN, party.gln), (LEI, party.lei), (MSP, party.msp_id))
    country = None
    if party.country is not None:
        code = Node("cbc:IdentificationCode", party.country)
        country = Node("cac:PostalAddress", [Node("cac:Country", [code])])
    content = [
        optional("cbc:EndpointID", party.gln, schemeID=GLN),
        *(
            Node("cac:PartyIdentification", [Node("cbc:ID", value, schemeID=scheme)])
            for scheme, value in ids
            if value is not None
        ),
        None if party.name is None else Node("cac:PartyName", [Node("cbc:Name", party.name)]),
        country,
    ]
    return Node(name, [Node("cac:Party", content)] if name != "cac:CarrierParty" else content)


def read_lines(
    root: Element, path: str, quantity: str, currency: str | None, inner: str | None = None
) -> list[Line]:
    """The lines of a document.

    Args:
        root: the document.
        path: what a line is called, such as ``cac:InvoiceLine``.
        quantity: what its quantity is called, such as ``cbc:InvoicedQuantity``.
        currency: what amounts must be in; None where a line has none.
        inner: an element between the line and its content (``cac:LineItem``).

    Raises:
        DocumentError: what is missing, wrong, or more than the ledger takes, by its place.
    """
    outer = root.all(path)
    if not outer:
        raise DocumentError(DocumentCode.FIELD_MISSING, "It has no lines.", f"{root.path}/{path}")
    if len(outer) > MAX_LINES:
        outer[MAX_LINES].refuse(f"An order has at most {MAX_LINES} lines.", DocumentCode.NOT_SUPPORTED)
    lines: list[Line] = []
    seen: set[str] = set()
    for each in outer:
        line = _line(each if inner is None else each.get(inner), quantity, currency)
        if line.id in seen:
            each.refuse(f"There are two lines {line.id}.", DocumentCode.FIELD_REPEATED)
        seen.add(line.id)
        lines.append(line)
    return lines


def _line(element: Element, quantity: str, currency: str | None) -> Line:
    counted = element.get(quantity)
    check_unit(counted)
    item = element.get("cac:Item")
    price, base, total = None, 1, None
    if currency is not None:
        said = element.find("cbc:LineExtensionAmount")
        total = None if said is None else amount(said, currency, "currencyID")
        cost = element.find("cac:Price")
        if cost is not None:
            price = amount(cost.get("cbc:PriceAmount"), currency, "currencyID")
            per = cost.find("cbc:BaseQuantity")
            base = 1 if per is None else ordered(per)
    line = Line(
        id=element.value("cbc:ID", 64),
        quantity=ordered(counted),
        gtin=read_gtin(item),
        listing=read_listing(item),
        name=item.optional("cbc:Name"),
        price=price,
        base=base,
        amount=total,
    )
    if total is not None and price is not None and total * base != price * line.quantity:
        element.get("cbc:LineExtensionAmount").refuse(
            f"{line.quantity} units at this price do not come to this amount.", DocumentCode.TOTALS_DIFFER
        )
    return line


def check_unit(element: Element) -> None:
    """Refuses a unit that measures instead of counting."""
    unit = element.attributes.get("unitCode", UNIT)
    if unit not in _COUNTED and not (len(unit) == 3 and unit.startswith("X")):
        element.refuse(f"{unit} is no unit that counts trade items.", DocumentCode.NOT_SUPPORTED)


def read_gtin(item: Element) -> str | None:
    """The GTIN-14 of a ``cac:Item``, if it has one."""
    found = item.find("cac:StandardItemIdentification/cbc:ID")
    if found is None:
        return None
    if found.attributes.get("schemeID", "") not in _GTIN_NAMES:
        return None
    try:
        return gtin14(found.said(), "")
    except Refusal as refusal:
        found.refuse(refusal.message)


def read_listing(item: Element) -> str | None:
    """The ledger's listing of a ``cac:Item``, if it names one."""
    found = item.find("cac:SellersItemIdentification/cbc:ID")
    return None if found is None or found.attributes.get("schemeID") != LISTING else found.said()


def write_item(line: Line) -> Node:
    """A line's ``cac:Item``."""
    content: list[Node | None] = [Node("cbc:Name", line.name or line.gtin or line.listing or line.id)]
    if line.listing is not None:
        seller = Node("cbc:ID", line.listing, schemeID=LISTING)
        content.append(Node("cac:SellersItemIdentification", [seller]))
    if line.gtin is not None:
        content.append(Node("cac:StandardItemIdentification", [Node("cbc:ID", line.gtin, schemeID=GTIN)]))
    return Node("cac:Item", content)


def write_price(line: Line, currency: str) -> Node | None:
    """A line's ``cac:Price``, where it is known."""
    if line.price is None:
        return None
    per = None if line.base == 1 else Node("cbc:BaseQuantity", str(line.base), unitCode=UNIT)
    return Node("cac:Price", [money("cbc:PriceAmount", line.price, currency), per])


def money(name: str, minor: int, currency: str) -> Node:
    """An amount with its currency."""
    return Node(name, written(minor, currency), currencyID=currency)


def read_order_reference(root: Element) -> OrderRef:
    """Which order a document is about."""
    element = root.get("cac:OrderReference")
    order = element.find("cbc:SalesOrderID")
    known = order is not None and order.attributes.get("schemeID") == ORDER
    return OrderRef(
        id=element.value("cbc:ID", 128), order=order.said(128) if order is not None and known else None
    )


def write_order_reference(reference: OrderRef) -> Node:
    """Both ids of the order."""
    own = optional("cbc:SalesOrderID", reference.order, schemeID=ORDER)
    return Node("cac:OrderReference", [Node("cbc:ID", reference.id), own])


def line_total(lines: Sequence[Line]) -> int | None:
    """What lines come to, where each says so."""
    amounts = [line.amount for line in lines]
    return None if None in amounts else sum(each for each in amounts if each is not None)


def check_total(element: Element, said: int, parts: int, of: str) -> None:
    """Refuses a total that is not the sum of its parts."""
    if said != parts:
        element.refuse(f"{element.path} is not what {of} come to.", DocumentCode.TOTALS_DIFFER)


def same_kind(root: Element, kinds: Mapping[str, object]) -> None:
    """Refuses a document of a kind that is not read."""
    if root.name not in kinds:
        root.refuse(f"{root.name} is not read; {', '.join(kinds)} are.", DocumentCode.KIND_UNKNOWN)
