"""What the organisations' nodes run with: authorities, identities, certificates and the first block."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa_devnode.msp_folders import OrganizationFolder
from hansa_fabric.certificates import CertificateAuthority
from hansa_fabric.identity import KeySigner


@dataclass(frozen=True, slots=True)
class NodeMaterial:
    """What one organisation's node needs to run.

    Args:
        msp_id: the organisation.
        kind: "peer" or "orderer".
        folder: the organisation's folder.
        ca: its identity authority.
        tls_ca: its TLS authority.
        signer: the node's identity.
        admin: the administrator's identity.
        tls: the folder with the node's TLS certificate and key.
    """

    msp_id: str
    kind: str
    folder: OrganizationFolder
    ca: CertificateAuthority
    tls_ca: CertificateAuthority
    signer: KeySigner
    admin: KeySigner
    tls: Path


@dataclass(frozen=True, slots=True)
class Material:
    """All of it: the organisations' by MSP id, the orderer's, and the genesis block (common.Block)."""

    organizations: dict[str, NodeMaterial]
    orderer: NodeMaterial
    genesis: Any

    def tls_roots(self) -> bytes:
        """The TLS authorities of all organisations, PEM."""
        everybody = [*self.organizations.values(), self.orderer]
        return b"".join(each.tls_ca.certificate for each in everybody)
