"""A warehouse's phone: a part of an order is accepted, despatched, and received, in a real browser."""

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
    return ordered(network, accept=True)


def ordered(network: Network, *, accept: bool) -> str:
    """An order of twelve in parts."""
    root = network.folder.root
    with (
        connect("Bank", "treasurer", data=root) as bank,
        connect("Producer", "sales", data=root) as producer,
        connect("Retailer", "purchasing", data=root) as retailer,
    ):
        bank.money.mint("EUR", 100_000, "RetailerMSP")
        if accept:  # the module's first order
            producer.products.register(GTIN, "Olive oil, 1 l")
        offer = producer.listings.create(GTIN, unit_price=1250, currency="EUR", quantity=50)
        placed = retailer.orders.place(
            offer.reply.listing.id, 12, settling=Settling(deliveries=TERMS), reference="PO-78"
        )
        found = str(placed.reply.order.id)
        block = producer.orders.accept(found).block_number if accept else placed.block_number
    behind(network, block)
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


def test_a_seller_despatches_what_is_open(network: Network, browser: Any, order: str) -> None:
    seller = Desk(browser, network, "Producer", "sales", size="phone")
    seller.page.locator(f"main a[href='/orders/{order}/despatch']").first.click()
    seller.page.fill("#send-0", "13")
    assert "may be despatched" in seller.press("Despatch")
    seller.page.fill("#send-0", "1")
    assert "This part is on its way" in seller.press("Despatch")


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


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_sellers_forms_are_readable_and_free_of_serious_barriers(
    network: Network, browser: Any, order: str, size: str
) -> None:
    fresh = ordered(network, accept=False)
    seller = Desk(browser, network, "Producer", "sales", size=size, scripts=True)
    seller.picture(f"parts-seller-today-{size}")
    for path in (f"/orders/{order}", f"/orders/{order}/despatch", f"/orders/{fresh}"):
        seller.go(path)
        seller.picture(f"parts-{'fresh' if fresh in path else 'open'}-{path.rpartition('/')[2][-8:]}-{size}")
        readable(seller)
    seller.press("Accept a part of it")
    seller.page.fill("#accepted-0", "8")
    seller.page.fill("#later-0", "3")
    seller.press("Accept this much")
    seller.picture(f"parts-accept-refused-{size}")
    assert seller.page.locator("#problem-promise").count() == 1
    seller.errors.clear()  # the browser notes the answer's status
    readable(seller)
    seller.page.fill("#promise", "4")
    assert "Your answer is on the ledger" in seller.press("Accept this much")
    buyer = Desk(browser, network, "Retailer", "purchasing", size=size, scripts=True)
    buyer.go(f"/orders/{fresh}")
    buyer.picture(f"parts-back-order-{size}")
    readable(buyer)
    assert "You wait for the rest" in buyer.press("Wait for the rest")
