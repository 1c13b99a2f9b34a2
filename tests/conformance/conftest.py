"""The network that the conformance suite runs on."""

from collections.abc import Iterator

import pytest

from hansa_devnode.config import CollectionConfig
from hansa_gateway import Gateway
from hansa_gateway.blocking.contract import Contract
from tests.support.devnode import CHAINCODE, RunningDevnode, devnode_with_chaincode

SHARED = CollectionConfig("between", "OR('AMSP.member', 'BMSP.member')")


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDevnode]:
    """Organisations A, B and C on a channel `trade` with the chaincode `all` and a collection of A and B."""
    with devnode_with_chaincode(tmp_path_factory.mktemp("network"), collections=[SHARED]) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(network: RunningDevnode) -> Iterator[Gateway]:
    """A connection for the administrator of A."""
    with network.gateway("AMSP") as found:
        yield found


@pytest.fixture(scope="module")
def contract(gateway: Gateway) -> Contract:
    """The chaincode `all`, called by the administrator of A."""
    return gateway.network("trade").contract(CHAINCODE)
