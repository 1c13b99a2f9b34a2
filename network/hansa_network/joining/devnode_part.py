"""One member's part of an embedded network that others run: served by their devnode, from our own folder."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import msgspec

from hansa_devnode.config import ChaincodeConfig, ChaincodeServer, ChaincodeTls, OrganizationConfig
from hansa_devnode.msp_folders import OrganizationFolder, read_signer
from hansa_devnode.services.control import ControlError, ask_control
from hansa_gateway import Gateway, GatewayError
from hansa_gateway.ca.client import CaClient
from hansa_network import sign_ins
from hansa_network.chaincode_deployment import ChaincodeDeployment
from hansa_network.chaincode_tls import chaincode_tls
from hansa_network.connection_profile import HOST, OrganizationFiles
from hansa_network.consortium import Consortium, Organization
from hansa_network.data_folder import DataFolder, write_atomically
from hansa_network.engine import DEVNODE, Launch, Progress
from hansa_network.errors import NetworkError
from hansa_network.fabric.chaincode_package import chaincode_port, package, package_id
from hansa_network.processes import Program, listens, python, wait_until

REGISTRAR = "registrar"
_PROBE = "members:List"


def described(
    folder: DataFolder, organization: Organization, chaincode: str, *, served: bool = True
) -> OrganizationConfig:
    """The organisation as a devnode is told of it.

    Args:
        folder: of the member's part, which has its keys.
        organization: the member.
        chaincode: name of the chaincode of which it runs a process of its own.
        served: with its folder and its process; without, as keys are made.

    Raises:
        NetworkError: it has no port for its chaincode (CONFIG_INVALID).
    """
    root = keys(folder, organization)
    found = OrganizationConfig(
        msp_id=organization.msp_id,
        name=organization.name,
        domain=organization.domain,
        peer_address=f"{HOST}:{organization.ports.peer}",
        ca_address=f"{HOST}:{organization.ports.ca}",
    )
    if not served:
        return found
    tls = chaincode_tls(folder.root / "chaincode")
    server = ChaincodeServer(
        f"{HOST}:{_chaincode_port(organization)}", ChaincodeTls(str(tls.root), server_name="localhost")
    )
    return msgspec.structs.replace(
        found,
        registrar_name=REGISTRAR,
        registrar_secret=sign_ins.complete(folder.root / "registrar.json", [REGISTRAR])[REGISTRAR],
        folder=str(root.root),
        chaincodes={chaincode: server},
    )


def keys(folder: DataFolder, organization: Organization) -> OrganizationFolder:
    """Where the member's keys lie."""
    return OrganizationFolder(folder.engine / "organizations" / organization.domain, organization.domain)


