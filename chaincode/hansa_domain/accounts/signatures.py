"""Signatures of an account's signers: strictly one form each, so that every peer judges alike."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hansa_domain.accounts.authority import Signature, Signer
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.operation import canonical

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256's group (SP 800-186)."""


def check_signer(signer: Signer, where: str) -> None:
    """Refuses SIGNER_KEY_INVALID, unless the key is a P-256 key in its one form and ``key`` its digest."""
    raw = _decoded(signer.public_key)
    if raw is None or _public_key(raw) is None:
        raise Refusal(
            Code.SIGNER_KEY_INVALID,
            "The key is no DER SubjectPublicKeyInfo of a P-256 key in base64.",
            f"{where}.public_key",
        )
    if sha256(raw).hexdigest() != signer.key:
        raise Refusal(Code.SIGNER_KEY_INVALID, "The name is not the SHA-256 of the key.", f"{where}.key")


def signed_by(
    signers: Sequence[Signer], document: msgspec.Struct, signatures: Sequence[Signature], where: str
) -> list[Signer]:
    """Who signed the document; every signature given must be good.

    Args:
        signers: who may sign.
        document: what is signed, in the form of RFC 8785.
        where: the field that has the signatures.

    Raises:
        Refusal: SIGNER_REPEATED, or as ``signer_of``.
    """
    found: dict[str, Signer] = {}
    for place, signature in enumerate(signatures):
        signer = signer_of(signers, document, signature, f"{where}[{place}]")
        if signer.key in found:
            raise Refusal(Code.SIGNER_REPEATED, f"{signer.label} signs twice.", f"{where}[{place}].key")
        found[signer.key] = signer
    return list(found.values())


def signer_of(
    signers: Sequence[Signer], document: msgspec.Struct, signature: Signature, where: str
) -> Signer:
    """Whose signature it is. Refuses SIGNER_UNKNOWN or SIGNATURE_INVALID below ``where``."""
    signer = next((each for each in signers if each.key == signature.key), None)
    if signer is None:
        raise Refusal(
            Code.SIGNER_UNKNOWN, f"The key {signature.key[:16]} signs for no such account.", f"{where}.key"
        )
    if not _good(signer, signature, canonical(document)):
        raise Refusal(
            Code.SIGNATURE_INVALID,
            f"This is not {signer.label}'s signature over this document.",
            f"{where}.signature",
        )
    return signer


def _good(signer: Signer, signature: Signature, content: bytes) -> bool:
    raw, key = _decoded(signature.signature), _decoded(signer.public_key)
    public = None if key is None else _public_key(key)
    if raw is None or public is None:
        return False
    try:
        r, s = decode_dss_signature(raw)
        # One form only: another DER of the same numbers, or the other s, is no signature of ours.
        if encode_dss_signature(r, s) != raw or not 0 < s <= _ORDER // 2:
            return False
        public.verify(raw, content, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _decoded(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def _public_key(raw: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        key = serialization.load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key if key.public_bytes(serialization.Encoding.DER, form) == raw else None
