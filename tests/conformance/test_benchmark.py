"""The client that the benchmark measures by: it does what it says, and tells what was refused."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from benchmark.gateway_load import FACES, Load, run_awaiting, run_blocking
from hansa_gateway import SubmitError
from hansa_gateway.aio.contract import AsyncContract
from hansa_gateway.blocking.contract import Contract
from tests.support.devnode import CHAINCODE
from tests.support.running_network import RunningNetwork


def run(network: RunningNetwork, face: str, function: str, **more: Any) -> dict[str, Any]:
    load = Load(
        face=face,
        address=network.address("AMSP"),
        tls_root=str(network.tls_root("AMSP")),
        msp_id="AMSP",
        msp=str(network.admin_msp("AMSP")),
        channel="trade",
        chaincode=CHAINCODE,
        function=function,
        prefix=f"bench/{face}/",
        count=12,
        in_flight=4,
        **more,
    )
    return asyncio.run(run_awaiting(load)) if face == "aio" else run_blocking(load)


@pytest.mark.parametrize("face", FACES)
def test_every_submit_is_counted_and_its_cost_told(network: RunningNetwork, face: str) -> None:
    before = network.height()
    found = run(network, face, "get", warm_up=4)
    assert (found["committed"], found["failed"], found["settled"]) == (12, 0, 0)
    assert len(found["latencies_ms"]) == 12
    assert found["seconds"] > 0
    assert found["cpu_seconds"] > 0
    assert network.height() > before


@pytest.mark.parametrize("face", FACES)
def test_what_is_refused_counts_as_failed(network: RunningNetwork, face: str) -> None:
    found = run(network, face, "no-such-function", evaluate=True)
    assert (found["committed"], found["failed"]) == (0, 12)
    assert "no-such-function" in found["first_failure"]


def unavailable(transaction_id: str) -> SubmitError:
    return SubmitError("already processed", grpc.StatusCode.UNAVAILABLE, transaction_id=transaction_id)


@pytest.mark.parametrize("face", FACES)
def test_an_unknown_outcome_is_asked_for(
    network: RunningNetwork, face: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As BFT ordering nodes do under load: the transaction is ordered, and the submit ends in an error."""
    blocking, awaited = Contract.submit, AsyncContract.submit

    def submit(self: Contract, *args: str, **more: Any) -> None:
        raise unavailable(blocking(self, *args, **more).transaction_id)

    async def submit_awaited(self: AsyncContract, *args: str, **more: Any) -> None:
        raise unavailable((await awaited(self, *args, **more)).transaction_id)

    monkeypatch.setattr(Contract, "submit", submit)
    monkeypatch.setattr(AsyncContract, "submit", submit_awaited)
    found = run(network, face, "get")
    assert (found["committed"], found["failed"], found["settled"]) == (12, 0, 12)
