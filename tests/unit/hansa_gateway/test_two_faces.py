"""The blocking face and the awaited one offer the same names, with the same parameters."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from hansa_gateway.aio import contract as aio_contract
from hansa_gateway.aio import event_requests as aio_event_requests
from hansa_gateway.aio import gateway as aio_gateway
from hansa_gateway.aio import network as aio_network
from hansa_gateway.aio import steps as aio_steps
from hansa_gateway.blocking import contract, event_requests, gateway, network, steps

PAIRS = [
    (gateway.Gateway, aio_gateway.AsyncGateway),
    (network.Network, aio_network.AsyncNetwork),
    (contract.Contract, aio_contract.AsyncContract),
    (steps.Proposal, aio_steps.AsyncProposal),
    (steps.Transaction, aio_steps.AsyncTransaction),
    (steps.Commit, aio_steps.AsyncCommit),
    (event_requests.ChaincodeEventsRequest, aio_event_requests.AsyncChaincodeEventsRequest),
    (event_requests.BlockEventsRequest, aio_event_requests.AsyncBlockEventsRequest),
]


def offered(kind: type) -> dict[str, list[tuple[str, Any, Any]]]:
    """Public methods and properties by name, with the names, kinds and defaults of their parameters."""
    found = {}
    for name, member in inspect.getmembers(kind):
        if not name.startswith("_"):
            function: Any = member.fget if isinstance(member, property) else member
            parameters = inspect.signature(function).parameters.values()
            found[name] = [(each.name, each.kind, each.default) for each in parameters]
    return found


@pytest.mark.parametrize(("blocking", "awaited"), PAIRS)
def test_what_one_face_offers_the_other_offers_too(blocking: type, awaited: type) -> None:
    assert offered(blocking) == offered(awaited)
    assert awaited.__name__ == f"Async{blocking.__name__}"
