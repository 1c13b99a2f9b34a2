"""Keys in a token: made there, signing like any key, and never coming out."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key, signing_request
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import Identity, KeySigner, verify
from hansa_gateway.pkcs11 import (
    Pkcs11Signer,
    Token,
    TokenError,
    TokenKey,
    read_reference,
    write_reference,
)
from tests.support.soft_token import LABEL, PIN, SoftToken, soft_token

P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    found = soft_token(tmp_path_factory.mktemp("token"))
    patch = pytest.MonkeyPatch()
    for name, value in found.environment.items():
        patch.setenv(name, value)
    yield found
    patch.undo()


@pytest.fixture(scope="module")
def token(place: SoftToken) -> Token:
    return Token("", LABEL, PIN)


@pytest.fixture(scope="module")
def key(token: Token) -> TokenKey:
    return token.generate("treasurer")


@pytest.fixture(scope="module")
def identity(key: TokenKey) -> Identity:
    authority = CertificateAuthority.create("ca.bank.example", "Bank")
    return Identity("BankMSP", authority.issue(CertificateProfile(common_name="treasurer"), key.public_key()))


def test_signatures_verify_and_are_low(place: SoftToken, identity: Identity) -> None:
    signer = Pkcs11Signer(identity, place.library, LABEL, "treasurer", PIN)
    for number in range(16):
        message = number.to_bytes(2, "big")
        for signature in (signer.sign(message), signer.sign_digest(hashlib.sha256(message).digest())):
            verify(identity, message, signature)
            assert decode_dss_signature(signature)[1] <= P256 // 2
    with pytest.raises(ValueError, match="length"):
        signer.sign_digest(b"short")


def test_the_token_signs_its_own_certificate_request(key: TokenKey) -> None:
    request = x509.load_pem_x509_csr(signing_request(key, "treasurer", ()))
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()


def test_the_key_never_comes_out(key: TokenKey) -> None:
    with pytest.raises(TokenError, match="stays"):
        key.private_numbers()
    with pytest.raises(TokenError, match="stays"):
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    with pytest.raises(TokenError, match="stays"):
        key.exchange(ec.ECDH(), new_key().public_key())
    assert copy.deepcopy(key) is copy.copy(key) is key
    assert (key.curve.name, key.key_size) == ("secp256r1", 256)


def test_what_a_token_has_not(token: Token, key: TokenKey) -> None:
    with pytest.raises(TokenError, match="has no key nobody"):
        token.key("nobody")
    with pytest.raises(TokenError, match="already"):
        token.generate("treasurer")


def test_a_wrong_pin_opens_nothing_even_where_it_is_open(token: Token) -> None:
    with pytest.raises(TokenError, match="another PIN"):
        Token("", LABEL, "0000-0000")


def test_another_s_certificate_is_refused(place: SoftToken, key: TokenKey) -> None:
    authority = CertificateAuthority.create("ca.bank.example", "Bank")
    other = authority.issue(CertificateProfile(common_name="other"), new_key().public_key())
    with pytest.raises(MalformedDataError):
        KeySigner(Identity("BankMSP", other), key)


def test_a_reference_leads_back_and_has_no_secret(tmp_path: Path, key: TokenKey, identity: Identity) -> None:
    file = tmp_path / "treasurer.hsm"
    write_reference(file, identity, key)
    assert PIN not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    signer = read_reference(file, PIN)
    assert signer.identity == identity
    verify(identity, b"message", signer.sign(b"message"))


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"v": 2}', '{"v": 1, "mspId": "BankMSP", "certificate": "x"}']
)
def test_a_damaged_reference(tmp_path: Path, place: SoftToken, content: str) -> None:
    file = tmp_path / "treasurer.hsm"
    file.write_text(content)
    with pytest.raises(TokenError):
        read_reference(file, PIN)


def test_no_library_and_no_token(monkeypatch: pytest.MonkeyPatch, place: SoftToken) -> None:
    with pytest.raises(TokenError, match="failed"):
        Token("", "no such token", PIN)
    monkeypatch.delenv("HANSA_PKCS11_LIBRARY")
    with pytest.raises(TokenError, match="HANSA_PKCS11_LIBRARY"):
        Token("", LABEL, PIN)
