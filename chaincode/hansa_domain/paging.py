"""Reading whole ranges, a page at a time; for queries only."""

from __future__ import annotations

from collections.abc import Generator

from hansa_domain.operation import Fetch, Key, Records, Scan

_PAGE = 1000


def scan_all(prefix: Key) -> Generator[Fetch, Records, list[tuple[Key, bytes]]]:
    """Every record under a key prefix, in key order."""
    found: list[tuple[Key, bytes]] = []
    bookmark = ""
    while True:
        scan = Scan(prefix, limit=_PAGE, bookmark=bookmark)
        page = (yield Fetch(scans=(scan,))).pages[scan]
        found.extend(page.items)
        bookmark = page.bookmark
        if not bookmark:
            return found
