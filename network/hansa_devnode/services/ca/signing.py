"""From a signing request to a certificate, with the identity's own units and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hansa_devnode.services.ca.refusal import (
    ATTRIBUTES_MISSING,
    BAD_REQUEST_FOR_CERTIFICATE,
    WRONG_COMMON_NAME,
    CaRefusal,
    unauthorized,
)
from hansa_devnode.services.ca.registry import IssuedCertificate, RegisteredIdentity
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile
from hansa_fabric.identity import parse_certificate

VALIDITY = timedelta(days=365)
_TLS = "tls"
_KEPT_NAMES = (
    NameOID.COUNTRY_NAME,
    NameOID.STATE_OR_PROVINCE_NAME,
    NameOID.LOCALITY_NAME,
    NameOID.ORGANIZATION_NAME,
)


def read_request(pem: str, id_: str) -> x509.CertificateSigningRequest:
    """A PKCS#10 request by somebody, for an ECDSA key.

    Raises:
        CaRefusal: unreadable, not signed by its key, for another name, or for an authority's certificate.
    """
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        key = request.public_key()
        proven = request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad(f"CSR Decode failed: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in ("secp256r1", "secp384r1"):
        raise _bad("only ECDSA keys on P-256 and P-384 are certified")
    if not proven:
        raise _bad("the request is not signed by its key")
    names = request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if [name.value for name in names] != [id_]:
        raise CaRefusal(403, WRONG_COMMON_NAME, "The CSR subject common name must equal the enrollment ID")
    if _asks_for_authority(request):
        raise unauthorized("this authority issues no intermediate authorities")
    return request


def issue(
    authority: CertificateAuthority,
    identity: RegisteredIdentity,
    request: x509.CertificateSigningRequest,
    *,
    hosts: Sequence[str] | None,
    attributes: dict[str, str],
    profile: str,
) -> tuple[bytes, IssuedCertificate]:
    """A certificate for somebody, PEM, and what the authority remembers of it.

    Args:
        authority: who issues.
        identity: for whom; type and affiliation become the subject's OUs.
        request: with the key.
        hosts: DNS names and addresses; those of the request where None.
        attributes: to write into the certificate.
        profile: empty for signing, ``tls`` for TLS.

    Raises:
        CaRefusal: an unknown profile, or names that X.509 does not allow.
    """
    if profile not in ("", _TLS):
        raise _bad(f"Invalid profile: '{profile}'")
    wanted = CertificateProfile(
        identity.id,
        (identity.type, *(part for part in identity.affiliation.split(".") if part)),
        attributes,
        tuple(_requested_hosts(request) if hosts is None else hosts),
        server=profile == _TLS,
        client=profile == _TLS,
        not_after=datetime.now(UTC) + VALIDITY,
        names=tuple(one for one in request.subject if one.oid in _KEPT_NAMES),
    )
    key = request.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey), "read_request lets no other pass"
    try:
        pem = authority.issue(wanted, key)
    except ValueError as error:
        raise _bad(f"CSR input validation failed: {error}") from error
    certificate = parse_certificate(pem)
    serial, aki = certificate_name(certificate)
    return pem, IssuedCertificate(serial, aki, identity.id, int(certificate.not_valid_after_utc.timestamp()))


def wanted_attributes(
    identity: RegisteredIdentity, requested: Sequence[tuple[str, bool]] | None
) -> dict[str, str]:
    """The attributes for a certificate.

    Args:
        identity: whose.
        requested: names, and whether each may be missing; None for those registered to be in certificates.

    Raises:
        CaRefusal: a requested attribute is not registered.
    """
    if requested is None:
        return {one.name: one.value for one in identity.attributes if one.ecert}
    found = {name: identity.attribute(name) for name, _ in requested}
    missing = [name for name, optional in requested if not optional and found[name] is None]
    if missing:
        raise CaRefusal(
            500,
            ATTRIBUTES_MISSING,
            "Failed to find requested attributes: The following required attributes are missing: "
            f"[{' '.join(missing)}]",
        )
    return {name: value for name, value in found.items() if value is not None}


def certificate_name(certificate: x509.Certificate) -> tuple[str, str]:
    """Serial number and authority key identifier, as hex without leading zeros."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except x509.ExtensionNotFound:
        return f"{certificate.serial_number:x}", ""
    return f"{certificate.serial_number:x}", (extension.key_identifier or b"").hex().lstrip("0")


def _requested_hosts(request: x509.CertificateSigningRequest) -> list[str]:
    try:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    except ValueError as error:
        raise _bad(f"CSR Decode failed: {error}") from error
    addresses = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    return names.get_values_for_type(x509.DNSName) + addresses


def _asks_for_authority(request: x509.CertificateSigningRequest) -> bool:
    try:
        return request.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    except ValueError as error:
        raise _bad(f"Failed parsing CSR constraints: {error}") from error


def _bad(reason: str) -> CaRefusal:
    return CaRefusal(400, BAD_REQUEST_FOR_CERTIFICATE, reason)
