"""Raising alerts: a capture looks at each thing its events name and writes one key for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from hansa_domain.alerts.records import (
    Alert,
    AlertOfGoods,
    OpenAlert,
    Sighting,
    Watch,
    alert_of_key,
    watch_key,
)
from hansa_domain.alerts.watching import Finding, forgotten, seen, vagueness
from hansa_domain.alerts.whereabouts import Coordinates, coordinates_of, place_of
from hansa_domain.events import AlertClosed, AlertRaised, Event
from hansa_domain.events.alerts import AlertCode, AlertSeverity, Evidence
from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.gs1 import parse
from hansa_domain.operation import Context, Key, Record, Records
from hansa_domain.times import milliseconds

MAX_EVIDENCE = 10


def watched(events: Iterable[EpcisEvent]) -> list[str]:
    """The single things that events name, in order; classes and lots are not watched."""
    found: dict[str, None] = {}
    for event in events:
        for epc in event.named:
            key = parse(epc)
            if key is not None and key.instance:
                found[epc] = None
    return list(found)


@dataclass
class Watching:
    """What a capture knows of the things its events name, and what it raises; changed from event to event.

    ``watches`` by EPC in normal form, those not on the ledger yet absent; ``looked`` has the EPCs of all that
    were looked for: nothing is raised about others, whose watch would be overwritten. ``places`` by GLN;
    ``alerts`` are the open ones that rest on an event which is declared in error now.
    """

    context: Context
    reference: str
    watches: dict[str, Watch] = field(default_factory=dict)
    looked: frozenset[str] = frozenset()
    places: Coordinates = field(default_factory=dict)
    alerts: Mapping[str, Alert] = field(default_factory=dict)
    touched: dict[str, None] = field(default_factory=dict)
    made: dict[str, Alert] = field(default_factory=dict)
    closed: dict[str, Alert] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    number: int = 0

    @property
    def reporter(self) -> str:
        """Who captures."""
        return self.context.caller.msp_id

    def note(self, event: EpcisEvent, owners: Mapping[str, str | None], *, claim: bool) -> None:
        """An event that is no error declaration says of things where they were.

        Args:
            event: as read.
            owners: the things that are watched, by EPC, and who answers for each.
            claim: it does not count.
        """
        made = {
            *event.outputs,
            *(event.epcs if event.kind == "ObjectEvent" and event.action == "ADD" else ()),
        }
        ended = {*event.inputs}
        if event.kind == "ObjectEvent" and event.action == "DELETE":
            ended.update(event.epcs)
        sighting = self._sighting(event)
        for epc in event.named:
            if epc in owners:
                new = replace(sighting, makes=epc in made)
                before = self.watch(epc)
                after, findings = seen(before, new, claim=claim, ends=epc in ended and not claim)
                if after != before:
                    self.put(after)
                if event.disposition == "returned":
                    findings = [each for each in findings if each.code != "seen_after_end"]
                for finding in findings:
                    self._find(epc, owners[epc], finding)

    def _sighting(self, event: EpcisEvent) -> Sighting:
        where = coordinates_of(event, self.places)
        moment = milliseconds(event.time)
        return Sighting(
            event=event.event_id,
            hash=event.hash,
            reporter=self.reporter,
            time=event.time,
            vague=vagueness(moment, event.fields["eventTimeZoneOffset"]),
            step=event.biz_step,
            place=place_of(event),
            latitude=None if where is None else where[0],
            longitude=None if where is None else where[1],
        )

    def _find(self, epc: str, owner: str | None, finding: Finding) -> None:
        evidence = [each.evidence for each in finding.sightings]
        self.raise_alert(epc, owner, finding.code, finding.severity, evidence, finding.detail)

    def raise_alert(
        self,
        epc: str,
        owner: str | None,
        code: AlertCode,
        severity: AlertSeverity,
        evidence: list[Evidence],
        detail: str,
    ) -> None:
        """Raises an alert, unless one of its kind by the same reporter is open already."""
        watch = self.watch(epc)
        if epc not in self.looked:
            return
        if any((each.code, each.reporter) == (code, self.reporter) for each in watch.alerts):
            return
        alert = Alert(
            id=f"{self.reference}.{self.number}",
            code=code,
            severity=severity,
            epc=epc,
            owner=owner,
            reporter=self.reporter,
            evidence=evidence[:MAX_EVIDENCE],
            detail=detail,
            status="open",
            raised_at=self.context.at,
        )
        self.number += 1
        self.made[alert.id] = alert
        rests_on = list(dict.fromkeys(each.event for each in alert.evidence))
        opened = OpenAlert(alert=alert.id, code=code, reporter=self.reporter, events=rests_on)
        self.put(replace(watch, alerts=[*watch.alerts, opened]))
        self.events.append(raised_event(alert))

    def withdraw(self, event_id: str, epcs: Iterable[str], doubted: Iterable[str]) -> None:
        """The reporter takes an event back: what it said is forgotten, alerts that rest on it fall away."""
        doubts = set(doubted)
        for epc in epcs:
            doubted_now = epc in doubts and epc in self.looked
            before = self.watch(epc) if doubted_now else self.watches.get(epc)
            if before is None:
                continue
            after = forgotten(before, event_id, self.reporter)
            if epc in doubts:
                after = replace(after, doubted=sorted({*after.doubted, event_id}))
            gone = [each for each in after.alerts if self._falls(each, event_id)]
            after = replace(after, alerts=[each for each in after.alerts if each not in gone])
            for each in gone:
                self._close(each.alert)
            if after != before:
                self.put(after)

    def _falls(self, opened: OpenAlert, event_id: str) -> bool:
        alert = self.made.get(opened.alert) or self.alerts.get(opened.alert)
        if alert is None or opened.code == "declared_in_error":
            return False
        return any((each.event, each.reporter) == (event_id, self.reporter) for each in alert.evidence)

    def _close(self, name: str) -> None:
        alert = self.made.pop(name, None) or self.alerts[name]
        closed = replace(
            alert,
            status="closed",
            closed_at=self.context.at,
            closed_by=self.reporter,
            outcome="withdrawn",
        )
        self.closed[name] = closed
        self.events.append(
            AlertClosed(alert=name, outcome="withdrawn", by=self.reporter, remark=None, at=self.context.at)
        )

    def watch(self, epc: str) -> Watch:
        """What is known of a thing, in normal form."""
        return self.watches.get(epc) or Watch(epc=epc)

    def put(self, watch: Watch) -> None:
        """Keeps what is known of a thing now."""
        self.watches[watch.epc] = watch
        self.touched[watch.epc] = None

    def writes(self) -> dict[Key, Record | None]:
        """The records that changed."""
        found: dict[Key, Record | None] = {watch_key(epc): self.watches[epc] for epc in self.touched}
        for alert in (*self.made.values(), *self.closed.values()):
            found[Alert.NOUN, alert.id] = alert
            found[alert_of_key(alert.epc, alert.id)] = AlertOfGoods(alert=alert.id)
        return found


def read_watches(epcs: Iterable[str], records: Records) -> dict[str, Watch]:
    """The watches whose ``watch_key`` were fetched, of the things that have one."""
    found: dict[str, Watch] = {}
    for epc in epcs:
        watch = records.find(Watch, *watch_key(epc)[1:])
        if watch is not None:
            found[epc] = watch
    return found


def resting_on(watches: Mapping[str, Watch], event_ids: Iterable[str]) -> list[str]:
    """The open alerts that rest on any of these events, in order."""
    wanted = set(event_ids)
    return sorted(
        each.alert for watch in watches.values() for each in watch.alerts if wanted.intersection(each.events)
    )


def raised_event(alert: Alert) -> AlertRaised:
    """What tells of an alert."""
    return AlertRaised(
        alert=alert.id,
        code=alert.code,
        severity=alert.severity,
        epc=alert.epc,
        owner=alert.owner,
        reporter=alert.reporter,
        evidence=alert.evidence,
        detail=alert.detail,
        at=alert.raised_at,
    )
