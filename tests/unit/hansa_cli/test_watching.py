"""Which processes of a network ended by themselves, told once each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hansa_cli.watching import Ended, Watch
from hansa_network.processes import Program, Running, start, stop

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Running]]:
    started = [start(Program(name, SLEEPER, {}), tmp_path) for name in ("peer-a.example", "peer-b.example")]
    yield started
    stop(started)


def test_each_end_and_each_return_is_told_once(two: list[Running], tmp_path: Path) -> None:
    watch = Watch(quiet=0.0)
    assert watch.look(two) == ([], [])
    stop(two[:1])
    ended, back = watch.look(two)
    assert ([one.name for one in ended], back) == (["peer-a.example"], [])
    assert watch.look(two) == ([], [])
    again = start(Program("peer-a.example", SLEEPER, {}), tmp_path)
    try:
        assert watch.look([again, two[1]]) == ([], ["peer-a.example"])
        assert watch.look([again, two[1]]) == ([], [])
    finally:
        stop([again])


def test_what_was_stopped_on_purpose_is_not_told_of(two: list[Running]) -> None:
    watch = Watch(quiet=0.0)
    stop(two[:1])
    assert watch.look(two[1:]) == ([], [])


def test_nothing_is_told_while_one_ends_after_the_other(two: list[Running]) -> None:
    watch = Watch(quiet=600.0)
    stop(two)
    assert watch.look(two) == ([], [])


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("peer-a.example", "hansa node start peer Alpha"),
        ("projector", "hansa down, then hansa up"),
        ("peer-gone.example", "hansa down, then hansa up"),
    ],
)
def test_an_end_is_told_with_its_time_its_log_and_what_to_do(tmp_path: Path, name: str, again: str) -> None:
    (tmp_path / f"{name}.log").write_text("first\nlast words\n")
    told = Ended(name, datetime(2027, 1, 15, 8, 0, 5, tzinfo=UTC)).told(tmp_path, {"a.example": "Alpha"})
    assert told.splitlines()[0] == f"{name} ended by itself at 08:00:05 UTC; the rest goes on. Its log ends:"
    assert "last words" in told
    assert told.endswith(f"Start it again with: {again}")
