"""Certificates as Fabric uses them: made by an organisation's authority, with attributes inside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hansa_fabric import der
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import low_s, parse_certificate

ATTRIBUTES_OID = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
"""The extension in which Fabric CA writes attributes, as ``{"attrs": {name: value}}``."""

BACKDATE = timedelta(minutes=5)
"""Certificates begin a little in the past, for machines whose clocks are behind."""


@dataclass(frozen=True)
class CertificateProfile:
    """What an authority writes into a certificate besides the key.

    Args:
        common_name: the subject's CN.
        organizational_units: the subject's OUs, such as ``client`` for NodeOUs.
        attributes: Fabric CA attributes.
        hosts: DNS names and IP addresses for the subject alternative name.
        server: whether the key may serve TLS.
        client: whether the key may authenticate a TLS client.
        not_before: first moment of validity; five minutes ago unless given.
        not_after: last moment of validity; a year from now unless given; the authority's own end at most.
        names: further parts of the subject, such as country and organisation.
    """

    common_name: str
    organizational_units: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    server: bool = False
    client: bool = False
    not_before: datetime | None = None
    not_after: datetime | None = None
    names: tuple[x509.NameAttribute[str | bytes], ...] = ()


class CertificateAuthority:
    """A certificate and the key that issues with it; keeps no record of what it issued.

    Args:
        certificate: the authority's own certificate, PEM.
        private_key: its key.

    Raises:
        MalformedDataError: the certificate is not an authority's, or the key is another's.
    """

    def __init__(self, certificate: bytes, private_key: ec.EllipticCurvePrivateKey) -> None:
        parsed = parse_certificate(certificate)
        if not is_authority(parsed):
            raise MalformedDataError("the certificate is not that of an authority")
        if parsed.public_key() != private_key.public_key():
            raise MalformedDataError("the private key does not belong to the authority's certificate")
        self.certificate = certificate
        self.private_key = private_key
        self.x509 = parsed

    @classmethod
    def create(
        cls, common_name: str, organization: str, *, valid_for: timedelta = timedelta(days=3652)
    ) -> CertificateAuthority:
        """A new root with a key of its own (P-256), valid for ten years unless told otherwise."""
        key = new_key()
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
        begin = datetime.now(UTC) - BACKDATE
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + valid_for)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        return cls(_signed_pem(builder, key), key)

    @classmethod
    def from_pem(cls, certificate: bytes, private_key: bytes) -> CertificateAuthority:
        """An authority from its PEM certificate and unencrypted PEM key. Raises MalformedDataError."""
        return cls(certificate, load_key(private_key))

    @property
    def private_key_pem(self) -> bytes:
        """The key as unencrypted PKCS#8 PEM."""
        return key_pem(self.private_key)

    def issue(self, profile: CertificateProfile, public_key: ec.EllipticCurvePublicKey) -> bytes:
        """A PEM certificate for a public key.

        Raises:
            ValueError: an empty or overlong common name, or validity that ends before it begins.
        """
        begin = profile.not_before or datetime.now(UTC) - BACKDATE
        end = profile.not_after or datetime.now(UTC) + timedelta(days=365)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_subject(profile))
            .issuer_name(self.x509.subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(max(begin, self.x509.not_valid_before_utc))
            .not_valid_after(min(end, self.x509.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(tls=profile.server or profile.client), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(self._authority_key_identifier(), critical=False)
        )
        usages = [ExtendedKeyUsageOID.SERVER_AUTH] if profile.server else []
        usages += [ExtendedKeyUsageOID.CLIENT_AUTH] if profile.client else []
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        if profile.hosts:
            names = x509.SubjectAlternativeName([_general_name(host) for host in profile.hosts])
            builder = builder.add_extension(names, critical=False)
        if profile.attributes:
            builder = builder.add_extension(_attribute_extension(profile.attributes), critical=False)
        return _signed_pem(builder, self.private_key)

    def revocation_list(self, serials: Iterable[int], *, valid_for: timedelta = timedelta(days=30)) -> bytes:
        """A PEM revocation list (RFC 5280) that names these serial numbers."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.x509.subject)
            .last_update(now)
            .next_update(now + valid_for)
            .add_extension(self._authority_key_identifier(), critical=False)
        )
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
            builder = builder.add_revoked_certificate(entry)
        return _signed_pem(builder, self.private_key)

    def _authority_key_identifier(self) -> x509.AuthorityKeyIdentifier:
        own = self.x509.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new private key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as unencrypted PKCS#8 PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """An ECDSA key from unencrypted PEM. Raises MalformedDataError."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise MalformedDataError(f"not a readable PEM private key: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise MalformedDataError("the private key is not an ECDSA key")
    return key


def signing_request(key: ec.EllipticCurvePrivateKey, common_name: str, hosts: Iterable[str] = ()) -> bytes:
    """A PEM certificate signing request (PKCS#10) for a key."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    )
    names = [_general_name(host) for host in hosts]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return _signed_pem(builder, key)


def attributes_of(certificate: x509.Certificate) -> dict[str, str]:
    """The Fabric CA attributes in a certificate; none gives an empty mapping.

    Raises:
        MalformedDataError: the extension is there and is not what Fabric CA writes.
    """
    try:
        extension: Any = certificate.extensions.get_extension_for_oid(ATTRIBUTES_OID).value
    except x509.ExtensionNotFound:
        return {}
    try:
        attributes = json.loads(extension.value)["attrs"]
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedDataError(f"the attribute extension cannot be read: {error}") from error
    if not isinstance(attributes, dict) or not all(isinstance(value, str) for value in attributes.values()):
        raise MalformedDataError("the attribute extension holds something else than texts by name")
    return attributes


def organizational_units_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """The subject's OUs, in order."""
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    return tuple(str(one.value) for one in found)


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether basic constraints allow the certificate to issue."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def canonical_der(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """A certificate's DER with its ECDSA signature in low-S form.

    Fabric compares certificates in this form, for anybody can turn a signature's s over.
    """
    raw = certificate.public_bytes(Encoding.DER)
    key = issuer.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return raw
    signature = low_s(certificate.signature, key.curve)
    if signature == certificate.signature:
        return raw
    tail = der.encode(der.BIT_STRING, b"\0" + certificate.signature)
    return der.encode(
        der.SEQUENCE,
        raw[der.content_start(raw) : -len(tail)] + der.encode(der.BIT_STRING, b"\0" + signature),
    )


def _signed_pem(builder: Any, key: ec.EllipticCurvePrivateKey) -> bytes:
    # The library draws s anew with each signature; every second one is low.
    while True:
        signed = builder.sign(key, SHA256())
        if low_s(signed.signature, key.curve) == signed.signature:
            found: bytes = signed.public_bytes(Encoding.PEM)
            return found


def _subject(profile: CertificateProfile) -> x509.Name:
    units = [
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in profile.organizational_units
    ]
    return x509.Name([*profile.names, *units, x509.NameAttribute(NameOID.COMMON_NAME, profile.common_name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _attribute_extension(attributes: Mapping[str, str]) -> x509.UnrecognizedExtension:
    content = json.dumps({"attrs": dict(attributes)}, separators=(",", ":"), sort_keys=True)
    return x509.UnrecognizedExtension(ATTRIBUTES_OID, content.encode())


def _key_usage(*, authority: bool = False, tls: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=tls,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
