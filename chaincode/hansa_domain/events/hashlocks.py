"""Events of hash time-locks."""

from __future__ import annotations

from hansa_domain.events.base import Event


class HashlockLocked(Event, frozen=True, kw_only=True, tag="hashlock.locked"):
    """``amount`` left the payer's notes; it is the recipient's who in time shows what hashes to ``hash``."""

    hashlock: str
    payer: str
    recipient: str
    currency: str
    amount: str
    hash: str
    expires_at: str
    at: str


class HashlockClaimed(Event, frozen=True, kw_only=True, tag="hashlock.claimed"):
    """The recipient showed the preimage, in hexadecimal digits, and was paid. Everybody knows it now."""

    hashlock: str
    recipient: str
    currency: str
    amount: str
    preimage: str
    at: str


class HashlockRefunded(Event, frozen=True, kw_only=True, tag="hashlock.refunded"):
    """Nobody showed the preimage in time; the money went back to the payer."""

    hashlock: str
    payer: str
    by: str
    currency: str
    amount: str
    at: str
