"""A whole trade through the pages, against the real rules."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from tests.support.browser import forms
from tests.support.portal import FAILURES, Browser, Consortium

GTIN = "09521321000018"
SGTIN = "urn:epc:id:sgtin:9521321.000001.1001"
SSCC = "095213210000000018"
ADDRESS = {"name": "Harbour Shop", "street": "Secret Lane 7", "city": "Hamburg", "country": "DE"}


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def listing(trade: Consortium, quantity: int = 10) -> str:
    """Goods on offer at 12.50 EUR and 1,000 EUR with the retailer; the listing's id."""
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    producer = trade.sdk("Producer")
    producer.products.register(GTIN, "Olive oil")
    made = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=quantity)
    return str(made.reply.listing.id)


def order_through_pages(browser: Browser, offer: str, **more: str) -> str:
    """Places an order through form and review; the order's id."""
    page = f"/listings/{offer}/order"
    values = {"quantity": "2", "carrier": "CarrierMSP", "freight": "5", **ADDRESS, **more}
    review = browser.submit(page, {**values, "step": "review"}, page=page)
    assert review.status_code == 200, review.text
    return place_reviewed(browser, page, review.text)


def place_reviewed(browser: Browser, page: str, html: str) -> str:
    form = next(each for each in forms(html) if each.action == page)
    answer = browser.client.post(page, data={**form.fields, "step": "place"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).rpartition("/")[2]


def test_a_trade_goes_through_the_pages_from_product_to_settlement(trade: Consortium) -> None:
    bank = trade.browser("Bank")
    bank.do("/money/mint", {"owner": "RetailerMSP", "amount": "1000", "currency": "EUR"}, page="/money/mint")
    producer, retailer, carrier = (trade.browser(name) for name in ("Producer", "Retailer", "Carrier"))
    producer.do("/products/register", {"gtin": GTIN, "name": "Olive oil"}, page="/products/register")
    page = producer.do(
        "/listings/new",
        {"gtin": GTIN, "unit_price": "12.50", "currency": "EUR", "quantity": "10"},
        page="/listings/new",
    )
    offer = re.search(r"ProducerMSP\.[0-9A-Z]{26}", page)
    assert offer is not None
    order = order_through_pages(retailer, offer[0], reference="PO-42")
    here = f"/orders/{order}"

    assert "Accept" in producer.get("/")
    producer.do(f"{here}/accept", {}, page=here)
    producer.do(f"{here}/ship", {"sscc": SSCC}, page=here)
    assert SSCC in carrier.get("/shipments")
    after = carrier.do(
        f"/shipments/{order}/handover",
        {"step": "delivered", "place": "9521321000025", "temperature": "4.5", "report_delivery": "1"},
        page=f"/shipments/{order}/handover",
    )
    assert "delivered" in after
    settled = retailer.do(f"{here}/confirm", {}, page=here)

    assert "settled" in settled
    assert "block" in settled
    sums = {
        row.owner: row.amount
        for name in ("Producer", "Carrier", "Bank", "Retailer")
        for row in trade.ledger.queries.money.balances(f"{name}MSP")
    }
    assert sums == {
        "ProducerMSP": 2485,
        "CarrierMSP": 500,
        "BankMSP/consortium-fees": 15,
        "RetailerMSP": 97_000,
    }
    assert all(supply.reconciles for supply in trade.ledger.queries.money.supply())


def test_the_review_shows_total_fee_and_shares_before_anything_is_paid(trade: Consortium) -> None:
    offer = listing(trade)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    blocks = len(trade.ledger.blocks)
    shown = retailer.submit(
        page, {"quantity": "2", "carrier": "CarrierMSP", "freight": "5", "step": "review"}, page=page
    ).text
    for amount in ("30.00", "24.85", "5.00", "0.15"):
        assert amount in shown
    assert len(trade.ledger.blocks) == blocks


def test_a_form_sent_twice_places_one_order(trade: Consortium) -> None:
    offer = listing(trade, quantity=2)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    review = retailer.submit(page, {"quantity": "2", **ADDRESS, "step": "review"}, page=page).text
    form = next(each for each in forms(review) if each.action == page)
    answers = [retailer.client.post(page, data={**form.fields, "step": "place"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(trade.ledger.queries.orders.list()) == 1
    assert trade.ledger.queries.money.balances("RetailerMSP")[0].amount == 97_500
    assert "not placed again" in retailer.get(answers[1].headers["Location"])


def test_a_double_click_places_one_order(trade: Consortium) -> None:
    offer = listing(trade)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    review = retailer.submit(page, {"quantity": "2", "step": "review"}, page=page).text
    form = next(each for each in forms(review) if each.action == page)
    cookie = retailer.client.get_cookie("hansa_8000").value
    places: list[str] = []

    def click() -> None:
        client = trade.app("Retailer").test_client()
        client.set_cookie("hansa_8000", cookie)
        answer = client.post(page, data={**form.fields, "step": "place"})
        places.append(answer.headers["Location"])

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(places) == 6
    assert len(set(places)) == 1
    assert len(trade.ledger.queries.orders.list()) == 1


def test_a_payment_sent_twice_pays_once(trade: Consortium) -> None:
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    retailer = trade.browser("Retailer")
    form = retailer.form("/money/pay", "/money/pay")
    data = {**form.fields, "owner": "ProducerMSP", "amount": "10.00", "currency": "EUR"}
    for _ in range(2):
        assert retailer.client.post("/money/pay", data=data).status_code == 303
    assert trade.ledger.queries.money.balances("ProducerMSP")[0].amount == 1000


def test_an_unknown_outcome_is_shown_as_unknown_and_checked_again_with_the_same_id(trade: Consortium) -> None:
    offer = listing(trade)
    retailer, producer = trade.browser("Retailer"), trade.browser("Producer")
    order = order_through_pages(retailer, offer)
    FAILURES.functions.add("orders:Accept")
    answer = producer.submit(f"/orders/{order}/accept", {}, page=f"/orders/{order}")
    assert answer.status_code == 503
    assert "OUTCOME_UNKNOWN" in answer.text
    form = next(each for each in forms(answer.text) if each.action.endswith("/accept"))
    assert form.buttons == ["Check again"]
    again = producer.client.post(form.action, data=form.fields)
    assert again.status_code == 303
    accepted = [x for x in trade.ledger.queries.ledger.history(order) if x.type == "order.accepted"]
    assert len(accepted) == 1


def test_what_the_read_model_has_not_seen_yet_is_said(trade: Consortium) -> None:
    offer = listing(trade)
    order = order_through_pages(trade.browser("Retailer"), offer)
    producer = trade.browser("Producer")
    trade.ledger.following = False
    shown = producer.do(f"/orders/{order}/accept", {}, page=f"/orders/{order}")
    assert "has not read that far yet" in shown


def test_a_refusal_stands_at_its_field_with_code_and_hint_and_keeps_what_was_typed(trade: Consortium) -> None:
    producer = trade.browser("Producer")
    answer = producer.submit(
        "/products/register",
        {"gtin": "09521321000019", "name": "Oil & <b>more</b>"},
        page="/products/register",
    )
    assert answer.status_code == 422
    assert "GTIN_INVALID" in answer.text
    assert 'aria-describedby="hint-gtin problem-gtin" aria-invalid="true"' in answer.text
    assert 'value="09521321000019"' in answer.text
    assert "Oil &amp; &lt;b&gt;more&lt;/b&gt;" in answer.text
    assert "check digit included" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("quantity", "0", "FIELD_INVALID"),
        ("quantity", "11", "STOCK_INSUFFICIENT"),
        ("freight", "1.234", "FIELD_INVALID"),
        ("freight", "-1", "FIELD_INVALID"),
        ("carrier", "", "CARRIER_INVALID"),
        ("accept_within", "0", "FIELD_INVALID"),
        ("accept_within", "366", "FIELD_INVALID"),
        ("street", "", "FIELD_INVALID"),
        ("country", "Germany", "FIELD_INVALID"),
    ],
)
def test_an_order_with_a_wrong_field_is_not_placed(
    trade: Consortium, field: str, value: str, code: str
) -> None:
    offer = listing(trade)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    values = {
        "quantity": "2",
        "carrier": "CarrierMSP",
        "freight": "5",
        **ADDRESS,
        "step": "place",
        field: value,
    }
    answer = retailer.submit(page, values, page=page)
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text
    assert code in answer.text
    assert trade.ledger.queries.orders.list() == []


def test_more_than_the_buyer_has_is_refused_at_the_form(trade: Consortium) -> None:
    offer = listing(trade)
    retailer = trade.browser("Retailer")
    page = f"/listings/{offer}/order"
    asked = {"quantity": "2", "carrier": "CarrierMSP", "freight": "5000", "step": "review"}
    review = retailer.submit(page, asked, page=page).text
    form = next(each for each in forms(review) if each.action == page)
    answer = retailer.client.post(page, data={**form.fields, "step": "place"})
    assert answer.status_code == 422
    assert "FUNDS_INSUFFICIENT" in answer.text


def test_cancelling_and_declining_go_through_the_pages(trade: Consortium) -> None:
    offer = listing(trade)
    retailer, producer = trade.browser("Retailer"), trade.browser("Producer")
    first, second = (order_through_pages(retailer, offer) for _ in range(2))
    assert "cancelled" in retailer.do(f"/orders/{first}/cancel", {}, page=f"/orders/{first}")
    assert "cancelled" in producer.do(f"/orders/{second}/cancel", {}, page=f"/orders/{second}")
    assert trade.ledger.queries.money.balances("RetailerMSP")[0].owner == "RetailerMSP"
    assert sum(row.amount for row in trade.ledger.queries.money.balances("RetailerMSP")) == 100_000


def test_a_step_of_another_status_is_refused_on_the_orders_page(trade: Consortium) -> None:
    offer = listing(trade)
    retailer = trade.browser("Retailer")
    order = order_through_pages(retailer, offer)
    page = f"/orders/{order}"
    form = retailer.form(page, f"{page}/cancel")
    answer = retailer.client.post(f"{page}/confirm", data=form.fields)
    assert answer.status_code == 422
    assert "ORDER_STATE" in answer.text
