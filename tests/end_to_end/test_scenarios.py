"""Every scenario of ``examples/`` is carried out, and twice over has the same result."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_cli.scenario import Run
from tests.support.network import Trade

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_scenario_holds_what_it_promises(trade: Trade, path: Path) -> None:
    results = []
    for _ in range(2):
        run = Run(path, trade.network.folder.root)
        for done in run.steps():
            assert done.receipts or done.step.refused, done.step.name
        results.append(run.result())
    assert results[0] == results[1]
