"""Speed and memory of a network on this machine, as a table and as JSON.

Everything is measured in one run, so figures of one run may be compared with each other; those of different
runs only with care, since machines are shared and noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hansa import Client, connect
from hansa.submission import Retry
from hansa_cli.running import start
from hansa_network.consortium import load, with_free_ports
from hansa_network.data_folder import DataFolder
from hansa_network.network import Network

IN_FLIGHT = (1, 10, 100)
GTIN = "09521321999985"
PRICE = 100
console = Console(width=120)


@dataclass(frozen=True)
class Load:
    """One load: how many, how fast, and what got in the way. Latencies in milliseconds."""

    what: str
    in_flight: int
    count: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    retries: int
    conflicts: int
    validation_codes: dict[str, int]


@dataclass
class Parties:
    """A connection for each who takes part."""

    producer: Client
    retailer: Client
    carrier: Client
    bank: Client
    retries: list[Retry]


def main() -> int:
    """Runs the benchmark; 0 when every order and payment went through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, to see that it runs")
    given = parser.parse_args()
    scale = 0.1 if given.quick else 1.0
    with tempfile.TemporaryDirectory(prefix="hansa-bench-") as folder:
        os.environ["XDG_STATE_HOME"] = folder
        target = Network(DataFolder(Path(folder) / "data"), with_free_ports(load()))
        try:
            figures = _measure(target, scale)
        finally:
            target.down()
    _print(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _measure(target: Network, scale: float) -> dict[str, object]:
    start_up = {"cold_s": _first_order(target)}
    target.down()
    start_up["warm_s"] = _first_order(target)
    loads = []
    parties = _parties(target)
    try:
        for in_flight in IN_FLIGHT:
            count = max(in_flight, int(scale * {1: 40, 10: 300, 100: 1000}[in_flight]))
            loads.append(_payments(parties, in_flight, count))
        for in_flight in IN_FLIGHT:
            count = max(in_flight, int(scale * {1: 15, 10: 100, 100: 300}[in_flight]))
            loads.append(_orders(parties, in_flight, count))
    finally:
        for client in (parties.producer, parties.retailer, parties.carrier, parties.bank):
            client.close()
    return {
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "processor": _processor(),
            "python": platform.python_version(),
            "system": platform.platform(terse=True),
        },
        "engine": target.engine.name,
        "endorsements": len(target.consortium.organizations) // 2 + 1,
        "batch_timeout_ms": target.consortium.ordering.batch_timeout_ms,
        "start_up": start_up,
        "loads": [asdict(one) for one in loads],
        "peak_memory_mb": _memory(target),
    }


def _first_order(target: Network) -> float:
    """Seconds from `hansa up` to the first committed order."""
    begun = time.perf_counter()
    start(target)
    parties = _parties(target)
    listing = _offer(parties, 1)
    parties.bank.money.mint("EUR", PRICE, "RetailerMSP")
    parties.retailer.orders.place(listing, 1, carrier="CarrierMSP")
    seconds = time.perf_counter() - begun
    for client in (parties.producer, parties.retailer, parties.carrier, parties.bank):
        client.close()
    return round(seconds, 2)


def _parties(target: Network) -> Parties:
    retries: list[Retry] = []

    def client(name: str) -> Client:
        return connect(name, "admin", data=target.folder.root, on_retry=retries.append)

    return Parties(client("Producer"), client("Retailer"), client("Carrier"), client("Bank"), retries)


def _offer(parties: Parties, quantity: int) -> str:
    known = [product.gtin for product in parties.producer.products.list().products]
    if GTIN not in known:
        parties.producer.products.register(GTIN, "Benchmark goods")
    made = parties.producer.listings.create(GTIN, unit_price=PRICE, currency="EUR", quantity=quantity)
    return made.reply.listing.id


