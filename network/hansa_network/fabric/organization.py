"""One organisation's folder on Fabric: what lies where, on top of the layout Fabric's own tools use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hansa_devnode.msp_folders import OrganizationFolder
from hansa_network.consortium import Organization


@dataclass(frozen=True)
class FabricOrganization:
    """An organisation of the consortium and its folder below the engine's.

    Args:
        described: as the consortium describes it.
        root: its folder.
    """

    described: Organization
    root: Path

    @property
    def msp_id(self) -> str:
        """Its MSP id."""
        return self.described.msp_id

    @property
    def domain(self) -> str:
        """Its domain, which is part of file and node names."""
        return self.described.domain

    @property
    def folder(self) -> OrganizationFolder:
        """Certificates and MSP folders, as Fabric's tools name them."""
        return OrganizationFolder(self.root, self.domain)

    @property
    def peer(self) -> Path:
        """The peer's folder: MSP, TLS, configuration, ledger."""
        return self.folder.node("peer")

    @property
    def orderer(self) -> Path:
        """The ordering node's folder."""
        return self.folder.node("orderer")

    @property
    def chaincode(self) -> Path:
        """TLS of the chaincode's process (server) and of the peer towards it (client)."""
        return self.root / "chaincode"

    @property
    def last_enrolled(self) -> Path:
        """What enrolling all nodes writes last: where it stands, they all have their certificates."""
        return self.chaincode / "client.key"

    @property
    def admin_msp(self) -> Path:
        """The MSP folder of the node administrator."""
        return self.folder.admin / "msp"

    @property
    def secrets(self) -> Path:
        """Enrollment secrets of nodes and registrars, for this organisation alone."""
        return self.root / "enrollment-secrets.json"
