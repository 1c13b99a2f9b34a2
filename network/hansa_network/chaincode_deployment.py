"""The steps that bring a chaincode onto a channel, one organisation at a time, on either engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hansa_devnode.msp_folders import read_signer
from hansa_gateway import Gateway
from hansa_network.connection_profile import HOST, OrganizationFiles
from hansa_network.consortium import Consortium, Organization
from hansa_network.fabric.chaincode_package import package_id
from hansa_network.fabric.lifecycle import Lifecycle
from hansa_network.fabric.peer_admin import PeerAdmin
from hansa_network.processes import Program

_PROBE = "members:List"


@dataclass(frozen=True)
class ChaincodeDeployment:
    """The chaincode as the consortium describes it, on its way onto a channel that runs.

    Args:
        consortium: whose chaincode it is.
        files: what an organisation's clients need.
        content: the chaincode's package.
        program: an organisation's process of it, and the port it serves on; organisations may share one.
        collections: serialized ``peer.CollectionConfigPackage``; empty without collections of its own.
        policy: serialized ``peer.ApplicationPolicy``; empty for the channel's.
    """

    consortium: Consortium
    files: Callable[[Organization], OrganizationFiles]
    content: bytes
    program: Callable[[Organization], tuple[Program, int]]
    collections: bytes = b""
    policy: bytes = b""

    @property
    def package_id(self) -> str:
        """What peers call the package, and the processes register with."""
        return package_id(self.consortium.chaincode, self.content)

    def install(self, organization: Organization) -> None:
        """Installs the package on the organisation's peer, unless it is. Raises NetworkError."""
        files = self.files(organization)
        signer = read_signer(files.admin_msp, organization.msp_id)
        name = f"the peer of {organization.name}"
        with PeerAdmin(name, _address(organization), files.peer_tls_root.read_bytes(), signer) as peer:
            peer.install(self.package_id, self.content)

    def approve(self, organization: Organization) -> None:
        """Approves the definition for the organisation, unless it has. Raises NetworkError."""
        with self._gateway(organization) as gateway:
            self._lifecycle(gateway, organization).approve(self.package_id)

    def approved_package(self, organization: Organization) -> str:
        """The package with which the organisation approved the definition; "" where it has not."""
        with self._gateway(organization) as gateway:
            return self._lifecycle(gateway, organization).approved_package()

    def approvals(self, organization: Organization) -> dict[str, bool]:
        """MSP id to whether that organisation approved; asked of one organisation's peer.

        Raises:
            NetworkError: it did not answer, or the definition is not the next one.
        """
        with self._gateway(organization) as gateway:
            return self._lifecycle(gateway, organization).approvals()

    def commit(self, organization: Organization) -> None:
        """Commits the definition, unless it stands. Raises NetworkError."""
        with self._gateway(organization) as gateway:
            self._lifecycle(gateway, organization).commit()

    def committed_sequence(self, organization: Organization) -> int:
        """Sequence of the definition that the organisation's peer has; 0 for none. Raises GatewayError."""
        with self._gateway(organization) as gateway:
            return self._lifecycle(gateway, organization).committed_sequence()

    def wait_until_used(self, organization: Organization) -> None:
        """Waits until the organisation's peer has the definition and executes it. Raises NetworkError."""
        with self._gateway(organization) as gateway:
            self._lifecycle(gateway, organization).wait_until_used(_PROBE)

    def wait_for_endorsers(self, organization: Organization) -> None:
        """Waits until the organisation's peer finds enough endorsers. Raises NetworkError."""
        with self._gateway(organization) as gateway:
            self._lifecycle(gateway, organization).wait_for_endorsers(_PROBE)

    def _gateway(self, organization: Organization) -> Gateway:
        files = self.files(organization)
        signer = read_signer(files.admin_msp, organization.msp_id)
        return Gateway.connect(_address(organization), signer, tls_root=files.peer_tls_root.read_bytes())

    def _lifecycle(self, gateway: Gateway, organization: Organization) -> Lifecycle:
        consortium = self.consortium
        return Lifecycle(
            gateway,
            organization.msp_id,
            consortium.channel,
            consortium.chaincode,
            self.collections,
            self.policy,
        )


def _address(organization: Organization) -> str:
    return f"{HOST}:{organization.ports.peer}"
