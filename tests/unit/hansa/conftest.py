"""Nothing of other tests' clients: what one of them was told, others of the process wait for."""

from __future__ import annotations

from weakref import WeakSet

import pytest

from hansa import told


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has the process to itself."""
    monkeypatch.setattr(told, "_everybody", WeakSet())
