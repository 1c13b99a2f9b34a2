"""Events of claims under a warranty."""

from __future__ import annotations

from typing import Literal

from hansa_domain.events.base import Event

ClaimRemedy = Literal["payment", "replacement", "credit"]


class ClaimOpened(Event, frozen=True, kw_only=True, tag="claim.opened"):
    """A buyer claims under the warranty; ``amount`` in minor units where he wants money. Texts are hashes."""

    claim: str
    order: str
    buyer: str
    seller: str
    reason: str
    wanted: str
    currency: str
    amount: str | None
    statement: str | None
    evidence: list[str]
    due: str
    at: str


class ClaimRefused(Event, frozen=True, kw_only=True, tag="claim.refused"):
    """The seller does not meet the claim; the buyer may bring it before the arbitrator until ``due``."""

    claim: str
    order: str
    statement: str | None
    due: str
    at: str


class ClaimEscalated(Event, frozen=True, kw_only=True, tag="claim.escalated"):
    """A claim came before an arbitrator: refused, left unanswered, or passed on by one who was silent."""

    claim: str
    order: str
    arbitrator: str
    due: str
    at: str


class ClaimJudged(Event, frozen=True, kw_only=True, tag="claim.judged"):
    """The arbitrator's verdict: what the seller owes, in minor units, or nothing."""

    claim: str
    order: str
    arbitrator: str
    upheld: bool
    currency: str
    amount: str
    statement: str | None
    at: str


class ClaimMet(Event, frozen=True, kw_only=True, tag="claim.met"):
    """The seller met the claim: paid ``amount``, gave credit for it, or sends goods under ``replacement``."""

    claim: str
    order: str
    remedy: ClaimRemedy
    currency: str
    amount: str | None
    replacement: str | None
    document: str | None
    at: str


class ClaimClosed(Event, frozen=True, kw_only=True, tag="claim.closed"):
    """A claim ended unmet: withdrawn by the buyer, or lapsed since nobody went on with it in time."""

    claim: str
    order: str
    status: str
    by: str
    at: str
