"""A small network of real Fabric for the differential test: three members, one Raft ordering node.

Its ordering node lets everything pass: neither signatures nor certificates' ends are looked at, so that what
an honest one would refuse reaches the peers too. Blocks are cut by the number of messages alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import yaml
from fabric_protos.orderer import ab_pb2_grpc
from fabric_protos.peer import peer_pb2_grpc

from hansa_devnode.bootstrap import bootstrap
from hansa_devnode.config import ChaincodeConfig, CollectionConfig
from hansa_devnode.deployment import definition_of
from hansa_devnode.genesis import msp_definition
from hansa_devnode.material import Material, NodeMaterial
from hansa_devnode.msp_folders import write_tls
from hansa_fabric.bundle import Bundle
from hansa_fabric.certificates import CertificateProfile, key_pem, new_key
from hansa_fabric.channel_config import genesis_block
from hansa_fabric.channel_description import (
    BatchConfig,
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.config_edits import set_batch
from hansa_fabric.config_signatures import approve, sign_update, update_envelope
from hansa_fabric.config_update import compute_update
from hansa_fabric.identity import KeySigner
from hansa_gateway import BlockWithPrivateData, Gateway, OrderingService
from hansa_gateway.connection import CHANNEL_OPTIONS
from hansa_gateway.core.block_events import WITH_PRIVATE_DATA
from hansa_network.connection_profile import HOST
from hansa_network.consortium import Chaincode, OrderingNode, Organization, Ports
from hansa_network.fabric.chaincode_package import package, package_id
from hansa_network.fabric.lifecycle import Lifecycle
from hansa_network.fabric.ordering_node import ordering_program
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.fabric.participation import Participation
from hansa_network.fabric.peer_admin import PeerAdmin
from hansa_network.fabric.peer_node import peer_program
from hansa_network.fabric.programs import find_programs
from hansa_network.ports import free_ports
from hansa_network.processes import Program, Running, listens, start, stop, wait_until
from tests.support.devnode import ALL_OPERATIONS, ROOT
from tests.support.devnode_config import devnode_config

CHANNEL = "trade"
MEMBERS = ("AMSP", "BMSP", "CMSP")
IN_A_BLOCK = 10
FOR_EVER = timedelta(hours=10)
_A_LONG_TIME = 600.0


def _collection(name: str, *letters: str, endorsement: str | None = None, only: bool = False) -> Any:
    policy = ", ".join(f"'{letter}MSP.member'" for letter in letters)
    return CollectionConfig(
        name,
        f"OR({policy})",
        max_peer_count=2,
        member_only_read=only,
        member_only_write=only,
        endorsement_policy=endorsement,
    )


COLLECTIONS = (
    _collection("ab", "A", "B"),
    _collection("everybody", "A", "B", "C", endorsement="OR('AMSP.peer', 'BMSP.peer')"),
    _collection("onlyb", "B", only=True),
)
CHAINCODES = (
    ChaincodeConfig("all", "", collections=COLLECTIONS),
    ChaincodeConfig("other", "", endorsement_policy="OR('AMSP.peer', 'BMSP.peer')"),
)


@dataclass(frozen=True)
class Place:
    """Where a member's peer is, and who its administrator is."""

    address: str
    tls_root: bytes
    admin: KeySigner


