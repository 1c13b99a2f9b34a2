"""The shim under load: 500 transactions in flight, each of several reads and writes, and none is lost."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hansa_gateway import AsyncGateway, Deadlines, GatewayError, SubmitResult
from hansa_gateway.aio.contract import AsyncContract
from hansa_network.errors import NetworkError
from hansa_network.fabric.programs import find_programs
from tests.support.devnode import CHAINCODE, devnode_with_chaincode
from tests.support.fabric_network import running_fabric
from tests.support.running_network import RunningNetwork

IN_FLIGHT = 500
FABRIC_SECONDS = 60.0
DEVNODE_SECONDS = 3.0
# A shorter run must be asked for.
SECONDS = os.environ.get("HANSA_LOAD_SECONDS")
# What is waited for is the end of the queue before it, never an answer that does not come.
PATIENT = Deadlines(evaluate=60.0, endorse=120.0, submit=120.0, commit_status=180.0)


@dataclass
class Outcomes:
    """What came of every submit."""

    committed: list[SubmitResult] = field(default_factory=list)
    failures: list[GatewayError] = field(default_factory=list)
    begun: int = 0
    most_in_flight: int = 0

    @property
    def ended(self) -> int:
        return len(self.committed) + len(self.failures)


def operation(number: int) -> str:
    """Four reads, one message each, then four writes in a batch, of keys that no other transaction has."""
    keys = [f"load/{number}/{each}" for each in range(4)]
    return json.dumps([["get", key] for key in keys] + [["put", key, "x" * 100] for key in keys])


async def keep_in_flight(contract: AsyncContract, seconds: float) -> Outcomes:
    """Begins a submit whenever one ends, until the time is over; then waits for the last."""
    outcomes, end = Outcomes(), time.monotonic() + seconds

    async def one_after_another() -> None:
        while time.monotonic() < end:
            outcomes.begun += 1
            outcomes.most_in_flight = max(outcomes.most_in_flight, outcomes.begun - outcomes.ended)
            try:
                outcomes.committed.append(await contract.submit("batch", operation(outcomes.begun)))
            except GatewayError as error:
                outcomes.failures.append(error)

    await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))
    return outcomes


async def load(network: RunningNetwork, seconds: float) -> Outcomes:
    gateway = AsyncGateway.connect(
        network.address("AMSP"),
        network.admin("AMSP"),
        tls_root=network.tls_root("AMSP").read_bytes(),
        deadlines=PATIENT,
    )
    async with gateway:
        return await keep_in_flight(gateway.network("trade").contract(CHAINCODE), seconds)


def codes(network: RunningNetwork, first: int) -> dict[str, int]:
    """Validation code of each transaction in the blocks from one on."""
    last = network.height() - 1
    with (
        network.gateway("AMSP") as gateway,
        gateway.network("trade").filtered_block_events(start_block=first, stop_block=last) as blocks,
    ):
        return {each.transaction_id: each.validation_code for block in blocks for each in block.transactions}


def none_is_lost(network: RunningNetwork, seconds: float) -> None:
    first = network.height()
    outcomes = asyncio.run(load(network, float(SECONDS or seconds)))
    assert not outcomes.failures, f"{len(outcomes.failures)}, the first: {outcomes.failures[0]}"
    assert outcomes.most_in_flight == IN_FLIGHT
    assert outcomes.begun == len(outcomes.committed) >= IN_FLIGHT
    # What clients were told is what the ledger holds: these transactions, all valid, and no others.
    assert codes(network, first) == {each.transaction_id: 0 for each in outcomes.committed}


@pytest.fixture
def fabric(tmp_path: Path) -> Iterator[RunningNetwork]:
    """Two organisations, so that both peers execute everything, and one ordering node."""
    if not os.environ.get("FABRIC_BIN"):
        pytest.skip("FABRIC_BIN names no folder with Fabric's programs")
    try:
        find_programs()
    except NetworkError as error:
        pytest.skip(error.message)
    with running_fabric(tmp_path / "fabric", names=("A", "B")) as running:
        yield running


@pytest.mark.devnode("on Fabric the longer run beside it says the same")
def test_the_embedded_engine_bears_500_in_flight(tmp_path: Path) -> None:
    with devnode_with_chaincode(tmp_path / "devnode", names=("A", "B")) as network:
        none_is_lost(network, DEVNODE_SECONDS)


@pytest.mark.fabric
@pytest.mark.slow
def test_500_are_in_flight_on_fabric_for_a_minute(fabric: RunningNetwork) -> None:
    none_is_lost(fabric, FABRIC_SECONDS)
