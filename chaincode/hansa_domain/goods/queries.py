"""What may be asked about goods: an event, a unit, and the trail of an EPC."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Bookmark, PageLimit, form
from hansa_domain.goods.corrections import CorrectionOf
from hansa_domain.goods.records import (
    ClaimReason,
    EventOfHash,
    EventRecord,
    EventStatus,
    Unit,
    key_part,
    unit_key,
)
from hansa_domain.goods.trace import EventKey, follow
from hansa_domain.goods.trail import Relation
from hansa_domain.gs1 import normal_form
from hansa_domain.operation import Context, Decision, Fetch, Query, Steps, decode_record, operation
from hansa_domain.paging import scan_all

Identifier = Annotated[str, form(r"[^\x00-\x20\x7f]+", "an EPC URI or GS1 Digital Link without spaces", 2048)]
MAX_PAGE_CHARACTERS = 2_000_000
MAX_DEPTH = 2000


class GetEvent(Query["EventReply"], frozen=True, kw_only=True):
    """``goods:Event``: by event id, or by hash (``ni:///sha-256;...``); who reported it, and what."""

    event_id: Identifier


class GetUnit(Query["UnitReply"], frozen=True, kw_only=True):
    """``goods:Unit``: one unit of goods by its EPC, in any spelling."""

    epc: Identifier


class Trace(Query["TraceReply"], frozen=True, kw_only=True):
    """``goods:Trace``: the events of an EPC, upstream to the first and downstream, by time.

    ``depth`` bounds the steps of packing and transformation; 0 gives the EPC's own events.
    """

    epc: Identifier
    depth: Annotated[int, msgspec.Meta(ge=0, le=MAX_DEPTH)] = 20
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """An event as one member reported it. ``event`` and ``context`` are JSON as received.

    ``context`` is the document's ``@context``, empty where the event carries its own. ``reason`` says why a
    claim is only that. ``declared_in_error``: its reporter took it back; ``corrective_event_ids`` stand in
    its place. ``corrects`` are the ids of events in whose place this one stands (``goods:Event`` only).
    """

    event_id: str
    hash: str
    reporter: str
    status: EventStatus
    reason: ClaimReason | None
    error_declared: bool
    time: str
    captured_at: str
    tx_id: str
    event: str
    context: str
    declared_in_error: bool = False
    corrective_event_ids: list[str] = msgspec.field(default_factory=list)
    corrects: list[str] = msgspec.field(default_factory=list)


class EventReply(msgspec.Struct, frozen=True, kw_only=True):
    """All reports of the event, in order of event id and reporter; never empty."""

    reports: list[EventView]


class UnitReply(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of goods."""

    unit: Unit


class TraceStep(msgspec.Struct, frozen=True, kw_only=True):
    """An event on the trail, and how it concerns the goods asked for."""

    relation: Relation
    depth: int
    report: EventView


class TraceReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the trail by time. ``unit`` is what the ledger knows of the goods now, if it knows them.

    ``bookmark`` is empty on the last page. ``truncated``: the trail goes on beyond depth or size.
    """

    epc: str
    unit: Unit | None
    steps: list[TraceStep]
    bookmark: str
    truncated: bool


@operation("goods:Event", GetEvent, EventReply)
def get_event(command: GetEvent, context: Context) -> Steps:
    """Reports under the id itself, and of events whose content has this hash."""
    entries = yield from scan_all((EventRecord.NOUN, key_part(command.event_id)))
    reports = [decode_record(value, EventRecord) for _, value in entries]
    known = {tuple(key[1:]) for key, _ in entries}
    pointers = yield from scan_all((EventOfHash.NOUN, key_part(command.event_id)))
    keys = [decode_record(value, EventOfHash).event for _, value in pointers]
    others = [key for key in keys if key not in known]
    if others:
        records = yield Fetch(keys=tuple((EventRecord.NOUN, *key) for key in others))
        reports.extend(records.get(EventRecord, *key, refuse=Code.EVENT_NOT_FOUND) for key in others)
    if not reports:
        raise Refusal(Code.EVENT_NOT_FOUND, f"No event {command.event_id} was captured.", "event_id")
    corrected = yield from scan_all((CorrectionOf.NOUN, key_part(command.event_id)))
    declarations = [decode_record(value, CorrectionOf).event for _, value in corrected]
    found = yield Fetch(keys=tuple((EventRecord.NOUN, *key) for key in declarations))
    errors = [found.get(EventRecord, *key, refuse=Code.EVENT_NOT_FOUND) for key in declarations]
    views = [
        replace(_view(record), corrects=_corrects(record, errors)) if errors else _view(record)
        for record in reports
    ]
    return Decision(reply=EventReply(reports=views))


def _corrects(record: EventRecord, errors: list[EventRecord]) -> list[str]:
    """Whose error it corrects: only its own reporter's, who alone can say so."""
    own = (each.event_id for each in errors if each.reporter == record.reporter)
    return sorted(dict.fromkeys(own))


@operation("goods:Unit", GetUnit, UnitReply)
def get_unit(command: GetUnit, context: Context) -> Steps:
    """A unit of goods as it is now."""
    key = unit_key(command.epc)
    records = yield Fetch(keys=(key,))
    return Decision(
        reply=UnitReply(unit=records.get(Unit, *key[1:], refuse=Code.UNIT_NOT_FOUND, where="epc"))
    )


@operation("goods:Trace", Trace, TraceReply)
def trace(command: Trace, context: Context) -> Steps:
    """The trail is followed anew for each page; the bookmark is the last event's place in it."""
    epc = normal_form(command.epc)
    key = unit_key(epc)
    records = yield Fetch(keys=(key,))
    found, truncated = yield from follow(epc, command.depth)
    rest = [one for one in found if _place(one.record.time, one.key) > command.bookmark]
    page: list[TraceStep] = []
    characters = 0
    for one in rest[: command.limit]:
        characters += len(one.record.text) + len(one.record.context)
        if page and characters > MAX_PAGE_CHARACTERS:
            break
        page.append(TraceStep(relation=one.relation, depth=one.depth, report=_view(one.record)))
    more = len(page) < len(rest)
    last = rest[len(page) - 1] if page else None
    bookmark = _place(last.record.time, last.key) if more and last is not None else ""
    unit = records.find(Unit, *key[1:])
    reply = TraceReply(epc=epc, unit=unit, steps=page, bookmark=bookmark, truncated=truncated)
    return Decision(reply=reply)


def _place(time: str, key: EventKey) -> str:
    return " ".join((time, *key))


def _view(record: EventRecord) -> EventView:
    return EventView(
        event_id=record.event_id,
        hash=record.hash,
        reporter=record.reporter,
        status=record.status,
        reason=record.reason,
        error_declared=record.error_declared,
        time=record.time,
        captured_at=record.captured_at,
        tx_id=record.tx_id,
        event=record.text,
        context=record.context,
        declared_in_error=record.declared_in_error,
        corrective_event_ids=record.corrective_event_ids,
    )
