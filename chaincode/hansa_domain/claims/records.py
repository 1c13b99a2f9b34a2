"""A claim under a warranty, as it stands."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

from hansa_domain.disputes.records import Answer, DisputeReason
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ClaimRemedy
from hansa_domain.fields import Timestamp
from hansa_domain.operation import Context, Fetch, Key, Record, Records
from hansa_domain.orders.order import Order
from hansa_domain.times import milliseconds

ClaimStatus = Literal["open", "refused", "escalated", "upheld", "dismissed", "met", "withdrawn", "lapsed"]


class Claim(Record, frozen=True, kw_only=True):
    """A claim; key ``("claim", id)``. Nothing of it is in escrow: verdicts are on record, paid or not.

    ``wanted`` and ``amount`` (minor units) are what the buyer asks for; ``owed`` what he was given.
    ``due`` is until when the seller may answer, the buyer may go on after a refusal, or the arbitrator may
    judge. ``remedy`` tells how it was met: ``replacement`` is the order under which goods were sent.
    """

    NOUN: ClassVar[str] = "claim"
    id: str
    order: str
    status: ClaimStatus
    buyer: str
    seller: str
    arbitrator: str
    account: str
    reason: DisputeReason
    wanted: ClaimRemedy
    currency: str
    amount: str | None
    statements: list[Answer]
    evidence: list[str]
    opened_at: Timestamp
    due: Timestamp | None
    owed: str | None = None
    remedy: ClaimRemedy | None = None
    paid: str | None = None
    replacement: str | None = None
    document: str | None = None
    judged_at: Timestamp | None = None
    closed_at: Timestamp | None = None


class ReplacementUsed(Record, frozen=True, kw_only=True):
    """Which claim an order's goods met: one, and no second; key ``("replacement", order)``."""

    NOUN: ClassVar[str] = "replacement"
    claim: str


def replacement_key(order: str) -> Key:
    """Where it stands which claim the order met."""
    return (ReplacementUsed.NOUN, order)


def claim_key(claim: str) -> Key:
    """Where a claim stands."""
    return (Claim.NOUN, claim)


def load_claim(claim: str) -> Generator[Fetch, Records, tuple[Claim, Order]]:
    """The claim with its order, or CLAIM_NOT_FOUND; ``yield from`` it."""
    records = yield Fetch(keys=(claim_key(claim),))
    found = records.get(Claim, claim, refuse=Code.CLAIM_NOT_FOUND, where="claim")
    records = yield Fetch(keys=((Order.NOUN, found.order),))
    return found, records.get(Order, found.order, refuse=Code.LEDGER_INCONSISTENT)


def require_claim(claim: Claim, allowed: tuple[ClaimStatus, ...], act: str) -> None:
    """Refuses CLAIM_STATE unless the claim is in one of these states."""
    if claim.status not in allowed:
        raise Refusal(
            Code.CLAIM_STATE,
            f"The claim is {claim.status}; to {act} it, it must be {' or '.join(allowed)}.",
            "claim",
        )


def require_side(context: Context, side: str, act: str) -> None:
    """Refuses NOT_PERMITTED unless the caller is ``side``."""
    if context.caller.msp_id != side:
        raise Refusal(Code.NOT_PERMITTED, f"Only {side} may {act} this claim.")


def overdue(claim: Claim, context: Context) -> bool:
    """Whether the present deadline has come."""
    return claim.due is not None and context.now >= milliseconds(claim.due)
