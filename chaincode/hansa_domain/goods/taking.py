"""Taking events one after the other: each counts, is kept as a claim, or takes an earlier one back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.coldchain.readings import alarms
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CapturedEventView, Event, EventDeclaredInError
from hansa_domain.events.alerts import AlertCode, AlertSeverity, Evidence
from hansa_domain.goods.conditions import dispose
from hansa_domain.goods.corrections import (
    CorrectionOf,
    DeclaredInError,
    EventEffects,
    LotDelta,
    Outcome,
    effects_of,
    may_undo,
    report_key,
    undo,
)
from hansa_domain.goods.effects import apply, hands_over_recalled
from hansa_domain.goods.epcis import EpcisEvent, EventSource
from hansa_domain.goods.lineage import Offspring, offspring
from hansa_domain.goods.loading import Loaded
from hansa_domain.goods.lots import text_of
from hansa_domain.goods.records import (
    ClaimReason,
    EventOfEpc,
    EventOfHash,
    EventRecord,
    EventStatus,
    key_part,
)
from hansa_domain.goods.roles import roles_of
from hansa_domain.goods.standing import claim_reason
from hansa_domain.gs1 import normal_form, parse
from hansa_domain.operation import Context, Key, Record

MAX_ALERTS_OF_EVENT = 50

EventKey = tuple[str, str, str]
CaptureStatus = Literal["accepted", "claim", "already_captured", "refused"]


class CaptureResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one event.

    ``reason`` says why it is a claim; ``code``, ``message`` and ``field`` (a path within the event) why it
    was refused. ``event_id`` is the event's own or its hash. Of an error declaration ``outcome`` says what
    became of the event's effects (``undone``, ``doubted``, ``nothing``).
    """

    status: CaptureStatus
    event_id: str | None = None
    hash: str | None = None
    reason: ClaimReason | None = None
    code: str | None = None
    message: str | None = None
    field: str | None = None
    outcome: Outcome | None = None


def event_key(event: EpcisEvent, reporter: str) -> EventKey:
    """The key, without noun, of an event as ``reporter`` reports it.

    A reporter's events stand apart from others', so that nobody can occupy another's event ids. An error
    declaration, which bears the id of the event it concerns, stands beside it.
    """
    return (key_part(event.event_id), reporter, variant(event))


def variant(event: EpcisEvent) -> str:
    """What tells an error declaration from the event it concerns."""
    return "event" if event.error_digest is None else f"error-{event.error_digest[:32]}"


def refused(refusal: Refusal) -> CaptureResult:
    """The result of an event that is refused."""
    return CaptureResult(
        status="refused", code=refusal.code.value, message=refusal.message, field=refusal.field
    )


