"""Keys of an account's signers, always the same ones, and documents signed with them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from hansa_domain.operation import Caller
from tests.support.domain import World, consortium, mint, ulid

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ADMIN = Caller("RetailerMSP", "admin", admin=True)
HOT, COLD = "RetailerMSP/till", "RetailerMSP/vault"
UNTIL = "2027-03-01T00:00:00.000Z"
OPENED = "2027-01-15T08:00:00.000Z"
"""When a world's accounts are opened, unless time passed before."""


def key(number: int) -> ec.EllipticCurvePrivateKey:
    """The key of signer 1, 2, ..."""
    return ec.derive_private_key(number + 7, ec.SECP256R1())


def spki(public: Any) -> bytes:
    return bytes(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def name(number: int) -> str:
    """SHA-256 of a signer's public key."""
    return sha256(spki(key(number).public_key())).hexdigest()


def pem(private: Any, passphrase: bytes | None = None) -> bytes:
    lock = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))


def public(private: Any) -> bytes:
    form = PublicFormat.SubjectPublicKeyInfo
    return bytes(private.public_key().public_bytes(Encoding.PEM, form))


def signer(number: int) -> dict[str, str]:
    """A signer as rules name it."""
    raw = spki(key(number).public_key())
    return {
        "key": sha256(raw).hexdigest(),
        "public_key": base64.b64encode(raw).decode(),
        "label": f"Signer {number}",
    }


def signature(number: int, document: Any) -> dict[str, str]:
    """One signer's signature over a document, the same each time (RFC 6979), with the lower s."""
    content = rfc8785.dumps(document)
    made = key(number).sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(made)
    return {
        "key": name(number),
        "signature": base64.b64encode(encode_dss_signature(r, min(s, ORDER - s))).decode(),
    }


def signed(document: Any, *numbers: int) -> dict[str, Any]:
    """An instruction with the signatures of these signers."""
    return {"instruction": document, "signatures": [signature(number, document) for number in numbers]}


def rules(*numbers: int, threshold: int = 2, **more: Any) -> dict[str, Any]:
    """Rules with these signers, by default 1, 2 and 3."""
    signers = [signer(number) for number in numbers or (1, 2, 3)]
    return {
        "signers": signers,
        "threshold": threshold,
        "limits": [],
        "delay": 60,
        "cold": None,
        "caps": [],
        **more,
    }


HOT_RULES: dict[str, Any] = {
    "limits": [{"currency": "EUR", "per_payment": "100", "per_day": "402"}],
    "cold": COLD,
    "caps": [{"currency": "EUR", "amount": "500"}],
}


def accounts() -> World:
    """A consortium whose retailer has a hot and a cold account, of signers 1 to 3, two of whom must sign."""
    world = consortium()
    open_accounts(world)
    return world


def open_accounts(world: World) -> None:
    """The two accounts."""
    world.do(ADMIN, "accounts:Open", account=COLD, kind="cold", rules=rules())
    world.do(ADMIN, "accounts:Open", account=HOT, kind="hot", rules=rules(**HOT_RULES), slices=4)


def funded() -> tuple[World, str, str]:
    """The accounts, and a note of 1000 in the hot and in the cold one."""
    world = accounts()
    return world, mint(world, "1000", HOT), mint(world, "1000", COLD)


def payment(
    amount: int = 300, account: str = HOT, to: str = "ProducerMSP", number: object = 1, **more: Any
) -> dict[str, Any]:
    """An instruction to pay."""
    return {
        "v": 2,
        "account": account,
        "opened_at": OPENED,
        "id": ulid(("instruction", number)),
        "operation": "money:Transfer",
        "currency": "EUR",
        "amount": str(amount),
        "outputs": [{"owner": to, "amount": str(amount)}],
        "purpose": "",
        "valid_until": UNTIL,
        **more,
    }


def refill(amount: int = 400, number: object = 1, **more: Any) -> dict[str, Any]:
    """An instruction to refill the hot account from the cold one."""
    return payment(amount, COLD, HOT, number, operation="accounts:CompleteRefill", **more)


def notice(operation: str, subject: str, number: int) -> dict[str, str]:
    """A signer's signature over the wish to stop something."""
    return signature(number, {"v": 1, "operation": operation, "subject": subject})


def outputs(*parts: Sequence[object]) -> list[dict[str, str]]:
    """Outputs of a transfer, from pairs of owner and amount."""
    return [{"owner": str(owner), "amount": str(amount)} for owner, amount in parts]
