"""Signing instructions with a key that never meets the network: nothing here connects to anything."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import rfc8785
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from hansa.errors import HansaError
from hansa.ids import new_id
from hansa_domain.accounts.authority import (
    Payee,
    PaymentInstruction,
    Rules,
    RulesInstruction,
    Signature,
    Signer,
    SignerInstruction,
    StopNotice,
)

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_DAY = 86_400

Document = PaymentInstruction | RulesInstruction | SignerInstruction | StopNotice
"""What signers sign."""


class SigningError(HansaError):
    """A key or document that cannot be used."""


@dataclass(frozen=True)
class Signed:
    """An instruction and the signatures collected for it so far."""

    instruction: PaymentInstruction
    signatures: tuple[Signature, ...] = ()


def signer_of(public_key: bytes, label: str) -> Signer:
    """A signer as an account's rules name it.

    Args:
        public_key: PEM of a P-256 public key.
        label: who that is.

    Raises:
        SigningError: KEY_INVALID.
    """
    try:
        key = serialization.load_pem_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SigningError(
            "KEY_INVALID", f"{label}: this is no public key in PEM.", "Export it with openssl pkey -pubout."
        ) from error
    return _signer(key, label)


def sign_instruction(document: Document | Mapping[str, Any], key: ec.EllipticCurvePrivateKey) -> Signature:
    """One signer's signature over the document's RFC 8785 form, for the ledger.

    ECDSA on P-256 with SHA-256, deterministic (RFC 6979), in DER with the lower s. It needs no network.

    Args:
        document: an instruction or notice, typed or as read from JSON.
        key: the signer's private key.
    """
    content = rfc8785.dumps(msgspec.to_builtins(document))
    made = key.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(made)
    lower = encode_dss_signature(r, min(s, _ORDER - s))
    name = _signer(key.public_key(), "-").key
    return Signature(key=name, signature=base64.b64encode(lower).decode())


def read_key(path: Path, passphrase: str | None = None) -> ec.EllipticCurvePrivateKey:
    """A signer's private key from a PEM file.

    Raises:
        SigningError: KEY_INVALID: it is none of P-256, or does not open with the passphrase.
    """
    secret = None if passphrase is None else passphrase.encode()
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), secret)
    except OSError as error:
        raise SigningError("KEY_INVALID", f"{path}: {error.strerror}", "Check the path.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningError(
            "KEY_INVALID",
            f"{path} is no private key in PEM, or does not open with the passphrase given.",
            "Give the signer's private key, and its passphrase if it has one.",
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SigningError("KEY_INVALID", f"{path} is no P-256 key.", "Make one: openssl ecparam -genkey.")
    return key


def read_document(raw: bytes) -> Document:
    """An instruction or notice from its JSON, checked as the ledger will check it.

    Raises:
        SigningError: DOCUMENT_INVALID.
    """
    wrong: msgspec.DecodeError | None = None
    kinds: tuple[type[Document], ...] = (PaymentInstruction, RulesInstruction, SignerInstruction, StopNotice)
    for kind in kinds:
        try:
            return msgspec.json.decode(raw, type=kind)
        except msgspec.DecodeError as error:
            wrong = wrong or error
    raise SigningError(
        "DOCUMENT_INVALID", f"This is no instruction: {wrong}.", "See hansa accounts instruct."
    )


def payment_instruction(
    account: str,
    to: str,
    currency: str,
    amount: int,
    *,
    opened_at: str,
    operation: str = "money:Transfer",
    purpose: str = "",
    valid_for: int = 7 * _DAY,
    valid_until: str | None = None,
    instruction_id: str | None = None,
) -> PaymentInstruction:
    """An instruction to pay, for signers to sign.

    Args:
        account: the account that pays, ``MSP/name``.
        to: who is paid: an account, or the seller of an order.
        amount: minor units.
        opened_at: when the account was opened, as ``client.accounts.get`` tells.
        operation: what carries it out; ``accounts:CompleteRefill`` for a refill.
        purpose: words for those who sign.
        valid_for: seconds from now, where ``valid_until`` (RFC 3339, UTC, milliseconds) is not given.
    """
    end = datetime.now(UTC) + timedelta(seconds=valid_for)
    return PaymentInstruction(
        v=2,
        account=account,
        opened_at=opened_at,
        id=instruction_id or new_id(),
        operation=operation,
        currency=currency,
        amount=str(amount),
        outputs=[Payee(owner=to, amount=str(amount))],
        purpose=purpose,
        valid_until=valid_until or end.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    )


def account_rules(
    signers: list[Signer],
    threshold: int,
    *,
    delay: int = _DAY,
    **more: Any,
) -> Rules:
    """Rules of an account; see ``Rules`` for what else they can have.

    Args:
        delay: seconds in which a refill or recovery can be stopped.
        more: ``limits``, ``cold`` and ``caps``.
    """
    document = {"limits": [], "cold": None, "caps": [], **more}
    wanted = {"signers": signers, "threshold": threshold, "delay": delay, **document}
    return msgspec.convert(msgspec.to_builtins(wanted), Rules)


def _signer(key: object, label: str) -> Signer:
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SigningError("KEY_INVALID", f"{label}: this is no P-256 key.", "Use a key of the curve P-256.")
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    raw = key.public_bytes(serialization.Encoding.DER, form)
    return Signer(key=sha256(raw).hexdigest(), public_key=base64.b64encode(raw).decode(), label=label)
