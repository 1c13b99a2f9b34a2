"""What the read model tells of returns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa import new_id
from hansa_domain.operation import BY_ARGUMENT
from hansa_domain.returns import AcceptReturn, ProposeReturn, ReceiveReturn, RefuseReturn
from tests.support.portal import Consortium

GTIN = "09521321000018"


def send(client: Any, command: Any) -> Any:
    """Carries out any command of a member; its reply."""
    operation = BY_ARGUMENT[type(command)]
    return client.submitter.submit(operation.name, command, operation.reply).reply


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def test_a_return_is_seen_from_proposal_to_refund(trade: Consortium) -> None:
    producer, retailer, queries = trade.sdk("Producer"), trade.sdk("Retailer"), trade.ledger.queries
    producer.products.register(GTIN, "Coffee")
    listing = producer.listings.create(GTIN, unit_price=250, currency="EUR", quantity=9).reply.listing.id
    trade.sdk("Bank").money.mint("EUR", 1000, "RetailerMSP")
    order = retailer.orders.place(listing, 4).reply.order.id
    producer.orders.accept(order)
    producer.orders.ship(order)
    propose = {"order": order, "restocking_fee": "100", "receive_within": 60}
    send(retailer, ProposeReturn(id=new_id(), **propose))
    send(producer, RefuseReturn(id=new_id(), order=order))
    (row,) = queries.returns.list(party="RetailerMSP", status="refused")
    assert (row.order_id, row.seller, row.restocking_fee) == (order, "ProducerMSP", 100)
    send(retailer, ProposeReturn(id=new_id(), **propose))
    before = queries.orders.find(order)
    agreed = send(producer, AcceptReturn(id=new_id(), order=order, restocking_fee="100"))
    assert agreed.returned.status == "accepted"
    found = queries.orders.find(order)
    assert found is not None
    assert before is not None
    assert found.due is not None
    assert before.due is not None
    assert found.due < before.due
    send(producer, ReceiveReturn(id=new_id(), order=order))
    (row,) = queries.returns.list()
    assert (row.status, row.closed_at is None) == ("received", False)
    found = queries.orders.find(order)
    assert found is not None
    assert (found.status, found.cause, found.due) == ("refunded", "returned", None)
    assert queries.returns.list(party="CarrierMSP") == []


def test_an_exchange_is_shipped_anew(trade: Consortium) -> None:
    producer, retailer, queries = trade.sdk("Producer"), trade.sdk("Retailer"), trade.ledger.queries
    producer.products.register(GTIN, "Coffee")
    listing = producer.listings.create(GTIN, unit_price=250, currency="EUR", quantity=9).reply.listing.id
    trade.sdk("Bank").money.mint("EUR", 1000, "RetailerMSP")
    order = retailer.orders.place(listing, 4).reply.order.id
    producer.orders.accept(order)
    producer.orders.ship(order, sscc="395060000000000016")
    fields = {"order": order, "restocking_fee": "0", "receive_within": 60, "exchange": True}
    send(retailer, ProposeReturn(id=new_id(), **fields))
    send(producer, AcceptReturn(id=new_id(), order=order, restocking_fee="0", exchange=True))
    (row,) = queries.returns.list(status="accepted")
    assert row.exchange
    send(producer, ReceiveReturn(id=new_id(), order=order))
    found = queries.orders.find(order)
    assert found is not None
    assert (found.status, found.sscc, found.released) == ("accepted", None, 0)
    producer.orders.ship(order)
    retailer.orders.confirm(order)
    found = queries.orders.find(order)
    assert found is not None
    assert found.status == "settled"
