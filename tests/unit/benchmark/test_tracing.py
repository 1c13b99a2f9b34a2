"""A trail that the ledger does not tell in time is no figure, and stops nothing."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from benchmark import tracing
from benchmark.tables import show
from hansa import UnreachableError

NETWORK: Any = SimpleNamespace(processes=list)
QUERIES: Any = SimpleNamespace(goods=SimpleNamespace(trace=lambda last: SimpleNamespace(steps=[0] * 4)))


def asked(trace: Any) -> tracing.Traced:
    producer: Any = SimpleNamespace(goods=SimpleNamespace(trace=trace))
    return tracing._asked(NETWORK, producer, QUERIES, "urn:epc:id:sgtin:9521321.000001.1", 3, 2)


def too_long(last: str, depth: int) -> Any:
    raise UnreachableError("NO_ANSWER", "The deadline passed.", "Ask again.")


def shown(traced: tracing.Traced) -> str:
    figures = {"loads": [], "traces": [vars(traced)], "machine": "", "start_up": "", "peak_memory_mb": ""}
    said = StringIO()
    show(figures, Console(file=said, width=300))
    return said.getvalue()


def test_what_was_not_answered_is_told_and_not_compared() -> None:
    traced = asked(too_long)
    assert (traced.ledger_p50_ms, traced.ledger_cpu_ms, traced.ratio, traced.cpu_ratio) == (None,) * 4
    assert traced.gave_up_s is not None
    assert "did not answer" in tracing._told(traced)
    assert "no answer" in shown(traced)


def test_what_was_answered_is_compared() -> None:
    traced = asked(lambda last, depth: SimpleNamespace(steps=[0] * (depth + 1)))
    assert traced.gave_up_s is None
    assert traced.ratio is not None
    assert traced.ratio > 0
    assert "no answer" not in shown(traced)