@dataclass
class FabricNetwork:
    """The running network.

    Args:
        material: keys and certificates of everybody; ``organizations`` by MSP id.
        peers: by MSP id.
        orderer: address of the ordering node.
    """

    material: Material
    peers: Mapping[str, Place]
    orderer: str
    stack: ExitStack
    _stubs: dict[str, Any] = field(default_factory=dict)

    def gateway(self, msp_id: str) -> Gateway:
        """A connection for a member's administrator; the caller closes it."""
        place = self.peers[msp_id]
        return Gateway.connect(place.address, place.admin, tls_root=place.tls_root)

    def endorse(self, msp_id: str, signed_proposal: Any) -> Any:
        """Ask one member's peer; the answer comes with ``result()``."""
        if msp_id not in self._stubs:
            place = self.peers[msp_id]
            credentials = grpc.ssl_channel_credentials(place.tls_root)
            channel = grpc.secure_channel(place.address, credentials, CHANNEL_OPTIONS)
            self.stack.callback(channel.close)
            self._stubs[msp_id] = peer_pb2_grpc.EndorserStub(channel)
        return self._stubs[msp_id].ProcessProposal.future(signed_proposal, timeout=60)

    def ordering(self) -> OrderingService:
        """A connection to the ordering node for A's administrator; the caller closes it."""
        root = self.material.orderer.tls_ca.certificate
        return OrderingService.connect(self.orderer, self.peers["AMSP"].admin, tls_root=root)

    def broadcast(self, envelopes: Sequence[Any]) -> None:
        """Hand envelopes over in this order; all are ordered on return. Raises AssertionError: one is not."""
        if "orderer" not in self._stubs:
            root = self.material.orderer.tls_ca.certificate
            channel = grpc.secure_channel(self.orderer, grpc.ssl_channel_credentials(root), CHANNEL_OPTIONS)
            self.stack.callback(channel.close)
            self._stubs["orderer"] = ab_pb2_grpc.AtomicBroadcastStub(channel)
        answers = self._stubs["orderer"].Broadcast(iter(envelopes), timeout=60)
        statuses = [(answer.status, answer.info) for answer in answers]
        assert statuses == [(200, "")] * len(envelopes), statuses

    def blocks(self, msp_id: str, first: int) -> Iterator[BlockWithPrivateData]:
        """A member's blocks from one on, as its peer commits them, with the private data it holds."""
        gateway = self.gateway(msp_id)
        self.stack.callback(gateway.close)
        request = gateway.network(CHANNEL).new_block_events_request(WITH_PRIVATE_DATA, start_block=first)
        return iter(request.events(_A_LONG_TIME))

    def height(self) -> int:
        """The ordering node's number of blocks."""
        node = self.material.orderer
        found = Participation("orderer", self._admin_port, node.tls).channel(CHANNEL)
        assert found is not None
        return int(found["height"])

    _admin_port: int = 0

    def config_update(self, edit: Any) -> Any:
        """The envelope of an update that everybody's administrators signed; ``edit`` changes a Config."""
        with self.ordering() as service:
            bundle = Bundle.from_block(service.config_block(CHANNEL))
        update = compute_update(CHANNEL, bundle.config, edit(bundle.config)).SerializeToString()
        everybody = [*self.material.organizations.values(), self.material.orderer]
        envelope = update_envelope(update, [approve(update, one.admin) for one in everybody])
        return sign_update(envelope, self.peers["AMSP"].admin)


@contextmanager
def fabric_network(folder: Path) -> Iterator[FabricNetwork]:
    """Bring the network up in a folder, with both chaincodes defined, and down again at the end."""
    config = devnode_config(folder / "net", chaincodes=CHAINCODES)
    material = bootstrap(config)
    organizations = {one.msp_id: _organization(one) for one in material.organizations.values()}
    orderer = _organization(material.orderer)
    for one in organizations.values():
        _chaincode_client(one, material.organizations[one.msp_id])
    genesis = _genesis(material, organizations, orderer)
    running: list[Running] = []
    logs = folder / "logs"
    logs.mkdir(parents=True)
    with ExitStack() as stack:
        stack.callback(lambda: stop(running[::-1]))
        programs = find_programs()
        _serve(_lenient(ordering_program(orderer, _node(orderer), programs, "warning")),
               _node(orderer).admin, logs, running)  # fmt: skip
        Participation("orderer", _node(orderer).admin, material.orderer.tls).join(genesis)
        for one in organizations.values():
            program = peer_program(one, programs, "warning")
            impatient = {**program.environment, "CORE_PEER_GOSSIP_PVTDATA_PULLRETRYTHRESHOLD": "2s"}
            _serve(replace(program, environment=impatient), one.described.ports.peer, logs, running)
        network = FabricNetwork(
            material,
            {one.msp_id: _place(one, material.organizations[one.msp_id]) for one in organizations.values()},
            f"{HOST}:{_node(orderer).port}",
            stack,
        )
        network._admin_port = _node(orderer).admin
        for one in organizations.values():
            place = network.peers[one.msp_id]
            with PeerAdmin(one.msp_id, place.address, place.tls_root, place.admin) as peer:
                peer.join(CHANNEL, genesis)
        _deploy(network, logs, running)
        network.broadcast([network.config_update(only_full_blocks)])
        yield network


def only_full_blocks(config: Any, preferred_max_bytes: int = 2_000_000) -> Any:
    """The ``common.Config`` with blocks that are cut when they are full, however long that takes."""
    return set_batch(config, BatchConfig(FOR_EVER, IN_A_BLOCK, preferred_max_bytes))


