"""Events of goods that pass from one member to another by offer and acceptance."""

from __future__ import annotations

from hansa_domain.events.base import Event


class HandoverOffered(Event, frozen=True, kw_only=True, tag="handover.offered"):
    """A member offers goods to another; ``passes`` is ``custody``, ``ownership`` or ``both``.

    ``epcs`` are those named, in normal form; what is packed in them goes with them.
    """

    handover: str
    giver: str
    taker: str
    passes: str
    epcs: list[str]
    at: str


class HandoverClosed(Event, frozen=True, kw_only=True, tag="handover.closed"):
    """An offer was ``accepted`` or ``declined`` by its taker, or ``withdrawn`` by its giver."""

    handover: str
    outcome: str
    giver: str
    taker: str
    by: str
    at: str
