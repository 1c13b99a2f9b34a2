"""Alerts on their pages: who sees them, who answers them, and where else they are shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import url_for

from hansa.settling import Settling
from hansa_domain.coldchain.records import Limit
from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from tests.support.browser import forms
from tests.support.epcis import object_event
from tests.support.portal import FAILURES, Consortium

GTIN = "09521321000018"
ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
EARLY = "2026-02-01T09:10:00Z"
ANSWERING = {"Producer", "Regulator"}
EVERYBODY = ("Producer", "Retailer", "Carrier", "Bank", "Regulator")


def capture(trade: Consortium, name: str, *events: dict[str, Any]) -> Any:
    return trade.sdk(name).goods.capture(json.dumps(list(events)))


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    """The producer has made three items."""
    found = Consortium(tmp_path)
    found.sdk("Producer").products.register(GTIN, "Coffee")
    epcs = [ITEM.format(each) for each in range(3)]
    capture(found, "Producer", object_event(action="ADD", bizStep="commissioning", epcList=epcs))
    return found


def raised(trade: Consortium, serial: int = 0, name: str = "Retailer") -> str:
    """An alert: somebody saw an item before it was made."""
    early = object_event(epcList=[ITEM.format(serial)], eventTime=EARLY, bizStep="retail_selling")
    (alert,) = capture(trade, name, early).alerts
    return str(alert)


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_sees_an_alert_and_only_who_answers_for_it_has_forms(trade: Consortium, name: str) -> None:
    alert = raised(trade)
    browser = trade.browser(name)
    assert f'href="/alerts/{alert}"' in browser.get("/alerts")
    page = browser.get(f"/alerts/{alert}")
    for words in (
        "Seen before it was made",
        "critical",
        "Coffee",
        "serial 0",
        "retail selling",
        "commissioning",
    ):
        assert words in page, words
    row = trade.ledger.queries.alerts.find(alert)
    assert row is not None
    for each in row.evidence:
        with trade.app(name).test_request_context():
            assert f'href="{url_for("goods.event", id=each["event"])}"' in page
    found = {form.action.rpartition("/")[2] for form in forms(page)} - {"sign-out"}
    assert found == ({"acknowledge", "close"} if name in ANSWERING else set())


@pytest.mark.parametrize("name", sorted(set(EVERYBODY) - ANSWERING))
def test_a_forged_answer_of_others_is_refused(trade: Consortium, name: str) -> None:
    alert, browser = raised(trade), trade.browser(name)
    token = browser.form("/", "/sign-out").fields["csrf_token"]
    blocks = len(trade.ledger.blocks)
    data = {"csrf_token": token, "outcome": "explained", "remark": "It was cheap"}
    for step in ("acknowledge", "close"):
        assert browser.client.post(f"/alerts/{alert}/{step}", data=data).status_code == 403
    assert len(trade.ledger.blocks) == blocks


@pytest.mark.parametrize("name", sorted(ANSWERING))
def test_an_alert_is_looked_into_and_closed(trade: Consortium, name: str) -> None:
    alert, browser = raised(trade), trade.browser(name)
    here = f"/alerts/{alert}"
    page = browser.do(f"{here}/acknowledge", {}, page=here)
    assert "you look into it" in page
    assert {form.action.rpartition("/")[2] for form in forms(page)} == {"sign-out", "close"}
    page = browser.do(f"{here}/close", {"outcome": "confirmed", "remark": "Not ours"}, page=here)
    assert "confirmed: something is wrong" in page
    assert "Not ours" in page
    assert [form.action for form in forms(page)] == ["/sign-out"]
    row = trade.ledger.queries.alerts.find(alert)
    assert row is not None
    assert (row.status, row.outcome, row.closed_by) == ("closed", "confirmed", f"{name}MSP")
    assert alert not in browser.get("/alerts")
    assert alert in browser.get("/alerts?status=closed")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"outcome": "explained", "remark": ""}, "remark"),
        ({"outcome": "withdrawn", "remark": "x"}, "outcome"),
        ({"outcome": [], "remark": "x"}, "outcome"),
        ({"outcome": "explained", "remark": "x" * 1001}, "remark"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_field(
    trade: Consortium, values: dict[str, Any], field: str
) -> None:
    here = f"/alerts/{raised(trade)}"
    answer = trade.browser("Producer").submit(f"{here}/close", values, page=here)
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text


def test_who_took_the_product_over_answers_for_it(trade: Consortium) -> None:
    alert = raised(trade, name="Carrier")
    trade.sdk("Producer").products.offer_transfer(GTIN, "RetailerMSP")
    trade.sdk("Retailer").products.accept_transfer(GTIN)
    here = f"/alerts/{alert}"
    assert [form.action for form in forms(trade.browser("Producer").get(here))] == ["/sign-out"]
    assert alert in trade.browser("Retailer").get("/")
    assert alert in trade.browser("Retailer").get("/alerts?answers=RetailerMSP")
    assert alert not in trade.browser("Retailer").get("/alerts?answers=ProducerMSP")
    page = trade.browser("Retailer").do(
        f"{here}/close", {"outcome": "explained", "remark": "A wrong clock"}, page=here
    )
    assert "The alert is closed" in page


def test_alerts_are_filtered_and_cut_into_pages(trade: Consortium) -> None:
    first, second = raised(trade, 0), raised(trade, 1)
    inspector = trade.browser("Regulator")
    assert "2 found" in inspector.get("/alerts")
    assert "Newer" not in inspector.get("/alerts")
    for wanted, alert in (
        (f"epc={ITEM.format(0)}", first),
        (f"epc=https://id.gs1.org/01/{GTIN}/21/1", second),
    ):
        page = inspector.get(f"/alerts?{wanted}")
        assert "1 found" in page
        assert alert in page
    for found in ("code=seen_before_made", "severity=critical", "answers=ProducerMSP", "holder=ProducerMSP"):
        assert "2 found" in inspector.get(f"/alerts?{found}"), found
    for nothing in ("code=cold_chain", "severity=warning", "answers=BankMSP", "status=acknowledged", "epc=x"):
        assert "No alerts found" in inspector.get(f"/alerts?{nothing}"), nothing
    # What is no such value narrows nothing.
    assert "2 found" in inspector.get("/alerts?code=cow&severity=x&status=y&page=-1")
    trade.sdk("Producer").alerts.close(first, "explained", "A wrong clock.")
    assert "1 found" in inspector.get("/alerts")
    assert "2 found" in inspector.get("/alerts?status=any")
    inspector.get("/alerts/none", 404)


def test_a_long_list_of_alerts_has_pages(trade: Consortium) -> None:
    epcs = [ITEM.format(each) for each in range(100, 127)]
    capture(trade, "Producer", object_event(action="ADD", bizStep="commissioning", epcList=epcs))
    early = object_event(epcList=epcs, eventTime=EARLY)
    assert len(capture(trade, "Retailer", early).alerts) == 27
    browser = trade.browser("Producer")
    page = browser.get("/alerts")
    assert page.count('href="/alerts/') == 25
    assert "Older" in page
    assert browser.get("/alerts?page=1").count('href="/alerts/') == 2
    home = browser.get("/")
    assert home.count('href="/alerts/') == 10
    assert "All 27 alerts" in home


def test_an_open_alert_about_ones_goods_is_on_the_first_page(trade: Consortium) -> None:
    alert = raised(trade)
    assert "Nothing waits for you" in trade.browser("Carrier").get("/")
    page = trade.browser("Producer").get("/")
    assert "Look into alerts about our products" in page
    assert alert in page
    assert "Alerts that are not closed" in trade.browser("Regulator").get("/")
    assert alert not in trade.browser("Retailer").get("/")
    # Who holds goods of another's product is told too, though he does not answer for them.
    trade.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
    producer, retailer = trade.sdk("Producer"), trade.sdk("Retailer")
    made = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=3)
    order = retailer.orders.place(made.reply.listing.id, 1).reply.order.id
    producer.orders.accept(order)
    producer.orders.ship(order, epcs=[ITEM.format(0)])
    assert "Condition of the goods" in trade.browser("Retailer").get(f"/orders/{order}")
    retailer.orders.confirm(order)
    page = trade.browser("Retailer").get("/")
    assert "Alerts about goods that we hold" in page
    assert alert in page
    producer.alerts.close(alert, "explained", "A wrong clock.")
    for name in ("Producer", "Retailer", "Regulator"):
        assert alert not in trade.browser(name).get("/")


def test_events_and_trails_lead_to_the_alerts_about_them(trade: Consortium) -> None:
    alert = raised(trade)
    row = trade.ledger.queries.alerts.find(alert)
    assert row is not None
    browser = trade.browser("Carrier")
    for each in row.evidence:
        with trade.app("Carrier").test_request_context():
            event = url_for("goods.event", id=each["event"])
        assert f"/alerts/{alert}" in browser.get(event)
    assert f"/alerts/{alert}" in browser.get(f"/goods/trace?epc={ITEM.format(0)}")
    assert "/alerts/" not in browser.get(f"/goods/trace?epc={ITEM.format(1)}").partition("<main")[2]
    assert f"/alerts/{alert}" in browser.get(f"/search?q={alert}")


def test_a_report_taken_back_is_shown_as_such(trade: Consortium) -> None:
    alert = raised(trade)
    row = trade.ledger.queries.alerts.find(alert)
    assert row is not None
    (mine,) = [each["event"] for each in row.evidence if each["reporter"] == "RetailerMSP"]
    trade.sdk("Retailer").goods.declare_error(mine)
    page = trade.browser("Producer").get(f"/alerts/{alert}")
    assert "declared wrong" in page
    assert "a report that it rests on was taken back" in page


def test_how_goods_were_kept_is_on_their_page(trade: Consortium) -> None:
    producer = trade.sdk("Producer")
    producer.cold_chain.set_limits(
        GTIN, [Limit(measures="Temperature", uom="CEL", maximum="8", allowed_seconds=60)]
    )
    browser, here = trade.browser("Retailer"), f"/goods/trace?epc={ITEM.format(0)}"
    page = browser.get(here)
    assert "up to 8 CEL" in page
    assert "Nothing was reported of it outside" in page
    span = {"startTime": "2026-03-04T10:00:00Z", "endTime": "2026-03-04T11:20:00Z"}
    report = {"type": "Temperature", "minValue": 7, "maxValue": 9.5, "uom": "CEL"}
    warm = object_event(
        epcList=[ITEM.format(0)],
        eventTime="2026-03-04T11:21:00Z",
        sensorElementList=[{"sensorMetadata": span, "sensorReport": [report]}],
        persistentDisposition={"set": ["non_sellable_other"]},
    )
    (alert,) = capture(trade, "Producer", warm).alerts
    page = browser.get(here)
    for words in (
        "Not kept at its limits",
        "1 h 20 min",
        "at worst 9.5 CEL",
        "not for sale",
        f"/alerts/{alert}",
    ):
        assert words in page, words
    page = browser.get(f"/alerts/{alert}")
    assert "What it rests on" in page
    assert "1 h 20 min" in page
    assert "not for sale" in page


def test_an_answer_of_unknown_outcome_is_sent_again_and_counts_once(trade: Consortium) -> None:
    alert, browser = raised(trade), trade.browser("Producer")
    here = f"/alerts/{alert}"
    FAILURES.functions.add("alerts:Close")
    answer = browser.submit(f"{here}/close", {"outcome": "explained", "remark": "A wrong clock"}, page=here)
    assert answer.status_code == 503
    (again,) = [form for form in forms(answer.text) if form.action == f"{here}/close"]
    blocks = len(trade.ledger.blocks)
    assert browser.client.post(again.action, data=again.fields).status_code == 303
    row = trade.ledger.queries.alerts.find(alert)
    assert row is not None
    assert (row.status, row.remark) == ("closed", "A wrong clock")
    assert all(not block.transactions[0].events for block in trade.ledger.blocks[blocks:])


def test_goods_of_a_part_that_got_too_warm_are_on_the_orders_page(trade: Consortium) -> None:
    producer, retailer = trade.sdk("Producer"), trade.sdk("Retailer")
    producer.cold_chain.set_limits(
        GTIN, [Limit(measures="Temperature", uom="CEL", maximum="8", allowed_seconds=60)]
    )
    trade.sdk("Bank").money.mint("EUR", 10_000, "RetailerMSP")
    made = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=3)
    carriages = [Carriage(carrier="CarrierMSP", freight="100")]
    terms = DeliveryTerms(answer_within=60, invoice_within=60, carriages=carriages)
    placed = retailer.orders.place(made.reply.listing.id, 2, settling=Settling(deliveries=terms))
    order = placed.reply.order.id
    producer.orders.accept(order)
    producer.despatches.send(order, {0: 1}, carriage=0, epcs=[ITEM.format(0)])
    producer.despatches.send(order, {0: 1}, epcs=[ITEM.format(1)])
    buyer = trade.browser("Retailer")
    assert "Condition of the goods" not in buyer.get(f"/orders/{order}")
    span = {"startTime": "2026-03-04T10:00:00Z", "endTime": "2026-03-04T10:20:00Z"}
    report = {"type": "Temperature", "minValue": 7, "maxValue": 9.5, "uom": "CEL"}
    warm = object_event(
        epcList=[ITEM.format(0)],
        eventTime="2026-03-04T10:21:00Z",
        sensorElementList=[{"sensorMetadata": span, "sensorReport": [report]}],
    )
    (alert,) = capture(trade, "Carrier", warm).alerts
    # What the seller brings himself does not change hands on the way, and is the order's all the same.
    early = object_event(epcList=[ITEM.format(1)], eventTime=EARLY)
    (other,) = capture(trade, "Retailer", early).alerts
    page = buyer.get(f"/orders/{order}")
    for words in ("Condition of the goods", "20 min", f"/alerts/{alert}", f"/alerts/{other}"):
        assert words in page, words
    assert alert in trade.browser("Carrier").get("/")
