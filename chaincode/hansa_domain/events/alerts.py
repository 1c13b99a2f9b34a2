"""Events of alerts, of what goods were declared to be, and of limits that were not kept."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.events.base import Event

AlertCode = Literal[
    "impossible_places",
    "seen_before_made",
    "seen_after_end",
    "two_holders",
    "commissioned_twice",
    "declared_in_error",
    "cold_chain",
    "device_alarm",
]
"""What was noticed.

``impossible_places``: seen at two places too far apart for the time between. ``seen_before_made``: seen or
sold before it was made. ``seen_after_end``: seen after it was destroyed, used up or retired. ``two_holders``:
at rest with two members in the same minute. ``commissioned_twice``: made by two different reports.
``declared_in_error``: a report on which other things were built was taken back. ``cold_chain``: outside the
product's limits for longer than allowed. ``device_alarm``: the measuring device raised an alarm.
"""

AlertSeverity = Literal["warning", "critical"]
"""``critical``: two members contradict each other, or goods were spoiled; else ``warning``."""

AlertOutcome = Literal["explained", "confirmed", "withdrawn"]
"""How an alert ended: nothing is wrong; something is; or a report that it rests on was declared in error."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A report that an alert rests on: its event's id, who reported it, when it happened, and where."""

    event: str
    reporter: str
    time: str
    place: str | None


class AlertRaised(Event, frozen=True, kw_only=True, tag="alert.raised"):
    """Reports of goods contradict one another, or say that something is wrong with them."""

    alert: str
    code: AlertCode
    severity: AlertSeverity
    epc: str
    owner: str | None
    reporter: str
    evidence: list[Evidence]
    detail: str
    at: str


class AlertAcknowledged(Event, frozen=True, kw_only=True, tag="alert.acknowledged"):
    """Somebody who answers for the goods, or a regulator, looks into it."""

    alert: str
    by: str
    at: str


class AlertClosed(Event, frozen=True, kw_only=True, tag="alert.closed"):
    """It was explained, confirmed, or fell away."""

    alert: str
    outcome: AlertOutcome
    by: str
    remark: str | None
    at: str


class UnitDispositions(msgspec.Struct, frozen=True, kw_only=True):
    """The persistent dispositions of a unit, all that hold now, in order."""

    epc: str
    dispositions: list[str]


class DispositionsChanged(Event, frozen=True, kw_only=True, tag="dispositions.changed"):
    """Goods were declared damaged, expired and the like until further notice, or no longer."""

    changes: list[UnitDispositions]
    at: str


class EventDeclaredInError(Event, frozen=True, kw_only=True, tag="event.declared-in-error"):
    """A report was taken back by who made it.

    ``outcome``: ``undone`` (what it had done to goods is as before), ``doubted`` (other things were built on
    it: ``doubted`` names the goods), ``nothing`` (it had done nothing). ``gone`` are units that exist no
    longer.
    """

    event_id: str
    hash: str
    reporter: str
    reason: str | None
    corrective_event_ids: list[str]
    outcome: str
    gone: list[str]
    doubted: list[str]
    at: str
