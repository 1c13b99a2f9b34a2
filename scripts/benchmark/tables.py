"""A run's figures as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

_LOADS = {
    "what": "",
    "in_flight": "in flight",
    "count": "count",
    "per_second": "per second",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "cpu_ms": "CPU ms each",
    "retries": "retries",
    "conflicts": "conflicts",
}
_FIGURES = {
    "contestant": "",
    "what": "what",
    "in_flight": "in flight",
    "count": "count",
    "per_second": "per second",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "cpu_ms": "CPU ms each",
    "settled": "settled",
    "lost": "lost",
}
_CAPTURES = {
    "each": "events in a document",
    "in_flight": "in flight",
    "events": "events",
    "per_second": "events per second",
    "cpu_ms": "CPU ms each",
}
_GROWTH = {
    "orders": "orders on the ledger",
    "keys": "keys in state",
    "count": "orders more",
    "per_second": "per second",
    "p50_ms": "p50 ms",
    "cpu_ms": "CPU ms each",
}
_FEATURES = {
    "what": "",
    "in_flight": "in flight",
    "transactions": "transactions each",
    "count": "count",
    "per_second": "per second",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "cpu_ms": "CPU ms each",
    "retries": "retries",
    "conflicts": "conflicts",
    "cpu_ratio": "CPU to plain",
    "rate_ratio": "rate to plain",
}
_TRACES = {
    "depth": "depth",
    "events": "events",
    "ledger_p50_ms": "ledger p50 ms",
    "ledger_p95_ms": "ledger p95 ms",
    "read_model_p50_ms": "read model p50 ms",
    "read_model_p95_ms": "read model p95 ms",
    "ratio": "times faster",
    "ledger_cpu_ms": "ledger CPU ms",
    "read_model_cpu_ms": "read model CPU ms",
    "cpu_ratio": "times less CPU",
}


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Prints everything a run found."""
    if figures["loads"]:
        _table(f"Hansa on the engine {figures['engine']}", _LOADS, figures["loads"], console)
    if "features" in figures:
        _table("Whole orders, plain and with all features on", _FEATURES, figures["features"], console)
    if "captures" in figures:
        _table("EPCIS events captured", _CAPTURES, figures["captures"], console)
    if "growth" in figures:
        _table("Whole orders, by how many the ledger has already", _GROWTH, figures["growth"], console)
    if "traces" in figures:
        _table("The trail of goods, on the ledger and in the read model", _TRACES, figures["traces"], console)
    if "gateways" in figures:
        _table("Gateway clients; CPU of the client", _FIGURES, figures["gateways"], console)
        _table("Chaincode shims; CPU of the chaincode's process", _FIGURES, figures["shims"], console)
        for reason in figures["not_compared"]:
            console.print(f"not compared: {reason}", markup=False)
    console.print(f"machine: {figures['machine']}")
    console.print(f"start to first committed order: {figures['start_up']}")
    console.print(f"peak memory, MB: {figures['peak_memory_mb']}")


def _table(
    title: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, object]], console: Console
) -> None:
    table = Table(title=title)
    for key, heading in columns.items():
        table.add_column(heading, justify="left" if key in ("what", "contestant") else "right")
    for row in rows:
        table.add_row(*("no answer" if row[key] is None else str(row[key]) for key in columns))
    console.print(table)
