"""Scenarios share a network in tests and demonstrations: no two register the same goods or places."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hansa_cli.scenario import read_scenario

EXAMPLES = Path(__file__).parents[3] / "examples"
REGISTERS = {"products.register": "gtin", "products:Register": "gtin", "places:Register": "gln"}


def test_no_two_scenarios_register_the_same() -> None:
    registered = Counter(
        step.args[REGISTERS[step.do]]
        for path in sorted(EXAMPLES.glob("*.yaml"))
        for step in read_scenario(path).steps
        if step.do in REGISTERS and step.refused is None
    )
    assert [name for name, count in registered.items() if count > 1] == []
