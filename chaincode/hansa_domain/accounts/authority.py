"""What lets money out of an account with rules: slices of its day's allowance, or signatures.

Signers sign the RFC 8785 form of an instruction, wherever their keys are; it names no notes, which whoever
submits it chooses. ECDSA on P-256 with SHA-256 (FIPS 186-5), in DER with the lower s.
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal

import msgspec

from hansa_domain.fields import (
    Amount,
    CurrencyCode,
    Name,
    Owner,
    Seconds,
    Sha256Hex,
    Text,
    Ulid,
    form,
)
from hansa_domain.operation import Command, Reply

MAX_SIGNERS = 16
MAX_DRAWS = 64

_TWO = "[0-9]{2}"
SubAccount = Annotated[
    str, form(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}/[a-z0-9-]{1,32}", "an account of the form <MSP id>/<name>")
]
Moment = Annotated[
    str,
    form(
        rf"[0-9]{{4}}-{_TWO}-{_TWO}T{_TWO}:{_TWO}:{_TWO}\.[0-9]{{3}}Z",
        "a time like 2027-01-15T08:00:00.000Z",
    ),
]
Base64 = Annotated[str, form(r"[A-Za-z0-9+/]+={0,2}", "base64", 1024)]
OperationName = Annotated[str, form(r"[a-z][A-Za-z]{0,31}:[A-Z][A-Za-z]{0,31}", "an operation's name", 64)]
Share = Annotated[int, msgspec.Meta(ge=0, lt=MAX_DRAWS)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What arguments are made of."""


class Signer(_Part, frozen=True, kw_only=True):
    """Who may sign: ``key`` is SHA-256 over ``public_key``, a DER SubjectPublicKeyInfo (P-256) in base64."""

    key: Sha256Hex
    public_key: Base64
    label: Name


class Limit(_Part, frozen=True, kw_only=True):
    """What one user of a hot account may pay alone, in minor units: at once, and in a day (UTC)."""

    currency: CurrencyCode
    per_payment: Amount
    per_day: Amount


class Cap(_Part, frozen=True, kw_only=True):
    """How much refilled money a hot account may hold, in minor units."""

    currency: CurrencyCode
    amount: Amount


class Rules(_Part, frozen=True, kw_only=True):
    """An account's rules: ``threshold`` signers agree to what goes beyond ``limits``.

    ``delay`` in seconds is how long a refill out of this account, and a recovery of its signers, can be
    stopped. A hot account may name the cold one that refills it, and caps; a cold one has no limits.
    """

    signers: Annotated[list[Signer], msgspec.Meta(min_length=1, max_length=MAX_SIGNERS)]
    threshold: Annotated[int, msgspec.Meta(ge=1, le=MAX_SIGNERS)]
    limits: Annotated[list[Limit], msgspec.Meta(max_length=32)]
    delay: Seconds
    cold: SubAccount | None
    caps: Annotated[list[Cap], msgspec.Meta(max_length=32)]


class Payee(_Part, frozen=True, kw_only=True):
    """Whom a payment goes to, and how much."""

    owner: Owner
    amount: Amount


class _Instruction(_Part, frozen=True, kw_only=True):
    """What signers agree to, once, until ``valid_until``, the latest time of the transaction.

    ``opened_at`` is when the ledger says that the account was opened: what was signed for an account of the
    same name on another ledger, a rehearsal's for one, is good for nothing here.
    """

    v: Literal[2]
    account: SubAccount
    opened_at: Moment
    id: Ulid
    valid_until: Moment


class PaymentInstruction(_Instruction, frozen=True, kw_only=True):
    """Signers agree to a payment: so much to these, by this operation.

    ``outputs`` are all whom the payment leaves the account for: notes' owners, the seller of an order.
    ``purpose`` is for those who sign.
    """

    operation: OperationName
    currency: CurrencyCode
    amount: Amount
    outputs: Annotated[list[Payee], msgspec.Meta(min_length=1, max_length=64)]
    purpose: Text


class RulesInstruction(_Instruction, frozen=True, kw_only=True):
    """Signers agree to other rules, in place of those of ``revision``."""

    operation: Literal["accounts:ChangeRules"]
    revision: int
    rules: Rules


class SignerInstruction(_Instruction, frozen=True, kw_only=True):
    """Signers agree that one of them gets another key, or another takes his place."""

    operation: Literal["accounts:ReplaceSigner"]
    revision: int
    old: Sha256Hex
    new: Signer


class StopNotice(_Part, frozen=True, kw_only=True):
    """One signer stops a refill or recovery; ``subject`` is its id."""

    v: Literal[1]
    operation: Literal["accounts:StopRefill", "accounts:StopRecovery"]
    subject: str


Instruction = PaymentInstruction | RulesInstruction | SignerInstruction


class Signature(_Part, frozen=True, kw_only=True):
    """A signer's signature over the canonical JSON of a document; ``key`` as in ``Signer``."""

    key: Sha256Hex
    signature: Base64


Signatures = Annotated[list[Signature], msgspec.Meta(max_length=MAX_SIGNERS)]


class Draw(_Part, frozen=True, kw_only=True):
    """So much out of one slice of the day's allowance, in minor units."""

    slice: Share
    amount: Amount


class Authority(_Part, frozen=True, kw_only=True):
    """Either draws on the allowance of a hot account, or an instruction and its signatures."""

    draws: Annotated[list[Draw], msgspec.Meta(max_length=MAX_DRAWS)] = msgspec.field(default_factory=list)
    instruction: PaymentInstruction | None = None
    signatures: Signatures = msgspec.field(default_factory=list)


class Spending(Command[Reply], Generic[Reply], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command that spends notes. ``authority`` is for those of an account with rules, of one at most."""

    authority: Authority | None = None