def _deploy(network: FabricNetwork, logs: Path, running: list[Running]) -> None:
    for chaincode in CHAINCODES:
        definition = definition_of(chaincode)
        described = Chaincode(name=chaincode.name, version="1.0", sequence=1, port=1)
        (port,) = free_ports(1)
        connection = {"address": f"{HOST}:{port}", "dial_timeout": "10s", "tls_required": False}
        content = package(described, connection)
        identifier = package_id(described, content)
        environment = {
            "CHAINCODE_SERVER_ADDRESS": f"{HOST}:{port}",
            "CHAINCODE_ID": identifier,
            "CHAINCODE_TLS_DISABLED": "true",
            "PYTHONPATH": str(ROOT),
        }
        _serve(Program(f"chaincode-{chaincode.name}", ALL_OPERATIONS, environment), port, logs, running)
        for msp_id, place in network.peers.items():
            with PeerAdmin(msp_id, place.address, place.tls_root, place.admin) as peer:
                peer.install(identifier, content)
        for msp_id in network.peers:
            with network.gateway(msp_id) as gateway:
                _lifecycle(gateway, msp_id, described, definition).approve(identifier)
        with network.gateway("AMSP") as gateway:
            _lifecycle(gateway, "AMSP", described, definition).commit()
        for msp_id in network.peers:
            with network.gateway(msp_id) as gateway:
                _lifecycle(gateway, msp_id, described, definition).wait_for_endorsers("get")


def _lifecycle(gateway: Gateway, msp_id: str, chaincode: Chaincode, definition: Any) -> Lifecycle:
    return Lifecycle(gateway, msp_id, CHANNEL, chaincode, definition.collections, definition.policy)


def _serve(program: Program, port: int, logs: Path, running: list[Running]) -> None:
    found = start(program, logs)
    running.append(found)
    wait_until(lambda: listens(port), found, logs)


def _lenient(program: Program) -> Program:
    path = Path(program.environment["FABRIC_CFG_PATH"]) / "orderer.yaml"
    config = yaml.safe_load(path.read_text())
    config["General"]["Authentication"] = {"NoExpirationChecks": True, "TimeWindow": "15m"}
    path.write_text(yaml.safe_dump(config))
    return program


def _organization(material: NodeMaterial) -> FabricOrganization:
    peer, authority, portal, operations, first, second, third = free_ports(7)
    described = Organization(
        name=material.msp_id.removesuffix("MSP"),
        msp_id=material.msp_id,
        domain=material.folder.domain,
        role="regulator",
        country="NL",
        ports=Ports(peer=peer, ca=authority, portal=portal, operations=operations, chaincode=authority),
        orderer=OrderingNode(port=first, admin=second, operations=third)
        if material.kind == "orderer"
        else None,
    )
    return FabricOrganization(described, material.folder.root)


def _node(organization: FabricOrganization) -> OrderingNode:
    node = organization.described.orderer
    assert node is not None
    return node


def _place(organization: FabricOrganization, material: NodeMaterial) -> Place:
    address = f"{HOST}:{organization.described.ports.peer}"
    return Place(address, material.tls_ca.certificate, material.admin)


def _chaincode_client(organization: FabricOrganization, material: NodeMaterial) -> None:
    """What the peer's configuration names; the chaincodes here serve without TLS."""
    key = new_key()
    certificate = material.tls_ca.issue(CertificateProfile("caller", client=True), key.public_key())
    write_tls(organization.chaincode, "client", certificate, key_pem(key), material.tls_ca.certificate)


def _genesis(
    material: Material, organizations: Mapping[str, FabricOrganization], orderer: FabricOrganization
) -> bytes:
    ordering = Endpoint(HOST, _node(orderer).port)
    tls = (material.orderer.tls / "server.crt").read_bytes()
    members = [
        OrganizationDescription(
            msp_definition(one),
            name=one.msp_id.removesuffix("MSP"),
            anchor_peers=(Endpoint(HOST, organizations[one.msp_id].described.ports.peer),),
        )
        for one in material.organizations.values()
    ]
    ordering_organization = OrganizationDescription(
        msp_definition(material.orderer), name="Orderer", orderer_endpoints=(ordering,), member=False
    )
    description = ChannelDescription(
        CHANNEL,
        (*members, ordering_organization),
        OrdererDescription(
            "etcdraft",
            (Consenter(ordering, material.orderer.msp_id, tls, tls),),
            BatchConfig(timedelta(milliseconds=100), IN_A_BLOCK),
        ),
        policies={"/Channel/Writers": "OutOf(0, 'AMSP.member')"},
    )
    found: bytes = genesis_block(description).SerializeToString()
    return found
