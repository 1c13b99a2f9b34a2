"""Who sees and does what: sessions, roles, private data, and the headers of every answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import url_for

from hansa.orders import salt
from hansa_domain.orders.commands import Delivery
from hansa_portal.app import HEADERS
from tests.support.browser import Browser, forms
from tests.support.epcis import object_event
from tests.support.portal import Consortium

GTIN = "09521321000018"
SECRET = "Secret Lane 7"
EVERYBODY = ("Producer", "Retailer", "Carrier", "Bank", "Regulator")


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


@pytest.fixture
def order(trade: Consortium) -> str:
    """An order with a disclosed address."""
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    producer = trade.sdk("Producer")
    producer.products.register(GTIN, "Olive oil")
    made = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
    address = Delivery(salt=salt(), name="Harbour Shop", street=[SECRET], city="Hamburg", country="DE")
    receipt = trade.sdk("Retailer").orders.place(
        made.reply.listing.id, 2, carrier="CarrierMSP", freight=500, deliver_to=address
    )
    return str(receipt.reply.order.id)


def addresses(trade: Consortium, order: str) -> list[str]:
    """Every page that can be looked at."""
    listing = trade.ledger.queries.listings.list()[0].listing
    transaction = trade.ledger.blocks[-1].transactions[0].transaction_id
    return [
        "/",
        "/orders",
        f"/orders/{order}",
        f"/listings/{listing}",
        f"/listings/{listing}/order",
        "/listings",
        "/listings/new",
        "/products",
        "/products/register",
        "/shipments",
        f"/shipments/{order}",
        f"/shipments/{order}/handover",
        f"/shipments/{order}/despatches/x",
        f"/shipments/{order}/despatches/x/handover",
        "/alerts",
        "/alerts/x",
        "/compliance",
        f"/compliance/check/{order}",
        f"/compliance/check/{order}/evidence",
        f"/compliance/subject/{order}",
        "/rule-packs",
        "/rule-packs/eu/1",
        "/rule-packs/eu/changes",
        "/licences",
        "/papers",
        "/goods/report",
        "/goods/trace",
        "/goods/event?id=x",
        "/goods/event/document?id=x",
        "/money",
        "/money/pay",
        "/money/mint",
        "/money/statement",
        "/documents/send",
        f"/orders/{order}/ubl/order",
        "/search?q=Olive",
        "/ledger",
        f"/ledger/{transaction}",
        "/consortium",
        "/consortium/changes/x",
        "/consortium/changes/x/file",
        "/consortium/changes/x/kit",
        "/consortium/applications/x",
    ]


def test_nothing_but_signing_in_is_open_to_strangers(trade: Consortium, order: str) -> None:
    stranger = trade.app("Retailer").test_client()
    for path in addresses(trade, order):
        answer = stranger.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith("/sign-in?next="), path
    assert stranger.get("/sign-in").status_code == 200
    assert stranger.get("/healthz").status_code == 200
    assert stranger.get("/static/style.css").status_code == 200


OPEN = {"static", "signing_in.show", "signing_in.enter", "signing_in.leave", "health.show"}
OPEN |= {"joining.show", "joining.apply", "joining.status", "joining.kit"}
"""What strangers reach: signing in and out, health, an application and its link."""
STEPS = {"order_steps.take": "accept", "order_steps.part": "pay"}


def test_no_page_was_forgotten(trade: Consortium) -> None:
    app = trade.app("Retailer")
    stranger, member = app.test_client(), trade.browser("Retailer").client
    seen = 0
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN or rule.endpoint.startswith(("epcis", "metrics")):
            continue
        with app.test_request_context():
            given = {"version": 1, "step": STEPS.get(rule.endpoint, "sign")}
            path = url_for(rule.endpoint, **{name: given.get(name, "x") for name in rule.arguments})
        assert rule.methods is not None
        if "GET" in rule.methods:
            assert stranger.get(path).headers.get("Location", "").startswith("/sign-in"), path
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
            # Without a token of the session nothing is done, for members as for strangers.
            for who in (stranger, member):
                assert who.open(path, method=method).status_code == 400, path
        seen += 1
    assert seen > 40


ALLOWED = {
    "/listings/new": {"Producer", "Retailer"},
    "/products/register": {"Producer", "Retailer"},
    "/goods/report": {"Producer", "Retailer", "Carrier"},
    "/shipments": {"Carrier"},
    "/money/pay": {"Producer", "Retailer", "Carrier", "Bank"},
    "/money/mint": {"Bank"},
    "/ledger": {"Regulator"},
}


@pytest.mark.parametrize("path", list(ALLOWED))
@pytest.mark.parametrize("name", EVERYBODY)
def test_pages_of_a_role_are_refused_to_others_and_not_offered(
    trade: Consortium, path: str, name: str
) -> None:
    browser = trade.browser(name)
    may = name in ALLOWED[path]
    browser.get(path, 200 if may else 403)
    offered = f'href="{path}"' in browser.get("/")
    assert may or not offered


def test_a_forged_post_of_another_role_is_refused(trade: Consortium, order: str) -> None:
    carrier = trade.browser("Carrier")
    token = carrier.form("/", "/sign-out").fields["csrf_token"]
    blocks = len(trade.ledger.blocks)
    data = {
        "csrf_token": token,
        "gtin": GTIN,
        "name": "x",
        "owner": "CarrierMSP",
        "amount": "1",
        "currency": "EUR",
    }
    for path in ("/products/register", "/listings/new", "/money/mint"):
        assert carrier.client.post(path, data=data).status_code == 403
    refused = carrier.client.post(f"/orders/{order}/accept", data={"csrf_token": token})
    assert refused.status_code == 422
    assert "NOT_PERMITTED" in refused.text
    assert len(trade.ledger.blocks) == blocks


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_delivery_address_is_on_the_parties_pages_only(trade: Consortium, order: str, name: str) -> None:
    browser = trade.browser(name)
    party = name in {"Producer", "Retailer", "Carrier"}
    for path in addresses(trade, order):
        text = browser.client.get(path, follow_redirects=True).text
        expected = party and path in (f"/orders/{order}", f"/orders/{order}/ubl/order")
        assert (SECRET in text) == expected, path


def test_the_read_model_holds_nothing_private(trade: Consortium, order: str, tmp_path: Path) -> None:
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("readmodel.sqlite*"))
    assert order.encode() in stored
    for private in (SECRET, "Harbour Shop"):
        assert private.encode() not in stored


def test_a_regulator_reads_and_changes_nothing(trade: Consortium, order: str) -> None:
    regulator = trade.browser("Regulator")
    token = regulator.form("/", "/sign-out").fields["csrf_token"]
    listing = trade.ledger.queries.listings.list()[0].listing
    trade.ledger.world.pass_time(3 * 24 * 3600)
    blocks = len(trade.ledger.blocks)
    steps = [f"/orders/{order}/{step}" for step in ("accept", "ship", "default", "disclose")]
    for path in (*steps, f"/listings/{listing}/order", "/money/pay", "/goods/report"):
        assert regulator.client.post(path, data={"csrf_token": token}).status_code == 403, path
    assert len(trade.ledger.blocks) == blocks


def test_an_order_of_others_is_not_found_and_the_regulator_sees_all(trade: Consortium, order: str) -> None:
    second = trade.sdk("Carrier")
    trade.sdk("Bank").money.mint("EUR", 10_000, "CarrierMSP")
    listing = trade.ledger.queries.listings.list()[0].listing
    other = str(second.orders.place(listing, 1).reply.order.id)
    retailer = trade.browser("Retailer")
    retailer.get(f"/orders/{other}", 404)
    assert other[-6:] not in retailer.get("/orders")
    assert f'href="/orders/{other}"' not in retailer.get(f"/search?q={other}")
    regulator = trade.browser("Regulator")
    for each in (order, other):
        assert each[-6:] in regulator.get("/orders")
        page = regulator.get(f"/orders/{each}")
        assert [form.action for form in forms(page)] == ["/sign-out"]


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("Producer", {"accept", "cancel"}),
        ("Retailer", {"cancel", "disclose"}),
        ("Carrier", set()),
        ("Bank", set()),
    ],
)
def test_only_the_steps_that_may_be_taken_now_have_buttons(
    trade: Consortium, order: str, name: str, steps: set[str]
) -> None:
    page = trade.browser(name).get(f"/orders/{order}")
    found = {form.action.rpartition("/")[2] for form in forms(page)} - {"sign-out"}
    assert found == steps
    trade.ledger.world.pass_time(3 * 24 * 3600)
    page = trade.browser(name).get(f"/orders/{order}")
    assert f"/orders/{order}/default" in {form.action for form in forms(page)}
    assert "deadline passed" in page


@pytest.mark.parametrize(
    "number", [str(10**9), str(10**30), "9" * 5000, "-1", "\N{ARABIC-INDIC DIGIT ONE}", "x"]
)
def test_numbers_in_addresses_that_nothing_counts_to_break_nothing(trade: Consortium, number: str) -> None:
    member = trade.browser("Retailer").client
    for path in (
        "alerts?page=",
        "orders?page=",
        "licences?page=",
        "papers?page=",
        "compliance?page=",
        "compliance?pack=eu:",
    ):
        assert member.get(f"/{path}{number}").status_code == 200
    for path in ("rule-packs/eu/", "rule-packs/eu/changes?from=1&to="):
        assert member.get(f"/{path}{number}").status_code == 404


def test_a_post_without_a_token_of_the_session_is_refused(trade: Consortium, order: str) -> None:
    producer = trade.browser("Producer")
    blocks = len(trade.ledger.blocks)
    for data in ({}, {"csrf_token": "forged"}):
        answer = producer.client.post(f"/orders/{order}/accept", data=data)
        assert answer.status_code == 400
        assert "not sent from a page of this session" in answer.text
    other = trade.browser("Producer", "other")
    token = other.form("/", "/sign-out").fields["csrf_token"]
    answer = producer.client.post(f"/orders/{order}/accept", data={"csrf_token": token})
    assert answer.status_code == 400
    assert len(trade.ledger.blocks) == blocks


def test_every_form_of_every_page_carries_a_token(trade: Consortium, order: str) -> None:
    for name in EVERYBODY:
        browser = trade.browser(name)
        for path in addresses(trade, order):
            html = browser.client.get(path, follow_redirects=True).text
            assert html.count("<form") == html.count("csrf_token") + html.count('role="search"') + html.count(
                'class="search" action'
            ), path
            assert "<script" not in html
            assert " style=" not in html
            assert "http://" not in html.replace('xmlns="http://www.w3.org', "")


def test_every_answer_has_secure_headers_and_is_not_stored(trade: Consortium, order: str) -> None:
    browser = trade.browser("Retailer")
    for path in ("/", f"/orders/{order}", "/nowhere", "/sign-in"):
        answer = browser.client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in HEADERS["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_cookies_are_for_this_portal_alone_and_out_of_scripts_reach(trade: Consortium) -> None:
    answer = trade.app("Retailer").test_client().get("/sign-in")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("hansa_8000=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_tls_cookies_are_secure_and_browsers_told_to_stay(tmp_path: Path) -> None:
    trade = Consortium(tmp_path, lambda settings: replace(settings, behind_tls=True))
    answer = trade.app("Bank").test_client().get("/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("password", ["wrong", "", "user-password "])
def test_a_wrong_password_opens_nothing(trade: Consortium, password: str) -> None:
    browser = Browser(trade.app("Bank").test_client())
    answer = browser.submit("/sign-in", {"user": "user", "password": password}, page="/sign-in")
    assert answer.status_code == 401
    assert "SIGN_IN_FAILED" in answer.text
    assert password not in answer.text or not password
    assert browser.client.get("/").status_code == 302


def test_failed_attempts_are_limited_and_good_ones_are_not_counted(tmp_path: Path) -> None:
    trade = Consortium(tmp_path, lambda settings: replace(settings, sign_ins_per_minute=3))
    for _ in range(5):
        trade.browser("Bank")
    browser = Browser(trade.app("Bank").test_client())
    answers = [
        browser.submit("/sign-in", {"user": "user", "password": "guess"}, page="/sign-in").status_code
        for _ in range(5)
    ]
    assert answers == [401, 401, 401, 429, 429]


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/money", "/money"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_signing_in_leads_back_to_pages_of_this_portal_only(
    trade: Consortium, wanted: str, location: str
) -> None:
    browser = Browser(trade.app("Bank").test_client())
    answer = browser.submit(
        "/sign-in", {"user": "user", "password": "user-password", "next": wanted}, page="/sign-in"
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == location


def test_signing_out_forgets_the_key_even_if_the_cookie_comes_back(trade: Consortium) -> None:
    browser = trade.browser("Bank")
    cookie = browser.client.get_cookie("hansa_8000")
    sessions = trade.app("Bank").extensions["hansa"].sessions
    assert len(sessions) == 1
    browser.do("/sign-out", {}, page="/")
    assert len(sessions) == 0
    browser.client.set_cookie("hansa_8000", cookie.value)
    assert browser.client.get("/").status_code == 302


def test_health_tells_height_and_lag_and_answers_503_without_a_peer(trade: Consortium) -> None:
    client = trade.app("Bank").test_client()
    found = client.get("/healthz").json
    height = len(trade.ledger.blocks)
    assert found == {"member": "BankMSP", "status": "ok", "height": height, "read": height, "lag": 0}
    trade.ledger.following = False
    trade.sdk("Bank").money.mint("EUR", 1, "BankMSP")
    assert client.get("/healthz").json["lag"] == 1
    trade.app("Bank").extensions["hansa"].office.service().ledger.reachable = False
    assert client.get("/healthz").status_code == 503


def test_a_regulator_traces_claims_and_downloads_what_was_received(trade: Consortium, order: str) -> None:
    text = json.dumps(object_event(), indent=1)
    trade.sdk("Carrier").goods.capture(text)
    regulator = trade.browser("Regulator")
    page = regulator.get("/goods/trace?epc=urn:epc:id:sgtin:9521321.000001.1001")
    assert "claim: goods unknown" in " ".join(page.split())
    (event,) = trade.ledger.queries.goods.events()
    answer = regulator.client.get(
        "/goods/event/document", query_string={"id": event.event_id, "reporter": "CarrierMSP"}
    )
    assert answer.text == text
    assert answer.mimetype == "application/ld+json"
    regulator.get("/goods/event?id=urn:uuid:none", 404)
    trace = regulator.client.get("/goods/trace?epc=%20a%20b")
    assert trace.status_code == 422
