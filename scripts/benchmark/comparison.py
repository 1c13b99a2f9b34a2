"""Ours beside what else there is, on one running Fabric network: gateway clients, and chaincode shims.

Machines are shared and noisy, so contestants take turns, round by round, and figures are read as ratios.
Throughput of a contestant is all it did over all its rounds' time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from benchmark.contestants import (
    NODES,
    OFFICIAL,
    OURS,
    Arena,
    Contestant,
    on_hansa_shim,
    on_node_shim,
    on_official_shim,
)
from benchmark.gateway_load import FACES, Load
from benchmark.machine import cpu_seconds
from benchmark.packages import NODE, PackagesError, node_modules, official_python
from benchmark.trade import percentile
from hansa_network.errors import NetworkError
from hansa_network.processes import Running

GATEWAYS = {"aio": "hansa_gateway, awaited", "blocking": "hansa_gateway, threads"}
NODE_GATEWAY = "@hyperledger/fabric-gateway (Node)"
CLIENT_SECONDS = 240.0
GIVING_UP = 10.0
"""Seconds for each stage when shims are compared: one of them loses transactions."""


@dataclass(frozen=True)
class Figure:
    """What one contestant did with one kind of load, all its rounds together. CPU in milliseconds each.

    ``settled`` are those whose submit answered an error (BFT ordering nodes that have one already say so)
    and that were committed all the same; ``lost`` are those that came to nothing the client could learn.
    """

    contestant: str
    what: str
    in_flight: int
    count: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    settled: int
    lost: int
    first_failure: str | None


@dataclass(frozen=True)
class Case:
    """One kind of load.

    Attributes:
        function: of the compared chaincode.
        evaluate: asked of the peer alone; else ordered and committed.
        in_flight: how many at once.
        count: how many in each round.
    """

    function: str
    evaluate: bool
    in_flight: int
    count: int

    @property
    def what(self) -> str:
        """In words."""
        return f"{'evaluate' if self.evaluate else 'submit'} {self.function}"


class Comparison:
    """Runs the comparisons on a network.

    Args:
        arena: the network.
        rounds: turns of each contestant.
        scale: the part of the usual counts.
        console: is told how it goes, and what could not be had.
    """

    def __init__(self, arena: Arena, rounds: int, scale: float, console: Console) -> None:
        self._arena, self._rounds, self._scale, self._console = arena, rounds, scale, console
        self._deployed: dict[str, tuple[Contestant, Running]] = {}
        self._modules: Path | None = None
        self._turns = 0

    def prepare(self) -> list[str]:
        """Deploys what can be had; returns the reasons for what could not."""
        missing = []
        try:
            self._modules = node_modules()
        except PackagesError as error:
            missing.append(f"Node's clients and shim: {error}")
        contestants = [on_hansa_shim()] + ([on_node_shim(self._modules)] if self._modules else [])
        try:
            contestants.append(on_official_shim(official_python()))
        except PackagesError as error:
            missing.append(f"{OFFICIAL}: {error}")
        for each in contestants:
            self._console.print(f"deploying the chaincode on {each.shim}")
            try:
                self._deployed[each.shim] = (each, self._arena.deploy(each))
            except NetworkError as error:
                if each.shim == OURS:
                    raise
                missing.append(f"{each.shim}: {error.message}")
        for reason in missing:
            self._console.print(f"not compared: {reason}", markup=False)
        return missing

    def gateways(self) -> list[dict[str, object]]:
        """Our gateway client, awaited and with threads, beside Node's; CPU is the client's."""
        contract, _ = self._deployed[OURS]
        found = []
        turns = {
            Case("nothing", False, 10, 200): self._rounds,
            Case("nothing", False, 100, 1000): self._rounds,
            # To see that nothing is lost, by client or shim.
            Case("each", False, 500, 1000): 1,
        }
        for case, rounds in turns.items():
            taken: dict[str, list[dict[str, object]]] = {face: [] for face in FACES}
            if self._modules is not None:
                taken["node"] = []
            for _ in range(rounds):
                for face, documents in taken.items():
                    documents.append(self._client(face, contract, case))
            for face, documents in taken.items():
                name = GATEWAYS.get(face, NODE_GATEWAY)
                cpu = sum(float(str(each["cpu_seconds"])) for each in documents)
                found.append(self._figure(name, case, documents, cpu, self._size(case) * rounds))
        return [asdict(each) for each in found]

    def shims(self) -> list[dict[str, object]]:
        """The same operations on each shim, called by the same client; CPU is the chaincode's."""
        cases = [
            Case("nothing", True, 100, 1500),
            Case("each", True, 100, 800),
            Case("each", False, 100, 800),
            Case("batched", True, 100, 800),
            Case("batched", False, 100, 800),
        ]
        return [figure for case in cases for figure in self._shims(case)] + self._official()

    def _shims(self, case: Case) -> list[dict[str, object]]:
        """In turns; batches are ours alone, since the others have none: they stand beside ``each``."""
        names = [OURS] if case.function == "batched" else [OURS, NODES]
        return self._in_turns([name for name in names if name in self._deployed], case, self._rounds)

    def _official(self) -> list[dict[str, object]]:
        """Last and little: what it loses keeps callers waiting."""
        if OFFICIAL not in self._deployed:
            return []
        cases = [Case("each", True, 1, 100), Case("each", True, 10, 200), Case("each", True, 100, 200)]
        found = []
        for case in cases:
            found += self._in_turns([OURS, OFFICIAL], case, 1)
        return found

    def _in_turns(self, names: list[str], case: Case, rounds: int) -> list[dict[str, object]]:
        taken: dict[str, list[dict[str, object]]] = {name: [] for name in names}
        used = dict.fromkeys(names, 0.0)
        for _ in range(rounds):
            for name in names:
                contestant, process = self._deployed[name]
                before = cpu_seconds(process.pid)
                taken[name].append(self._client("aio", contestant, case, GIVING_UP))
                used[name] += cpu_seconds(process.pid) - before
        # The process also answered what went before the measured part.
        answered = rounds * (self._size(case) + self._warm_up(case))
        return [asdict(self._figure(each, case, taken[each], used[each], answered)) for each in names]

    def _client(
        self, face: str, contestant: Contestant, case: Case, timeout: float | None = None
    ) -> dict[str, object]:
        """One turn: a client process of its own, and what it printed."""
        self._turns += 1
        arena = self._arena
        load = Load(
            face=face,
            address=arena.address,
            tls_root=str(arena.tls_root),
            msp_id=arena.host.msp_id,
            msp=str(arena.host.admin_msp),
            channel=arena.network.consortium.channel,
            chaincode=contestant.name,
            function=case.function,
            prefix=f"{self._turns}-",
            count=self._size(case),
            in_flight=case.in_flight,
            warm_up=self._warm_up(case),
            evaluate=case.evaluate,
            timeout=timeout,
        )
        if face in FACES:
            command = [sys.executable, "-m", "benchmark.gateway_load", json.dumps(asdict(load))]
        else:
            document = {**asdict(load), "modules": str(self._modules)}
            command = ["node", str(NODE / "gateway_load.mjs"), json.dumps(document)]
        done = subprocess.run(  # noqa: S603 - made here
            command, capture_output=True, text=True, timeout=CLIENT_SECONDS, check=False
        )
        if done.returncode != 0:
            raise NetworkError("BENCH_FAILED", f"{face} client: {done.stderr.strip()[-500:]}", "")
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def _figure(
        self, name: str, case: Case, documents: list[dict[str, object]], cpu: float, answered: int
    ) -> Figure:
        seconds = sum(float(str(each["seconds"])) for each in documents)
        latencies = sorted(latency for each in documents for latency in _latencies(each))
        failures = [str(each["first_failure"]) for each in documents if each["first_failure"]]
        count = self._size(case) * len(documents)
        figure = Figure(
            contestant=name,
            what=case.what,
            in_flight=case.in_flight,
            count=count,
            per_second=round(len(latencies) / seconds, 1),
            p50_ms=round(percentile(latencies, 50), 1) if latencies else 0.0,
            p99_ms=round(percentile(latencies, 99), 1) if latencies else 0.0,
            cpu_ms=round(1000 * cpu / answered, 2),
            settled=sum(int(str(each["settled"])) for each in documents),
            lost=count - len(latencies),
            first_failure=failures[0] if failures else None,
        )
        self._console.print(
            f"{name}, {case.what}, {case.in_flight} in flight: {figure.per_second}/s,"
            f" CPU {figure.cpu_ms} ms each, settled {figure.settled}, lost {figure.lost}",
            markup=False,
        )
        return figure

    def _warm_up(self, case: Case) -> int:
        """How many go before: connections are made, and what compiles as it runs has begun to."""
        return max(case.in_flight, self._size(case) // 4)

    def _size(self, case: Case) -> int:
        return max(case.in_flight, int(case.count * self._scale))


def _latencies(document: Mapping[str, object]) -> list[float]:
    found = document["latencies_ms"]
    assert isinstance(found, list)
    return found
