"""Every default outcome works while the silent party's peer refuses to endorse."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from hansa import RefusedError, Terms
from hansa_domain.orders.order import Order
from tests.support.network import Trade

LONG = 86_400


def terms(**short: int) -> Terms:
    usual = {"accept_within": LONG, "ship_within": LONG, "deliver_within": LONG, "inspect_within": LONG}
    return Terms(**{**usual, **short})


@contextmanager
def silent(trade: Trade, organization: str) -> Iterator[None]:
    """The organisation's peer refuses everything for as long as this lasts."""
    found = trade.network.consortium.organization(organization)
    trade.network.engine.control("peer stop", found)
    try:
        yield
    finally:
        trade.network.engine.control("peer start", found)


def place(trade: Trade, agreed: Terms) -> str:
    trade.bank.money.mint("EUR", 1000, "RetailerMSP")
    placed = trade.retailer.orders.place(
        trade.offer(1, price=900), 1, freight=100, carrier="CarrierMSP", terms=agreed
    )
    return placed.reply.order.id


def call_when_due(trade: Trade, order: str) -> Order:
    """The bank, which is no party, calls the default: refused before the deadline, carried out after it."""
    known = trade.bank.orders.get(order).order
    assert known.due is not None
    with pytest.raises(RefusedError) as refused:
        trade.bank.orders.default(order)
    assert refused.value.code == "ORDER_NOT_DUE"
    time.sleep(max(0.0, datetime.fromisoformat(known.due).timestamp() - time.time()) + 0.05)
    return trade.bank.orders.default(order).reply.order


def test_a_seller_who_never_accepts_gets_nothing(trade: Trade) -> None:
    order = place(trade, terms(accept_within=2))
    before = trade.balance("RetailerMSP")
    with silent(trade, "Producer"):
        ended = call_when_due(trade, order)
    assert (ended.status, ended.cause) == ("refunded", "not_accepted")
    assert trade.balance("RetailerMSP") == before + 1000


def test_a_seller_who_never_ships_gets_nothing(trade: Trade) -> None:
    order = place(trade, terms(ship_within=2))
    trade.producer.orders.accept(order)
    before = trade.balance("RetailerMSP")
    with silent(trade, "Producer"):
        ended = call_when_due(trade, order)
    assert (ended.status, ended.cause) == ("refunded", "not_shipped")
    assert trade.balance("RetailerMSP") == before + 1000


def test_goods_that_nobody_delivers_are_paid_back(trade: Trade) -> None:
    order = place(trade, terms(deliver_within=2))
    trade.producer.orders.accept(order)
    trade.producer.orders.ship(order)
    before = trade.balance("RetailerMSP")
    with silent(trade, "Carrier"):
        ended = call_when_due(trade, order)
    assert (ended.status, ended.cause) == ("refunded", "not_delivered")
    assert trade.balance("RetailerMSP") == before + 1000


def test_a_buyer_who_is_silent_after_delivery_pays(trade: Trade) -> None:
    order = place(trade, terms(inspect_within=2))
    trade.producer.orders.accept(order)
    trade.producer.orders.ship(order)
    trade.carrier.orders.deliver(order)
    before = trade.balance("ProducerMSP"), trade.balance("CarrierMSP")
    with silent(trade, "Retailer"):
        ended = call_when_due(trade, order)
    assert (ended.status, ended.cause) == ("settled", "not_inspected")
    assert (trade.balance("ProducerMSP"), trade.balance("CarrierMSP")) == (before[0] + 895, before[1] + 100)
    with pytest.raises(RefusedError) as refused:
        trade.retailer.orders.confirm(order)
    assert refused.value.code == "ORDER_STATE"
