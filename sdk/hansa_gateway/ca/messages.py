"""What a Fabric CA answers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hansa_gateway.ca.errors import CaConnectionError
from hansa_gateway.credentials import Credential


@dataclass(frozen=True)
class CaInfo:
    """Who the authority is.

    Args:
        name: its name among those of one server.
        chain: its certificates, PEM, concatenated, the root last.
        version: of the server's program.
    """

    name: str
    chain: bytes
    version: str


@dataclass(frozen=True)
class Enrollment:
    """A certificate that was issued, with its key.

    Args:
        credential: identity and private key.
        ca: who issued it.
    """

    credential: Credential
    ca: CaInfo


@dataclass(frozen=True)
class RevokedCertificate:
    """A certificate that was revoked.

    Args:
        serial: serial number, hex.
        aki: authority key identifier, hex.
    """

    serial: str
    aki: str


@dataclass(frozen=True)
class Revocation:
    """What a revocation did.

    Args:
        certificates: those revoked by it.
        crl: the new revocation list, PEM; empty where none was asked for.
    """

    certificates: tuple[RevokedCertificate, ...]
    crl: bytes


def text(result: Any, name: str) -> str:
    """A text field of an answer; empty where it is absent.

    Raises:
        CaConnectionError: the answer is no object, or the field no text.
    """
    found = result.get(name, "") if isinstance(result, Mapping) else None
    if not isinstance(found, str):
        raise CaConnectionError(f"the certificate authority's answer has no text {name}")
    return found


def octets(result: Any, name: str) -> bytes:
    """A base64 field of an answer. Raises CaConnectionError."""
    try:
        return base64.b64decode(text(result, name), validate=True)
    except ValueError as error:
        raise CaConnectionError(f"the certificate authority's {name} is not base64: {error}") from error


def ca_info(result: Any) -> CaInfo:
    """From ``CAInfoResponseNet``. Raises CaConnectionError."""
    return CaInfo(text(result, "CAName"), octets(result, "CAChain"), text(result, "Version"))


def revocation(result: Any) -> Revocation:
    """From ``revocationResponseNet``. Raises CaConnectionError."""
    revoked = (result.get("RevokedCerts") if isinstance(result, Mapping) else None) or []
    if not isinstance(revoked, list):
        raise CaConnectionError("the certificate authority's answer has no list RevokedCerts")
    certificates = tuple(RevokedCertificate(text(item, "Serial"), text(item, "AKI")) for item in revoked)
    return Revocation(certificates, octets(result, "CRL"))
