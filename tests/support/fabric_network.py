"""Real Hyperledger Fabric for the conformance suite: organisations by letter, and a chaincode of its own.

The smallest network that has what the suite asks for; the programs are those in ``$FABRIC_BIN``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hansa_devnode.config import ChaincodeConfig, CollectionConfig
from hansa_devnode.deployment import definition_of
from hansa_devnode.msp_folders import read_signer
from hansa_fabric.identity import Identity, KeySigner
from hansa_gateway import EventStreamError, Gateway, OrderingService
from hansa_network.connection_profile import HOST
from hansa_network.consortium import (
    Chaincode,
    Consortium,
    Fee,
    Ordering,
    OrderingNode,
    Organization,
    Ports,
)
from hansa_network.data_folder import DataFolder, write_atomically
from hansa_network.engine import FABRIC
from hansa_network.fabric.chaincode_service import ChaincodeService
from hansa_network.fabric.engine import FabricEngine
from hansa_network.fabric.organization import FabricOrganization
from hansa_network.ports import free_ports
from hansa_network.processes import Program, Running, listens, read_running, start, stop, wait_until
from tests.support.discovery import known_peers
from tests.support.engine import eventually

ROOT = Path(__file__).parents[2]
CHANNEL = "trade"
ALL = "all"
# Peers that come and go are noticed within two seconds, as tests want it; Fabric's own defaults take half a
# minute. What is left alone is what peers do about it.
_GOSSIP = {
    "CORE_PEER_GOSSIP_ALIVETIMEINTERVAL": "400ms",
    "CORE_PEER_GOSSIP_ALIVEEXPIRATIONTIMEOUT": "2s",
    "CORE_PEER_GOSSIP_RECONNECTINTERVAL": "400ms",
    "CORE_PEER_GOSSIP_PUBLISHSTATEINFOINTERVAL": "300ms",
    "CORE_PEER_GOSSIP_REQUESTSTATEINFOINTERVAL": "300ms",
    "CORE_PEER_GOSSIP_MEMBERSHIPTRACKERINTERVAL": "500ms",
    "CORE_PEER_GOSSIP_PVTDATA_RECONCILESLEEPINTERVAL": "1s",
}


def described(names: Sequence[str], chaincode: str, consensus: str = "etcdraft") -> Consortium:
    """Organisations ``AMSP`` of domain ``a.example`` and so on; the first orders, or with BFT all do."""
    free = iter(free_ports(2 + 8 * len(names)))

    def node(name: str) -> OrderingNode | None:
        if consensus == "etcdraft" and name != names[0]:
            return None
        return OrderingNode(port=next(free), admin=next(free), operations=next(free))

    def organization(name: str) -> Organization:
        ports = Ports(
            peer=next(free), ca=next(free), portal=next(free), chaincode=next(free), operations=next(free)
        )
        domain, msp_id = f"{name.lower()}.example", f"{name}MSP"
        return Organization(
            name=name, msp_id=msp_id, domain=domain, role="regulator", country="DE", ports=ports,
            orderer=node(name),
        )  # fmt: skip

    return Consortium(
        version=1,
        name="conformance",
        channel=CHANNEL,
        chaincode=Chaincode(name=chaincode, version="1.0", sequence=1, port=next(free)),
        ordering=Ordering(port=next(free), consensus="bft" if consensus == "bft" else "etcdraft"),
        fee=Fee(basis_points=0, account=f"{names[0]}MSP"),
        arbitrator=f"{names[0]}MSP",
        organizations=tuple(map(organization, names)),
    )


@dataclass
class RunningFabric:
    """A network of Fabric's own programs; see ``tests.support.running_network`` for what is promised."""

    consortium: Consortium
    folder: DataFolder
    engine: FabricEngine
    processes: list[Running] = field(default_factory=list)
    programs: dict[str, Program] = field(default_factory=dict)

    def launch(self, program: Program) -> Running:
        """Starts a program and writes it down, where the engine finds it."""
        made = start(program, self.folder.logs)
        self.programs[program.name] = program
        self.processes = [*self.processes, made]
        self._record()
        return made

    @property
    def msp_ids(self) -> tuple[str, ...]:
        return tuple(each.msp_id for each in self.consortium.organizations)

    @property
    def orderer_msp_id(self) -> str:
        return self.msp_ids[0]

    @property
    def orderer_address(self) -> str:
        node = self.consortium.organizations[0].orderer
        assert node is not None
        return f"{HOST}:{node.port}"

    @property
    def orderer_tls_root(self) -> Path:
        return self.tls_root(self.orderer_msp_id)

    @property
    def orderer_admin(self) -> KeySigner:
        return self.admin(self.orderer_msp_id)

    @property
    def orderer_identity(self) -> Identity:
        msp = self.organization(self.orderer_msp_id).orderer / "msp"
        return read_signer(msp, self.orderer_msp_id).identity

    def organization(self, msp_id: str) -> FabricOrganization:
        """An organisation with its folders."""
        found = self.consortium.organization(msp_id)
        return FabricOrganization(found, self.folder.engine / "organizations" / found.domain)

    def group(self, msp_id: str) -> str:
        return msp_id

    def admin(self, msp_id: str) -> KeySigner:
        return read_signer(self.admin_msp(msp_id), msp_id)

    def address(self, msp_id: str) -> str:
        return f"{HOST}:{self.consortium.organization(msp_id).ports.peer}"

    def tls_root(self, msp_id: str) -> Path:
        return self.organization(msp_id).folder.tls_ca_certificate

    def admin_msp(self, msp_id: str) -> Path:
        return self.organization(msp_id).admin_msp

    def gateway(self, msp_id: str, signer: KeySigner | None = None) -> Gateway:
        return Gateway.connect(
            self.address(msp_id), signer or self.admin(msp_id), tls_root=self.tls_root(msp_id).read_bytes()
        )

    def ordering(self, msp_id: str = "AMSP", signer: KeySigner | None = None) -> OrderingService:
        return OrderingService.connect(
            self.orderer_address, signer or self.admin(msp_id), tls_root=self.orderer_tls_root.read_bytes()
        )

    def height(self, msp_id: str = "AMSP") -> int:
        with self.gateway(msp_id) as gateway:
            return gateway.network(CHANNEL).chain_info().height

    def settle(self, *msp_ids: str) -> None:
        """Waits until these organisations' peers, or all, are equally high."""
        names = msp_ids or self.msp_ids
        eventually(lambda: len({self.height(each) for each in names}) == 1)

    @contextmanager
    def silent(self, *msp_ids: str) -> Iterator[None]:
        """While it lasts, these organisations' peers do not run, and the others know it."""
        names = {f"peer-{self.organization(each).domain}" for each in msp_ids}
        stop([each for each in self.processes if each.name in names])
        self._until_known(set(self.msp_ids) - set(msp_ids))
        try:
            yield
        finally:
            self._start_peers(msp_ids)

    def restart(self) -> None:
        """Ends everything and starts it again on the same folders."""
        self.down()
        self.up()

    def demand_client_certificates(self) -> None:
        """Starts peers and ordering node again, such that they let in only clients with a certificate."""
        settings = ("CORE_PEER_TLS_CLIENTAUTHREQUIRED", "ORDERER_GENERAL_TLS_CLIENTAUTHREQUIRED")
        kinds = ("orderer-", "peer-")
        stop([each for each in self.processes if each.name.startswith(kinds)])
        self.processes = [each for each in self.processes if each.alive]
        for program in [each for each in self.programs.values() if each.name.startswith(kinds)]:
            environment = {**program.environment, **dict.fromkeys(settings, "true")}
            made = self.launch(Program(program.name, program.command, environment))
        for each in self.msp_ids:
            port = self.consortium.organization(each).ports.peer
            wait_until(lambda at=port: listens(at), made, self.folder.logs)  # type: ignore[misc]

    def up(self) -> None:
        """Starts everything; returns when every peer can have the chaincode endorsed."""
        with _gossip_quickly():
            self.engine.start(self.launch, _say_nothing)
            self.engine.start_chaincode(self.launch, _say_nothing)
        self._until_known(set(self.msp_ids))
        eventually(self._orders)

    def down(self) -> None:
        """Ends every process."""
        stop(self.processes[::-1])
        self.processes = []

    def _orders(self) -> bool:
        """Whether the ordering node has found its leader: itself, after a moment."""
        try:
            with self.ordering(self.msp_ids[0]) as orderer:
                return orderer.config_block(CHANNEL).number >= 0
        except EventStreamError:
            return False

    def _start_peers(self, msp_ids: Sequence[str]) -> None:
        self.processes = [each for each in self.processes if each.alive]
        self._record()
        with _gossip_quickly():
            for each in msp_ids:
                self.engine.control("peer start", self.consortium.organization(each))
        self.processes = read_running(self.folder.state_file.read_text(encoding="utf-8"))
        self._until_known(set(self.msp_ids))
        self.settle()

    def _until_known(self, wanted: set[str]) -> None:
        """Waits until each of these organisations' peers knows that just they serve the chaincode."""
        for each in wanted:
            eventually(lambda at=each: known_peers(self, at) == dict.fromkeys(wanted, True))  # type: ignore[misc]

    def _record(self) -> None:
        document = {"engine": FABRIC, "processes": [each.document() for each in self.processes]}
        write_atomically(self.folder.state_file, json.dumps(document))


def _say_nothing(_: str) -> None:
    """Progress is for people."""


@contextmanager
def _gossip_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _GOSSIP.items():
            patch.setenv(name, value)
        yield


@contextmanager
def running_fabric(
    data: Path,
    names: Sequence[str] = ("A", "B", "C"),
    collections: Sequence[CollectionConfig] = (),
    consensus: str = "etcdraft",
) -> Iterator[RunningFabric]:
    """A network of Fabric's programs with the chaincode `all`, ready to execute; gone in the end."""
    folder = DataFolder(data)
    folder.make()
    consortium = described(names, ALL, consensus)
    definition = definition_of(ChaincodeConfig(name=ALL, address="", collections=tuple(collections)))
    service = ChaincodeService(
        command=(sys.executable, "-m", "tests.support.all_operations"),
        environment={"PYTHONPATH": str(ROOT)},
        collections=definition.collections,
    )
    running = RunningFabric(consortium, folder, FabricEngine(folder, consortium, service))
    try:
        running.up()
        yield running
    finally:
        running.down()
