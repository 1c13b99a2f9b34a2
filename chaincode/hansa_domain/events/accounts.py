"""Events of accounts with rules."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.events.base import Event

AccountKind = Literal["hot", "cold"]
RulesCause = Literal["opened", "changed", "signer-replaced", "recovered"]


class SignerView(msgspec.Struct, frozen=True, kw_only=True):
    """A signer: SHA-256 of the public key, and who that is."""

    key: str
    label: str


class AccountLimitView(msgspec.Struct, frozen=True, kw_only=True):
    """What a user may pay alone, and how much refilled money the account may hold, in minor units."""

    currency: str
    per_payment: str
    per_day: str
    cap: str


class AccountRulesSet(Event, frozen=True, kw_only=True, tag="account.rules_set"):
    """An account was opened, or has other rules; ``revision`` counts them from 1."""

    account: str
    kind: AccountKind
    cause: RulesCause
    revision: int
    signers: list[SignerView]
    threshold: int
    limits: list[AccountLimitView]
    delay: int
    cold: str | None
    instruction: str | None
    at: str


class AccountPaid(Event, frozen=True, kw_only=True, tag="account.paid"):
    """Money left an account with rules: on its allowance of ``day``, or by an instruction and its signers."""

    account: str
    operation: str
    currency: str
    amount: str
    day: str
    instruction: str | None
    signed_by: list[str]
    at: str


class RefillProposed(Event, frozen=True, kw_only=True, tag="account.refill_proposed"):
    """A refill waits until ``due``; any signer may stop it."""

    refill: str
    hot: str
    cold: str
    currency: str
    amount: str
    signed_by: list[str]
    due: str
    at: str


class RefillStopped(Event, frozen=True, kw_only=True, tag="account.refill_stopped"):
    """A signer stopped a refill."""

    refill: str
    hot: str
    cold: str
    stopped_by: str
    at: str


class RefillCompleted(Event, frozen=True, kw_only=True, tag="account.refill_completed"):
    """The money of a refill is in the hot account."""

    refill: str
    hot: str
    cold: str
    at: str


class RecoveryProposed(Event, frozen=True, kw_only=True, tag="account.recovery_proposed"):
    """An administrator wants other signers for an account; any signer may stop it until ``due``."""

    recovery: str
    account: str
    signers: list[SignerView]
    threshold: int
    due: str
    at: str


class RecoveryStopped(Event, frozen=True, kw_only=True, tag="account.recovery_stopped"):
    """A signer stopped a recovery."""

    recovery: str
    account: str
    stopped_by: str
    at: str


class RecoveryCompleted(Event, frozen=True, kw_only=True, tag="account.recovery_completed"):
    """The account has the signers proposed; its rules as they are now come beside this."""

    recovery: str
    account: str
    at: str
