"""The certificates of an organisation on this machine, and when they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from hansa_devnode.msp_folders import OrganizationFolder
from hansa_gateway.errors import WalletError
from hansa_gateway.pkcs11 import SUFFIX
from hansa_gateway.wallet import FileWallet
from hansa_network.operations.problem import ERROR, WARNING, Problem

SOON_DAYS = 30
"""From so many whole days before its end on, a certificate is warned about."""

_AUTHORITIES = ("CA", "TLS CA")
_RENEW = "Enroll it anew and restart what uses it: docs/operate/certificates.md."
_RENEW_AUTHORITY = "Its successor must be added to the channel first: docs/operate/certificates.md."


@dataclass(frozen=True)
class CertificateTerm:
    """When one certificate ends.

    Args:
        use: what it is for, such as ``peer`` or ``orderer TLS``.
        file: where it lies.
        not_after: its last moment, RFC 3339 UTC.
        days_left: whole days from now; negative once it has ended.
    """

    use: str
    file: str
    not_after: str
    days_left: int


def certificate_terms(folder: OrganizationFolder, member: Path, now: datetime) -> list[CertificateTerm]:
    """The certificates of an organisation, the one that ends first at the head.

    Args:
        folder: its nodes, authorities and administrator.
        member: its wallets and connection profile.
        now: the present, with a time zone.
    """
    found = [_term(use, path, pem, now) for use, path, pem in _certificates(folder, member)]
    return sorted(found, key=lambda term: (term.not_after, term.use))


def certificate_problems(organization: str, terms: list[CertificateTerm]) -> list[Problem]:
    """A problem for each certificate that has ended or will within ``SOON_DAYS``."""
    found = []
    for term in terms:
        if term.days_left >= SOON_DAYS:
            continue
        ended = term.days_left < 0
        found.append(
            Problem(
                "CERTIFICATE_EXPIRED" if ended else "CERTIFICATE_EXPIRES",
                ERROR if ended else WARNING,
                organization,
                f"The {term.use} certificate of {organization} {'ended' if ended else 'ends'} on"
                f" {term.not_after[:10]} ({term.file}).",
                _RENEW_AUTHORITY if term.use in _AUTHORITIES else _RENEW,
            )
        )
    return found


def _certificates(folder: OrganizationFolder, member: Path) -> Iterator[tuple[str, Path, bytes]]:
    for use, path in _files(folder):
        if path.is_file():
            yield use, path, path.read_bytes()
    for place in sorted((member / "wallet").glob("*")):
        wallet = FileWallet(place, "-")
        for label in wallet.list():
            try:
                yield f"user {label}", place / f"{label}.id", wallet.identity(label).certificate
            except WalletError:
                # Not an identity with a certificate: whoever signs in with it is told.
                continue
        for path in sorted(place.glob(f"*{SUFFIX}")):
            yield f"user {path.stem} (token)", path, json.loads(path.read_bytes())["certificate"].encode()


def _files(folder: OrganizationFolder) -> Iterator[tuple[str, Path]]:
    yield "CA", folder.ca_certificate
    yield "TLS CA", folder.tls_ca_certificate
    for kind in ("peer", "orderer"):
        for place in sorted((folder.root / f"{kind}s").glob("*")):
            for path in sorted((place / "msp" / "signcerts").glob("*")):
                yield kind, path
            yield f"{kind} TLS", place / "tls" / "server.crt"
    for path in sorted((folder.admin / "msp" / "signcerts").glob("*")):
        yield "administrator", path
    yield "chaincode TLS", folder.root / "chaincode" / "server.crt"
    yield "peer towards chaincode TLS", folder.root / "chaincode" / "client.crt"


def _term(use: str, path: Path, pem: bytes, now: datetime) -> CertificateTerm:
    end = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    return CertificateTerm(
        use, str(path), end.astimezone(UTC).isoformat().replace("+00:00", "Z"), (end - now).days
    )
