"""Commands as pages show them are taken by the program: verbs, options, and all that is required."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from hansa_cli.main import NETWORK, NOUNS, _app

ROOT = Path(__file__).parents[3]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
    *sorted((ROOT / "docs" / "operate").glob("*.md")),
]
_FENCED = re.compile(r"^```(?:console|sh|bash)?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[list[str]]:
    """The words of each ``hansa`` command in a page's blocks, without the shell's own."""
    for block in _FENCED.findall(text):
        # A quotation may go over several lines, and a backslash joins two.
        for line in _whole(block.replace("\\\n", " ")):
            words = shlex.split(line, comments=True)
            if words[:1] == ["hansa"]:
                end = next((n for n, word in enumerate(words) if word in (">", "|", ";", "&&")), len(words))
                yield words[1:end]


def _whole(block: str) -> Iterator[str]:
    held = ""
    for line in block.splitlines():
        held = f"{held}\n{line}" if held else line
        try:
            shlex.split(held, comments=True)
        except ValueError:
            continue
        yield held
        held = ""


def parse(words: list[str]) -> None:
    """Reads a command line as the program does, and carries nothing out; raises what it would say."""
    words = ["1" if word == "…" else word for word in words]
    command: Any = typer.main.get_command(_app(words[0]))
    context = command.make_context("hansa", list(words))
    while hasattr(command, "commands"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None, words
        context = command.make_context(name, rest, parent=context)


def faults(words: list[str]) -> list[str]:
    """What the program would say against a command line."""
    try:
        parse(words)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is told with the command)
        return [f"hansa {shlex.join(words)}: {error!r} {getattr(error, 'message', '')}"]
    return []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_shows_commands_that_the_program_takes(page: Path) -> None:
    wrong: list[str] = []
    for words in commands(page.read_text(encoding="utf-8")):
        assert words[0] in NOUNS or words[0] in NETWORK, words
        wrong += faults(words)
    assert wrong == [], "\n" + "\n".join(wrong)


def test_commands_are_found_and_what_is_wrong_is_seen() -> None:
    page = "```console\nhansa orders show ORDER --as Retailer > x   # why\nhansa a --b '[\n1]' \\\n  c\n```\n"
    assert list(commands(page)) == [
        ["orders", "show", "ORDER", "--as", "Retailer"],
        ["a", "--b", "[\n1]", "c"],
    ]
    parse(["orders", "show", "ORDER", "--as", "Retailer"])
    for words in (
        ["orders", "show", "ORDER"],
        ["orders", "show", "ORDER", "--as", "R", "--no"],
        ["orders", "shew"],
    ):
        with pytest.raises(Exception, match=r"who|--no|shew"):
            parse(words)


def inline(text: str) -> Iterator[list[str]]:
    """The words of each ``hansa`` command between a page's sentences that has arguments of its own."""
    for found in re.findall(r"`hansa ([^`]+)`", _FENCED.sub("", text)):
        words = shlex.split(found)
        if words[0] in NOUNS and len(words) > 2 and not {"...", "…"} & set(words):
            yield ["1" if word in _NUMBERS else word for word in words]


_NUMBERS = ("BLOCK", "TRANSACTION")
"""What stands for a number."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_sentence_shows_commands_whole(page: Path) -> None:
    wrong: list[str] = []
    for words in inline(page.read_text(encoding="utf-8")):
        wrong += faults(words)
    assert wrong == [], "\n" + "\n".join(wrong)
