"""A trade with documents only: each is carried out once, and the ledger makes the same document of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hansa import ubl
from hansa.documents.errors import DocumentError
from hansa.ubl_export import KINDS
from hansa_domain.listings.terms import ListingTerms, Price, Tier
from tests.support.documents import (
    COFFEE,
    PRODUCER,
    RETAILER,
    TEA,
    answer,
    began,
    order,
    place,
    refused,
    salts,
)
from tests.support.portal import Consortium
from tests.support.schemas import check


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return began(tmp_path)


RICE = "09521321000704"
DESPATCH = ubl.DespatchAdvice(
    id="D-1",
    issue_date="2027-01-15",
    order=ubl.OrderRef(id="PO-1"),
    supplier=PRODUCER,
    customer=RETAILER,
    lines=(
        ubl.DespatchLine(id="1", order_line="20", quantity=10, gtin=TEA),
        ubl.DespatchLine(id="2", order_line="10", quantity=1, gtin=COFFEE),
        ubl.DespatchLine(id="3", order_line="10", quantity=3, gtin=COFFEE),
    ),
    carrier=ubl.Party(msp_id="CarrierMSP"),
)


def test_a_trade_is_carried_out_with_documents_only(trade: Consortium) -> None:
    retailer, producer, carrier = (trade.sdk(name) for name in ("Retailer", "Producer", "Carrier"))
    placed = place(trade)
    found = retailer.orders.get(placed).order
    assert (found.amount, found.freight, found.reference, found.carrier) == (
        "8800",
        "800",
        "PO-1",
        "CarrierMSP",
    )
    assert producer.orders.delivery_address(placed).street == ["Quay 1", "Gate 2", "Yard 3"]
    # What the ledger makes of it is the order again, with the ids it knows and the prices of the listings.
    made = producer.ubl.document("order", placed)
    assert isinstance(made, ubl.Order)
    assert (made.id, made.total, made.deliver_to) == ("PO-1", 8800, order().deliver_to)
    assert [(line.gtin, line.quantity, line.amount) for line in made.lines] == [
        (COFFEE, 4, 5000),
        (TEA, 10, 3000),
    ]
    reference = ubl.OrderRef(id="PO-1")
    accepted = ubl.OrderResponse(
        id="R-1", issue_date="2027-01-15", answer="AP", order=reference, seller=PRODUCER, buyer=RETAILER
    )
    assert producer.ubl.carry_out(ubl.write(accepted)).order == placed
    producer.ubl.carry_out(ubl.write(DESPATCH))
    carrier.orders.deliver(placed)
    receipt = ubl.ReceiptAdvice(
        id="G-1",
        issue_date="2027-01-15",
        order=reference,
        customer=RETAILER,
        supplier=PRODUCER,
        lines=(
            ubl.ReceiptLine(id="1", order_line="10", received=4, gtin=COFFEE),
            ubl.ReceiptLine(id="2", order_line="20", received=10, gtin=TEA),
        ),
    )
    blocks = len(trade.ledger.blocks)
    for _ in range(2):
        done = retailer.ubl.carry_out(ubl.write(receipt))
        assert retailer.orders.get(placed).order.status == "settled"
    assert done.receipts[0].repeated
    assert len(trade.ledger.blocks) == blocks + 1
    for kind in KINDS[:-1]:
        raw = producer.ubl.export(kind, placed)
        document = ubl.read(raw)
        assert document == producer.ubl.document(kind, placed)
        check(raw, "ubl", type(document).__name__)
    invoice = producer.ubl.document("invoice", placed)
    assert isinstance(invoice, ubl.Invoice)
    assert (invoice.payable, invoice.freight, invoice.order.id) == (8800, 800, "PO-1")
    with pytest.raises(DocumentError, match="NOT_AVAILABLE"):
        producer.ubl.document("credit-note", placed)


def test_an_order_taken_from_the_ledger_is_the_same_order(trade: Consortium) -> None:
    placed = place(trade)
    raw = trade.sdk("Retailer").ubl.export("order", placed)
    again = trade.sdk("Retailer").ubl.carry_out(raw, salts=salts)
    assert (again.order, again.receipts[0].repeated) == (placed, True)


def test_the_same_order_comes_twice_and_is_placed_once(trade: Consortium) -> None:
    first = place(trade)
    # Another listing of the goods does not change what the document meant; nor does another salt.
    trade.sdk("Producer").listings.create(COFFEE, unit_price=1250, currency="EUR", quantity=5)
    blocks = len(trade.ledger.blocks)
    again = trade.sdk("Retailer").ubl.carry_out(ubl.write(order()))
    assert (again.order, again.receipts[0].repeated) == (first, True)
    assert len(trade.ledger.blocks) == blocks


@pytest.mark.parametrize(
    "changes",
    [
        {"freight": 801},
        {"lines": (ubl.Line(id="10", quantity=5, gtin=COFFEE), ubl.Line(id="20", quantity=10, gtin=TEA))},
        {"carrier": None, "freight": 0},
        {"deliver_to": None},
        {"deliver_to": ubl.Address(name="Store 8", street=("Quay 1",), city="Hamburg", country="DE")},
    ],
)
def test_other_content_under_the_same_id_is_refused(trade: Consortium, changes: dict[str, Any]) -> None:
    place(trade)
    assert refused(trade, order(**changes)) == ("COMMAND_ID_REUSED", "id")


def test_a_rejection_gives_the_money_back(trade: Consortium) -> None:
    placed = place(trade)
    acknowledged = trade.sdk("Producer").ubl.carry_out(ubl.write(answer("AB", id="R-0")))
    assert (acknowledged.order, acknowledged.receipts) == (placed, ())
    trade.sdk("Producer").ubl.carry_out(ubl.write(answer("RE")))
    assert trade.sdk("Retailer").orders.get(placed).order.status == "cancelled"
    assert int(trade.sdk("Retailer").money.balance().balances[0].amount) == 100_000
    document = trade.sdk("Retailer").ubl.document("order-response", placed)
    assert isinstance(document, ubl.OrderResponse)
    assert document.answer == "RE"
    assert refused(trade, answer("AP"), "Producer") == ("COMMAND_ID_REUSED", "id")


def test_answers_are_refused_by_field(trade: Consortium) -> None:
    place(trade)
    where = "/OrderResponse/cac:OrderReference"
    fewer = (ubl.Line(id="10", quantity=3, gtin=COFFEE), ubl.Line(id="20", quantity=10, gtin=TEA))
    party = "/OrderResponse/cac:SellerSupplierParty/cac:Party"
    unknown = answer("AP", order=ubl.OrderRef(id="PO-9"))
    assert refused(trade, answer("CA"), "Producer") == (
        "DOCUMENT_NOT_SUPPORTED",
        "/OrderResponse/cbc:OrderResponseCode",
    )
    assert refused(trade, answer("AP"), "Retailer") == ("DOCUMENT_PARTY_NOT_YOU", party)
    assert refused(trade, unknown, "Producer") == ("DOCUMENT_ORDER_DIFFERS", where)
    carrier = answer("AP", buyer=ubl.Party(msp_id="CarrierMSP"))
    assert refused(trade, carrier, "Producer") == ("DOCUMENT_ORDER_DIFFERS", where)
    assert refused(trade, answer("AP", lines=fewer), "Producer") == (
        "DOCUMENT_ORDER_DIFFERS",
        "/OrderResponse/cac:OrderLine",
    )
    with pytest.raises(DocumentError, match="NOT_AVAILABLE"):
        trade.sdk("Producer").ubl.document("order-response", place(trade))


def test_a_short_receipt_and_an_invoice_wait_for_people(trade: Consortium) -> None:
    placed = place(trade)
    trade.sdk("Producer").ubl.carry_out(ubl.write(answer("AP")))
    short = ubl.ReceiptAdvice(
        id="G-1",
        issue_date="2027-01-15",
        order=ubl.OrderRef(id="PO-1"),
        customer=RETAILER,
        supplier=PRODUCER,
        lines=(ubl.ReceiptLine(id="1", order_line="1", received=3, short=1, gtin=COFFEE),),
    )
    assert refused(trade, short) == ("DOCUMENT_NOT_SUPPORTED", "/ReceiptAdvice/cac:ReceiptLine")
    invoice = trade.sdk("Producer").ubl.document("invoice", placed)
    assert refused(trade, invoice, "Producer") == ("DOCUMENT_NOT_SUPPORTED", "/Invoice")


def test_who_was_told_nothing_exports_nothing_private(trade: Consortium) -> None:
    placed = place(trade)
    for raw in (trade.sdk(name).ubl.export("order", placed) for name in ("Bank", "Regulator")):
        assert b"Quay" not in raw
        assert b"A. Person" not in raw


def test_an_order_at_a_tier_in_another_currency(trade: Consortium) -> None:
    producer, retailer = trade.sdk("Producer"), trade.sdk("Retailer")
    producer.products.register(RICE, "Rice")
    terms = ListingTerms(
        tiers=[Tier(from_quantity=10, unit_price="90")],
        prices=[Price(currency="USD", unit_price="120", tiers=[Tier(from_quantity=10, unit_price="99")])],
    )
    producer.listings.create(RICE, unit_price=100, currency="EUR", quantity=50, terms=terms)
    trade.sdk("Bank").money.mint("USD", 10_000, "RetailerMSP")
    line = ubl.Line(id="1", quantity=10, gtin=RICE, price=99, amount=990)
    bought = order(currency="USD", lines=(line,), freight=0, carrier=None, deliver_to=None)
    placed = place(trade, bought)
    found = retailer.orders.get(placed).order
    assert (found.currency, found.amount) == ("USD", "990")
    made = retailer.ubl.document("order", placed)
    assert isinstance(made, ubl.Order)
    assert (made.lines[0].price, made.total) == (99, 990)
    few = order(id="PO-2", currency="USD", lines=(msgspec.structs.replace(line, quantity=9, amount=891),))
    assert refused(trade, few) == (
        "DOCUMENT_PRICE_DIFFERS",
        "/Order/cac:OrderLine/cac:LineItem/cac:Price/cbc:PriceAmount",
    )
