"""Pages for users name verbs that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from hansa_cli.main import NOUNS, _app

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMED = re.compile(r"(?:^|`)hansa ([a-z0-9-]+) ([a-z][a-z0-9-]+)(?![\w@/.-])", re.MULTILINE)


def verbs() -> dict[str, set[str]]:
    """Every noun's verbs."""
    found: dict[str, set[str]] = {}
    for noun in NOUNS:
        whole: Any = typer.main.get_command(_app(noun))
        found[noun] = set(whole.commands[noun].commands)
    return found


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    return verbs()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_verbs_that_exist(page: Path, known: dict[str, set[str]]) -> None:
    named = [pair for pair in NAMED.findall(page.read_text(encoding="utf-8")) if pair[0] in known]
    assert [f"{noun} {verb}" for noun, verb in named if verb not in known[noun]] == []


def test_verbs_are_looked_for(known: dict[str, set[str]]) -> None:
    page = ROOT / "docs" / "how-to" / "settle-a-dispute.md"
    assert ("disputes", "open") in NAMED.findall(page.read_text(encoding="utf-8"))
    assert "open" in known["disputes"]
