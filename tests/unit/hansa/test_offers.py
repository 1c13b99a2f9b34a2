"""Offers through the SDK: prices reach the other side, notes are chosen, and a repetition changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa import Delivery, Milestone, new_id
from hansa.errors import OutcomeUnknownError, RefusedError
from hansa.offers import PricesDisclosureError, proposal
from hansa.orders import salt
from hansa_domain.offers.records import PricedLine, PricedLines
from tests.support.portal import Consortium

GTIN = "09521321000018"
PRICED = PricedLines(salt=salt(), lines=[PricedLine(gtin=GTIN, quantity=4, unit_price="250")], text="Pallets")


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    trade.sdk("Producer").products.register(GTIN, "Coffee")
    trade.sdk("Bank").money.mint("EUR", 5000, "RetailerMSP")
    return trade


def offered(trade: Consortium, tender: str | None = None, **more: Any) -> str:
    made = proposal(PRICED, "EUR", lead_time=3600, valid_for=600, freight=100, carrier="CarrierMSP")
    assert made.amount == "1100"
    receipt = trade.sdk("Producer").offers.propose(made, PRICED, buyer="RetailerMSP", tender=tender, **more)
    return receipt.reply.offer.id


def test_prices_reach_the_other_side_and_nobody_else(trade: Consortium) -> None:
    offer = offered(trade)
    assert trade.sdk("Retailer").offers.prices(offer, 1) == PRICED
    assert trade.sdk("Producer").offers.prices(offer, 1) == PRICED
    with pytest.raises(RefusedError) as refused:
        trade.sdk("Carrier").offers.prices(offer, 1)
    assert refused.value.code == "PRICES_NOT_DISCLOSED"


def test_a_tender_is_awarded_with_notes_and_address(trade: Consortium) -> None:
    retailer, producer = trade.sdk("Retailer"), trade.sdk("Producer")
    opened = retailer.tenders.open([(GTIN, 4)], country="DE", wanted_within=7200, closes_within=3600)
    tender = opened.reply.tender.id
    offer = offered(trade, tender)
    lower = proposal(PRICED, "EUR", lead_time=3600, valid_for=600)
    retailer.offers.counter(offer, 1, lower, PRICED)
    assert producer.offers.prices(offer, 2) == PRICED
    producer.offers.agree(offer, 2)
    address = Delivery(salt=salt(), name="Store 7", street=["Quay 1"], city="Hamburg", country="DE")
    with pytest.raises(RefusedError, match="Version 2"):
        retailer.tenders.award(tender, offer, 1)
    command_id = new_id()
    first = retailer.tenders.award(tender, offer, 2, deliver_to=address, command_id=command_id)
    again = retailer.tenders.award(tender, offer, 2, deliver_to=address, command_id=command_id)
    assert (again.repeated, again.reply) == (True, first.reply)
    assert retailer.tenders.get(tender).status == "awarded"
    assert producer.orders.delivery_address(first.reply.order.id) == address
    assert int(retailer.money.balance("RetailerMSP").balances[0].amount) == 4000
    with pytest.raises(RefusedError) as refused:
        retailer.tenders.award(tender, offer, 2, reference="else", command_id=command_id)
    assert refused.value.code == "COMMAND_ID_REUSED"


def test_what_is_agreed_says_how_the_order_is_paid(trade: Consortium) -> None:
    retailer, producer = trade.sdk("Retailer"), trade.sdk("Producer")
    plan = [
        Milestone(name="Arrived", event="delivered", within=90, otherwise="refund", basis_points=9000),
        Milestone(name="Kept", event="warranty", within=900, otherwise="pay", basis_points=1000),
    ]
    wanted = proposal(
        PRICED,
        "EUR",
        lead_time=3600,
        valid_for=600,
        milestones=plan,
        warranty=86_400,
        arbitrator="RegulatorMSP",
    )
    assert wanted.settlement == "milestones"
    offer = offered(trade)
    retailer.offers.counter(offer, 1, wanted, PRICED)
    seen = producer.offers.get(offer).present
    assert (seen.milestones, seen.warranty) == (plan, 86_400)
    producer.offers.agree(offer, 2)
    command_id = new_id()
    first = retailer.offers.accept(offer, 2, command_id=command_id)
    again = retailer.offers.accept(offer, 2, command_id=command_id)
    assert (again.repeated, again.reply) == (True, first.reply)
    order = first.reply.order
    assert (order.settlement, order.warranty, order.arbitrator) == ("milestones", 86_400, "RegulatorMSP")
    producer.orders.ship(order.id)
    producer.orders.deliver(order.id)
    assert int(producer.money.balance("ProducerMSP").balances[0].amount) == 895


def test_offers_end_without_an_order(trade: Consortium) -> None:
    retailer, producer = trade.sdk("Retailer"), trade.sdk("Producer")
    rejected, withdrawn, expired = (offered(trade) for _ in range(3))
    assert retailer.offers.reject(rejected, 1).reply.offer.status == "rejected"
    assert producer.offers.withdraw(withdrawn).reply.offer.status == "withdrawn"
    trade.ledger.world.now += 600_000
    assert trade.sdk("Bank").offers.expire(expired).reply.offer.status == "expired"
    found = retailer.offers.list(status="withdrawn").offers
    assert [offer.id for offer in found] == [withdrawn]
    tender = retailer.tenders.open(
        [(GTIN, 1)], country="DE", wanted_within=60, closes_within=60
    ).reply.tender.id
    assert retailer.tenders.withdraw(tender).reply.tender.status == "withdrawn"


def test_a_silent_peer_is_named_and_a_repetition_tells_it(
    trade: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    producer = trade.sdk("Producer")
    command_id = new_id()

    def silent(*_: object) -> None:
        raise OutcomeUnknownError("The peer went away.", command_id, None)

    with monkeypatch.context() as patch:
        patch.setattr(producer.offers, "disclose", silent)
        patch.setattr(trade, "sdk", lambda _: producer)
        with pytest.raises(PricesDisclosureError) as told:
            offered(trade, command_id=command_id)
    assert told.value.missing == ("RetailerMSP", "ProducerMSP")
    offer = offered(trade, command_id=command_id)
    assert offer == told.value.receipt.reply.offer.id
    assert trade.sdk("Retailer").offers.prices(offer, 1) == PRICED
