"""Hyperledger Fabric as native processes: authorities, ordering nodes, peers and chaincode of each member."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

from hansa_devnode.files import write_file
from hansa_devnode.msp_folders import read_signer
from hansa_gateway import Gateway, GatewayError
from hansa_gateway.ca.client import CaClient
from hansa_network.chaincode_deployment import ChaincodeDeployment
from hansa_network.connection_profile import HOST, OrganizationFiles
from hansa_network.consortium import Consortium, OrderingNode, Organization
from hansa_network.data_folder import DataFolder, write_atomically
from hansa_network.engine import FABRIC, Launch, Progress
from hansa_network.errors import NetworkError
from hansa_network.fabric.authority import authority_client, authority_program, registrar
from hansa_network.fabric.chaincode_package import chaincode_port, label_of, package, package_id
from hansa_network.fabric.chaincode_service import ChaincodeService
from hansa_network.fabric.enrollment import enroll_nodes
from hansa_network.fabric.genesis import genesis_block
from hansa_network.fabric.ordering_node import ordering_program
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.participation import Participation
from hansa_network.fabric.peer_admin import PeerAdmin
from hansa_network.fabric.peer_node import peer_program
from hansa_network.fabric.programs import Programs, find_programs
from hansa_network.processes import (
    Program,
    Running,
    listens,
    read_running,
    start,
    stop,
    wait_until,
)

_FEWEST_BFT_NODES = 4


class FabricEngine:
    """The Fabric network of one data folder.

    Args:
        folder: the network's data folder.
        consortium: what it is.
        service: what its chaincode is.
    """

    def __init__(
        self, folder: DataFolder, consortium: Consortium, service: ChaincodeService | None = None
    ) -> None:
        self._folder = folder
        self._consortium = consortium
        self._service = service or ChaincodeService()
        home = folder.engine / "organizations"
        self._organizations = [FabricOrganization(o, home / o.domain) for o in consortium.organizations]

    @property
    def name(self) -> str:
        """What ``--engine`` calls it."""
        return FABRIC

    @cached_property
    def _programs(self) -> Programs:
        return find_programs()

    def start(self, launch: Launch, say: Progress) -> None:
        """Starts authorities, ordering nodes and peers, enrolls them, and joins them to the channel."""
        self._check()
        say("starting certificate authorities")
        self._serve(launch, [self._authority(one) for one in self._organizations])
        say("enrolling nodes")
        _each(enroll_nodes, self._organizations)
        genesis = self._genesis()
        say("starting ordering nodes")
        nodes = self._ordering_nodes()
        self._serve(launch, [self._orderer(one, node) for one, node in nodes])
        for one, node in nodes:
            participation = Participation(one.orderer.name, node.admin, one.orderer / "tls")
            if participation.channel(self._consortium.channel) is None:
                participation.join(self._ordering_block(genesis))
        say("starting peers")
        self._serve(launch, [self._peer(one) for one in self._organizations])
        _each(lambda one: self._join(one, genesis), self._organizations)

    def start_chaincode(self, launch: Launch, say: Progress) -> None:
        """Installs the chaincode, starts a process of it for each organisation, approves and commits it."""
        deployment = self.deployment
        say("installing the chaincode")
        for one in self._organizations:
            deployment.install(one.described)
        say("starting the chaincode")
        self._serve(launch, [deployment.program(one.described) for one in self._organizations])
        say("agreeing on the chaincode")
        _each(lambda one: deployment.approve(one.described), self._organizations)
        if self._consortium.joined is None:
            deployment.commit(self._organizations[0].described)
        say("waiting for peers to find one another")
        _each(self._wait_for_endorsers, self._organizations)

    @property
    def deployment(self) -> ChaincodeDeployment:
        """The chaincode on its way onto the channel."""
        consortium, content = self._consortium, self._package()
        collections, policy = self._service.collections, b""
        if consortium.joined is not None:
            others = self._folder.others
            collections, policy = others.collections.read_bytes(), others.policy.read_bytes()
        identifier = package_id(consortium.chaincode, content)
        return ChaincodeDeployment(
            consortium,
            self.files,
            content,
            lambda one: self._chaincode(self._of(one), identifier),
            collections,
            policy,
        )

    def authority(self, organization: Organization) -> CaClient:
        """A client of the organisation's identity authority."""
        return authority_client(self._of(organization))

    def registrar(self, organization: Organization) -> tuple[str, str]:
        """Name and secret of its first identity."""
        return registrar(self._of(organization))

    def files(self, organization: Organization) -> OrganizationFiles:
        """What the organisation's clients need; there once its nodes are enrolled."""
        own = self._of(organization)
        joined = self._consortium.joined
        if joined is not None:
            return OrganizationFiles(
                peer_tls_root=own.folder.tls_ca_certificate,
                ca_tls_root=own.folder.ca_certificate,
                orderer_tls_root=self._folder.others.ordering_tls_roots,
                admin_msp=own.admin_msp,
                orderer=joined.orderer,
            )
        nodes = self._ordering_nodes()
        orderer, node = next((each for each in nodes if each[0].msp_id == own.msp_id), nodes[0])
        return OrganizationFiles(
            peer_tls_root=own.folder.tls_ca_certificate,
            ca_tls_root=own.folder.ca_certificate,
            orderer_tls_root=orderer.folder.tls_ca_certificate,
            admin_msp=own.admin_msp,
            orderer=f"{HOST}:{node.port}",
        )

    def status(self) -> dict[str, object] | None:
        """Heights of all peers and ordering nodes; None where no peer answers."""
        peers = {one.msp_id: self._peer_height(one) for one in self._organizations}
        orderers = {one.msp_id: self._orderer_height(one, node) for one, node in self._ordering_nodes()}
        known = [height for height in peers.values() if height is not None]
        if not known:
            return None
        return {"height": max(known), "peers": peers, "orderers": orderers}

    def control(self, command: str, organization: Organization) -> dict[str, object]:
        """``KIND stop`` or ``KIND start`` of one organisation's process: ca, orderer, peer or chaincode.

        Raises:
            NetworkError: there is no such command (COMMAND_UNKNOWN), or it did not start.
        """
        kind, _, action = command.partition(" ")
        own = self._of(organization)
        program, port = self._process(kind, own)
        running = read_running(self._folder.state_file.read_text(encoding="utf-8"))
        others = [each for each in running if each.name != program.name]
        found = [each for each in running if each.name == program.name and each.alive]
        if action == "stop":
            # Struck off first: whoever watches over the network must not take it for a failure.
            self._record(others)
            stop(found)
        elif action == "start" and not found:
            made = start(program, self._folder.logs)
            self._record([*others, made])
            wait_until(lambda: listens(port), made, self._folder.logs)
            if kind == "peer":
                self._wait_for_endorsers(own)
        elif action != "start":
            raise NetworkError("COMMAND_UNKNOWN", f"There is no command {command!r}.", "Use stop or start.")
        return {"organization": organization.msp_id, "command": command}

    def _process(self, kind: str, organization: FabricOrganization) -> tuple[Program, int]:
        node = organization.described.orderer
        if kind == "ca":
            return self._authority(organization)
        if kind == "orderer" and node is not None:
            return self._orderer(organization, node)
        if kind == "peer":
            return self._peer(organization)
        if kind == "chaincode":
            return self.deployment.program(organization.described)
        raise NetworkError(
            "COMMAND_UNKNOWN",
            f"{organization.described.name} runs no {kind}.",
            "Name one of: ca, orderer, peer, chaincode.",
        )

    def _record(self, running: Sequence[Running]) -> None:
        document = {"engine": FABRIC, "processes": [each.document() for each in running]}
        write_atomically(self._folder.state_file, json.dumps(document, indent=2) + "\n")

    def _check(self) -> None:
        for one in self._organizations:
            chaincode_port(one.described, self._consortium.chaincode)
        if self._consortium.joined is not None:
            return  # others order, and a node of ours follows until it is among them
        count = len([o for o in self._consortium.organizations if o.orderer is not None])
        consensus = self._consortium.ordering.consensus
        fewest = _FEWEST_BFT_NODES if consensus == "bft" else 1
        if count < fewest:
            raise NetworkError(
                "CONFIG_INVALID",
                f"{count} organisations have an ordering node, and {consensus} needs {fewest}.",
                "Give more organisations an orderer, or set ordering.consensus to etcdraft.",
            )

    def _serve(self, launch: Launch, programs: Sequence[tuple[Program, int]]) -> None:
        """Starts them all, then waits until each listens on its port."""
        started = [(launch(program), port) for program, port in programs]
        for running, port in started:
            wait_until(lambda at=port: listens(at), running, self._folder.logs)  # type: ignore[misc]

    def _authority(self, organization: FabricOrganization) -> tuple[Program, int]:
        program = authority_program(organization, self._programs, self._consortium.log_level)
        return program, organization.described.ports.ca

    def _orderer(self, organization: FabricOrganization, node: OrderingNode) -> tuple[Program, int]:
        program = ordering_program(organization, node, self._programs, self._consortium.log_level)
        return program, node.admin

    def _peer(self, organization: FabricOrganization) -> tuple[Program, int]:
        return peer_program(
            organization, self._programs, self._consortium.log_level
        ), organization.described.ports.peer

    def _chaincode(self, organization: FabricOrganization, identifier: str) -> tuple[Program, int]:
        chaincode = self._consortium.chaincode
        place, port = organization.chaincode, chaincode_port(organization.described, chaincode)
        environment = {
            **self._service.environment,
            "CHAINCODE_SERVER_ADDRESS": f"{HOST}:{port}",
            "CHAINCODE_ID": identifier,
            "CHAINCODE_TLS_DISABLED": "false",
            "CHAINCODE_TLS_KEY": str(place / "server.key"),
            "CHAINCODE_TLS_CERT": str(place / "server.crt"),
            "CHAINCODE_CLIENT_CA_CERT": str(place / "ca.crt"),
        }
        command = chaincode.program or self._service.command
        return Program(chaincode.process(organization.domain), command, environment), port

    def _genesis(self) -> bytes:
        path = self._genesis_file
        if not path.exists():
            # Everything it names must outlive it: certificates first, then the block.
            os.sync()
            write_file(path, genesis_block(self._consortium, self._organizations))
        return path.read_bytes()

    def _ordering_block(self, genesis: bytes) -> bytes:
        """What an ordering node joins with: one that comes later needs to know whom to follow now."""
        if self._consortium.joined is None:
            return genesis
        return self._folder.others.config_block.read_bytes()

    @property
    def _genesis_file(self) -> Path:
        return self._folder.engine / f"{self._consortium.channel}.genesis.block"

    def _ordering_nodes(self) -> list[tuple[FabricOrganization, OrderingNode]]:
        return [
            (one, one.described.orderer) for one in self._organizations if one.described.orderer is not None
        ]

    def _join(self, organization: FabricOrganization, genesis: bytes) -> None:
        with self._peer_admin(organization) as peer:
            peer.join(self._consortium.channel, genesis)

    def _wait_for_endorsers(self, organization: FabricOrganization) -> None:
        self.deployment.wait_for_endorsers(organization.described)

    def _package(self) -> bytes:
        """The chaincode's package: the others' own, where they gave it, so that it has the same id."""
        given, chaincode = self._folder.others.package, self._consortium.chaincode
        if given.exists() and label_of(given.read_bytes()) == chaincode.label:
            return given.read_bytes()
        return package(chaincode)

    def _peer_admin(self, organization: FabricOrganization) -> PeerAdmin:
        signer = read_signer(organization.admin_msp, organization.msp_id)
        return PeerAdmin(
            organization.peer.name, self._address(organization), self._root(organization), signer
        )

    def _gateway(self, organization: FabricOrganization) -> Gateway:
        signer = read_signer(organization.admin_msp, organization.msp_id)
        return Gateway.connect(self._address(organization), signer, tls_root=self._root(organization))

    def _address(self, organization: FabricOrganization) -> str:
        return f"{HOST}:{organization.described.ports.peer}"

    def _root(self, organization: FabricOrganization) -> bytes:
        return organization.folder.tls_ca_certificate.read_bytes()

    def _peer_height(self, organization: FabricOrganization) -> int | None:
        try:
            with self._gateway(organization) as gateway:
                return gateway.network(self._consortium.channel).chain_info(timeout=5.0).height
        except (GatewayError, OSError):
            return None

    def _orderer_height(self, organization: FabricOrganization, node: OrderingNode) -> int | None:
        try:
            participation = Participation(organization.orderer.name, node.admin, organization.orderer / "tls")
            found = participation.channel(self._consortium.channel)
        except (NetworkError, OSError):
            return None
        return None if found is None else int(found["height"])

    def _of(self, organization: Organization) -> FabricOrganization:
        return next(one for one in self._organizations if one.msp_id == organization.msp_id)


def _each(act: Callable[[Any], None], members: Sequence[Any]) -> None:
    with ThreadPoolExecutor(max_workers=4) as pool:
        for done in [pool.submit(act, member) for member in members]:
            done.result()
