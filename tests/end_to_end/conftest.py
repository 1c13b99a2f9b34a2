"""One network for all tests of a worker that only add to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.network import Trade, running_trade


@pytest.fixture(scope="session")
def trade(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """A running network with everybody connected."""
    with running_trade(tmp_path_factory.mktemp("network") / "data") as found:
        yield found
