"""The embedded engine: what the devnode is told, and where it keeps what clients need."""

from __future__ import annotations

import secrets
from pathlib import Path

from hansa_devnode.config import (
    BatchConfig,
    ChaincodeConfig,
    ChaincodeTls,
    DevnodeConfig,
    OrdererConfig,
    OrganizationConfig,
)
from hansa_devnode.msp_folders import OrganizationFolder
from hansa_devnode.services.control import ControlError, ask_control
from hansa_gateway.ca.client import CaClient
from hansa_network.chaincode_deployment import ChaincodeDeployment
from hansa_network.chaincode_tls import ChaincodeTlsFiles
from hansa_network.connection_profile import HOST, OrganizationFiles
from hansa_network.consortium import Consortium, Organization
from hansa_network.data_folder import DataFolder, write_atomically
from hansa_network.engine import DEVNODE, Launch, Progress
from hansa_network.errors import NetworkError
from hansa_network.fabric.chaincode_package import package, package_id
from hansa_network.processes import Program, listens, python, wait_until

REGISTRAR = "registrar"
ORDERER = OrdererConfig(address="")


class DevnodeEngine:
    """The devnode of one data folder.

    Args:
        folder: the network's data folder.
        consortium: what it is.
        tls: the chaincode's TLS files.
    """

    def __init__(self, folder: DataFolder, consortium: Consortium, tls: ChaincodeTlsFiles) -> None:
        self._folder = folder
        self._consortium = consortium
        self._tls = tls

    @property
    def name(self) -> str:
        """What ``--engine`` calls it."""
        return DEVNODE

    def start(self, launch: Launch, say: Progress) -> None:
        """Starts it, and waits until it serves."""
        say("starting the embedded engine")
        self.write_config()
        running = launch(Program("devnode", python("hansa_devnode", "--config", str(self.config_file)), {}))
        wait_until(lambda: self.status() is not None, running, self._folder.logs)

    def authority(self, organization: Organization) -> CaClient:
        """A client of the organisation's certificate authority."""
        return CaClient(
            f"https://{HOST}:{organization.ports.ca}",
            organization.msp_id,
            tls_root=self.files(organization).ca_tls_root.read_bytes(),
        )

    def start_chaincode(self, launch: Launch, say: Progress) -> None:
        """Starts the one process that all organisations' peers call."""
        say("starting the chaincode")
        write_atomically(self._tls.client_roots, self.peers_tls_roots())
        program, port = self._chaincode(self.package_id)
        running = launch(program)
        wait_until(lambda: listens(port), running, self._folder.logs)

    @property
    def deployment(self) -> ChaincodeDeployment:
        """The chaincode on its way onto a channel that runs: one process, and a package that says where."""
        connection = {
            "address": f"{HOST}:{self._chaincode_port}",
            "tls_required": True,
            "root_cert": self._tls.root.read_text(encoding="ascii"),
        }
        chaincode = self._consortium.chaincode
        content = package(chaincode, connection)
        program = self._chaincode(package_id(chaincode, content))
        return ChaincodeDeployment(self._consortium, self.files, content, lambda _: program)

    @property
    def _chaincode_port(self) -> int:
        chaincode = self._consortium.chaincode
        port = chaincode.standby_port if chaincode.standby else chaincode.port
        if port is None:
            raise NetworkError(
                "CONFIG_INVALID",
                f"There is no port for sequence {chaincode.sequence} of the chaincode.",
                "Give chaincode.standby_port in the network's description.",
            )
        return port

    def _chaincode(self, identifier: str) -> tuple[Program, int]:
        tls, port, chaincode = self._tls, self._chaincode_port, self._consortium.chaincode
        environment = {
            "CHAINCODE_SERVER_ADDRESS": f"{HOST}:{port}",
            "CHAINCODE_ID": identifier,
            "CHAINCODE_TLS_DISABLED": "false",
            "CHAINCODE_TLS_KEY": str(tls.key),
            "CHAINCODE_TLS_CERT": str(tls.certificate),
            "CHAINCODE_CLIENT_CA_CERT": str(tls.client_roots),
        }
        return Program(chaincode.process(), chaincode.program or python("hansa_contract"), environment), port

    @property
    def config_file(self) -> Path:
        """What ``python -m hansa_devnode --config`` reads."""
        return self._folder.engine / "devnode.json"

    @property
    def config(self) -> DevnodeConfig:
        """What the file holds."""
        return DevnodeConfig.from_file(self.config_file)

    def write_config(self) -> None:
        """Writes the devnode's configuration; the registrars' secrets stay what they were."""
        known = {}
        if self.config_file.exists():
            known = {o.msp_id: o.registrar_secret or "" for o in self.config.organizations}
        write_atomically(self.config_file, self._describe(known).to_json())

    def registrar(self, organization: Organization) -> tuple[str, str]:
        """Name and secret of the first identity of an organisation's certificate authority."""
        found = self.config.organization(organization.msp_id)
        return found.registrar_name, found.registrar_secret or ""

    def files(self, organization: Organization) -> OrganizationFiles:
        """What the organisation's clients need; there once the devnode has started."""
        own = self._organization_folder(organization.domain)
        orderer = self._organization_folder(ORDERER.domain)
        return OrganizationFiles(
            peer_tls_root=own.tls_ca_certificate,
            ca_tls_root=own.tls_ca_certificate,
            orderer_tls_root=orderer.tls_ca_certificate,
            admin_msp=own.admin / "msp",
            orderer=f"{HOST}:{self._consortium.ordering.port}",
        )

    def peers_tls_roots(self) -> str:
        """The TLS authorities of all peers, PEM: whom the chaincode lets in."""
        return "".join(
            self._organization_folder(o.domain).tls_ca_certificate.read_text(encoding="ascii")
            for o in self._consortium.organizations
        )

    def status(self) -> dict[str, object] | None:
        """What the running devnode says of itself; None where none answers."""
        try:
            return ask_control(self._folder.engine, "status", timeout=5.0)
        except ControlError:
            return None

    def control(self, command: str, organization: Organization) -> dict[str, object]:
        """``peer stop`` or ``peer start`` of one organisation. Raises ControlError."""
        return ask_control(self._folder.engine, command, msp_id=organization.msp_id)

    @property
    def package_id(self) -> str:
        """What the chaincode registers with: the package installed for it, else what is configured."""
        package_id, first = self.deployment.package_id, self._consortium.organizations[0]
        file = self._folder.engine / "packages" / first.msp_id / f"{package_id.replace(':', '.')}.tar.gz"
        return package_id if file.exists() else self.config.chaincodes[0].package_id

    def _organization_folder(self, domain: str) -> OrganizationFolder:
        return OrganizationFolder(self._folder.engine / "organizations" / domain, domain)

    def _describe(self, known_secrets: dict[str, str]) -> DevnodeConfig:
        consortium = self._consortium
        chaincode, ordering = consortium.chaincode, consortium.ordering
        return DevnodeConfig(
            data=str(self._folder.engine),
            channel=consortium.channel,
            orderer=OrdererConfig(address=f"{HOST}:{ordering.port}"),
            organizations=tuple(
                OrganizationConfig(
                    msp_id=o.msp_id,
                    name=o.name,
                    domain=o.domain,
                    peer_address=f"{HOST}:{o.ports.peer}",
                    ca_address=f"{HOST}:{o.ports.ca}",
                    registrar_name=REGISTRAR,
                    registrar_secret=known_secrets.get(o.msp_id) or secrets.token_urlsafe(24),
                )
                for o in consortium.organizations
            ),
            chaincodes=(
                ChaincodeConfig(
                    name=chaincode.name,
                    address=f"{HOST}:{self._chaincode_port}",
                    version=chaincode.version,
                    sequence=chaincode.sequence,
                    tls=ChaincodeTls(root_certificate=str(self._tls.root), server_name="localhost"),
                ),
            ),
            batch=BatchConfig(
                timeout_ms=ordering.batch_timeout_ms,
                max_message_count=ordering.max_message_count,
                preferred_max_bytes=ordering.preferred_max_bytes,
                absolute_max_bytes=ordering.absolute_max_bytes,
            ),
        )
