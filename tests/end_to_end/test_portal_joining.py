"""An organisation comes in through the portals, in a real browser without JavaScript, on a real network."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hansa import connect
from hansa.consortium import ChangeBatch, ChannelConfiguration, propose, sign
from hansa_network.network import Network
from tests.support.joining import Words, newcomer, write_description
from tests.support.network import running_network
from tests.support.pages import SIZES, Desk, browsing, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIGNERS = ("Producer", "Retailer", "Carrier")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    chromium()
    with running_network(tmp_path_factory.mktemp("joining"), services=True) as network:
        yield network


@pytest.fixture(scope="module")
def browser(network: Network) -> Iterator[Any]:
    with browsing() as browser:
        yield browser


@dataclass
class Walk:
    """What the tests tell each other: the request's file, the applicant's link, the change's page."""

    request: Path
    link: str = ""
    application: str = ""
    change: str = ""


@pytest.fixture(scope="module")
def walk(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("newcomer")
    description = write_description(newcomer("Farm"), folder / "farm.yaml")
    request = folder / "join-request.json"
    hansa = Words(network.folder.root)
    hansa("join", "request", "--config", str(description), "-o", str(request), data=folder / "farm")
    return Walk(request)


def text(page: Any) -> str:
    """The words of a page as people read them."""
    return " ".join(str(page.text_content("main")).split())


def administrator(browser: Any, network: Network, name: str, **more: Any) -> Desk:
    return Desk(browser, network, name, "admin", **more)


def test_somebody_applies_without_being_known(network: Network, browser: Any, walk: Walk) -> None:
    page = browser.new_context(viewport=SIZES["desk"], java_script_enabled=False).new_page()
    page.goto(f"{network.portals()['Producer']}/sign-in")
    page.get_by_role("link", name="Join this consortium").click()
    page.click("main button")
    assert "Choose the file" in text(page)
    page.set_input_files("#file", {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"})
    page.click("main button")
    assert "JOIN_REQUEST_INVALID" in text(page)
    page.set_input_files("#file", str(walk.request))
    page.click("main button")
    walk.link = page.url
    assert re.search(r"/join/[\w-]{43}$", walk.link)
    assert "Producer is looking at it." in text(page)
    assert page.goto(f"{walk.link}/kit").status == 404
    assert page.goto(walk.link[:-1] + ("A" if walk.link[-1] != "A" else "B")).status == 404


def test_an_administrator_reviews_it_and_lays_it_before_the_members(
    network: Network, browser: Any, walk: Walk
) -> None:
    sales = Desk(browser, network, "Producer", "sales")
    sales.go("/consortium")
    assert "Farm" not in text(sales.page)
    desk = administrator(browser, network, "Producer")
    desk.go("/consortium")
    desk.press("Farm")
    walk.application = desk.page.url.removeprefix(desk.home)
    said = text(desk.page)
    assert "FarmMSP becomes one of the members." in said
    assert len(re.findall(r"(?:[0-9A-F]{4} ){15}[0-9A-F]{4}", said)) >= 2, "fingerprints of its authorities"
    refused = sales.page.goto(f"{sales.home}{walk.application}")
    assert refused.status == 403
    desk.press("Propose")
    walk.change = desk.page.url.removeprefix(desk.home)
    assert "It is laid before the members" in text(desk.page)
    assert "Producer has not signed" in text(desk.page)


def test_administrators_sign_at_their_own_portals(network: Network, browser: Any, walk: Walk) -> None:
    for number, name in enumerate(SIGNERS, start=1):
        desk = administrator(browser, network, name)
        desk.go("/consortium")
        desk.press("Farm")
        assert desk.page.url.endswith(walk.change)
        assert f"You signed for {name}." in " ".join(desk.press("Sign").split())
        assert desk.page.locator("main form button:has-text('Sign')").count() == 0
        assert f"{number}, 3 needed" in text(desk.page)
        assert (desk.page.locator("button:has-text('Put it in force')").count() == 1) == (number == 3)
    page = browser.new_page()
    page.goto(walk.link)
    said = text(page)
    assert "3 of 3" in said
    assert "Bank has not signed" in said
    assert "Any administrator may put it in force now." in said


def test_it_is_put_in_force_and_the_newcomer_fetches_its_kit(
    network: Network, browser: Any, walk: Walk, tmp_path: Path
) -> None:
    desk = administrator(browser, network, "Retailer")
    desk.go(walk.change)
    desk.press("Put it in force")
    assert "The change is in force." in text(desk.page)
    with connect("Bank", "admin", data=network.folder.root) as bank:
        assert "FarmMSP" in {one.msp_id for one in bank.members.list().members}
        assert "FarmMSP" in ChannelConfiguration.current(bank).msp_ids
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(walk.link)
    assert "You are in." in text(page)
    for place in (page, desk.page):
        with place.expect_download() as download:
            place.get_by_role("link", name="Download the join kit").click()
        with zipfile.ZipFile(download.value.path()) as kit:
            assert {"kit.json", "genesis.block", "config.block"} <= set(kit.namelist())
    desk.go("/consortium")
    assert "Nothing is to change." in text(desk.page)
    assert "FarmMSP" in text(desk.page)


@pytest.fixture(scope="module")
def other_request(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A request that waits, for the pages of one."""
    folder = tmp_path_factory.mktemp("other")
    description = write_description(newcomer("Mill"), folder / "mill.yaml")
    words = ("join", "request", "--config", str(description), "-o", str(folder / "request.json"))
    Words(network.folder.root)(*words, data=folder / "mill")
    return folder / "request.json"


@pytest.fixture(scope="module")
def open_change(network: Network, walk: Walk) -> str:
    """The page of a change that somebody has signed and others have not."""
    with connect("Bank", "admin", data=network.folder.root) as bank:
        made = propose(ChangeBatch(max_message_count=50), ChannelConfiguration.current(bank))
        receipt = bank.config_updates.propose(
            "batch", "Smaller blocks.", base_sequence=made.base_sequence, update=made.update
        )
        change = receipt.reply.config_update.id
        bank.config_updates.sign(change, made.update, sign(made.update, bank.signer))
    return f"/consortium/changes/{change}"


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_of_it_is_readable_and_free_of_serious_barriers(
    network: Network, browser: Any, walk: Walk, other_request: Path, open_change: str, size: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    desk = administrator(browser, network, "Producer", size=size, scripts=True)
    desk.go("/join")
    desk.page.set_input_files("#file", str(other_request))
    desk.page.click("main button")
    waiting = desk.page.url.removeprefix(desk.home)
    desk.go("/consortium")
    desk.press("Mill")
    pages = {
        "home": "/",
        "waiting": waiting,
        "review": desk.page.url.removeprefix(desk.home),
        "open": open_change,
        "join": "/join",
        "status": walk.link.removeprefix(desk.home),
        "consortium": "/consortium",
        "application": walk.application,
        "change": walk.change,
    }
    for name, path in pages.items():
        desk.go(path)
        desk.picture(f"joining-{name}-{size}")
        assert desk.fits(), f"{path} is wider than the window"
        assert desk.page.locator("h1").count() == 1
        assert desk.errors == []
        found = Axe().run(desk.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        serious = [each for each in found.response["violations"] if each["impact"] in {"serious", "critical"}]
        assert not serious, [(each["id"], each["nodes"][0]["html"]) for each in serious]
