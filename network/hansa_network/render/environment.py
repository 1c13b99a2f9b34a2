"""Configuration of native processes, as environment of the same programs in containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hansa_network.connection_profile import HOST
from hansa_network.consortium import OrderingNode
from hansa_network.fabric.ordering_node import orderer_config
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.peer_node import peer_config

EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside a container, whose ports are published one by one
MATERIAL = Path("/material")
"""Where an organisation's certificates and keys are mounted."""
LEDGER = "/var/hyperledger/production"

# What only a file can say, and the images' own files say already.
_LEFT_TO_THE_IMAGE = ("CORE_CHAINCODE_EXTERNALBUILDERS", "CORE_CHAINCODE_SYSTEM", "CORE_PEER_HANDLERS")


def peer_environment(organization: FabricOrganization, log_level: str) -> dict[str, str]:
    """The peer's, as its native process has it; only addresses and ledger folder are the container's."""
    ports, name = organization.described.ports, organization.peer.name
    found = _flat("CORE", peer_config(organization, Path()))
    address = f"{name}:{ports.peer}"
    found |= {
        "CORE_PEER_LISTENADDRESS": f"{EVERYWHERE}:{ports.peer}",
        "CORE_PEER_ADDRESS": address,
        "CORE_PEER_GOSSIP_BOOTSTRAP": address,
        "CORE_PEER_GOSSIP_EXTERNALENDPOINT": address,
        "CORE_PEER_CHAINCODELISTENADDRESS": "localhost:0",
        "CORE_PEER_CHAINCODEADDRESS": "localhost:0",
        "CORE_PEER_FILESYSTEMPATH": LEDGER,
        "CORE_LEDGER_SNAPSHOTS_ROOTDIR": f"{LEDGER}/snapshots",
        "CORE_OPERATIONS_LISTENADDRESS": f"{EVERYWHERE}:{ports.operations or 0}",
        "FABRIC_LOGGING_SPEC": log_level,
    }
    return _sorted(found)


def orderer_environment(
    organization: FabricOrganization, node: OrderingNode, log_level: str
) -> dict[str, str]:
    """The ordering node's, as its native process has it."""
    found = _flat("ORDERER", orderer_config(organization, node))
    found |= {
        "ORDERER_GENERAL_LISTENADDRESS": EVERYWHERE,
        "ORDERER_ADMIN_LISTENADDRESS": f"{EVERYWHERE}:{node.admin}",
        "ORDERER_OPERATIONS_LISTENADDRESS": f"{EVERYWHERE}:{node.operations}",
        "ORDERER_FILELEDGER_LOCATION": f"{LEDGER}/ledger",
        "ORDERER_CONSENSUS_WALDIR": f"{LEDGER}/consensus/wal",
        "ORDERER_CONSENSUS_SNAPDIR": f"{LEDGER}/consensus/snap",
        "FABRIC_LOGGING_SPEC": log_level,
    }
    return _sorted(found)


def _sorted(found: Mapping[str, str]) -> dict[str, str]:
    strays = [name for name, value in found.items() if HOST in value]
    assert not strays, f"{strays} name this machine"
    return dict(sorted(found.items()))


def _flat(prefix: str, config: Mapping[str, Any]) -> dict[str, str]:
    pairs = _pairs(prefix, config)
    return {name: value for name, value in pairs if not name.startswith(_LEFT_TO_THE_IMAGE)}


def _pairs(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _pairs(f"{prefix}_{str(name).upper()}", inner)
    elif isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            yield prefix, f"[{','.join(value)}]"
    elif isinstance(value, bool):
        yield prefix, str(value).lower()
    else:
        yield prefix, str(value)
