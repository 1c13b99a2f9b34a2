"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keeps "the network brought up last" of the tests apart from the developer's own."""
    patch = pytest.MonkeyPatch()
    home = tmp_path_factory.mktemp("state")
    patch.setenv("XDG_STATE_HOME", str(home))
    yield home
    patch.undo()
