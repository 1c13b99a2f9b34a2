"""UBL documents: what is written comes back equal, and is as the standard's own schema says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from hansa import ubl
from hansa.documents.errors import DocumentError
from tests.support import ubl as made
from tests.support.schemas import check

ORDER = ubl.Order(
    id="PO-2026-0117",
    issue_date="2026-11-28",
    currency="EUR",
    buyer=ubl.Party(gln="9521321000025", msp_id="RetailerMSP", name="Retailer", country="DE"),
    seller=ubl.Party(gln="9521321000018", msp_id="ProducerMSP", name="Producer", country="CN"),
    lines=(
        ubl.Line(
            id="1", quantity=4, gtin="09521321000018", name="Coffee beans 1 kg", price=1250, amount=5000
        ),
        ubl.Line(id="2", quantity=3, gtin="09521321000025", name="Tea", price=1000, base=3, amount=1000),
    ),
    total=6800,
    freight=800,
    buyer_reference="4711",
    carrier=ubl.Party(msp_id="CarrierMSP", name="Carrier"),
    deliver_to=ubl.Address(
        name="Goods-in, store 7",
        street=("Example quay 1", "Gate 2", "Third yard"),
        city="Hamburg",
        postal_code="20457",
        country="DE",
        contact="A. Person",
        phone="+49 40 000",
        email="in@example.com",
        instructions="Ring twice",
    ),
    order="RetailerMSP.01J00000000000000000000000",
)


def changed(old: str, new: str, raw: bytes | None = None) -> bytes:
    """The order with a piece replaced."""
    text = (raw or ubl.write(ORDER)).decode()
    assert old in text, text
    return text.replace(old, new, 1).encode()


def refused(raw: bytes) -> tuple[str, str | None]:
    with pytest.raises(DocumentError) as error:
        ubl.read(raw)
    return error.value.code, error.value.field


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made.documents)
def test_what_is_written_comes_back(document: ubl.Document) -> None:
    raw = ubl.write(document)
    assert ubl.read(raw) == document
    assert ubl.write(ubl.read(raw)) == raw


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made.documents)
def test_what_is_written_is_as_the_schema_says(document: ubl.Document) -> None:
    check(ubl.write(document), "ubl", type(document).__name__)


def test_an_order_by_hand_comes_back() -> None:
    raw = ubl.write(ORDER)
    assert ubl.read(raw) == ORDER
    check(raw, "ubl", "Order")
    assert raw == ubl.write(ORDER)


def test_other_prefixes_and_an_older_address_are_read() -> None:
    text = ubl.write(ORDER).decode()
    text = (
        text.replace("cbc:", "b:")
        .replace("xmlns:cbc", "xmlns:b")
        .replace("cac:", "a:")
        .replace("xmlns:cac", "xmlns:a")
    )
    text = (
        text.replace("<Order ", "<o:Order ").replace("</Order>", "</o:Order>").replace('xmlns="', 'xmlns:o="')
    )
    assert ubl.read(text.encode()) == ORDER
    older = (
        ubl.write(ORDER).decode().replace("<cac:DeliveryLocation>", "").replace("</cac:DeliveryLocation>", "")
    )
    older = older.replace("cac:Address>", "cac:DeliveryAddress>")
    assert ubl.read(older.encode()) == ORDER


@pytest.mark.parametrize("version", ["2.0", "2.2", "2.3", "2.4"])
def test_every_version_2_is_read(version: str) -> None:
    raw = changed(">2.1<", f">{version}<")
    assert ubl.read(raw) == ORDER


def test_a_simple_response_is_yes_or_no() -> None:
    response = ubl.OrderResponse(
        id="R-1",
        issue_date="2026-11-28",
        answer="AP",
        order=ubl.OrderRef(id="PO-1"),
        seller=ubl.Party(gln="9521321000018"),
        buyer=ubl.Party(gln="9521321000025"),
    )
    raw = ubl.write(response).replace(b"OrderResponse-2", b"OrderResponseSimple-2")
    raw = raw.replace(b"<OrderResponse ", b"<OrderResponseSimple ").replace(
        b"</OrderResponse>", b"</OrderResponseSimple>"
    )
    code = b"<cbc:OrderResponseCode>AP</cbc:OrderResponseCode>"
    yes = raw.replace(code, b"<cbc:AcceptedIndicator>true</cbc:AcceptedIndicator>")
    assert ubl.read(yes) == response
    no = raw.replace(
        code, b"<cbc:AcceptedIndicator>false</cbc:AcceptedIndicator><cbc:RejectionNote>No</cbc:RejectionNote>"
    )
    answer = ubl.read(no)
    assert isinstance(answer, ubl.OrderResponse)
    assert (answer.answer, answer.note) == ("RE", "No")
    maybe = raw.replace(code, b"<cbc:AcceptedIndicator>maybe</cbc:AcceptedIndicator>")
    assert refused(maybe) == ("DOCUMENT_FIELD_INVALID", "/OrderResponseSimple/cbc:AcceptedIndicator")


LINE = "/Order/cac:OrderLine[1]/cac:LineItem"


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("<cbc:ID>PO-2026-0117</cbc:ID>", "", "DOCUMENT_FIELD_MISSING", "/Order/cbc:ID"),
        ("<cbc:ID>PO-2026-0117<", "<cbc:ID>  <", "DOCUMENT_FIELD_MISSING", "/Order/cbc:ID"),
        ("PO-2026-0117", "x" * 65, "DOCUMENT_FIELD_INVALID", "/Order/cbc:ID"),
        (
            "<cbc:IssueDate>",
            "<cbc:ID>2</cbc:ID><cbc:IssueDate>",
            "DOCUMENT_FIELD_REPEATED",
            "/Order/cbc:ID[2]",
        ),
        ("2026-11-28", "28.11.2026", "DOCUMENT_FIELD_INVALID", "/Order/cbc:IssueDate"),
        (">EUR<", ">EUX<", "DOCUMENT_FIELD_INVALID", "/Order/cbc:DocumentCurrencyCode"),
        (
            'currencyID="EUR">50.00',
            'currencyID="USD">50.00',
            "DOCUMENT_FIELD_INVALID",
            f"{LINE}/cbc:LineExtensionAmount",
        ),
        (">50.00<", ">50.01<", "DOCUMENT_TOTALS_DIFFER", f"{LINE}/cbc:LineExtensionAmount"),
        (">12.50<", ">12.505<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cac:Price/cbc:PriceAmount"),
        (">12.50<", ">-12.50<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cac:Price/cbc:PriceAmount"),
        (">12.50<", ">1e3<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cac:Price/cbc:PriceAmount"),
        (">12.50<", ">\u0661<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cac:Price/cbc:PriceAmount"),
        (">12.50<", f">{'9' * 30}<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cac:Price/cbc:PriceAmount"),
        (">4<", ">0<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cbc:Quantity"),
        (">4<", ">-4<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cbc:Quantity"),
        (">4<", ">4.5<", "DOCUMENT_NOT_SUPPORTED", f"{LINE}/cbc:Quantity"),
        (">4<", ">1000000001<", "DOCUMENT_FIELD_INVALID", f"{LINE}/cbc:Quantity"),
        ('unitCode="EA">4', 'unitCode="KGM">4', "DOCUMENT_NOT_SUPPORTED", f"{LINE}/cbc:Quantity"),
        (
            ">09521321000018<",
            ">09521321000019<",
            "DOCUMENT_FIELD_INVALID",
            f"{LINE}/cac:Item/cac:StandardItemIdentification/cbc:ID",
        ),
        (
            ">68.00<",
            ">68.01<",
            "DOCUMENT_TOTALS_DIFFER",
            "/Order/cac:AnticipatedMonetaryTotal/cbc:PayableAmount",
        ),
        (
            "<cbc:ChargeIndicator>true",
            "<cbc:ChargeIndicator>false",
            "DOCUMENT_NOT_SUPPORTED",
            "/Order/cac:AllowanceCharge",
        ),
        (
            ">Hamburg<",
            "><",
            "DOCUMENT_FIELD_MISSING",
            "/Order/cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:CityName",
        ),
        (">2.1<", ">3.0<", "DOCUMENT_KIND_UNKNOWN", "/Order/cbc:UBLVersionID"),
        ("schema:xsd:Order-2", "schema:xsd:Order-3", "DOCUMENT_KIND_UNKNOWN", "/Order"),
        (
            "CommonBasicComponents-2",
            "CommonBasicComponents-3",
            "DOCUMENT_FIELD_MISSING",
            "/Order/cbc:DocumentCurrencyCode",
        ),
    ],
)
def test_an_order_is_refused_by_field(old: str, new: str, code: str, field: str) -> None:
    assert refused(changed(old, new)) == (code, field)


def test_lines_are_told_apart() -> None:
    twice = changed("<cbc:ID>2</cbc:ID>", "<cbc:ID>1</cbc:ID>")
    assert refused(twice) == ("DOCUMENT_FIELD_REPEATED", "/Order/cac:OrderLine[2]")


def test_other_kinds_are_refused() -> None:
    raw = ubl.write(ORDER).replace(b"Order-2", b"Catalogue-2").replace(b"<Order ", b"<Catalogue ")
    raw = raw.replace(b"</Order>", b"</Catalogue>")
    assert refused(raw) == ("DOCUMENT_KIND_UNKNOWN", "/Catalogue")
