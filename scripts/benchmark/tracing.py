"""The trail of goods made into one another: asked of the ledger and of the read model, in one run."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from rich.console import Console

from benchmark.machine import cpu_seconds
from benchmark.trade import GTIN, percentile
from hansa import Client, UnreachableError, connect
from hansa_gateway import Deadlines
from hansa_network.network import Network
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import open_database

DEPTHS = {10: 20, 100: 10, 1000: 3}
"""How long a chain is, and how often the ledger is asked for it."""
READ_MODEL_TIMES = 100
PATIENCE_S = 60.0
ANSWER_S = 60.0
"""Seconds that a page of a trail may take; a peer ends a chaincode's execution after 30 by itself."""

_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_FIRST_SECOND = 1_772_323_200


@dataclass(frozen=True)
class Traced:
    """The trail of one chain. Latencies in milliseconds; ``ratio`` of the two medians.

    The ledger's figures are None where it gave no answer; ``gave_up_s`` is then how long that took.

    The CPU figures are what one answer took of processors in all, client and network: on a busy machine it is
    they that compare, as ``cpu_ratio``.
    """

    depth: int
    events: int
    ledger_p50_ms: float | None
    ledger_p95_ms: float | None
    read_model_p50_ms: float
    read_model_p95_ms: float
    ratio: float | None
    ledger_cpu_ms: float | None
    read_model_cpu_ms: float
    cpu_ratio: float | None
    gave_up_s: float | None = None


def measure(target: Network, scale: float, console: Console) -> list[dict[str, object]]:
    """Chains of 10, 100 and 1,000 transformations, traced from the last; ``scale`` shortens the longest."""
    deadlines = Deadlines(evaluate=ANSWER_S)
    producer = connect("Producer", "admin", data=target.folder.root, deadlines=deadlines)
    queries = Queries(open_database(target.folder.database_url))
    found = []
    try:
        if GTIN not in [product.gtin for product in producer.products.list().products]:
            producer.products.register(GTIN, "Benchmark goods")
        gc.freeze()  # as the portal does, which asks the same queries
        for depth, times in DEPTHS.items():
            length = depth if depth < 1000 else max(200, int(scale * depth))
            last = _make(producer, length)
            _caught_up(producer, queries)
            found.append(_asked(target, producer, queries, last, length, times))
            console.print(f"trace of {length + 1} events: {_told(found[-1])}")
    finally:
        producer.close()
    return [asdict(one) for one in found]


def _make(producer: Client, length: int) -> str:
    """Makes goods into goods, ``length`` times; the EPC of the last."""
    goods = [f"https://id.gs1.org/01/{GTIN}/21/chain{length}.{number}" for number in range(length + 1)]
    events = [told("ObjectEvent", 0, action="ADD", bizStep="commissioning", epcList=goods[:1])]
    for number in range(length):
        made = {"inputEPCList": [goods[number]], "outputEPCList": [goods[number + 1]]}
        events.append(told("TransformationEvent", number + 1, **made))
    captured = producer.goods.capture(json.dumps(events))
    wrong = [result for result in captured.results if result.status != "accepted"]
    if wrong:
        raise RuntimeError(f"the benchmark's own events were not accepted: {wrong[0]}")
    return goods[-1]


def told(kind: str, second: int, **fields: object) -> dict[str, object]:
    """An EPCIS event of the benchmark's, so many seconds after the first."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_FIRST_SECOND + second))
    return {"@context": _CONTEXT, "type": kind, "eventTime": moment, "eventTimeZoneOffset": "+00:00"} | fields


def _caught_up(producer: Client, queries: Queries) -> None:
    height = producer.ledger.height()
    end = time.monotonic() + PATIENCE_S
    while (checkpoint := queries.ledger.checkpoint()) is None or checkpoint.next_block < height:
        if time.monotonic() > end:
            raise RuntimeError("the read model does not follow the ledger")
        time.sleep(0.05)


def _asked(target: Network, producer: Client, queries: Queries, last: str, length: int, times: int) -> Traced:
    begun, used = time.monotonic(), _cpu_s(target)
    try:
        ledger, steps = _timed(times, lambda: len(producer.goods.trace(last, depth=length).steps))
    except UnreachableError:
        ledger, steps = [], length + 1
    gave_up = None if ledger else round(time.monotonic() - begun, 1)
    between = _cpu_s(target)
    rows, shown = _timed(READ_MODEL_TIMES, lambda: len(queries.goods.trace(last).steps))
    ledger_cpu = (between - used) / times * 1000
    rows_cpu = (_cpu_s(target) - between) / READ_MODEL_TIMES * 1000
    if not steps == shown == length + 1:
        raise RuntimeError(f"of {length + 1} events the ledger told {steps}, the read model {shown}")
    return Traced(
        depth=length,
        events=length + 1,
        ledger_p50_ms=round(percentile(ledger, 50), 1) if ledger else None,
        ledger_p95_ms=round(percentile(ledger, 95), 1) if ledger else None,
        read_model_p50_ms=round(percentile(rows, 50), 2),
        read_model_p95_ms=round(percentile(rows, 95), 2),
        ratio=round(percentile(ledger, 50) / percentile(rows, 50), 1) if ledger else None,
        ledger_cpu_ms=round(ledger_cpu, 1) if ledger else None,
        read_model_cpu_ms=round(rows_cpu, 2),
        cpu_ratio=round(ledger_cpu / rows_cpu, 1) if ledger else None,
        gave_up_s=gave_up,
    )


def _told(traced: Traced) -> str:
    if traced.ratio is None:
        return f"the ledger did not answer, and gave up after {traced.gave_up_s} s"
    return f"{traced.ratio:.0f} times faster in the read model"


def _cpu_s(target: Network) -> float:
    return time.process_time() + sum(cpu_seconds(process.pid) for process in target.processes())


def _timed(times: int, ask: Callable[[], int]) -> tuple[list[float], int]:
    latencies = []
    answer = 0
    for _ in range(times):
        begun = time.perf_counter()
        answer = ask()
        latencies.append((time.perf_counter() - begun) * 1000)
    return sorted(latencies), answer
