"""A driver's phone and an inspector's desk: despatches of orders in parts, and alerts, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hansa import Settling, connect
from hansa_cli.scenario import Run
from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from hansa_network.network import Network
from tests.end_to_end.test_portal import healthy
from tests.support.engine import eventually
from tests.support.epcis import object_event
from tests.support.network import running_network
from tests.support.pages import Desk, browsing, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EXAMPLES = Path(__file__).parents[2] / "examples"
GTIN = "09521321000018"
SGTIN = "urn:epc:id:sgtin:9521321.000001.2001"
OTHER = "urn:epc:id:sgtin:9521321.000001.2002"
SSCC = "095213210000000025"
WARM = "urn:epc:id:sgtin:9521321.000082.1"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network after a pallet got too warm, with an item that was seen before it was made."""
    chromium()
    with running_network(tmp_path_factory.mktemp("carrying"), services=True) as network:
        for _ in Run(EXAMPLES / "cold-chain.yaml", network.folder.root).steps():
            pass
        for address in network.portals().values():
            healthy(address)
        yield network


@pytest.fixture(scope="module")
def browser(network: Network) -> Iterator[Any]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def despatches(network: Network) -> tuple[str, str, str]:
    """The id of an order in parts, and of two despatches: one with a label, one with nothing to scan."""
    root = network.folder.root
    terms = DeliveryTerms(
        answer_within=600,
        invoice_within=600,
        carriages=[
            Carriage(carrier="CarrierMSP", freight="500"),
            Carriage(carrier="CarrierMSP", freight="200"),
        ],
    )
    with (
        connect("Bank", "treasurer", data=root) as bank,
        connect("Producer", "sales", data=root) as producer,
        connect("Retailer", "purchasing", data=root) as retailer,
    ):
        bank.money.mint("EUR", 100_000, "RetailerMSP")
        producer.products.register(GTIN, "Olive oil, 1 l")
        made = object_event(action="ADD", bizStep="commissioning", epcList=[SGTIN, OTHER])
        producer.goods.capture(json.dumps(made))
        offer = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=10)
        placed = retailer.orders.place(
            offer.reply.listing.id, 6, settling=Settling(deliveries=terms), reference="PO-77"
        )
        order = placed.reply.order.id
        producer.orders.accept(order)
        first = producer.despatches.send(order, {0: 1}, carriage=0, epcs=[SGTIN], sscc=SSCC)
        second = producer.despatches.send(order, {0: 2}, carriage=1)
        early = object_event(
            epcList=[SGTIN, OTHER], eventTime="2026-02-01T09:10:00Z", bizStep="retail_selling"
        )
        assert len(retailer.goods.capture(json.dumps(early)).alerts) == 2
    behind(network, second.block_number + 1)
    return str(order), str(first.reply.despatch.id), str(second.reply.despatch.id)


def behind(network: Network, block: int) -> None:
    """Waits until every portal has read a block."""
    for address in network.portals().values():
        assert eventually(lambda address=address: healthy(address)["read"] > block)


def test_a_driver_carries_a_despatch_on_a_phone(
    network: Network, browser: Any, despatches: tuple[str, str, str]
) -> None:
    order, first, second = despatches
    driver = Desk(browser, network, "Carrier", "driver", size="phone")
    assert "Carry and report delivery" in str(driver.page.text_content("main"))
    driver.picture("carrier-home-parts-phone")
    driver.go("/shipments")
    driver.picture("carrier-shipments-parts-phone")
    driver.page.locator(f"main a[href$='{first}']").click()
    driver.picture("carrier-despatch-phone")
    assert driver.page.locator("main .button").first.text_content() == "Picked up"
    driver.press("Picked up")
    driver.page.fill("#place", "Rotterdam, gate 4")
    assert "on the ledger" in driver.press("Report")
    assert driver.page.locator("main .button").first.text_content() == "Delivered"
    driver.picture("carrier-despatch-carried-phone")
    driver.press("Delivered")
    assert "Delivery is reported" in driver.press("Report")
    driver.go(f"/shipments/{order}/despatches/{second}")
    driver.picture("carrier-despatch-unlabelled-phone")
    assert "Delivery is reported" in driver.press("Report delivery")
    buyer = Desk(browser, network, "Retailer", "purchasing")
    said = str(buyer.page.text_content("main"))
    assert "Inspect and confirm" in said
    buyer.page.locator(f"main a[href$='{first}/receipt']").first.click()
    assert "All came as despatched" in str(buyer.page.text_content("main"))


def test_an_owner_looks_into_an_alert_and_closes_it(
    network: Network, browser: Any, despatches: tuple[str, str, str]
) -> None:
    owner = Desk(browser, network, "Producer", "sales")
    owner.page.get_by_role("link", name=re.compile("Seen before it was made.*2001")).click()
    assert owner.page.locator(".witnesses > li").count() == 2
    assert "look into it" in owner.press("Look into it")
    owner.page.locator(".witnesses a").first.click()
    assert "Alerts that rest on it" in str(owner.page.text_content("main"))
    owner.page.go_back()
    owner.page.check("input[value=explained]")
    owner.page.fill("#remark", "The clock of the till was wrong")
    assert "The alert is closed" in owner.press("Close the alert")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_is_readable_and_free_of_serious_barriers(
    network: Network, browser: Any, despatches: tuple[str, str, str], size: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    order, first, _ = despatches
    part = f"/shipments/{order}/despatches/{first}"
    pages = {
        ("Carrier", "driver"): [
            "/",
            "/shipments",
            "/shipments?ended=1",
            part,
            f"{part}/handover",
            f"/orders/{order}",
        ],
        ("Producer", "sales"): [
            "/",
            "/alerts",
            "/alerts?status=any",
            f"/orders/{order}",
            f"/goods/trace?epc={WARM}",
        ],
        ("Regulator", "inspector"): ["/", "/alerts?code=cold_chain&status=any"],
    }
    for (organization, user), paths in pages.items():
        desk = Desk(browser, network, organization, user, size=size, scripts=True)
        for number, path in enumerate([*paths, *(alerts(desk) if organization == "Producer" else [])]):
            desk.go(path)
            plain = re.sub(r"\w+MSP\.\w+|%\w+|urn:\S+", "", path)
            name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "home"
            desk.picture(f"{organization.lower()}-{number}-{name}-{size}")
            assert desk.fits(), f"{path} is wider than the window"
            assert desk.page.locator("h1").count() == 1
            assert desk.errors == []
            checked = Axe().run(desk.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
            serious = [
                each for each in checked.response["violations"] if each["impact"] in {"serious", "critical"}
            ]
            assert not serious, [(each["id"], each["nodes"][0]["html"]) for each in serious]


def alerts(desk: Desk) -> list[str]:
    """Where the alerts are that were raised: an open one, a closed one, and two of the cold chain."""
    desk.go("/alerts?status=any")
    rows = desk.page.locator(".rows a")
    found = [str(rows.nth(each).get_attribute("href")) for each in range(rows.count())]
    assert len(found) == 4
    return found
