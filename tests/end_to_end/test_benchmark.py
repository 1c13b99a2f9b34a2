"""The benchmark's orders with every feature on: they are what the figures say, and leave no rules behind."""

from __future__ import annotations

from rich.console import Console

from benchmark import features
from tests.support.network import Trade


def test_orders_with_every_feature_are_counted_beside_plain_ones(trade: Trade) -> None:
    fee = trade.bank.fees.quote("EUR", 100_000)
    plain, full = features.measure(trade.network, 0.1, Console(quiet=True))
    assert (plain["what"], full["what"]) == (features.PLAIN, features.FULL)
    assert (plain["transactions"], full["transactions"]) == (5, 7)
    assert (plain["cpu_ratio"], plain["rate_ratio"]) == (1.0, 1.0)
    assert float(str(full["cpu_ratio"])) > 0
    assert (full["count"], full["conflicts"]) == (10, 0)
    assert trade.regulator.compliance.in_force().in_force == []
    assert trade.bank.fees.quote("EUR", 100_000).order == fee.order
