"""UBL Order: a buyer's purchase order."""

from __future__ import annotations

import msgspec

from hansa.documents.errors import DocumentCode
from hansa.documents.numbers import amount
from hansa.documents.reading import Element
from hansa.documents.writing import Node, optional
from hansa.ubl import parts as c

PURCHASE = "220"
"""UNCL 1001: order."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where the goods go: personal data, which never enters the ledger in clear."""

    name: str
    street: tuple[str, ...]
    city: str
    country: str
    postal_code: str | None = None
    region: str | None = None
    contact: str | None = None
    phone: str | None = None
    email: str | None = None
    instructions: str | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order. Amounts in minor units of ``currency``; ``total`` includes ``freight`` and ``tax``.

    ``order`` is the ledger's id, in a document that was written from it.
    """

    id: str
    issue_date: str
    currency: str
    buyer: c.Party
    seller: c.Party
    lines: tuple[c.Line, ...]
    total: int | None = None
    freight: int = 0
    tax: int = 0
    buyer_reference: str | None = None
    carrier: c.Party | None = None
    deliver_to: Address | None = None
    order: str | None = None


def read(root: Element) -> Order:
    """A purchase order from its root. Raises DocumentError."""
    currency = c.read_currency(root)
    lines = c.read_lines(root, "cac:OrderLine", "cbc:Quantity", currency, "cac:LineItem")
    freight, tax = read_freight(root, currency), read_tax(root, currency)
    deliveries = root.all("cac:Delivery")
    if len(deliveries) > 1:
        deliveries[1].refuse("An order goes to one place.", DocumentCode.NOT_SUPPORTED)
    delivery = deliveries[0] if deliveries else None
    carrier = None if delivery is None else delivery.find("cac:CarrierParty")
    sales = root.find("cbc:SalesOrderID")
    return Order(
        id=root.value("cbc:ID", 64),
        issue_date=c.read_date(root),
        currency=currency,
        buyer=c.read_party(root.get("cac:BuyerCustomerParty/cac:Party")),
        seller=c.read_party(root.get("cac:SellerSupplierParty/cac:Party")),
        lines=tuple(lines),
        total=_total(root, currency, lines, freight + tax),
        freight=freight,
        tax=tax,
        buyer_reference=root.optional("cbc:CustomerReference", 64),
        carrier=None if carrier is None else c.read_party(carrier),
        deliver_to=None if delivery is None else _address(delivery),
        order=sales.said(128) if sales is not None and sales.attributes.get("schemeID") == c.ORDER else None,
    )


def read_freight(root: Element, currency: str) -> int:
    """The carrier's part: the one charge for freight. Refuses other charges, and allowances."""
    freight = 0
    for each in root.all("cac:AllowanceCharge"):
        charge = each.get("cbc:ChargeIndicator").said()
        reason = each.optional("cbc:AllowanceChargeReasonCode")
        if charge != "true" or reason != c.FREIGHT or freight:
            each.refuse(
                "Of allowances and charges, one for freight (FC) is taken.", DocumentCode.NOT_SUPPORTED
            )
        freight = amount(each.get("cbc:Amount"), currency, "currencyID")
    return freight


def read_tax(root: Element, currency: str) -> int:
    """The tax in the document's currency; a second total in the currency of accounts is left aside."""
    own = [
        each
        for each in root.all("cac:TaxTotal")
        if each.get("cbc:TaxAmount").attributes.get("currencyID") == currency
    ]
    if len(own) > 1:
        own[1].refuse("There are two totals of tax in one currency.", DocumentCode.FIELD_REPEATED)
    return amount(own[0].get("cbc:TaxAmount"), currency, "currencyID") if own else 0


def _total(root: Element, currency: str, lines: list[c.Line], more: int) -> int | None:
    element = root.find("cac:AnticipatedMonetaryTotal")
    if element is None:
        return None
    payable = element.get("cbc:PayableAmount")
    total = amount(payable, currency, "currencyID")
    sum_ = c.line_total(lines)
    said = element.find("cbc:LineExtensionAmount")
    if sum_ is not None:
        if said is not None:
            c.check_total(said, amount(said, currency, "currencyID"), sum_, "the lines")
        c.check_total(payable, total, sum_ + more, "lines, freight and tax")
    return total


