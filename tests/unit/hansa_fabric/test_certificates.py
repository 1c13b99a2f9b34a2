"""Certificates: what is asked for stands in them, and they are in the form Fabric compares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hansa_fabric import der
from hansa_fabric.certificates import (
    ATTRIBUTES_OID,
    CertificateAuthority,
    CertificateProfile,
    attributes_of,
    canonical_der,
    key_pem,
    new_key,
    organizational_units_of,
    signing_request,
)
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import parse_certificate

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
AUTHORITY = CertificateAuthority.create("ca.bank.example", "bank.example")


def _issue(profile: CertificateProfile) -> x509.Certificate:
    return parse_certificate(AUTHORITY.issue(profile, new_key().public_key()))


def test_identity_certificate() -> None:
    attributes = {"hf.EnrollmentID": "alice", "role": "treasurer"}
    certificate = _issue(CertificateProfile("alice", ("client", "treasury"), attributes))
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "alice"
    assert organizational_units_of(certificate) == ("client", "treasury")
    assert attributes_of(certificate) == attributes
    certificate.verify_directly_issued_by(AUTHORITY.x509)
    assert certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc


def test_tls_certificate() -> None:
    certificate = _issue(
        CertificateProfile("peer0", hosts=("localhost", "127.0.0.1"), server=True, client=True)
    )
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usages) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}


def test_no_certificate_outlives_its_authority() -> None:
    far = datetime.now(UTC) + timedelta(days=36500)
    early = datetime(2000, 1, 1, tzinfo=UTC)
    certificate = _issue(CertificateProfile("x", not_before=early, not_after=far))
    assert certificate.not_valid_after_utc == AUTHORITY.x509.not_valid_after_utc
    assert certificate.not_valid_before_utc == AUTHORITY.x509.not_valid_before_utc


def test_all_signatures_are_low_s() -> None:
    for _ in range(20):
        certificate = _issue(CertificateProfile("x"))
        assert decode_dss_signature(certificate.signature)[1] <= P256_ORDER // 2
    request = x509.load_pem_x509_csr(signing_request(new_key(), "x", ["localhost"]))
    assert request.is_signature_valid


def test_turned_signature_has_the_same_canonical_form() -> None:
    certificate = _issue(CertificateProfile("x"))
    raw = canonical_der(certificate, AUTHORITY.x509)
    r, s = decode_dss_signature(certificate.signature)
    tail = der.encode(der.BIT_STRING, b"\0" + certificate.signature)
    turned_tail = der.encode(der.BIT_STRING, b"\0" + encode_dss_signature(r, P256_ORDER - s))
    body = raw[der.content_start(raw) : -len(tail)]
    turned = x509.load_der_x509_certificate(der.encode(der.SEQUENCE, body + turned_tail))
    turned.verify_directly_issued_by(AUTHORITY.x509)
    assert turned != certificate
    assert canonical_der(turned, AUTHORITY.x509) == raw


def test_authority_from_pem() -> None:
    again = CertificateAuthority.from_pem(AUTHORITY.certificate, AUTHORITY.private_key_pem)
    parse_certificate(again.issue(CertificateProfile("x"), new_key().public_key())).verify_directly_issued_by(
        AUTHORITY.x509
    )
    with pytest.raises(MalformedDataError, match="does not belong"):
        CertificateAuthority.from_pem(AUTHORITY.certificate, key_pem(new_key()))
    with pytest.raises(MalformedDataError, match="not that of an authority"):
        key = new_key()
        CertificateAuthority(AUTHORITY.issue(CertificateProfile("x"), key.public_key()), key)
    with pytest.raises(MalformedDataError, match="PEM private key"):
        CertificateAuthority.from_pem(AUTHORITY.certificate, b"nothing")


def test_revocation_list() -> None:
    found = x509.load_pem_x509_crl(AUTHORITY.revocation_list([7, 2**100]))
    assert found.is_signature_valid(AUTHORITY.private_key.public_key())
    assert found.get_revoked_certificate_by_serial_number(2**100) is not None
    assert found.get_revoked_certificate_by_serial_number(8) is None


@pytest.mark.parametrize("content", [b"", b"[]", b'{"attrs": 1}', b'{"attrs": {"a": 1}}', b"{}"])
def test_foreign_attribute_extension_is_refused(content: bytes) -> None:
    key = new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2034, 1, 1, tzinfo=UTC))
        .add_extension(x509.UnrecognizedExtension(ATTRIBUTES_OID, content), critical=False)
        .sign(key, SHA256())
    )
    with pytest.raises(MalformedDataError):
        attributes_of(certificate)
