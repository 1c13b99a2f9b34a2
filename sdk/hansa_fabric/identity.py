"""Who signs: an identity (organisation and certificate) and the key that goes with it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from fabric_protos.msp import identities_pb2

from hansa_fabric.errors import InvalidSignatureError, MalformedDataError
from hansa_fabric.protobuf import decode

_ECDSA_SHA256 = ec.ECDSA(SHA256())
_ECDSA_DIGEST = ec.ECDSA(Prehashed(SHA256()))

# The order of each curve's group; a signature (r, s) and (r, order - s) are both mathematically valid,
# so Fabric takes only the lower s: else anybody could change a transaction's bytes without its key.
_ORDERS = {
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": int("FF" * 24 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
}


@dataclass(frozen=True)
class Identity:
    """An organisation's member as Fabric names one.

    Args:
        msp_id: the organisation's MSP id, such as ``RetailerMSP``.
        certificate: the X.509 certificate, PEM.
    """

    msp_id: str
    certificate: bytes

    @cached_property
    def serialized(self) -> bytes:
        """The identity as it stands in headers and endorsements (``msp.SerializedIdentity``)."""
        message = identities_pb2.SerializedIdentity(mspid=self.msp_id, id_bytes=self.certificate)
        found: bytes = message.SerializeToString(deterministic=True)
        return found

    @property
    def x509(self) -> x509.Certificate:
        """The parsed certificate. Raises MalformedDataError when it is none."""
        return parse_certificate(self.certificate)

    @property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The certificate's key. Raises MalformedDataError when it is not an ECDSA key."""
        return public_key_of(self.certificate)

    @classmethod
    def deserialize(cls, data: bytes) -> Identity:
        """Read ``msp.SerializedIdentity`` bytes; equal bytes give the same object, so parsing is paid once.

        Raises:
            MalformedDataError: no such message, or organisation or certificate missing.
        """
        return _deserialize(data)


@lru_cache(maxsize=4096)
def _deserialize(data: bytes) -> Identity:
    message = decode(identities_pb2.SerializedIdentity, data)
    if not message.mspid or not message.id_bytes:
        raise MalformedDataError("an identity needs an MSP id and a certificate")
    return Identity(message.mspid, message.id_bytes)


@lru_cache(maxsize=4096)
def parse_certificate(pem: bytes) -> x509.Certificate:
    """A certificate from PEM, remembered by its bytes.

    Raises:
        MalformedDataError: the bytes are not one PEM certificate.
    """
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise MalformedDataError(f"not a PEM certificate: {error}") from error


@lru_cache(maxsize=4096)
def public_key_of(pem: bytes) -> ec.EllipticCurvePublicKey:
    """The ECDSA public key of a PEM certificate, remembered by its bytes.

    Raises:
        MalformedDataError: no certificate, or a key of another kind or curve.
    """
    try:
        key = parse_certificate(pem).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MalformedDataError(f"the certificate's key cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _ORDERS:
        raise MalformedDataError("the certificate's key is not ECDSA on P-256 or P-384")
    return key


class Signer(Protocol):
    """Somebody who can sign as an identity: a key in memory, a hardware token, a remote service."""

    @property
    def identity(self) -> Identity:
        """Whose signatures these are."""
        ...

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256 of the message: DER, low-S."""
        ...

    def sign_digest(self, digest: bytes) -> bytes:
        """The same over a SHA-256 digest (32 bytes) that the caller computed."""
        ...


class KeySigner:
    """A signer whose private key is in memory.

    Args:
        identity: whose key it is.
        private_key: the ECDSA key that belongs to the identity's certificate.

    Raises:
        MalformedDataError: the key is not the certificate's.
    """

    def __init__(self, identity: Identity, private_key: ec.EllipticCurvePrivateKey) -> None:
        if private_key.public_key() != identity.public_key:
            raise MalformedDataError("the private key does not belong to the certificate")
        self._identity = identity
        self._key = private_key

    @classmethod
    def from_pem(
        cls, msp_id: str, certificate: bytes, private_key: bytes, password: bytes | None = None
    ) -> KeySigner:
        """A signer from PEM files' contents; ``password`` opens an encrypted key.

        Raises:
            MalformedDataError: certificate or key unreadable, wrong password, or they do not match.
        """
        try:
            key = load_pem_private_key(private_key, password)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise MalformedDataError(f"not a readable PEM private key: {error}") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise MalformedDataError("the private key is not an ECDSA key")
        return cls(Identity(msp_id, certificate), key)

    @property
    def identity(self) -> Identity:
        """Whose signatures these are."""
        return self._identity

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256 of the message: DER, low-S."""
        return low_s(self._key.sign(message, _ECDSA_SHA256), self._key.curve)

    def sign_digest(self, digest: bytes) -> bytes:
        """The same over a SHA-256 digest. Raises ValueError when it is not 32 bytes long."""
        return low_s(self._key.sign(digest, _ECDSA_DIGEST), self._key.curve)


def digest(message: bytes) -> bytes:
    """The SHA-256 digest (32 bytes) that Fabric's signatures cover."""
    return hashlib.sha256(message).digest()


def low_s(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """A DER signature with the lower of its two possible s, as Fabric demands.

    Raises:
        MalformedDataError: not a DER signature, or a curve Fabric does not sign with.
    """
    order = _ORDERS.get(curve.name)
    if order is None:
        raise MalformedDataError(f"Fabric does not sign on curve {curve.name}")
    try:
        r, s = decode_dss_signature(signature)
    except ValueError as error:
        raise MalformedDataError(f"not a DER signature: {error}") from error
    return signature if s <= order >> 1 else encode_dss_signature(r, order - s)


def verify(
    who: Identity | x509.Certificate | ec.EllipticCurvePublicKey, message: bytes, signature: bytes
) -> None:
    """Check a signature over a message (ECDSA, SHA-256, DER, low-S).

    Args:
        who: the identity, certificate or public key it is said to be from.
        message: the bytes that were signed.
        signature: DER.

    Raises:
        InvalidSignatureError: it is not that key's signature over the message, or s is high.
        MalformedDataError: the identity's certificate is unreadable or not ECDSA.
    """
    key = _key(who)
    order = _ORDERS.get(key.curve.name)
    if order is None:
        raise MalformedDataError(f"Fabric does not sign on curve {key.curve.name}")
    try:
        _, s = decode_dss_signature(signature)
        if s > order >> 1:
            raise InvalidSignatureError("the signature's s is in the upper half of the curve's order")
        key.verify(signature, message, _ECDSA_SHA256)
    except InvalidSignature:
        raise InvalidSignatureError("the signature does not match message and key") from None
    except ValueError as error:
        if isinstance(error, InvalidSignatureError):
            raise
        raise InvalidSignatureError(f"not a DER signature: {error}") from error


def _key(who: Identity | x509.Certificate | ec.EllipticCurvePublicKey) -> ec.EllipticCurvePublicKey:
    if isinstance(who, Identity):
        return who.public_key
    if isinstance(who, x509.Certificate):
        found = who.public_key()
        if not isinstance(found, ec.EllipticCurvePublicKey):
            raise MalformedDataError("the certificate's key is not ECDSA")
        return found
    return who
