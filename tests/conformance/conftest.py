"""The network that the conformance suite runs on: on either engine, as ``--engine`` says."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from hansa_devnode.config import CollectionConfig
from hansa_gateway import Gateway
from hansa_gateway.blocking.contract import Contract
from tests.support.devnode import CHAINCODE, devnode_with_chaincode
from tests.support.engine import on_fabric
from tests.support.fabric_network import running_fabric
from tests.support.running_network import RunningNetwork

SHARED = CollectionConfig("between", "OR('AMSP.member', 'BMSP.member')")


def running_network(
    data: Path, collections: Sequence[CollectionConfig] = ()
) -> AbstractContextManager[RunningNetwork]:
    """Organisations A, B and C on a channel `trade` with the chaincode `all`."""
    return (running_fabric if on_fabric() else devnode_with_chaincode)(data, collections=collections)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNetwork]:
    """One network for all tests that only add to it; with a collection of A and B."""
    with running_network(tmp_path_factory.mktemp("network"), collections=[SHARED]) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningNetwork]:
    """A network of its own, because the test changes its configuration."""
    with running_network(tmp_path / "own") as running:
        yield running


@pytest.fixture(scope="module")
def gateway(network: RunningNetwork) -> Iterator[Gateway]:
    """A connection for the administrator of A."""
    with network.gateway("AMSP") as found:
        yield found


@pytest.fixture(scope="module")
def contract(gateway: Gateway) -> Contract:
    """The chaincode `all`, called by the administrator of A."""
    return gateway.network("trade").contract(CHAINCODE)
