"""Papers as verifiable credentials: made, signed, and checked, with no network.

W3C Verifiable Credentials Data Model 2.0, secured by JOSE (compact JWS, ES256) or by Data Integrity
(ecdsa-jcs-2019), both with a P-256 key that the ledger names beside the paper's hash.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

CONTEXT = "https://www.w3.org/ns/credentials/v2"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SHA256 = ec.ECDSA(hashes.SHA256())


class CredentialError(ValueError):
    """What was given is no credential, or its signature is not the key's."""


def credential(
    kind: str,
    order: str,
    issuer: str,
    claims: Mapping[str, Any],
    *,
    valid_from: str,
    valid_until: str | None = None,
) -> dict[str, Any]:
    """A credential about an order, not yet signed.

    Args:
        kind: of paper, such as ``phytosanitary``.
        order: the order's id.
        issuer: MSP id of the member that answers for it.
        claims: what it says; private, and never on the ledger.
        valid_from: RFC 3339, UTC, milliseconds, as the ledger has it.
        valid_until: the same; None: without an end.
    """
    made: dict[str, Any] = {
        "@context": [CONTEXT],
        "type": ["VerifiableCredential", type_of(kind)],
        "issuer": f"urn:hansa:member:{issuer}",
        "validFrom": valid_from,
        "credentialSubject": {**claims, "id": f"urn:hansa:order:{order}"},
    }
    return made if valid_until is None else {**made, "validUntil": valid_until}


def type_of(kind: str) -> str:
    """``bill-of-lading`` as ``BillOfLadingCredential``."""
    return "".join(part.capitalize() for part in kind.split("-")) + "Credential"


def sign_jose(document: Mapping[str, Any], key: ec.EllipticCurvePrivateKey) -> bytes:
    """The credential as a compact JWS (VC-JOSE-COSE, ``vc+jwt``): the file that is handed over."""
    header = {"alg": "ES256", "typ": "vc+jwt", "cty": "vc", "kid": key_name(key.public_key())}
    signed = b".".join(_base64url(rfc8785.dumps(part)) for part in (header, dict(document)))
    return signed + b"." + _base64url(_fixed(key.sign(signed, _SHA256)))


def sign_data_integrity(document: Mapping[str, Any], key: ec.EllipticCurvePrivateKey, created: str) -> bytes:
    """The credential with a proof in it (Data Integrity, ``ecdsa-jcs-2019``): the file that is handed over.

    Args:
        document: without a proof.
        key: the issuer's, P-256.
        created: when, RFC 3339.
    """
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-jcs-2019",
        "created": created,
        "verificationMethod": f"urn:hansa:key:{key_name(key.public_key())}",
        "proofPurpose": "assertionMethod",
    }
    value = _fixed(key.sign(_hashed(document, proof), _SHA256))
    secured = {**document, "proof": {**proof, "proofValue": "z" + _base58(value)}}
    return rfc8785.dumps(secured)


def opened(content: bytes, security: str, public_key: bytes) -> dict[str, Any]:
    """What a credential says, where its signature is the key's.

    Args:
        content: the file as it was handed over.
        security: ``jose`` or ``data-integrity``.
        public_key: DER SubjectPublicKeyInfo, P-256, as the ledger names it.

    Raises:
        CredentialError: it is none, of another form, or the signature is wrong.
    """
    key = serialization.load_der_public_key(public_key)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CredentialError("The key is no P-256 key.")
    try:
        return _open_jose(content, key) if security == "jose" else _open_data_integrity(content, key)
    except InvalidSignature:
        raise CredentialError("The signature is not that of the key on the ledger.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, CredentialError):
            raise
        raise CredentialError(f"This is no credential of that form: {error}.") from error


def key_name(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 over the key's DER SubjectPublicKeyInfo, hexadecimal, as the ledger names keys."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest()


def _open_jose(content: bytes, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
    header, payload, signature = content.strip().split(b".")
    named = json.loads(_unbase64url(header))
    if named.get("alg") != "ES256" or named.get("typ") not in ("vc+jwt", "vc+ld+json+jwt"):
        raise CredentialError("It is secured by another algorithm than ES256, or is no credential.")
    key.verify(_der(_unbase64url(signature)), header + b"." + payload, _SHA256)
    return dict(json.loads(_unbase64url(payload)))


def _open_data_integrity(content: bytes, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
    document = dict(json.loads(content))
    proof = dict(document.pop("proof"))
    value = proof.pop("proofValue")
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != "ecdsa-jcs-2019":
        raise CredentialError("It is secured by another cryptosuite than ecdsa-jcs-2019.")
    if not value.startswith("z"):
        raise CredentialError("The proof is not written in base58.")
    key.verify(_der(_unbase58(value[1:])), _hashed(document, proof), _SHA256)
    return document


def _hashed(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """What ecdsa-jcs-2019 signs: the digests of the proof's options and of the document without it."""
    options = {**proof, "@context": document["@context"]}
    return sha256(rfc8785.dumps(options)).digest() + sha256(rfc8785.dumps(dict(document))).digest()


def _fixed(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _der(fixed: bytes) -> bytes:
    if len(fixed) != 64:
        raise CredentialError("The signature is not 64 bytes long.")
    return encode_dss_signature(int.from_bytes(fixed[:32], "big"), int.from_bytes(fixed[32:], "big"))


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _unbase64url(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise CredentialError("It is not written in base64url.") from error


def _base58(raw: bytes) -> str:
    number, digits = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits


def _unbase58(text: str) -> bytes:
    number = 0
    for digit in text:
        number = number * 58 + _BASE58.index(digit)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