class DevnodePart:
    """The engine of a member that joined an embedded network.

    Args:
        folder: the member's data folder.
        consortium: its part of the network.
    """

    def __init__(self, folder: DataFolder, consortium: Consortium) -> None:
        self._folder = folder
        self._consortium = consortium
        self._own = consortium.organizations[0]

    @property
    def name(self) -> str:
        """What ``--engine`` calls it."""
        return DEVNODE

    def start(self, launch: Launch, say: Progress) -> None:
        """Has the running devnode serve the member's peer and certificate authority."""
        say("telling the running network of our peer")
        organization = described(self._folder, self._own, self._consortium.chaincode.name)
        self._ask("organization add", organization=msgspec.to_builtins(organization))
        self._ask("peer start", msp_id=self._own.msp_id)

    def start_chaincode(self, launch: Launch, say: Progress) -> None:
        """Starts the member's own chaincode process, and waits until its peer executes it."""
        say("starting the chaincode")
        roots = keys(self._folder, self._own).tls_ca_certificate.read_text(encoding="ascii")
        write_atomically(chaincode_tls(self._folder.root / "chaincode").client_roots, roots)
        program, port = self._program()
        running = launch(program)
        wait_until(lambda: listens(port), running, self._folder.logs)
        say("waiting for our peer to execute it")
        wait_until(self._executes, running, self._folder.logs)

    @property
    def deployment(self) -> ChaincodeDeployment:
        """The chaincode on its way to a version that came after the devnode was started."""
        chaincode, port = self._consortium.chaincode, chaincode_port(self._own, self._consortium.chaincode)
        root = chaincode_tls(self._folder.root / "chaincode").root.read_text(encoding="ascii")
        connection = {"address": f"{HOST}:{port}", "tls_required": True, "root_cert": root}
        content = package(chaincode, connection)
        program = self._chaincode(package_id(chaincode, content), port)
        return ChaincodeDeployment(self._consortium, self.files, content, lambda _: (program, port))

    def _program(self) -> tuple[Program, int]:
        """The process that our peer calls: one the devnode was told of, or a package installed since."""
        deployment, chaincode = self.deployment, self._consortium.chaincode
        wanted = deployment.approved_package(self._own)
        known = ChaincodeConfig(chaincode.name, "", chaincode.version).package_id
        if wanted == known:
            port = _chaincode_port(self._own)
            return self._chaincode(known, port), port
        deployment.install(self._own)
        deployment.approve(self._own)
        return deployment.program(self._own)

    def _chaincode(self, identifier: str, port: int) -> Program:
        tls, chaincode = chaincode_tls(self._folder.root / "chaincode"), self._consortium.chaincode
        environment = {
            "CHAINCODE_SERVER_ADDRESS": f"{HOST}:{port}",
            "CHAINCODE_ID": identifier,
            "CHAINCODE_TLS_DISABLED": "false",
            "CHAINCODE_TLS_KEY": str(tls.key),
            "CHAINCODE_TLS_CERT": str(tls.certificate),
            "CHAINCODE_CLIENT_CA_CERT": str(tls.client_roots),
        }
        return Program(chaincode.process(), chaincode.program or python("hansa_contract"), environment)

    def withdraw(self) -> None:
        """Silences the member's peer, which cannot execute without our chaincode process."""
        with contextlib.suppress(NetworkError):  # the devnode may have been stopped before
            self._ask("peer stop", msp_id=self._own.msp_id)

    def authority(self, organization: Organization) -> CaClient:
        """A client of the member's certificate authority."""
        return CaClient(
            f"https://{HOST}:{organization.ports.ca}",
            organization.msp_id,
            tls_root=self.files(organization).ca_tls_root.read_bytes(),
        )

    def registrar(self, organization: Organization) -> tuple[str, str]:
        """Name and secret of the first identity of that authority."""
        found = described(self._folder, organization, self._consortium.chaincode.name)
        return found.registrar_name, found.registrar_secret or ""

    def files(self, organization: Organization) -> OrganizationFiles:
        """What the member's clients need."""
        own, joined = keys(self._folder, organization), self._consortium.joined
        return OrganizationFiles(
            peer_tls_root=own.tls_ca_certificate,
            ca_tls_root=own.tls_ca_certificate,
            orderer_tls_root=self._folder.others.ordering_tls_roots,
            admin_msp=own.admin / "msp",
            orderer="" if joined is None else joined.orderer,
        )

    def status(self) -> dict[str, object] | None:
        """What the running devnode says of itself; None where none answers."""
        try:
            return ask_control(self._place, "status", timeout=5.0)
        except ControlError:
            return None

    def control(self, command: str, organization: Organization) -> dict[str, object]:
        """``peer stop`` or ``peer start``. Raises ControlError."""
        return ask_control(self._place, command, msp_id=organization.msp_id)

    @property
    def _place(self) -> Path:
        joined = self._consortium.joined
        return Path("" if joined is None else joined.devnode)

    def _ask(self, command: str, **fields: Any) -> None:
        try:
            ask_control(self._place, command, **fields)
        except ControlError as error:
            raise NetworkError(
                "DEVNODE_UNREACHABLE",
                f"The network that {self._own.name} belongs to did not take us: {error}",
                "Start it first: hansa up, with its own data folder.",
            ) from error

    def _executes(self) -> bool:
        signer = read_signer(keys(self._folder, self._own).admin / "msp", self._own.msp_id)
        root = keys(self._folder, self._own).tls_ca_certificate.read_bytes()
        consortium = self._consortium
        with Gateway.connect(f"{HOST}:{self._own.ports.peer}", signer, tls_root=root) as gateway:
            contract = gateway.network(consortium.channel).contract(consortium.chaincode.name)
            try:
                contract.evaluate(_PROBE, b"{}", endorsing_organizations=[self._own.msp_id])
            except GatewayError:
                return False
        return True


def _chaincode_port(organization: Organization) -> int:
    port = organization.ports.chaincode
    if port is None:
        raise NetworkError(
            "CONFIG_INVALID",
            f"{organization.name} has no port for its chaincode.",
            "An organisation that comes later runs a process of its own: give ports.chaincode.",
        )
    return port
