"""What the read model tells of tenders and of the offers that answer them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa import new_id
from hansa.orders import DEFAULT_TERMS
from hansa_domain.offers.commands import (
    AcceptOffer,
    AgreeOffer,
    CounterOffer,
    ExpireOffer,
    OfferLine,
    Proposal,
    ProposeOffer,
    RejectOffer,
    WithdrawOffer,
)
from hansa_domain.operation import BY_ARGUMENT
from hansa_domain.orders.milestone_plan import Milestone
from hansa_domain.tenders import OpenTender, TenderLine, WithdrawTender
from tests.support.portal import Consortium

GTIN = "09521321000018"


def send(client: Any, command: Any) -> Any:
    """Carries out any command of a member; its reply."""
    operation = BY_ARGUMENT[type(command)]
    return client.submitter.submit(operation.name, command, operation.reply).reply


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    trade.sdk("Producer").products.register(GTIN, "Coffee")
    return trade


def proposal(amount: str, valid_for: int = 600, **more: Any) -> Proposal:
    return Proposal(
        lines=[OfferLine(gtin=GTIN, quantity=4)],
        currency="EUR",
        amount=amount,
        terms=DEFAULT_TERMS,
        lead_time=3600,
        valid_for=valid_for,
        **more,
    )


def tender(trade: Consortium, *invited: str) -> str:
    command = OpenTender(
        id=new_id(),
        lines=[TenderLine(gtin=GTIN, quantity=4)],
        country="DE",
        wanted_within=7200,
        closes_within=3600,
        invited=list(invited),
        reference="RFQ-1",
    )
    return str(send(trade.sdk("Retailer"), command).tender.id)


def offer(trade: Consortium, tender: str | None = None) -> str:
    command = ProposeOffer(
        id=new_id(), buyer="RetailerMSP", seller="ProducerMSP", proposal=proposal("900"), tender=tender
    )
    return str(send(trade.sdk("Producer"), command).offer.id)


def test_a_tender_and_the_offer_that_wins_it(trade: Consortium) -> None:
    asked = tender(trade)
    made = offer(trade, asked)
    producer, retailer, queries = trade.sdk("Producer"), trade.sdk("Retailer"), trade.ledger.queries
    (row,) = queries.offers.tenders(seller="ProducerMSP", status="open")
    assert (row.tender, row.offers, row.country, row.lines) == (
        asked,
        1,
        "DE",
        [{"gtin": GTIN, "quantity": 4}],
    )
    send(retailer, CounterOffer(id=new_id(), offer=made, version=1, proposal=proposal("800")))
    send(producer, AgreeOffer(id=new_id(), offer=made, version=2))
    (found,) = queries.offers.list(party="ProducerMSP", tender=asked, status="agreed")
    assert (found.version, found.by, found.amount) == (2, "RetailerMSP", 800)
    note = trade.sdk("Bank").money.mint("EUR", 1000, "RetailerMSP").reply.notes[0].id
    accepted = send(retailer, AcceptOffer(id=new_id(), offer=made, version=2, notes=[note]))
    ended = queries.offers.tender(asked)
    assert ended is not None
    assert (ended.status, ended.offer, ended.order_id) == ("awarded", made, accepted.order.id)
    detail = queries.offers.detail(made)
    assert detail is not None
    assert [(version.by, version.amount) for version in detail.versions] == [
        ("ProducerMSP", 900),
        ("RetailerMSP", 800),
    ]
    assert [step.type for step in detail.steps] == [
        "offer.proposed",
        "offer.countered",
        "offer.agreed",
        "offer.accepted",
        "tender.awarded",
    ]
    order = queries.orders.detail(accepted.order.id)
    assert order is not None
    assert (order.order.status, order.order.amount) == ("accepted", 800)
    assert [(line.listing, line.product, line.quantity) for line in order.lines] == [(None, "Coffee", 4)]


def test_what_a_version_is_paid_by_and_the_order_that_it_becomes(trade: Consortium) -> None:
    made = offer(trade)
    plan = [
        Milestone(name="Arrived", event="delivered", within=90, otherwise="refund", basis_points=9000),
        Milestone(name="Kept", event="warranty", within=900, otherwise="pay", basis_points=1000),
    ]
    wanted = proposal("900", milestones=plan, warranty=86_400)
    send(trade.sdk("Retailer"), CounterOffer(id=new_id(), offer=made, version=1, proposal=wanted))
    send(trade.sdk("Producer"), AgreeOffer(id=new_id(), offer=made, version=2))
    queries = trade.ledger.queries
    detail = queries.offers.detail(made)
    assert detail is not None
    first, second = detail.versions
    assert (first.milestones, first.warranty, second.warranty) == (None, None, 86_400)
    shown = {"event": "warranty", "name": "Kept", "within": 900, "otherwise": "pay"}
    assert second.milestones is not None
    assert second.milestones[1] == {**shown, "weight": "1000", "inspector": None}
    note = trade.sdk("Bank").money.mint("EUR", 1000, "RetailerMSP").reply.notes[0].id
    accepted = send(trade.sdk("Retailer"), AcceptOffer(id=new_id(), offer=made, version=2, notes=[note]))
    found = queries.orders.detail(accepted.order.id)
    assert found is not None
    assert (found.order.status, found.order.due) == ("accepted", accepted.order.due)
    assert [(row.name, row.status) for row in queries.escrow.milestones(accepted.order.id)] == [
        ("Arrived", "pending"),
        ("Kept", "pending"),
    ]


def test_offers_that_come_to_nothing(trade: Consortium) -> None:
    producer, retailer, queries = trade.sdk("Producer"), trade.sdk("Retailer"), trade.ledger.queries
    rejected, withdrawn, expired = offer(trade), offer(trade), offer(trade)
    send(retailer, RejectOffer(id=new_id(), offer=rejected, version=1))
    send(producer, WithdrawOffer(id=new_id(), offer=withdrawn))
    trade.ledger.world.now += 600_000
    send(trade.sdk("Bank"), ExpireOffer(id=new_id(), offer=expired))
    found = {row.offer: row.status for row in queries.offers.list(party="RetailerMSP")}
    assert found == {rejected: "rejected", withdrawn: "withdrawn", expired: "expired"}
    assert queries.offers.detail("none") is None


def test_who_may_answer_a_tender(trade: Consortium) -> None:
    asked, queries = tender(trade, "CarrierMSP"), trade.ledger.queries
    assert queries.offers.tenders(seller="ProducerMSP") == []
    assert [row.tender for row in queries.offers.tenders(seller="CarrierMSP")] == [asked]
    send(trade.sdk("Retailer"), WithdrawTender(id=new_id(), tender=asked))
    assert [row.status for row in queries.offers.tenders(buyer="RetailerMSP")] == ["withdrawn"]
    assert queries.offers.tenders(status="open") == []
    assert queries.offers.tender("none") is None
