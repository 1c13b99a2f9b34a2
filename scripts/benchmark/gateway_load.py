"""One client process of the comparison of gateways: submits at a steady number in flight, and tells its cost.

``python -m benchmark.gateway_load SETTINGS`` with the settings as JSON (see ``Load``); prints one JSON
document. ``node/gateway_load.mjs`` takes the same settings and prints the same document.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa_devnode.msp_folders import read_signer
from hansa_gateway import AsyncGateway, CommitStatusError, Gateway, GatewayError, SubmitError

FACES = ("aio", "blocking")


@dataclass(frozen=True)
class Load:
    """What to do.

    Attributes:
        face: ``aio`` or ``blocking``.
        address: ``host:port`` of the peer.
        tls_root: file with the root of the peer's TLS certificate.
        msp_id: whose client this is.
        msp: its MSP folder.
        channel: the channel.
        chaincode: the chaincode.
        function: what to call; its one argument is a name that no other call has.
        prefix: what these names begin with.
        count: how many are measured.
        in_flight: how many at once.
        warm_up: how many go before, unmeasured.
        evaluate: ask instead of submitting.
        timeout: seconds for each stage; None for the client's own deadlines.
    """

    face: str
    address: str
    tls_root: str
    msp_id: str
    msp: str
    channel: str
    chaincode: str
    function: str
    prefix: str
    count: int
    in_flight: int
    warm_up: int = 0
    evaluate: bool = False
    timeout: float | None = None


class Tally:
    """What came of the calls; ``settled`` counts those whose submit answered an error and which were
    committed all the same, as the ledger said when asked."""

    def __init__(self) -> None:
        self.failures: list[str] = []
        self.latencies: list[float] = []
        self.settled = 0

    def document(self, seconds: float, cpu_seconds: float) -> dict[str, Any]:
        """As printed: ``seconds`` by the clock, ``cpu_seconds`` of this process, latencies in ms."""
        return {
            "seconds": seconds,
            "cpu_seconds": cpu_seconds,
            "committed": len(self.latencies),
            "settled": self.settled,
            "failed": len(self.failures),
            "first_failure": self.failures[0] if self.failures else None,
            "latencies_ms": sorted(round(1000 * each, 2) for each in self.latencies),
        }


def cpu_seconds() -> float:
    """What this process has used of processors, all its threads together."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def run_awaiting(load: Load) -> dict[str, Any]:
    """The load by the awaited face."""
    signer = read_signer(Path(load.msp), load.msp_id)
    root = Path(load.tls_root).read_bytes()
    async with AsyncGateway.connect(load.address, signer, tls_root=root) as gateway:
        network = gateway.network(load.channel)
        contract = network.contract(load.chaincode)

        async def submit(*args: str, timeout: float | None, tally: Tally) -> None:
            try:
                await contract.submit(*args, timeout=timeout)
            except (SubmitError, CommitStatusError) as error:
                (await network.commit(error.transaction_id).status(timeout)).check()
                tally.settled += 1

        async def evaluate(*args: str, timeout: float | None, tally: Tally) -> None:
            await contract.evaluate(*args, timeout=timeout)

        act = evaluate if load.evaluate else submit
        await _many(act, load, f"{load.prefix}w", load.warm_up, Tally())
        tally, begun, used = Tally(), time.perf_counter(), cpu_seconds()
        await _many(act, load, load.prefix, load.count, tally)
        return tally.document(time.perf_counter() - begun, cpu_seconds() - used)


async def _many(
    act: Callable[..., Awaitable[Any]], load: Load, prefix: str, count: int, tally: Tally
) -> None:
    numbers = iter(range(count))

    async def one_after_another() -> None:
        for number in numbers:
            begun = time.perf_counter()
            try:
                await act(load.function, f"{prefix}{number}", timeout=load.timeout, tally=tally)
            except GatewayError as error:
                tally.failures.append(str(error))
            else:
                tally.latencies.append(time.perf_counter() - begun)

    await asyncio.gather(*(one_after_another() for _ in range(load.in_flight)))


def run_blocking(load: Load) -> dict[str, Any]:
    """The load by the blocking face, with a thread for each call in flight."""
    signer = read_signer(Path(load.msp), load.msp_id)
    with Gateway.connect(load.address, signer, tls_root=Path(load.tls_root).read_bytes()) as gateway:
        network = gateway.network(load.channel)
        contract = network.contract(load.chaincode)

        def submit(*args: str, timeout: float | None, tally: Tally) -> None:
            try:
                contract.submit(*args, timeout=timeout)
            except (SubmitError, CommitStatusError) as error:
                network.commit(error.transaction_id).status(timeout).check()
                tally.settled += 1

        def evaluate(*args: str, timeout: float | None, tally: Tally) -> None:
            contract.evaluate(*args, timeout=timeout)

        act = evaluate if load.evaluate else submit
        _threads(act, load, f"{load.prefix}w", load.warm_up, Tally())
        tally, begun, used = Tally(), time.perf_counter(), cpu_seconds()
        _threads(act, load, load.prefix, load.count, tally)
        return tally.document(time.perf_counter() - begun, cpu_seconds() - used)


def _threads(act: Callable[..., Any], load: Load, prefix: str, count: int, tally: Tally) -> None:
    numbers, turn = iter(range(count)), threading.Lock()

    def one_after_another() -> None:
        while True:
            with turn:
                number = next(numbers, None)
            if number is None:
                return
            begun = time.perf_counter()
            try:
                act(load.function, f"{prefix}{number}", timeout=load.timeout, tally=tally)
            except GatewayError as error:
                tally.failures.append(str(error))
            else:
                tally.latencies.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=one_after_another) for _ in range(load.in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Runs the load that the one argument describes."""
    load = Load(**json.loads(sys.argv[1]))
    found = asyncio.run(run_awaiting(load)) if load.face == "aio" else run_blocking(load)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
