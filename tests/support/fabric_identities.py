"""Keys and certificates for tests of Fabric's data: made in memory, thrown away."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from hansa_fabric.identity import Identity, KeySigner


def self_signed(msp_id: str = "RetailerMSP", name: str = "user") -> KeySigner:
    """A signer with a certificate that only it vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2044, 1, 1, tzinfo=datetime.UTC))
        .sign(key, hashes.SHA256())
    )
    return KeySigner(Identity(msp_id, certificate.public_bytes(Encoding.PEM)), key)
