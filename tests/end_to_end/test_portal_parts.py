"""A warehouse's phone: what came of a part of an order, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hansa import Settling, connect
from hansa_domain.orders.delivery_terms import Carriage, DeliveryTerms
from hansa_network.network import Network
from tests.end_to_end.test_portal import healthy
from tests.support.engine import eventually
from tests.support.network import running_network
from tests.support.pages import Desk, browsing, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GTIN = "09521321000018"
TERMS = DeliveryTerms(
    answer_within=600,
    invoice_within=600,
    carriages=[Carriage(carrier="CarrierMSP", freight="500"), Carriage(carrier="CarrierMSP", freight="200")],
    damage_discount=3000,
    return_fee=1500,
)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    chromium()
    with running_network(tmp_path_factory.mktemp("parts"), services=True) as network:
        yield network


@pytest.fixture(scope="module")
def browser(network: Network) -> Iterator[Any]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def order(network: Network) -> str:
    """An accepted order of twelve in parts."""
    root = network.folder.root
    with (
        connect("Bank", "treasurer", data=root) as bank,
        connect("Producer", "sales", data=root) as producer,
        connect("Retailer", "purchasing", data=root) as retailer,
    ):
        bank.money.mint("EUR", 100_000, "RetailerMSP")
        producer.products.register(GTIN, "Olive oil, 1 l")
        offer = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=50)
        placed = retailer.orders.place(
            offer.reply.listing.id, 12, settling=Settling(deliveries=TERMS), reference="PO-78"
        )
        found = str(placed.reply.order.id)
        accepted = producer.orders.accept(found)
    behind(network, accepted.block_number)
    return found


def behind(network: Network, block: int) -> None:
    """Waits until every portal has read a block."""
    for address in network.portals().values():
        assert eventually(lambda address=address: healthy(address)["read"] > block)


def sent(network: Network, order: str, quantity: int) -> str:
    """The path of the form for the receipt of a despatch that the seller brought."""
    with connect("Producer", "sales", data=network.folder.root) as producer:
        part = producer.despatches.send(order, {0: quantity}).reply.despatch.id
        brought = producer.despatches.deliver(part)
    behind(network, brought.block_number)
    return f"/orders/{order}/despatches/{part}/receipt"


def readable(desk: Desk) -> None:
    """Nothing to scroll sideways, one heading, no serious barrier."""
    from axe_playwright_python.sync_playwright import Axe

    assert desk.fits(), f"{desk.page.url} is wider than the window"
    assert desk.page.locator("h1").count() == 1
    assert desk.errors == []
    checked = Axe().run(desk.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    serious = [each for each in checked.response["violations"] if each["impact"] in {"serious", "critical"}]
    assert not serious, [(each["id"], each["nodes"][0]["html"]) for each in serious]


def test_a_clerk_says_what_came(network: Network, browser: Any, order: str) -> None:
    form = sent(network, order, 2)
    clerk = Desk(browser, network, "Retailer", "purchasing", size="phone")
    clerk.page.locator(f"main a[href='{form}']").click()
    clerk.page.fill("#accepted-0", "1")
    assert "needs a reason" in clerk.press("See what this means")
    clerk.page.select_option("#reason-0", "CP")
    assert "1 missing" in clerk.press("See what this means")
    assert "The receipt is reported" in clerk.press("Report the receipt")
    clerk.go(sent(network, order, 1))
    assert "The receipt is reported" in clerk.press("All came as despatched")


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_forms_are_readable_and_free_of_serious_barriers(
    network: Network, browser: Any, order: str, size: str
) -> None:
    form = sent(network, order, 2)
    clerk = Desk(browser, network, "Retailer", "purchasing", size=size, scripts=True)
    clerk.picture(f"parts-buyer-today-{size}")
    clerk.go(f"/orders/{order}")
    clerk.picture(f"parts-buyer-order-{size}")
    readable(clerk)
    clerk.go(form)
    clerk.picture(f"parts-receipt-{size}")
    readable(clerk)
    clerk.page.fill("#damaged-0", "1")
    clerk.press("See what this means")
    clerk.picture(f"parts-receipt-refused-{size}")
    assert clerk.page.locator("#problem-accepted-0").count() == 1
    clerk.errors.clear()  # the browser notes the answer's status
    readable(clerk)
    clerk.page.fill("#accepted-0", "1")
    clerk.page.select_option("#reason-0", "AF")
    assert "1 damaged" in clerk.press("See what this means")
    clerk.picture(f"parts-receipt-review-{size}")
    readable(clerk)
