"""MSP and TLS folders as Fabric's own tools write and read them.

Nothing written here is synced to disk file by file: who has written all he wants calls os.sync once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hansa_devnode.files import write_file
from hansa_fabric.certificates import CertificateAuthority
from hansa_fabric.identity import KeySigner

ROLES = ("Client", "Peer", "Admin", "Orderer")


@dataclass(frozen=True, slots=True)
class OrganizationFolder:
    """The folder of one organisation: its authorities, its nodes and its users.

    Args:
        root: the folder.
        domain: the organisation's domain, which is part of the file names.
    """

    root: Path
    domain: str

    @property
    def ca_certificate(self) -> Path:
        """The identity authority's certificate."""
        return self.root / "ca" / f"ca.{self.domain}-cert.pem"

    @property
    def ca_key(self) -> Path:
        """The identity authority's key."""
        return self.root / "ca" / "priv_sk"

    @property
    def tls_ca_certificate(self) -> Path:
        """The TLS authority's certificate: what clients trust."""
        return self.root / "tlsca" / f"tlsca.{self.domain}-cert.pem"

    @property
    def tls_ca_key(self) -> Path:
        """The TLS authority's key."""
        return self.root / "tlsca" / "priv_sk"

    def node(self, kind: str) -> Path:
        """The folder of the organisation's node; `kind` is "peer" or "orderer"."""
        return self.root / f"{kind}s" / f"{kind}0.{self.domain}"

    @property
    def admin(self) -> Path:
        """The folder of the organisation's administrator."""
        return self.root / "users" / f"Admin@{self.domain}"

    def read_ca(self) -> CertificateAuthority:
        """The identity authority."""
        return CertificateAuthority.from_pem(self.ca_certificate.read_bytes(), self.ca_key.read_bytes())

    def read_tls_ca(self) -> CertificateAuthority:
        """The TLS authority."""
        return CertificateAuthority.from_pem(
            self.tls_ca_certificate.read_bytes(), self.tls_ca_key.read_bytes()
        )


def write_authority(certificate: Path, key: Path, authority: CertificateAuthority) -> None:
    """Writes an authority's certificate and key."""
    certificate.parent.mkdir(parents=True, exist_ok=True)
    _write(certificate, authority.certificate)
    _write(key, authority.private_key_pem, private=True)


def write_msp(folder: Path, organization: OrganizationFolder, ca: bytes, tls_ca: bytes) -> None:
    """Writes what every MSP folder has: the roots (PEM) and how roles are marked."""
    for name in ("cacerts", "tlscacerts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _write(folder / "cacerts" / organization.ca_certificate.name, ca)
    _write(folder / "tlscacerts" / organization.tls_ca_certificate.name, tls_ca)
    lines = ["NodeOUs:", "  Enable: true"]
    for role in ROLES:
        lines += [
            f"  {role}OUIdentifier:",
            f"    Certificate: cacerts/{organization.ca_certificate.name}",
            f"    OrganizationalUnitIdentifier: {role.lower()}",
        ]
    _write(folder / "config.yaml", ("\n".join(lines) + "\n").encode())


def write_signer(folder: Path, name: str, certificate: bytes, key: bytes) -> None:
    """Writes the certificate and key (PEM) of a local MSP; `name` is the owner's."""
    for part in ("signcerts", "keystore"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    _write(folder / "signcerts" / f"{name}-cert.pem", certificate)
    _write(folder / "keystore" / "priv_sk", key, private=True)


def read_signer(folder: Path, msp_id: str) -> KeySigner:
    """The signer of a local MSP folder."""
    (certificate,) = (folder / "signcerts").iterdir()
    key = (folder / "keystore" / "priv_sk").read_bytes()
    return KeySigner.from_pem(msp_id, certificate.read_bytes(), key)


def write_tls(folder: Path, owner: str, certificate: bytes, key: bytes, root: bytes) -> None:
    """Writes a TLS folder; `owner` is "server" or "client", the rest PEM."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "ca.crt", root)
    _write(folder / f"{owner}.crt", certificate)
    _write(folder / f"{owner}.key", key, private=True)


def _write(path: Path, content: bytes, *, private: bool = False) -> None:
    write_file(path, content, private=private, durable=False)
