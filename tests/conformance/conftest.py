"""The network that the conformance suite runs on."""

from collections.abc import Iterator

import pytest

from hansa_devnode.config import CollectionConfig
from tests.support.devnode import RunningDevnode, devnode_with_chaincode

SHARED = CollectionConfig("between", "OR('AMSP.member', 'BMSP.member')")


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDevnode]:
    """Organisations A, B and C on a channel `trade` with the chaincode `all` and a collection of A and B."""
    with devnode_with_chaincode(tmp_path_factory.mktemp("network"), collections=[SHARED]) as running:
        yield running
