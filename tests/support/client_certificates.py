"""Networks whose servers demand certificates of their clients, on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from hansa_fabric.identity import KeySigner
from tests.support.devnode import RunningDevnode, running_devnode
from tests.support.devnode_config import devnode_config
from tests.support.fabric_network import RunningFabric, running_fabric

NAMES = ("A", "B")


class TlsPair(NamedTuple):
    """A client's certificate and key, PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True)
class StrictNetwork:
    """Organisations A and B.

    Args:
        network: the network under it.
    """

    network: RunningDevnode | RunningFabric

    def admin(self, msp_id: str) -> KeySigner:
        """An organisation's administrator."""
        return self.network.admin(msp_id)

    def address(self, msp_id: str) -> str:
        """Where an organisation's peer listens."""
        return self.network.address(msp_id)

    def tls_root(self, msp_id: str) -> Path:
        """The file with the root that an organisation's TLS certificates come from."""
        return self.network.tls_root(msp_id)

    def client_tls(self, msp_id: str) -> TlsPair:
        """What a client of the organisation shows."""
        network = self.network
        if isinstance(network, RunningDevnode):
            folder = network.node.material.organizations[msp_id].folder.admin / "tls"
        else:
            folder = network.organization(msp_id).chaincode
        return TlsPair((folder / "client.crt").read_bytes(), (folder / "client.key").read_bytes())


@contextmanager
def strict_devnode(data: Path) -> Iterator[StrictNetwork]:
    """The embedded engine, told to demand them."""
    config = msgspec.structs.replace(devnode_config(data, names=NAMES), client_certificates=True)
    with running_devnode(config) as running:
        yield StrictNetwork(running)


@contextmanager
def strict_fabric(data: Path) -> Iterator[StrictNetwork]:
    """Fabric's nodes, started again with the setting that demands them."""
    with running_fabric(data, NAMES) as running:
        running.demand_client_certificates()
        yield StrictNetwork(running)
