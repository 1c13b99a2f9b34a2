"""Who asks: by enrollment secret, or by a certificate this authority issued."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from hansa_devnode.services.ca.refusal import (
    NO_AUTHORIZATION,
    TOO_MANY_ATTEMPTS,
    CaRefusal,
    unauthenticated,
)
from hansa_devnode.services.ca.registry import REVOKED, RegisteredIdentity, Registry
from hansa_devnode.services.ca.signing import certificate_name
from hansa_fabric.certificates import CertificateAuthority
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity, parse_certificate, verify

MAX_ATTEMPTS = 10


@dataclass(frozen=True)
class Request:
    """A request as far as it matters for authentication.

    Args:
        method: HTTP method.
        uri: path with query, as sent.
        authorization: the header; empty where there is none.
        body: the content.
    """

    method: str
    uri: str
    authorization: str
    body: bytes


def by_secret(request: Request, registry: Registry) -> RegisteredIdentity:
    """Who proves an enrollment secret (HTTP Basic).

    Raises:
        CaRefusal: unknown, wrong secret, revoked, no enrollment left, or locked after ten wrong secrets.
    """
    _require(request)
    scheme, _, encoded = request.authorization.partition(" ")
    try:
        id_, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise unauthenticated(f"not basic authentication: {error}") from error
    if scheme.lower() != "basic" or not colon:
        raise unauthenticated("not basic authentication")
    identity = registry.identity(id_)
    if identity is not None and identity.failed_attempts >= MAX_ATTEMPTS:
        raise CaRefusal(
            401,
            TOO_MANY_ATTEMPTS,
            f"Incorrect password entered {identity.failed_attempts} times, "
            f"max incorrect password limit of {MAX_ATTEMPTS} reached",
        )
    # The secret is compared even for who is unknown, so that the time an answer takes says nothing.
    if not registry.secret_matches(id_, secret) or identity is None:
        raise unauthenticated(f"{id_!r} is unknown or has another secret")
    if identity.state == REVOKED:
        raise unauthenticated(f"{id_} is revoked")
    if 0 <= identity.max_enrollments <= identity.state:
        raise unauthenticated(f"{id_} has already enrolled {identity.state} times")
    return identity


def by_certificate(
    request: Request, registry: Registry, authority: CertificateAuthority
) -> tuple[RegisteredIdentity, x509.Certificate]:
    """Who proves the key of a certificate (Fabric CA's token), and that certificate.

    Raises:
        CaRefusal: no token, wrong signature, or a certificate not of this authority, expired or revoked.
    """
    _require(request)
    parts = request.authorization.split(".")
    if len(parts) != 2:
        raise unauthenticated("not a token of certificate and signature")
    try:
        pem, signature = (base64.b64decode(part, validate=True) for part in parts)
        certificate = parse_certificate(pem)
        verify(Identity("-", pem), _signed_text(request, parts[0]), signature)
        certificate.verify_directly_issued_by(authority.x509)
    except (binascii.Error, FabricDataError, InvalidSignature, ValueError, TypeError) as error:
        raise unauthenticated(f"invalid token: {error}") from error
    if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
        raise unauthenticated("the certificate has expired")
    issued = registry.certificate(*certificate_name(certificate))
    if issued is None or issued.revoked_at is not None:
        raise unauthenticated("the certificate is unknown or revoked")
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    identity = registry.identity(str(names[0].value)) if names else None
    if identity is None or identity.state == REVOKED:
        raise unauthenticated("the certificate's owner is unknown or revoked")
    return identity, certificate


def _signed_text(request: Request, certificate: str) -> bytes:
    uri, body = (base64.b64encode(one).decode() for one in (request.uri.encode(), request.body))
    return f"{request.method}.{uri}.{body}.{certificate}".encode()


def _require(request: Request) -> None:
    if not request.authorization:
        raise CaRefusal(401, NO_AUTHORIZATION, "No authorization header")
