"""Speed and memory of a network on this machine, as tables and as JSON.

Everything is measured in one run, so figures of one run may be compared with each other; those of different
runs only with care, since machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmark import capturing, features, growth, tracing, trade
from benchmark.comparison import Comparison
from benchmark.contestants import Arena
from benchmark.machine import machine, peak_memory
from benchmark.tables import show
from hansa_network.consortium import load, with_free_ports
from hansa_network.data_folder import DataFolder
from hansa_network.engine import DEVNODE, ENGINES, FABRIC
from hansa_network.errors import NetworkError
from hansa_network.network import Network

console = Console(width=140)


def main() -> int:
    """Runs the benchmark; 0 when every order and payment went through."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default=DEVNODE, help="what the network runs on")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, to see that it runs")
    parser.add_argument(
        "--only",
        choices=("trade", "features", "capture", "trace", "growth", "comparison"),
        help="one part alone: growth not on Fabric, comparison there alone",
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hansa-bench-") as folder:
        os.environ["XDG_STATE_HOME"] = folder
        target = Network(DataFolder(Path(folder) / "data"), with_free_ports(load()), given.engine)
        try:
            figures = _measure(target, 0.1 if given.quick else 1.0, given.only)
        except NetworkError as error:
            console.print(f"{error.message} {error.hint}", markup=False)
            return 1
        finally:
            target.down()
    show(figures, console)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _measure(target: Network, scale: float, only: str | None) -> dict[str, object]:
    consortium = target.consortium
    # First, before what is started here is part of the machine's load.
    described = machine()
    begun = {"cold_s": trade.first_order(target)}
    figures: dict[str, object] = {
        "machine": described,
        "engine": target.engine_name,
        "endorsements": len(consortium.organizations) // 2 + 1,
        "batch_timeout_ms": consortium.ordering.batch_timeout_ms,
        "start_up": begun,
        "loads": [],
    }
    if only in (None, "trade"):
        target.down()
        begun["warm_s"] = trade.first_order(target)
        figures["loads"] = trade.measure(target, scale, console)
    if only in (None, "capture"):
        figures["captures"] = capturing.measure(target, scale, console)
    if only in (None, "trace"):
        figures["traces"] = tracing.measure(target, scale, console)
    if target.engine_name == DEVNODE and only in (None, "growth"):
        figures["growth"] = growth.measure(target, scale, console)
    # After growth, which would copy what it leaves: a quote looks through all discounts.
    if only in (None, "features"):
        figures["features"] = features.measure(target, scale, console)
    figures["peak_memory_mb"] = peak_memory(target)
    if target.engine_name == FABRIC and only in (None, "comparison"):
        with Arena(target) as arena:
            comparison = Comparison(arena, rounds=1 if scale < 1 else 3, scale=scale, console=console)
            figures["not_compared"] = comparison.prepare()
            figures["gateways"] = comparison.gateways()
            figures["shims"] = comparison.shims()
    return figures


if __name__ == "__main__":
    sys.exit(main())
