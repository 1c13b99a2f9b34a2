"""The README's Python runs as it stands there."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from tests.support.network import Trade

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_examples_run(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANSA_DATA", str(trade.network.folder.root))
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile("\n".join(blocks), str(README), "exec"), {})
    assert "placed 15.00 EUR" in said.getvalue()
    assert "STOCK_INSUFFICIENT - " in said.getvalue()
