"""What several of these tests run on: a certificate authority, a channel with its ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa_devnode.ledger.ledger import Ledger
from tests.support.certificate_authority import Running, running
from tests.support.channel import Channel
from tests.support.validation import Net


@pytest.fixture
def ca(tmp_path: Path) -> Iterator[Running]:
    """An authority of the test's own."""
    with running(tmp_path / "ca") as found:
        yield found


@pytest.fixture(scope="module")
def shared_ca(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An authority for all tests of a module that only add to it."""
    with running(tmp_path_factory.mktemp("ca")) as found:
        yield found


@pytest.fixture(scope="module")
def channel() -> Channel:
    """A channel of three members."""
    return Channel()


@pytest.fixture
def bare(channel: Channel, tmp_path: Path) -> Iterator[Net]:
    """The channel with an empty ledger."""
    ledger = Ledger.open(tmp_path, channel.genesis.message, map_size=1 << 24)
    yield Net(channel, ledger)
    ledger.close()


@pytest.fixture
def net(bare: Net) -> Net:
    """The channel with a chaincode that a majority endorses."""
    bare.define("/Channel/Application/Endorsement")
    return bare
