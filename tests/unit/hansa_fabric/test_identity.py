"""Identities and signatures."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa_fabric.errors import InvalidSignatureError, MalformedDataError
from hansa_fabric.identity import Identity, KeySigner, verify
from tests.support.fabric_identities import self_signed

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIGNER = self_signed()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_signature_is_low_s_and_verifies(message: bytes) -> None:
    for signature in (SIGNER.sign(message), SIGNER.sign_digest(hashlib.sha256(message).digest())):
        assert decode_dss_signature(signature)[1] <= P256_ORDER // 2
        verify(SIGNER.identity, message, signature)
        verify(SIGNER.identity.x509, message, signature)
        with pytest.raises(InvalidSignatureError):
            verify(SIGNER.identity, message + b"x", signature)


def test_high_s_is_refused_as_fabric_does() -> None:
    r, s = decode_dss_signature(SIGNER.sign(b"m"))
    with pytest.raises(InvalidSignatureError, match="upper half"):
        verify(SIGNER.identity, b"m", encode_dss_signature(r, P256_ORDER - s))


@pytest.mark.parametrize("signature", [b"", b"\x30", b"not DER", b"\x30\x06\x02\x01\x00\x02\x01\x00"])
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(InvalidSignatureError):
        verify(SIGNER.identity, b"m", signature)


def test_signature_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidSignatureError):
        verify(self_signed().identity, b"m", SIGNER.sign(b"m"))


def test_identity_round_trip_is_one_object() -> None:
    data = SIGNER.identity.serialized
    assert Identity.deserialize(data) == SIGNER.identity
    assert Identity.deserialize(bytes(bytearray(data))) is Identity.deserialize(data)


@pytest.mark.parametrize("data", [b"", b"\xff\xff", Identity("OnlyMSP", b"").serialized])
def test_malformed_identity_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedDataError):
        Identity.deserialize(data)


def test_certificate_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedDataError):
        _ = Identity("RetailerMSP", b"-----BEGIN NOTHING-----").x509


def test_key_of_another_certificate_is_refused() -> None:
    with pytest.raises(MalformedDataError, match="does not belong"):
        KeySigner(SIGNER.identity, ec.generate_private_key(ec.SECP256R1()))


def test_signer_from_pem_with_and_without_password() -> None:
    key = SIGNER._key
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    certificate = SIGNER.identity.certificate
    for signer in (
        KeySigner.from_pem("RetailerMSP", certificate, plain),
        KeySigner.from_pem("RetailerMSP", certificate, locked, b"secret"),
    ):
        verify(SIGNER.identity, b"m", signer.sign(b"m"))
    with pytest.raises(MalformedDataError):
        KeySigner.from_pem("RetailerMSP", certificate, locked, b"wrong")
    with pytest.raises(MalformedDataError):
        KeySigner.from_pem("RetailerMSP", certificate, locked)
