"""The keeper: calls what is due, once, and takes it calmly when somebody was faster."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hansa_domain.orders.order import Terms
from hansa_domain.times import rfc3339
from hansa_portal.keeper import Keeper
from tests.support.domain import TERMS
from tests.support.portal import Consortium, MemoryOffice

GTIN = "09521321000018"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    trade.sdk("Producer").products.register(GTIN, "Olive oil")
    return trade


def place(trade: Consortium) -> str:
    offer = trade.sdk("Producer").listings.create(GTIN, unit_price=100, currency="EUR", quantity=5)
    placed = trade.sdk("Retailer").orders.place(offer.reply.listing.id, 1, terms=Terms(**TERMS))
    return str(placed.reply.order.id)


def keeper(trade: Consortium, name: str, interval: float = 1) -> Keeper:
    office = MemoryOffice(trade.ledger, f"{name}MSP")
    return Keeper(office, trade.ledger.queries, interval, lambda: rfc3339(trade.ledger.world.now))


def status(trade: Consortium, order: str) -> str:
    found = trade.ledger.queries.orders.find(order)
    assert found is not None
    return found.status


def test_nothing_is_called_before_it_is_due(trade: Consortium) -> None:
    order = place(trade)
    assert keeper(trade, "Retailer").look() == 0
    assert status(trade, order) == "placed"


def test_what_is_due_is_called_and_signed_by_the_service(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    assert keeper(trade, "Retailer").look() == 1
    assert status(trade, order) == "refunded"
    last = trade.ledger.queries.ledger.history(order)[-1]
    assert (last.creator, last.signer) == ("RetailerMSP", "service")
    assert keeper(trade, "Retailer").look() == 0


def test_orders_of_others_are_left_to_them(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    assert keeper(trade, "Carrier").look() == 0
    assert status(trade, order) == "placed"


def test_being_second_is_no_alarm(trade: Consortium) -> None:
    place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    trade.ledger.following = False  # the second keeper has not seen what the first did
    with capture_logs() as said:
        assert keeper(trade, "Retailer").look() == 1
        assert keeper(trade, "Producer").look() == 0
    assert [entry["log_level"] for entry in said] == ["info", "info"]
    assert said[-1]["event"] == "somebody was faster"


def test_the_same_keeper_again_makes_no_second_effect(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    trade.ledger.following = False
    for _ in range(2):
        keeper(trade, "Retailer").look()
    trade.ledger.catch_up()
    refunds = [step for step in trade.ledger.queries.ledger.history(order) if step.type == "order.refunded"]
    assert len(refunds) == 1


def test_it_works_in_a_thread_until_it_is_told_to_stop(trade: Consortium) -> None:
    order = place(trade)
    trade.ledger.world.pass_time(TERMS["accept_within"])
    stopping = threading.Event()
    thread = keeper(trade, "Retailer", 0.01).start(stopping)
    deadline = time.monotonic() + 30
    while status(trade, order) == "placed" and time.monotonic() < deadline:
        time.sleep(0.01)
    stopping.set()
    thread.join(30)
    assert not thread.is_alive()
    assert status(trade, order) == "refunded"
