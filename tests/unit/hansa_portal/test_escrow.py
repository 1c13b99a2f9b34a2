"""What an order's page shows of milestones, disputes, splits and claims, and to whom."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hansa import Milestone, new_id
from hansa.offers import proposal
from hansa.orders import salt
from hansa_domain.claims.commands import OpenClaim
from hansa_domain.disputes.commands import DecideDispute, OpenDispute
from hansa_domain.milestones import ReportMilestone
from hansa_domain.offers.records import PricedLine, PricedLines
from hansa_domain.orders.division import Split
from hansa_domain.settlements import ProposeSettlement
from tests.support.escrow import DOCUMENT, PLAN
from tests.support.portal import Consortium
from tests.unit.hansa_readmodel.test_escrow import ordered, send


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def test_milestones_and_what_is_left(trade: Consortium) -> None:
    order = ordered(trade, settlement="milestones", milestones=PLAN)
    report = {"order": order, "milestone": "attested", "document": DOCUMENT}
    send(trade.sdk("Regulator"), ReportMilestone(id=new_id(), **report))
    page = trade.browser("Retailer").get(f"/orders/{order}")
    assert "A milestone was reached" in page
    assert "the rest goes back" in page
    assert "8.80" in page  # of 11.00 euros
    assert "attested" in trade.browser("Regulator").get(f"/orders/{order}")


def test_milestones_that_an_offer_agreed_on(trade: Consortium) -> None:
    producer, retailer, gtin = trade.sdk("Producer"), trade.sdk("Retailer"), "09521321000018"
    producer.products.register(gtin, "Coffee")
    trade.sdk("Bank").money.mint("EUR", 1100, "RetailerMSP")
    priced = PricedLines(salt=salt(), lines=[PricedLine(gtin=gtin, quantity=4, unit_price="275")])
    plan = msgspec.convert(PLAN, list[Milestone])
    wanted = proposal(priced, "EUR", lead_time=60, valid_for=60, milestones=plan)
    offer = producer.offers.propose(wanted, priced, buyer="RetailerMSP").reply.offer.id
    order = retailer.offers.accept(offer, 1).reply.order.id
    report = {"order": order, "milestone": "attested", "document": DOCUMENT}
    send(trade.sdk("Regulator"), ReportMilestone(id=new_id(), **report))
    for name in ("Retailer", "Producer"):
        page = trade.browser(name).get(f"/orders/{order}")
        assert "A milestone was reached" in page
        assert "Coffee" in page
        assert "8.80" in page  # of 11.00 euros


def test_a_dispute_takes_the_buttons_away_and_shows_the_decision(trade: Consortium) -> None:
    order = ordered(trade)
    trade.sdk("Producer").orders.ship(order)
    here = f"/orders/{order}"
    assert "Report delivery" in trade.browser("Carrier").get(here)
    send(trade.sdk("Carrier"), OpenDispute(id=new_id(), order=order, reason="freight"))
    assert "Report delivery" not in trade.browser("Carrier").get(here)
    assert "You concede the dispute" in trade.browser("Retailer").get(here)
    assert "A dispute was opened" in trade.browser("Bank").get(here)
    parts = Split(to_buyer="400", to_seller="600", to_carrier="100")
    decided = DecideDispute(id=new_id(), order=order, split=parts, goods="buyer")
    send(trade.sdk("Bank"), decided)
    page = trade.browser("Producer").get(here)
    assert "decided" in page
    assert "5.97" in page
    assert "Ended by a split" in page


def test_the_seller_concedes_before_he_shipped(trade: Consortium) -> None:
    order = ordered(trade)
    send(trade.sdk("Retailer"), OpenDispute(id=new_id(), order=order, reason="late"))
    page = trade.browser("Producer").get(f"/orders/{order}")
    assert "the buyer gets the money back" in page
    assert f"/orders/{order}/ship" not in page


def test_a_proposed_split_and_a_claim(trade: Consortium) -> None:
    order = ordered(trade, warranty=5000)
    trade.sdk("Producer").orders.ship(order)
    share = Split(to_buyer="100", to_seller="0")
    proposed = ProposeSettlement(id=new_id(), order=order, split=share, valid_for=60)
    send(trade.sdk("Retailer"), proposed)
    page = trade.browser("Producer").get(f"/orders/{order}")
    assert "A proposed split" in page
    assert "Still to agree" in page
    trade.sdk("Retailer").orders.confirm(order)
    claim = OpenClaim(
        id=new_id(), order=order, reason="quality", wanted="payment", amount="300", answer_within=60
    )
    send(trade.sdk("Retailer"), claim)
    page = trade.browser("Producer").get(f"/orders/{order}")
    assert "Claims under the warranty" in page
    assert "A proposed split" not in page
