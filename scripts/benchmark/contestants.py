"""Chaincodes of the comparison on a running Fabric network, deployed by the lifecycle as members do.

Each is one process that the first organisation's peer calls, in plain text; that peer's endorsement is
enough, so that what is compared is the shim and not how many peers execute.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmark.packages import NODE
from hansa_devnode.msp_folders import read_signer
from hansa_fabric.policy_expression import application_policy
from hansa_gateway import Gateway
from hansa_network.connection_profile import HOST
from hansa_network.consortium import Chaincode, Organization
from hansa_network.fabric.chaincode_package import package, package_id
from hansa_network.fabric.lifecycle import Lifecycle
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.peer_admin import PeerAdmin
from hansa_network.network import Network
from hansa_network.ports import free_ports
from hansa_network.processes import Program, Running, listens, start, stop, wait_until

OURS, OFFICIAL, NODES = "hansa_shim", "fabric-chaincode-python", "fabric-shim (Node)"


@dataclass(frozen=True)
class Contestant:
    """A chaincode on one shim.

    Attributes:
        shim: its name, for people.
        name: the chaincode's name on the channel.
        command: what serves it.
        environment: what its process has besides ours.
    """

    shim: str
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def on_hansa_shim() -> Contestant:
    """The operations on our shim."""
    command = (sys.executable, "-m", "benchmark.chaincodes.on_hansa_shim")
    return Contestant(OURS, "ours", command, {"PYTHONPATH": str(Path(__file__).parents[1])})


def on_official_shim(python: Path) -> Contestant:
    """The operations on the official shim for Python, by an interpreter that has it."""
    program = Path(__file__).parent / "chaincodes" / "on_official_shim.py"
    return Contestant(OFFICIAL, "official", (str(python), str(program)), {"PYTHONPATH": ""})


def on_node_shim(modules: Path) -> Contestant:
    """The operations on Fabric's shim for Node."""
    return Contestant(NODES, "node", ("node", str(NODE / "chaincode.cjs"), str(modules)), {})


class Arena:
    """A running Fabric network and the chaincodes put on it; a context manager that ends their processes."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.host = self._of(network.consortium.organizations[0])
        self.address = f"{HOST}:{self.host.described.ports.peer}"
        self.tls_root = self.host.folder.tls_ca_certificate
        self._running: list[Running] = []

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, *_: object) -> None:
        stop(self._running)

    def deploy(self, contestant: Contestant) -> Running:
        """Its process, once the chaincode can be called. Raises NetworkError."""
        (port,) = free_ports(1)
        chaincode = Chaincode(name=contestant.name, version="1", sequence=1, port=port)
        where = {"address": f"{HOST}:{port}", "dial_timeout": "10s", "tls_required": False}
        content = package(chaincode, where)
        identifier = package_id(chaincode, content)
        environment = {
            "CHAINCODE_SERVER_ADDRESS": f"{HOST}:{port}",
            "CHAINCODE_ID": identifier,
            "CHAINCODE_TLS_DISABLED": "true",
            **contestant.environment,
        }
        logs = self.network.folder.logs
        made = start(Program(f"contestant-{contestant.name}", contestant.command, environment), logs)
        self._running.append(made)
        wait_until(lambda: listens(port), made, logs)
        self._define(chaincode, identifier, content)
        return made

    def _define(self, chaincode: Chaincode, identifier: str, content: bytes) -> None:
        host, root = self.host, self.tls_root.read_bytes()
        signer = read_signer(host.admin_msp, host.msp_id)
        with PeerAdmin(host.peer.name, self.address, root, signer) as peer:
            peer.install(identifier, content)
        policy = application_policy(f"OR('{host.msp_id}.member')").SerializeToString()
        with ExitStack() as gateways:
            steps = [
                Lifecycle(
                    gateways.enter_context(self._gateway(organization)),
                    organization.msp_id,
                    self.network.consortium.channel,
                    chaincode,
                    policy=policy,
                )
                for organization in self.network.consortium.organizations
            ]
            for one in steps:
                one.approve(identifier)
            steps[0].commit()
            steps[0].wait_for_endorsers("nothing")

    def _gateway(self, organization: Organization) -> Gateway:
        own = self._of(organization)
        signer = read_signer(own.admin_msp, own.msp_id)
        root = own.folder.tls_ca_certificate.read_bytes()
        return Gateway.connect(f"{HOST}:{organization.ports.peer}", signer, tls_root=root)

    def _of(self, organization: Organization) -> FabricOrganization:
        home = self.network.folder.engine / "organizations" / organization.domain
        return FabricOrganization(organization, home)
