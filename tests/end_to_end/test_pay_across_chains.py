"""The worked example of ``docs/how-to/pay-across-chains.md``, on two networks."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.network import Trade, running_trade

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "pay-across-chains.md"


def test_both_payments_happen(trade: Trade, tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    with running_trade(tmp_path / "there") as other:
        trade.bank.money.mint("EUR", 10_000, "ProducerMSP")
        other.bank.money.mint("CNY", 80_000, "RetailerMSP")
        before = trade.balance("RetailerMSP", "EUR")
        folders = {"here": trade.network.folder.root, "there": other.network.folder.root}
        exec(compile(program, str(PAGE), "exec"), folders)
        assert trade.balance("RetailerMSP", "EUR") == before + 10_000
        assert other.balance("ProducerMSP", "CNY") == 80_000
        assert other.balance("RetailerMSP", "CNY") == 0
