"""The whole trade in a real browser, without JavaScript, on a real network; then every page at two sizes."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hansa import Terms, connect
from hansa_network.network import Network
from tests.support.network import running_network
from tests.support.pages import Desk, browsing, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GTIN = "09521321000018"
SGTIN = "urn:epc:id:sgtin:9521321.000001.1001"
SSCC = "095213210000000018"
COMMISSIONING = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "ObjectEvent",
    "eventTime": "2026-03-02T08:00:00.000Z",
    "eventTimeZoneOffset": "+00:00",
    "action": "ADD",
    "bizStep": "commissioning",
    "epcList": [SGTIN],
}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    chromium()
    with running_network(tmp_path_factory.mktemp("portal"), services=True) as network:
        for address in network.portals().values():
            healthy(address)
        yield network


@pytest.fixture(scope="module")
def browser(network: Network) -> Iterator[Any]:
    with browsing() as browser:
        yield browser


def healthy(address: str) -> dict[str, Any]:
    """Waits until a portal has caught up; what it says of itself."""
    last: object = None
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/healthz") as answer:
                found: dict[str, Any] = json.load(answer)
                if found["lag"] == 0:
                    return found
        except OSError as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"{address} is not healthy: {last}")


@pytest.fixture(scope="module")
def order(network: Network, browser: Any) -> str:
    """The id of an order that went through the pages, from product to settlement, without JavaScript."""
    bank = Desk(browser, network, "Bank", "treasurer")
    bank.go("/money/mint")
    bank.page.select_option("#owner", "RetailerMSP")
    bank.page.fill("#amount", "1000")
    bank.page.fill("#currency", "EUR")
    assert "The money is issued" in bank.press("Issue")

    producer = Desk(browser, network, "Producer", "sales")
    producer.go("/products/register")
    producer.page.fill("#gtin", GTIN)
    producer.page.fill("#name", "Olive oil, 1 l")
    producer.page.fill("#brand", "Oleum")
    assert "Offer goods" in producer.press("Register")
    producer.page.fill("#unit_price", "12.50")
    producer.page.fill("#currency", "EUR")
    producer.page.fill("#quantity", "100")
    assert "The goods are on offer" in producer.press("Offer")
    producer.go("/goods/report")
    producer.page.fill("#document", json.dumps(COMMISSIONING))
    assert "accepted" in producer.press("Report")

    retailer = Desk(browser, network, "Retailer", "purchasing")
    retailer.go("/listings")
    retailer.press("Olive oil")
    retailer.press("Order")
    place_order(retailer)
    found = re.search(r"RetailerMSP\.[0-9A-Z]{26}", retailer.page.url)
    assert found is not None
    here = f"/orders/{found[0]}"
    assert "Secret Lane 7" in str(retailer.page.text_content("main"))

    producer.go(here)
    assert "Secret Lane 7" in str(producer.page.text_content("main"))
    producer.press("Accept")
    producer.page.fill("#epcs", SGTIN)
    producer.page.fill("#sscc", SSCC)
    assert "on their way" in producer.press("Ship")
    hand_over(Desk(browser, network, "Carrier", "driver", size="phone"), found[0])
    retailer.go(here)
    assert "settled" in retailer.press("Confirm receipt")
    return found[0]


def place_order(retailer: Desk) -> None:
    """Fills in the form, looks at the review, and places the order."""
    for name, value in {
        "quantity": "2",
        "freight": "5",
        "reference": "PO-42",
        "name": "Harbour Shop",
        "street": "Secret Lane 7",
        "city": "Hamburg",
        "country": "DE",
    }.items():
        retailer.page.fill(f"#{name}", value)
    retailer.page.select_option("#carrier", "CarrierMSP")
    assert "30.00" in retailer.press("See what it comes to")
    retailer.picture("order-review")
    assert "in escrow" in retailer.press("Place the order")


def hand_over(carrier: Desk, order: str) -> None:
    """The carrier picks the goods up, and delivers them."""
    carrier.go("/shipments")
    carrier.picture("shipments-phone")
    carrier.page.locator(f"main a[href$='{order}']").click()
    carrier.picture("shipment-phone")
    carrier.press("Picked up")
    carrier.page.fill("#place", "Rotterdam, gate 4")
    carrier.page.fill("#temperature", "15.5")
    carrier.picture("handover-phone")
    assert "on the ledger" in carrier.press("Report")
    carrier.press("Delivered")
    assert carrier.page.is_checked("input[value=delivered]")
    assert "Delivery is reported" in carrier.press("Report")


def test_the_trade_settles_and_its_timeline_proves_every_step(
    network: Network, browser: Any, order: str
) -> None:
    retailer = Desk(browser, network, "Retailer", "purchasing")
    retailer.go(f"/orders/{order}")
    steps = retailer.page.locator(".timeline .what").all_text_contents()
    assert [" ".join(step.split()) for step in steps] == [
        "Order placed",
        "Accepted by the seller",
        "Shipped",
        "Goods: collecting",
        "Goods: unloading",
        "Delivery reported",
        "Settled",
    ]
    proofs = retailer.page.locator(".timeline .proof").all_text_contents()
    assert all(re.search(r"block \d+, transaction [0-9a-f]{12}", proof) for proof in proofs)
    signed = str(retailer.page.text_content(".timeline"))
    for signer in ("purchasing", "sales", "driver"):
        assert signer in signed


def test_the_regulator_follows_the_goods_from_the_order_to_the_first_event(
    network: Network, browser: Any, order: str
) -> None:
    inspector = Desk(browser, network, "Regulator", "inspector")
    inspector.page.fill("#q", "PO-42")
    inspector.press("Search")
    inspector.page.locator(".hits a").first.click()
    said = str(inspector.page.text_content("main"))
    assert "Secret Lane" not in said
    inspector.page.get_by_role("link", name=re.compile("serial 1001")).click()
    steps = [" ".join(text.split()) for text in inspector.page.locator(".timeline .what").all_text_contents()]
    assert steps[0] == "commissioning"
    assert steps[-1] == "unloading"
    with inspector.page.expect_download() as download:
        inspector.page.get_by_role("link", name="document as received").first.click()
    received = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert received == COMMISSIONING


PAGES = {
    ("Producer", "sales"): [
        "/",
        "/products",
        "/products/register",
        "/listings/new",
        "/goods/report",
        "/money",
    ],
    ("Retailer", "purchasing"): ["/", "/listings", "{listing}", "{listing}/order", "{order}", "/orders"],
    ("Carrier", "driver"): ["/", "/shipments?ended=1", "{order}", "/search?q=PO-42"],
    ("Bank", "treasurer"): ["/", "/money", "/money/mint", "/money/pay"],
    ("Regulator", "inspector"): ["/", "/ledger", "/goods/trace?epc=" + SGTIN, "{order}", "/search?q=PO-42"],
}


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize(("organization", "user"), list(PAGES))
def test_every_page_is_readable_and_free_of_serious_barriers(
    network: Network, browser: Any, order: str, organization: str, user: str, size: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    desk = Desk(browser, network, organization, user, size=size, scripts=True)
    listing = listing_of(network, browser) if organization == "Retailer" else ""
    for path in PAGES[organization, user]:
        desk.go(path.format(order=f"/orders/{order}", listing=listing))
        name = re.sub(r"[^a-z]+", "-", path.partition("?")[0]).strip("-") or "home"
        desk.picture(f"{organization.lower()}-{name}-{size}")
        assert desk.fits(), f"{path} is wider than the window"
        assert desk.page.locator("h1").count() == 1
        assert desk.errors == []
        found = Axe().run(desk.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        serious = [each for each in found.response["violations"] if each["impact"] in {"serious", "critical"}]
        assert not serious, [(each["id"], each["nodes"][0]["html"]) for each in serious]


def listing_of(network: Network, browser: Any) -> str:
    """The path of the one listing."""
    desk = Desk(browser, network, "Retailer", "purchasing")
    desk.go("/listings")
    return str(desk.page.locator(".rows a").first.get_attribute("href"))


def test_portals_of_one_host_do_not_share_sessions(network: Network, browser: Any) -> None:
    desk = Desk(browser, network, "Producer", "sales")
    desk.page.goto(network.portals()["Retailer"])
    assert desk.page.text_content("h1") == "Sign in"
    desk.go("/")
    assert desk.page.text_content("h1") == "Today"


def test_a_wrong_password_opens_nothing(network: Network, browser: Any) -> None:
    page = browser.new_page()
    page.goto(f"{network.portals()['Bank']}/sign-in")
    page.fill("#user", "treasurer")
    page.fill("#password", "wrong")
    page.click("main button")
    assert "do not fit" in page.text_content("main")


def test_a_silent_sellers_order_is_refunded_by_a_keeper(network: Network, browser: Any, order: str) -> None:
    listing = listing_of(network, browser).rpartition("/")[2]
    with connect("Retailer", "purchasing", data=network.folder.root) as client:
        terms = Terms(accept_within=1, ship_within=1, deliver_within=1, inspect_within=1)
        placed = client.orders.place(listing, 1, terms=terms).reply.order.id
    retailer = Desk(browser, network, "Retailer", "purchasing")
    for _ in range(120):
        retailer.go(f"/orders/{placed}")
        said = str(retailer.page.text_content("main"))
        if "Refunded" in said:
            break
        time.sleep(0.25)
    assert "the seller did not accept in time" in said
    assert "(service)" in said


def test_a_member_serves_its_portal_alone(network: Network, order: str, tmp_path: Path) -> None:
    bank = network.consortium.organization("Bank")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "hansa_portal", "--member", str(network.folder.organization(bank))]
    command += [f"127.0.0.1:{port}", "--database", network.folder.database_url]
    command += ["--secret-file", str(tmp_path / "secret"), "--keeper-seconds", "0"]
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        assert healthy(f"http://127.0.0.1:{port}")["member"] == "BankMSP"
    finally:
        process.terminate()
        process.wait(30)
        log.close()
    assert process.returncode == 0, (tmp_path / "log").read_text()
