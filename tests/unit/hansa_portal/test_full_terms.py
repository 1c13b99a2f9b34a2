"""Listings on full terms through the pages: what is shown, quoted, and paid."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.discounts import Concession
from hansa.listings import Incoterm, ListingTerms, Price, Tier
from hansa.taxes import TaxRule
from tests.support.browser import forms
from tests.support.portal import Consortium
from tests.unit.hansa_portal.test_trade import GTIN, place_reviewed

TERMS = ListingTerms(
    tiers=[Tier(from_quantity=10, unit_price="900")],
    prices=[Price(currency="CNY", unit_price="8000")],
    incoterm=Incoterm(code="DAP", place="Rotterdam"),
    lead_time=7200,
    excluded=["FR"],
    multiple=2,
)


def offered(trade: Consortium) -> str:
    bank, producer = trade.sdk("Bank"), trade.sdk("Producer")
    for currency in ("EUR", "CNY"):
        bank.money.mint(currency, 1_000_000, "RetailerMSP")
    producer.products.register(GTIN, "Olive oil")
    made = producer.listings.create(GTIN, unit_price=1000, currency="EUR", quantity=100, terms=TERMS)
    rule = TaxRule(hs_prefix="", kind="standard", vat=2100, duty=500)
    trade.sdk("Regulator").taxes.publish("NL", "Wet OB 1968", [rule])
    return str(made.reply.listing.id)


def test_a_page_shows_tiers_currencies_and_terms(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    offer = offered(trade)
    shown = trade.browser("Retailer").get(f"/listings/{offer}")
    for words in ("From 10 units", "9.00", "In CNY", "80.00", "DAP Rotterdam", "2 hours", "Not to", "FR"):
        assert words in shown


def test_the_review_shows_what_the_ledger_quotes_and_that_is_paid(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    offer = offered(trade)
    issued = trade.sdk("Producer").coupons.issue("Autumn", Concession(amount="1000", currency="EUR"), uses=3)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    asked = {"quantity": "10", "destination": "nl", "coupon": issued.code, "step": "review"}
    review = retailer.submit(page, asked, page=page).text
    # 90.00, less 10.00, plus 21 %; the duty of 4.00 is for customs.
    for words in ("96.80", "10.00", "16.80", "4.00", "you pay it at the border", "NL.1"):
        assert words in review
    order = trade.ledger.queries.orders.find(place_reviewed(retailer, page, review))
    assert order is not None
    assert (order.amount, order.currency) == (9680, "EUR")


@pytest.mark.parametrize("seen", ["", "\N{SUPERSCRIPT TWO}", "9" * 5000, "-1"])
def test_nothing_is_placed_at_a_price_that_was_not_seen(tmp_path: Path, seen: str) -> None:
    trade = Consortium(tmp_path)
    page = f"/listings/{offered(trade)}/order"
    retailer = trade.browser("Retailer")
    given = retailer.form(page, page).fields | {"quantity": "10", "destination": "nl", "step": "place"}
    blocks = len(trade.ledger.blocks)
    answer = retailer.client.post(page, data={**given, "seen": seen})
    assert (answer.status_code, len(trade.ledger.blocks)) == (200, blocks)
    assert place_reviewed(retailer, page, answer.text)


def test_another_currency_is_paid_in_that_currency(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    offer = offered(trade)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    asked = {"quantity": "2", "destination": "DE", "currency": "CNY", "step": "review"}
    review = retailer.submit(page, asked, page=page).text
    assert "160.00\N{NO-BREAK SPACE}CNY" in review
    order = trade.ledger.queries.orders.find(place_reviewed(retailer, page, review))
    assert order is not None
    assert (order.amount, order.currency) == (16000, "CNY")


def test_what_the_ledger_would_refuse_is_said_at_the_field(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    offer = offered(trade)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    for asked, words in (
        ({"quantity": "2", "destination": "FR"}, "does not serve FR"),
        ({"quantity": "3", "destination": "DE"}, "multiple of 2"),
        ({"quantity": "2", "destination": "DE", "coupon": "GUESS"}, "no such coupon"),
    ):
        answer = retailer.submit(page, {**asked, "step": "review"}, page=page)
        assert (answer.status_code, words in answer.text) == (422, True), answer.text


def test_who_saw_a_lower_price_does_not_pay_a_higher_one(tmp_path: Path) -> None:
    trade = Consortium(tmp_path)
    offer = offered(trade)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    review = retailer.submit(page, {"quantity": "2", "destination": "DE", "step": "review"}, page=page).text
    trade.sdk("Producer").listings.revise(offer, unit_price=1100)
    form = next(each for each in forms(review) if each.action == page)
    answer = retailer.client.post(page, data={**form.fields, "step": "place"})
    assert answer.status_code == 422
    assert "more than 20.00" in answer.text
    assert trade.ledger.queries.orders.list() == []
