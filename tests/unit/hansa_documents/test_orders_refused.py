"""UBL orders that are not placed, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa import ubl
from tests.support.documents import (
    COFFEE,
    PRODUCER,
    RETAILER,
    began,
    order,
    place,
    refused,
)
from tests.support.portal import Consortium


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return began(tmp_path)


BUYER = "/Order/cac:BuyerCustomerParty/cac:Party"
SELLER = "/Order/cac:SellerSupplierParty/cac:Party"
LINE = "/Order/cac:OrderLine/cac:LineItem"


def line(**fields: Any) -> dict[str, Any]:
    return {"lines": (ubl.Line(id="1", quantity=1, **fields),)}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"buyer": PRODUCER, "seller": RETAILER}, "DOCUMENT_PARTY_NOT_YOU", BUYER),
        ({"buyer": ubl.Party(gln="9521321999999")}, "DOCUMENT_PARTY_UNKNOWN", BUYER),
        ({"seller": ubl.Party(name="Producer")}, "DOCUMENT_PARTY_UNKNOWN", SELLER),
        ({"seller": ubl.Party(lei="529900T8BM49AURSDO55")}, "DOCUMENT_PARTY_UNKNOWN", SELLER),
        ({"seller": ubl.Party(gln="9521321000018", msp_id="CarrierMSP")}, "DOCUMENT_PARTY_UNKNOWN", SELLER),
        (
            {"carrier": ubl.Party(msp_id="ElseMSP")},
            "DOCUMENT_PARTY_UNKNOWN",
            "/Order/cac:Delivery/cac:CarrierParty",
        ),
        ({"currency": "USD"}, "DOCUMENT_GOODS_UNKNOWN", "/Order/cac:OrderLine[1]/cac:LineItem/cac:Item"),
        (line(gtin="09521321000049"), "DOCUMENT_GOODS_UNKNOWN", f"{LINE}/cac:Item"),
        (line(name="Coffee"), "DOCUMENT_GOODS_UNKNOWN", f"{LINE}/cac:Item"),
        (line(listing="no id"), "DOCUMENT_GOODS_UNKNOWN", f"{LINE}/cac:Item"),
        (
            line(listing="ProducerMSP.01J00000000000000000000000"),
            "DOCUMENT_GOODS_UNKNOWN",
            f"{LINE}/cac:Item",
        ),
        (line(gtin=COFFEE, price=1249), "DOCUMENT_PRICE_DIFFERS", f"{LINE}/cac:Price/cbc:PriceAmount"),
        (line(gtin=COFFEE, amount=1249), "DOCUMENT_PRICE_DIFFERS", f"{LINE}/cac:Price/cbc:PriceAmount"),
        ({**line(gtin=COFFEE), "total": 2051}, "PRICE_MISMATCH", "amount"),
    ],
)
def test_an_order_is_refused_by_field(
    trade: Consortium, changes: dict[str, Any], code: str, field: str
) -> None:
    assert refused(trade, order(**changes)) == (code, field)


def test_goods_listed_twice_are_named(trade: Consortium) -> None:
    producer = trade.sdk("Producer")
    dearer = producer.listings.create(COFFEE, unit_price=1300, currency="EUR", quantity=5).reply.listing.id
    two = order(**line(gtin=COFFEE))
    assert refused(trade, two) == ("DOCUMENT_GOODS_UNKNOWN", f"{LINE}/cac:Item")
    named = order(**line(gtin=COFFEE, listing=dearer))
    assert trade.sdk("Retailer").orders.get(place(trade, named)).order.lines[0].listing == dearer
    by_price = order(id="PO-2", **line(gtin=COFFEE, price=1300))
    assert trade.sdk("Retailer").orders.get(place(trade, by_price)).order.lines[0].listing == dearer
