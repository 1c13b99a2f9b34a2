"""The regulator's pages on compliance in a real browser, after the scenario of a rule pack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hansa.compliance import judge_again
from hansa_cli.scenario import Run
from hansa_network.network import Network
from tests.end_to_end.test_portal import healthy
from tests.support.network import running_network
from tests.support.pages import Desk, browsing, chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCENARIO = Path(__file__).parents[2] / "examples" / "compliance.yaml"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    chromium()
    with running_network(tmp_path_factory.mktemp("compliance"), services=True) as network:
        for _ in Run(SCENARIO, network.folder.root).steps():
            pass
        for address in network.portals().values():
            healthy(address)
        yield network


@pytest.fixture(scope="module")
def browser(network: Network) -> Iterator[Any]:
    with browsing() as browser:
        yield browser


def test_an_inspector_finds_a_failure_and_takes_it_away_to_judge_it_again(
    network: Network, browser: Any
) -> None:
    inspector = Desk(browser, network, "Regulator", "inspector")
    inspector.page.get_by_role("link", name="Compliance", exact=True).click()
    inspector.page.select_option("#result", "failed")
    inspector.page.select_option("#pack", "tea-import:1")
    said = inspector.press("Search")
    assert "tea-import/licence-for-tea" in said
    inspector.page.locator(".rows a").last.click()
    said = str(inspector.page.text_content("main"))
    assert "holds no licence tea" in said
    with inspector.page.expect_download() as download:
        inspector.page.get_by_role("link", name="Download as JSON").click()
    document = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert judge_again(document) == []
    inspector.go("/rule-packs/tea-import/2")
    inspector.page.get_by_role("link", name="what changed from 1 to 2").click()
    assert "embargo" in str(inspector.page.text_content("main"))


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_is_readable_and_free_of_serious_barriers(
    network: Network, browser: Any, size: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    desk = Desk(browser, network, "Regulator", "inspector", size=size, scripts=True)
    desk.go("/compliance?kind=shipment&result=passed")
    check = str(desk.page.locator(".rows a").first.get_attribute("href"))
    desk.go(check)
    history = str(desk.page.get_by_role("link", name="All checks of it").get_attribute("href"))
    packs = ["/rule-packs", "/rule-packs/tea-import/1", "/rule-packs/tea-import/changes?from=1&to=2"]
    for path in ["/compliance", check, history, *packs, "/licences", "/papers"]:
        desk.go(path)
        name = re.sub(r"[^a-z]+", "-", path.partition("?")[0].partition("MSP")[0].lower()).strip("-")
        desk.picture(f"regulator-{name}-{size}")
        assert desk.fits(), f"{path} is wider than the window"
        assert desk.page.locator("h1").count() == 1
        assert desk.errors == []
        found = Axe().run(desk.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        serious = [each for each in found.response["violations"] if each["impact"] in {"serious", "critical"}]
        assert not serious, [(each["id"], each["nodes"][0]["html"]) for each in serious]
