"""Hash time-locks: money that waits for a secret, for payments across two chains."""

from __future__ import annotations

import secrets
from hashlib import sha256

import msgspec

from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once, submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.commands import CommandReply
from hansa_domain.hashlocks import (
    ClaimHashlock,
    GetHashlock,
    Hashlock,
    HashlockClosedReply,
    HashlockLockedReply,
    HashlockReply,
    LockHashlock,
    RefundHashlock,
)


def new_secret() -> tuple[str, str]:
    """A fresh secret of 32 random bytes and its SHA-256, both in hexadecimal digits."""
    secret = secrets.token_bytes(32)
    return secret.hex(), sha256(secret).hexdigest()


class Hashlocks:
    """``client.hashlocks``. Amounts are integers of minor units."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id

    def lock(
        self,
        recipient: str,
        currency: str,
        amount: int,
        *,
        hash_: str,
        expires_within: int,
        account: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[HashlockLockedReply]:
        """Locks money for who shows a secret; notes are chosen here, and the change comes back.

        Args:
            recipient: the account that may claim it, ``MSP`` or ``MSP/name``.
            currency: ISO 4217 code.
            amount: minor units, above 0.
            hash_: SHA-256 of the secret, hexadecimal.
            expires_within: seconds until it can only be refunded.
            account: the account that pays; None takes the organisation's main account.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        wanted = LockHashlock(
            id=command_id or new_id(),
            notes=[],
            amount=str(amount),
            currency=currency,
            recipient=recipient,
            hash=hash_,
            expires_within=expires_within,
            change=account,
        )
        payer = account or self._msp_id
        return once(
            self._submitter,
            "hashlocks:Lock",
            command_id,
            HashlockLockedReply,
            lambda found: _is_lock(found, wanted, payer),
            lambda: self._lock(wanted, payer),
        )

    def _lock(self, wanted: LockHashlock, payer: str) -> Receipt[HashlockLockedReply]:
        with self._purse.paying(payer, wanted.currency, int(wanted.amount)) as payment:
            command = msgspec.structs.replace(wanted, notes=payment.notes, authority=payment.authority)
            receipt = self._submitter.submit("hashlocks:Lock", command, HashlockLockedReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        return receipt

    def claim(
        self, hashlock: str, preimage: str, *, command_id: str | None = None
    ) -> Receipt[HashlockClosedReply]:
        """Takes the money by showing the secret, which everybody knows then.

        Args:
            hashlock: its id.
            preimage: the secret's bytes, hexadecimal.
        """
        command = ClaimHashlock(id=command_id or new_id(), hashlock=hashlock, preimage=preimage)
        return self._close("hashlocks:Claim", command, command_id)

    def refund(self, hashlock: str, *, command_id: str | None = None) -> Receipt[HashlockClosedReply]:
        """Sends the money of an expired one back; any member may."""
        command = RefundHashlock(id=command_id or new_id(), hashlock=hashlock)
        return self._close("hashlocks:Refund", command, command_id)

    def get(self, hashlock: str) -> Hashlock:
        """One hash time-lock, with its secret once it was shown. Raises RefusedError (HASHLOCK_NOT_FOUND)."""
        query = GetHashlock(hashlock=hashlock)
        return self._submitter.evaluate("hashlocks:Get", query, HashlockReply).hashlock

    def _close(
        self, function: str, command: ClaimHashlock | RefundHashlock, given: str | None
    ) -> Receipt[HashlockClosedReply]:
        before = self._purse.moment()
        receipt = submit_once(self._submitter, function, command, HashlockClosedReply, given)
        if not receipt.repeated:
            self._purse.received(receipt.reply.notes, before)
        return receipt


def _is_lock(found: CommandReply, wanted: LockHashlock, payer: str) -> bool:
    made = msgspec.json.decode(found.reply, type=HashlockLockedReply).hashlock
    return (made.payer, made.recipient, made.currency, made.amount, made.hash) == (
        payer,
        wanted.recipient,
        wanted.currency,
        wanted.amount,
        wanted.hash,
    )
