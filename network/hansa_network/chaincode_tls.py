"""TLS of the chaincode's service: a certificate of its own, and whom it lets in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem, new_key
from hansa_network.data_folder import write_atomically

LIFETIME = timedelta(days=3650)


@dataclass(frozen=True)
class ChaincodeTlsFiles:
    """Files of the chaincode's TLS, all PEM, under one folder."""

    folder: Path

    @property
    def root(self) -> Path:
        """The authority that issued the service's certificate; peers trust it."""
        return self.folder / "ca.crt"

    @property
    def certificate(self) -> Path:
        """The service's certificate."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """The service's private key."""
        return self.folder / "server.key"

    @property
    def client_roots(self) -> Path:
        """The authorities of the peers that may connect."""
        return self.folder / "client-ca.crt"


def chaincode_tls(folder: Path) -> ChaincodeTlsFiles:
    """The files, made once. The authority's own key is not kept: it issues nothing else."""
    files = ChaincodeTlsFiles(folder)
    if files.key.exists():
        return files
    authority = CertificateAuthority.create("tlsca.chaincode", "Chaincode")
    key = new_key()
    profile = CertificateProfile(
        common_name="chaincode",
        hosts=("localhost", "127.0.0.1"),
        server=True,
        not_after=datetime.now(UTC) + LIFETIME,
    )
    write_atomically(files.root, authority.certificate.decode())
    write_atomically(files.certificate, authority.issue(profile, key.public_key()).decode())
    # The key last: where it stands, everything does.
    write_atomically(files.key, key_pem(key).decode())
    return files