def _payments(parties: Parties, in_flight: int, count: int) -> Load:
    parties.bank.money.mint("EUR", count * PRICE, "RetailerMSP")

    def pay(_: int) -> None:
        parties.retailer.money.transfer("ProducerMSP", "EUR", PRICE)

    return _run("payment", parties, in_flight, count, pay)


def _orders(parties: Parties, in_flight: int, count: int) -> Load:
    parties.bank.money.mint("EUR", count * PRICE, "RetailerMSP")
    listing = _offer(parties, count)

    def live(_: int) -> None:
        placed = parties.retailer.orders.place(listing, 1, carrier="CarrierMSP", freight=0)
        order = placed.reply.order.id
        parties.producer.orders.accept(order)
        parties.producer.orders.ship(order)
        parties.carrier.orders.deliver(order)
        parties.retailer.orders.confirm(order)

    return _run("order, whole life", parties, in_flight, count, live)


def _run(what: str, parties: Parties, in_flight: int, count: int, work: Callable[[int], None]) -> Load:
    parties.retries.clear()
    first_block = parties.bank.ledger.height()
    latencies: list[float] = []

    def timed(number: int) -> None:
        begun = time.perf_counter()
        work(number)
        latencies.append((time.perf_counter() - begun) * 1000)

    begun = time.perf_counter()
    with ThreadPoolExecutor(in_flight) as pool:
        for done in [pool.submit(timed, number) for number in range(count)]:
            done.result()
    seconds = time.perf_counter() - begun
    codes = _codes(parties.bank, first_block)
    latencies.sort()
    conflicts = sum(number for code, number in codes.items() if code != "VALID")
    console.print(f"{what}, {in_flight} in flight: {count / seconds:.1f}/s")
    return Load(
        what=what,
        in_flight=in_flight,
        count=count,
        per_second=round(count / seconds, 1),
        p50_ms=round(_percentile(latencies, 50), 1),
        p95_ms=round(_percentile(latencies, 95), 1),
        p99_ms=round(_percentile(latencies, 99), 1),
        retries=len(parties.retries),
        conflicts=conflicts,
        validation_codes=codes,
    )


def _codes(client: Client, first_block: int) -> dict[str, int]:
    """Validation codes of every transaction since a block, counted from the blocks themselves."""
    found: Counter[str] = Counter()
    with client.ledger.blocks(first_block, client.ledger.height() - 1) as blocks:
        for block in blocks:
            found.update(transaction.validation_code for transaction in block.transactions)
    return dict(found)


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _memory(target: Network) -> dict[str, float]:
    """Peak resident memory of each process of the network, its children's added, in MB."""
    peaks = {process.name: 0.0 for process in target.processes()}
    # Each was started in a session of its own, which its children belong to.
    names = {process.pid: process.name for process in target.processes()}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            session = os.getsid(int(folder.name))
            status = (folder / "status").read_text(encoding="utf-8")
        except (ProcessLookupError, FileNotFoundError):
            continue  # it ended while we looked
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
        if session in names and peak is not None:
            peaks[names[session]] += round(int(peak.split()[1]) / 1024, 1)
    return {**peaks, "all": round(sum(peaks.values()), 1)}


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except FileNotFoundError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _print(figures: dict[str, object]) -> None:
    table = Table(title="Hansa on the embedded engine")
    for column in (
        "",
        "in flight",
        "count",
        "per second",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "retries",
        "conflicts",
    ):
        table.add_column(column, justify="left" if not column else "right")
    for row in figures["loads"]:  # type: ignore[attr-defined]
        table.add_row(
            row["what"],
            *(
                str(row[k])
                for k in ("in_flight", "count", "per_second", "p50_ms", "p95_ms", "p99_ms", "retries")
            ),
            str(row["conflicts"]),
        )
    console.print(table)
    console.print(f"machine: {figures['machine']}")
    console.print(f"start to first committed order: {figures['start_up']}")
    console.print(f"peak memory, MB: {figures['peak_memory_mb']}")


if __name__ == "__main__":
    sys.exit(main())
