"""A real browser on the portals of a real network: how tests open, sign in, and look at pages."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hansa_network import sign_ins
from hansa_network.network import Network
from tests.support.engine import eventually

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1440, "height": 900}}


def chromium() -> str:
    """Where Chromium is; skips the test where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found is not None:
            return found
    pytest.skip("Chromium is not installed; on Debian: apt-get install chromium")


@contextmanager
def browsing() -> Iterator[Any]:
    """A headless Chromium."""
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Desk:
    """A user's browser window at his member's portal.

    Args:
        browser: Chromium.
        network: whose portals are looked at.
        organization: the member's name.
        user: who signs in.
        size: ``phone`` or ``desk``.
        scripts: whether JavaScript runs.
    """

    def __init__(
        self,
        browser: Any,
        network: Network,
        organization: str,
        user: str,
        *,
        size: str = "desk",
        scripts: bool = False,
    ) -> None:
        self.home = network.portals()[organization]
        context = browser.new_context(viewport=SIZES[size], java_script_enabled=scripts)
        self.page = context.new_page()
        self.errors: list[str] = []
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        words = sign_ins.read(network.folder.sign_ins(network.consortium.organization(organization)))
        self.page.goto(f"{self.home}/sign-in")
        self.page.fill("#user", user)
        self.page.fill("#password", words[user])
        self.page.click("main button")
        assert self.page.text_content("h1") == "Today", self.page.text_content("main")

    def go(self, path: str) -> Any:
        """Opens a page of the portal."""
        answer = self.page.goto(f"{self.home}{path}")
        assert answer is not None and answer.status == 200, (path, answer and answer.status)
        return self.page

    def press(self, words: str) -> str:
        """Presses a button or follows a link; the text of the page that comes.

        Where the page says that the portal has not read the block yet, that is waited for and the page
        looked at again, as it asks.
        """
        self.page.locator(f"main :is(button, a):has-text({words!r})").first.click()
        said = str(self.page.text_content("main"))
        behind = re.search(r"stands in block (\d+)\. This portal has not read that far", said)
        if behind is not None:
            assert eventually(lambda: self._blocks_read() > int(behind[1]))
            self.page.reload()
            said += str(self.page.text_content("main"))
        return said

    def _blocks_read(self) -> int:
        return int(self.page.request.get(f"{self.home}/healthz").json()["read"])

    def fits(self) -> bool:
        """Whether nothing has to be scrolled sideways. Needs JavaScript."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def picture(self, name: str) -> None:
        """A picture of the whole page in ``$HANSA_SCREENSHOTS``, where that is set."""
        folder = os.environ.get("HANSA_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)
