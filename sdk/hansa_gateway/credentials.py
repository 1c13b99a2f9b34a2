"""An identity together with its private key."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec

from hansa_fabric.certificates import load_key
from hansa_fabric.identity import Identity, KeySigner


@dataclass(frozen=True)
class Credential:
    """An identity whose private key is at hand.

    Args:
        identity: organisation and certificate.
        private_key: the ECDSA key that belongs to the certificate.

    Raises:
        MalformedDataError: the key is not the certificate's.
    """

    identity: Identity
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        self.signer  # noqa: B018 - making the signer compares key and certificate

    @cached_property
    def signer(self) -> KeySigner:
        """Who signs as this identity."""
        return KeySigner(self.identity, self.private_key)

    @classmethod
    def from_pem(cls, msp_id: str, certificate: bytes, private_key: bytes) -> Credential:
        """From PEM: a certificate, and its unencrypted private key.

        Raises:
            MalformedDataError: either is unreadable, or they do not match.
        """
        return cls(Identity(msp_id, certificate), load_key(private_key))
