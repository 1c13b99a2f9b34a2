"""EPCIS events captured: one by one, and in documents of a hundred."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass

from rich.console import Console

from benchmark.tracing import told
from benchmark.trade import GTIN, Parties, parties_of, run_load
from hansa_network.network import Network

DOCUMENTS = {1: 400, 100: 20}
"""How many events are in a document, and how many documents there are."""
IN_FLIGHT = 10


@dataclass(frozen=True)
class Captured:
    """Events captured in documents of ``each``; ``cpu_ms`` of client and network for each event."""

    each: int
    in_flight: int
    events: int
    per_second: float
    cpu_ms: float


def measure(target: Network, scale: float, console: Console) -> list[dict[str, object]]:
    """Goods made, event by event and in documents; ``scale`` is the part of the usual counts."""
    parties = parties_of(target)
    found = []
    try:
        if GTIN not in [product.gtin for product in parties.producer.products.list().products]:
            parties.producer.products.register(GTIN, "Benchmark goods")
        for each, count in DOCUMENTS.items():
            found.append(_captured(parties, each, max(2, int(scale * count))))
            console.print(f"captured in documents of {each}: {found[-1].per_second:.0f} events/s")
    finally:
        parties.close()
    return [asdict(one) for one in found]


def _captured(parties: Parties, each: int, documents: int) -> Captured:
    run = (
        time.time_ns() // 1_000_000 % 10**9
    )  # serial numbers, of at most 20 characters, that no run before had

    def capture(number: int) -> None:
        events = []
        for place in range(number * each, (number + 1) * each):
            goods = [f"https://id.gs1.org/01/{GTIN}/21/{run}.{place}"]
            events.append(told("ObjectEvent", place, action="ADD", bizStep="commissioning", epcList=goods))
        captured = parties.producer.goods.capture(json.dumps(events))
        if any(result.status != "accepted" for result in captured.results):
            raise RuntimeError("the benchmark's own events were not accepted")

    load = run_load("capture", parties, IN_FLIGHT, documents, capture)
    return Captured(
        each=each,
        in_flight=IN_FLIGHT,
        events=each * documents,
        per_second=round(load.per_second * each, 1),
        cpu_ms=round(load.cpu_ms / each, 2),
    )
