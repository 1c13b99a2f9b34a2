"""Events of disputes."""

from __future__ import annotations

from typing import Literal

from hansa_domain.events.base import Event

DisputeEnd = Literal["decided", "agreed", "conceded", "withdrawn", "lapsed"]


class DisputeOpened(Event, frozen=True, kw_only=True, tag="dispute.opened"):
    """A party brought an order before its arbitrator, who has until ``due``; texts are hashes here."""

    order: str
    by: str
    reason: str
    arbitrator: str
    statement: str | None
    evidence: list[str]
    due: str
    at: str


class DisputeAnswered(Event, frozen=True, kw_only=True, tag="dispute.answered"):
    """Another party answered; ``statement`` is the hash of its text."""

    order: str
    opener: str
    by: str
    statement: str
    evidence: list[str]
    at: str


class EvidenceAdded(Event, frozen=True, kw_only=True, tag="dispute.evidence"):
    """A party laid documents before the arbitrator, by their hashes."""

    order: str
    opener: str
    by: str
    evidence: list[str]
    at: str


class DisputePassedOn(Event, frozen=True, kw_only=True, tag="dispute.passed_on"):
    """The arbitrator was silent until his time was over; the second one has until ``due``."""

    order: str
    opener: str
    silent: str
    arbitrator: str
    by: str
    due: str
    at: str


class DisputeClosed(Event, frozen=True, kw_only=True, tag="dispute.closed"):
    """How a dispute ended. Where the order goes on, its next deadline is ``due``.

    ``statement`` is the hash of the arbitrator's reasons, where he decided.
    """

    order: str
    opener: str
    end: DisputeEnd
    by: str
    statement: str | None
    due: str | None
    at: str
