"""What the ledger keeps to notice contradictions: per thing where it was seen, and the alerts raised."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from hansa_domain.events.alerts import AlertCode, AlertOutcome, AlertSeverity, Evidence
from hansa_domain.fields import Timestamp
from hansa_domain.goods.records import key_part
from hansa_domain.operation import Key, Record

AlertStatus = Literal["open", "acknowledged", "closed"]
Vagueness = Literal["", "hour", "day"]


class Sighting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One report that names a thing: by whom, when it happened, and where.

    ``hash`` is the event's. ``vague`` says that its time looks rounded to an hour or a day. ``latitude`` and
    ``longitude`` in microdegrees, where the place was registered with them. ``makes``: it reports the thing
    made.
    """

    event: str
    hash: str
    reporter: str
    time: Timestamp
    vague: Vagueness = ""
    step: str | None = None
    place: str | None = None
    latitude: int | None = None
    longitude: int | None = None
    makes: bool = False

    @property
    def evidence(self) -> Evidence:
        """As alerts name it."""
        return Evidence(event=self.event, reporter=self.reporter, time=self.time, place=self.place)


class OpenAlert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that is not closed: while it is open, the same reporter raises no other of its kind."""

    alert: str
    code: AlertCode
    reporter: str
    events: list[str]


class Watch(Record, frozen=True, kw_only=True):
    """Where one thing was seen; key ``("watch", epc)``, one a thing and bounded.

    ``seen`` and ``claimed`` hold the latest sightings by the time they happened, accepted and merely claimed.
    ``made`` and ``ended`` are the accepted reports of these. ``doubted`` are events that were declared in
    error after other things had been built on them. It has no guardian: whoever reports may add to it.
    """

    NOUN: ClassVar[str] = "watch"
    epc: str
    made: Sighting | None = None
    ended: Sighting | None = None
    seen: list[Sighting] = msgspec.field(default_factory=list)
    claimed: list[Sighting] = msgspec.field(default_factory=list)
    alerts: list[OpenAlert] = msgspec.field(default_factory=list)
    doubted: list[str] = msgspec.field(default_factory=list)


class Alert(Record, frozen=True, kw_only=True):
    """A contradiction that was noticed; key ``("alert", id)``.

    ``owner`` answers for the goods: their product's owner, None where the ledger knows none. ``detail`` says
    in words what was found. ``remark`` is what was said when it was closed.
    """

    NOUN: ClassVar[str] = "alert"
    id: str
    code: AlertCode
    severity: AlertSeverity
    epc: str
    owner: str | None
    reporter: str
    evidence: list[Evidence]
    detail: str
    status: AlertStatus
    raised_at: Timestamp
    acknowledged_at: Timestamp | None = None
    acknowledged_by: str | None = None
    closed_at: Timestamp | None = None
    closed_by: str | None = None
    outcome: AlertOutcome | None = None
    remark: str | None = None


class AlertOfGoods(Record, frozen=True, kw_only=True):
    """Index of alerts by what they are about; key ``("alert-of", epc, alert)``."""

    NOUN: ClassVar[str] = "alert-of"
    alert: str


def watch_key(epc: str) -> Key:
    """Where the watch over a thing (in normal form) stands."""
    return (Watch.NOUN, key_part(epc))


def alert_of_key(epc: str, alert: str) -> Key:
    """Where the index says that an alert is about a thing (in normal form)."""
    return (AlertOfGoods.NOUN, key_part(epc), alert)