@dataclass
class Taking:
    """A capture as it proceeds from event to event."""

    context: Context
    loaded: Loaded
    stored: dict[EventKey, EventRecord]
    writes: dict[Key, Record | None] = field(default_factory=dict)
    happened: list[Event] = field(default_factory=list)
    views: list[CapturedEventView] = field(default_factory=list)

    @property
    def reporter(self) -> str:
        """Who captures."""
        return self.context.caller.msp_id

    def take(self, event: EpcisEvent, source: EventSource) -> CaptureResult:
        """Takes one event and answers what became of it."""
        key = event_key(event, self.reporter)
        earlier = self.stored.get(key)
        if earlier is not None and earlier.hash != event.hash:
            says = f"You reported another event as {event.event_id} before."
            return refused(Refusal(Code.EVENT_ID_REUSED, says, "eventID"))
        if event.error_digest is not None:
            return self._declare(event, source, earlier)
        taken_back = self.loaded.corrections.declared.get(report_key(event, self.reporter))
        party, reason = self._counts_for(event)
        if taken_back is not None:
            party, reason = self.reporter, "declared_in_error"
        # A claim sent again counts from now on, once the reporter has standing (its product is registered).
        if earlier is not None and (earlier.status == "accepted" or reason is not None):
            return _known(earlier)
        orders = self._orders(event) if reason is None else []
        if reason is None:
            self._apply(event, party)
        if taken_back is None:
            self._watch(event, claim=reason is not None)
        status: EventStatus = "accepted" if reason is None else "claim"
        record = self._record(event, source, status, reason, None if party == self.reporter else party)
        if taken_back is not None:
            record = _taken_back(record, taken_back.corrective_event_ids)
        self._keep(event, key, record, orders)
        return CaptureResult(status=status, event_id=event.event_id, hash=event.hash, reason=reason)

    def _counts_for(self, event: EpcisEvent) -> tuple[str, ClaimReason | None]:
        """For whom the event counts: its reporter, else who delegated it; or why it is only a claim."""
        reason = self._objection(event, self.reporter) or self.loaded.lots.objection(event)
        if reason is not None:
            for grantor in self.loaded.delegations.grantors(event, self.context.now):
                if self._objection(event, grantor) is None:
                    return grantor, None
        return self.reporter, reason

    def _objection(self, event: EpcisEvent, party: str) -> ClaimReason | None:
        reason = claim_reason(event, party, self.loaded.known)
        if reason is None and hands_over_recalled(event, party, self.loaded.known):
            return "recalled"
        return reason

    def _orders(self, event: EpcisEvent) -> list[str]:
        units = self.loaded.known.units
        return sorted({unit.order for epc in event.named if (unit := units.get(epc)) and unit.order})

    def _apply(self, event: EpcisEvent, party: str) -> None:
        """What an accepted event does to goods; kept beside it, so that it can be undone."""
        known, lots = self.loaded.known, self.loaded.lots
        before, used = dict(known.units), known.with_contents(event.inputs)
        self.happened.extend(apply(event, party, known, self.context.now))
        changed = lots.apply(event)
        dispose(event, party, known)
        entries = offspring(event, known, used)
        self.writes.update(entries)
        deltas = [
            LotDelta(lot=lot, uom=uom, change=text_of(changed[lot, uom])) for lot, uom in sorted(changed)
        ]
        subjects = [entry.subject for entry in entries.values() if isinstance(entry, Offspring)]
        effects = effects_of(event, before, known, deltas, lots.told_by(event), subjects)
        if effects is not None:
            key = report_key(event, self.reporter)
            self.loaded.corrections.effects[key] = effects
            self.writes[(EventEffects.NOUN, *key)] = effects
        for each in self.loaded.exposures.note(event, known.units, self.reporter):
            says = f"{each.measures} {each.worst} {each.uom}, outside its limits for {each.seconds} s."
            self._alert(each.epc, "cold_chain", "critical", event, says)
        for measures in dict.fromkeys(alarms(event)):
            says = f"The device raised an alarm about {measures}."
            for epc in self._watched(event)[:MAX_ALERTS_OF_EVENT]:
                self._alert(epc, "device_alarm", "warning", event, says)

    def _alert(
        self, epc: str, code: AlertCode, severity: AlertSeverity, event: EpcisEvent, says: str
    ) -> None:
        place = event.read_point
        evidence = Evidence(event=event.event_id, reporter=self.reporter, time=event.time, place=place)
        self.loaded.watching.raise_alert(epc, self._owner(epc), code, severity, [evidence], says)

    def _watch(self, event: EpcisEvent, *, claim: bool) -> None:
        owners = {epc: self._owner(epc) for epc in self._watched(event)}
        self.loaded.watching.note(event, owners, claim=claim)

    def _watched(self, event: EpcisEvent) -> list[str]:
        """The single things of an event that the ledger knows, or knows the product of."""
        known = self.loaded.known
        found = []
        for epc in event.named:
            key = parse(epc)
            if key is not None and key.instance and (epc in known.units or known.owner_of_kind(epc)):
                found.append(epc)
        return found

    def _owner(self, epc: str) -> str | None:
        unit = self.loaded.known.units.get(epc)
        return self.loaded.known.owner_of_kind(epc) or (None if unit is None else unit.owner)

    def _declare(self, event: EpcisEvent, source: EventSource, earlier: EventRecord | None) -> CaptureResult:
        """The reporter takes an event back. The declaration itself is only kept."""
        if earlier is not None:
            return _known(earlier)
        key = report_key(event, self.reporter)
        original = self.stored.get((*key, "event"))
        if original is not None and original.hash != event.hash:
            says = f"This differs from what you reported as {event.event_id}."
            return refused(Refusal(Code.ERROR_DECLARATION_DIFFERS, says, "eventID"))
        own = event_key(event, self.reporter)
        reason = None if original is not None else self._counts_for(event)[1]
        status: EventStatus = "accepted" if reason is None else "claim"
        outcome: Outcome = "nothing"
        if key not in self.loaded.corrections.declared:
            outcome = self._take_back(event, original)
            declared = DeclaredInError(event=own, corrective_event_ids=list(event.corrective_event_ids))
            self.loaded.corrections.declared[key] = declared
            self.writes[(DeclaredInError.NOUN, *key)] = declared
        for corrective in event.corrective_event_ids:
            self.writes[(CorrectionOf.NOUN, key_part(corrective), *own)] = CorrectionOf(event=own)
        record = self._record(event, source, status, reason, None)
        record = replace(record, corrective_event_ids=list(event.corrective_event_ids))
        self._keep(event, own, record, [])
        return CaptureResult(
            status=status, event_id=event.event_id, hash=event.hash, reason=reason, outcome=outcome
        )

    def _take_back(self, event: EpcisEvent, original: EventRecord | None) -> Outcome:
        loaded, key = self.loaded, report_key(event, self.reporter)
        effects = loaded.corrections.effects.pop(key, None)
        outcome: Outcome = "nothing"
        gone: list[str] = []
        doubted: list[str] = []
        concerned = list(event.named)
        if effects is not None:
            changed = [*(each.epc for each in effects.units), *(each.lot for each in effects.lots)]
            concerned = sorted({*event.named, *changed})
            if may_undo(
                effects, self.reporter, loaded.known, loaded.lots, self._seen_since(event, concerned)
            ):
                outcome = "undone"
                gone, entries = undo(effects, loaded.known, loaded.lots)
                self.writes.update(entries)
                self.writes[(EventEffects.NOUN, *key)] = None
            else:
                outcome, doubted = "doubted", sorted(set(changed))
        exposed = list(loaded.exposures.found)
        loaded.watching.withdraw(event.event_id, dict.fromkeys([*concerned, *exposed]), doubted)
        loaded.exposures.forget(exposed, event.event_id, self.reporter)
        named = [epc for epc in doubted if epc in event.named] or doubted
        for epc in named[:MAX_ALERTS_OF_EVENT]:
            says = f"{self.reporter} took back an event on which other things had been built."
            self._alert(epc, "declared_in_error", "warning", event, says)
        if original is not None:
            taken_back = _taken_back(original, list(event.corrective_event_ids))
            self.stored[(*key, "event")] = taken_back
            self.writes[(EventRecord.NOUN, *key, "event")] = taken_back
        declaration = event.fields["errorDeclaration"]
        self.happened.append(
            EventDeclaredInError(
                event_id=event.event_id,
                hash=event.hash,
                reporter=self.reporter,
                reason=declaration.get("reason"),
                corrective_event_ids=list(event.corrective_event_ids),
                outcome=outcome,
                gone=gone,
                doubted=doubted,
                at=self.context.at,
            )
        )
        return outcome

    def _seen_since(self, event: EpcisEvent, epcs: Iterable[str]) -> set[str]:
        """Things that accepted events other than this one tell of."""
        found = set()
        for epc in epcs:
            watch = self.loaded.watching.watch(epc)
            others = [each for each in (*watch.seen, watch.ended) if each is not None]
            if any((each.event, each.reporter) != (event.event_id, self.reporter) for each in others):
                found.add(epc)
        return found

    def _record(
        self,
        event: EpcisEvent,
        source: EventSource,
        status: EventStatus,
        reason: ClaimReason | None,
        on_behalf_of: str | None,
    ) -> EventRecord:
        return EventRecord(
            event_id=event.event_id,
            hash=event.hash,
            reporter=self.reporter,
            status=status,
            reason=reason,
            text=source.event,
            context=source.context,
            time=event.time,
            captured_at=self.context.at,
            tx_id=self.context.tx_id,
            error_declared=event.error_digest is not None,
            on_behalf_of=on_behalf_of,
        )

    def _keep(self, event: EpcisEvent, key: EventKey, record: EventRecord, orders: list[str]) -> None:
        self.stored[key] = record
        self.writes[(EventRecord.NOUN, *key)] = record
        self.writes[(EventOfHash.NOUN, event.hash, *key)] = EventOfHash(event=key)
        for epc in event.named:
            self.writes[(EventOfEpc.NOUN, key_part(epc), event.time, *key)] = EventOfEpc(
                event=key, claim=record.status == "claim"
            )
        self.views.append(_view(event, record, orders))


def _known(earlier: EventRecord) -> CaptureResult:
    return CaptureResult(
        status="already_captured", event_id=earlier.event_id, hash=earlier.hash, reason=earlier.reason
    )


def _taken_back(record: EventRecord, corrective_event_ids: list[str]) -> EventRecord:
    return replace(record, declared_in_error=True, corrective_event_ids=corrective_event_ids)


def _view(event: EpcisEvent, record: EventRecord, orders: list[str]) -> CapturedEventView:
    place = event.fields.get("bizLocation")
    return CapturedEventView(
        event_id=event.event_id,
        hash=event.hash,
        kind=event.kind,
        status=record.status,
        time=event.time,
        action=event.action,
        biz_step=event.biz_step,
        read_point=event.read_point,
        error_declared=event.error_digest is not None,
        epcs=list(event.named),
        orders=orders,
        roles=roles_of(event),
        variant=variant(event),
        disposition=event.disposition,
        biz_location=normal_form(place["id"]) if place is not None else None,
        declared_in_error=record.declared_in_error,
    )