def _address(delivery: Element) -> Address | None:
    element = delivery.find("cac:DeliveryLocation/cac:Address") or delivery.find("cac:DeliveryAddress")
    if element is None:
        return None
    streets = [
        each
        for each in (element.optional("cbc:StreetName"), element.optional("cbc:AdditionalStreetName"))
        if each is not None
    ]
    streets += [line.value("cbc:Line") for line in element.all("cac:AddressLine")]
    if not streets:
        element.refuse("The address has no street.", DocumentCode.FIELD_MISSING)
    if len(streets) > 5:
        element.refuse("An address has at most five lines besides the city.")
    party = delivery.find("cac:DeliveryParty")
    names = [] if party is None else party.all("cac:PartyName")
    contact = None if party is None else party.find("cac:Contact")
    location = delivery.find("cac:DeliveryLocation")
    name = names[0].value("cbc:Name") if names else None
    if name is None and location is not None:
        name = location.optional("cbc:Name")
    if name is None:
        delivery.refuse(
            "The delivery names nobody: give cac:DeliveryParty a name.", DocumentCode.FIELD_MISSING
        )
    shipment = delivery.find("cac:Shipment")
    return Address(
        name=name,
        street=tuple(streets),
        city=element.value("cbc:CityName"),
        country=element.value("cac:Country/cbc:IdentificationCode", 2),
        postal_code=element.optional("cbc:PostalZone"),
        region=element.optional("cbc:CountrySubentity"),
        contact=None if contact is None else contact.optional("cbc:Name"),
        phone=None if contact is None else contact.optional("cbc:Telephone"),
        email=None if contact is None else contact.optional("cbc:ElectronicMail"),
        instructions=None if shipment is None else shipment.optional("cbc:DeliveryInstructions", 1000),
    )


def write(order: Order) -> bytes:
    """A purchase order as UBL 2.1."""
    sum_ = c.line_total(order.lines)
    total = None
    if order.total is not None:
        total = Node(
            "cac:AnticipatedMonetaryTotal",
            [
                c.money(
                    "cbc:LineExtensionAmount",
                    order.total - order.freight - order.tax if sum_ is None else sum_,
                    order.currency,
                ),
                c.money("cbc:ChargeTotalAmount", order.freight, order.currency) if order.freight else None,
                c.money("cbc:PayableAmount", order.total, order.currency),
            ],
        )
    tax = None
    if order.tax:
        tax = Node("cac:TaxTotal", [c.money("cbc:TaxAmount", order.tax, order.currency)])
    return c.write_document(
        "Order",
        [
            Node("cbc:ID", order.id),
            optional("cbc:SalesOrderID", order.order, schemeID=c.ORDER),
            Node("cbc:IssueDate", order.issue_date),
            Node("cbc:OrderTypeCode", PURCHASE),
            Node("cbc:DocumentCurrencyCode", order.currency),
            optional("cbc:CustomerReference", order.buyer_reference),
            c.write_party("cac:BuyerCustomerParty", order.buyer),
            c.write_party("cac:SellerSupplierParty", order.seller),
            _delivery(order),
            write_freight(order.freight, order.currency),
            tax,
            total,
            *(Node("cac:OrderLine", [_line(line, order.currency)]) for line in order.lines),
        ],
    )


def write_freight(freight: int, currency: str) -> Node | None:
    """The charge for freight, where there is some."""
    if not freight:
        return None
    return Node(
        "cac:AllowanceCharge",
        [
            Node("cbc:ChargeIndicator", "true"),
            Node("cbc:AllowanceChargeReasonCode", c.FREIGHT),
            Node("cbc:AllowanceChargeReason", "Freight"),
            c.money("cbc:Amount", freight, currency),
        ],
    )


def _line(line: c.Line, currency: str) -> Node:
    return Node(
        "cac:LineItem",
        [
            Node("cbc:ID", line.id),
            Node("cbc:Quantity", str(line.quantity), unitCode=c.UNIT),
            None if line.amount is None else c.money("cbc:LineExtensionAmount", line.amount, currency),
            c.write_price(line, currency),
            c.write_item(line),
        ],
    )


def _delivery(order: Order) -> Node | None:
    if order.deliver_to is None and order.carrier is None:
        return None
    carrier = None if order.carrier is None else c.write_party("cac:CarrierParty", order.carrier)
    return Node("cac:Delivery", _place(order.deliver_to, carrier))


def _place(place: Address | None, carrier: Node | None) -> list[Node | None]:
    if place is None:
        return [carrier]
    first, *more = place.street
    second = more[0] if more else None
    address = Node(
        "cac:Address",
        [
            Node("cbc:StreetName", first),
            optional("cbc:AdditionalStreetName", second),
            Node("cbc:CityName", place.city),
            optional("cbc:PostalZone", place.postal_code),
            optional("cbc:CountrySubentity", place.region),
            *(Node("cac:AddressLine", [Node("cbc:Line", each)]) for each in more[1:]),
            Node("cac:Country", [Node("cbc:IdentificationCode", place.country)]),
        ],
    )
    contact = None
    if place.contact or place.phone or place.email:
        contact = Node(
            "cac:Contact",
            [
                optional("cbc:Name", place.contact),
                optional("cbc:Telephone", place.phone),
                optional("cbc:ElectronicMail", place.email),
            ],
        )
    shipment = None
    if place.instructions is not None:
        shipment = Node(
            "cac:Shipment", [Node("cbc:ID", "1"), Node("cbc:DeliveryInstructions", place.instructions)]
        )
    party = Node("cac:DeliveryParty", [Node("cac:PartyName", [Node("cbc:Name", place.name)]), contact])
    return [Node("cac:DeliveryLocation", [address]), carrier, party, shipment]
