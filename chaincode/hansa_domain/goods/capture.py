"""``goods:Capture``: EPCIS events come in, each with a result of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import DispositionsChanged, Event, GoodsCaptured, UnitDispositions
from hansa_domain.events.coldchain import ExcursionsRecorded, ExcursionsWithdrawn
from hansa_domain.goods.epcis import EpcisEvent, EventSource, read_event
from hansa_domain.goods.loading import Loaded, first_keys, load
from hansa_domain.goods.records import EventRecord, Unit, unit_key
from hansa_domain.goods.taking import CaptureResult, CaptureStatus, Taking, event_key, refused
from hansa_domain.members import member_key, require_role
from hansa_domain.operation import Command, Context, Decision, Fetch, Key, Record, Steps, operation

__all__ = [
    "MAX_COMMAND_BYTES",
    "MAX_EVENTS",
    "MAX_INDEX_ENTRIES",
    "Capture",
    "CaptureReply",
    "CaptureResult",
    "CaptureStatus",
    "capture",
    "event_key",
]

MAX_EVENTS = 50
MAX_INDEX_ENTRIES = 2000
MAX_COMMAND_BYTES = 2 * 1024 * 1024


class Capture(Command["CaptureReply"], frozen=True, kw_only=True):
    """``goods:Capture``, by a producer, retailer or carrier: at most MAX_EVENTS events as received.

    ``hansa_domain.goods.epcis.split_document`` makes them of a document, ``goods.batches`` cuts them to size.
    """

    events: Annotated[list[EventSource], msgspec.Meta(min_length=1, max_length=MAX_EVENTS)]


class CaptureReply(msgspec.Struct, frozen=True, kw_only=True):
    """A result for each event, in the order sent; ``alerts`` are the ids of those that were raised."""

    results: list[CaptureResult]
    alerts: list[str] = msgspec.field(default_factory=list)


@operation("goods:Capture", Capture, CaptureReply, max_bytes=MAX_COMMAND_BYTES)
def capture(command: Capture, context: Context) -> Steps:
    """Reads every event, loads what they concern, then takes them one after the other."""
    read = [_read(source) for source in command.events]
    events = [event for event in read if isinstance(event, EpcisEvent)]
    entries = sum(len(event.named) for event in events)
    if entries > MAX_INDEX_ENTRIES:
        raise Refusal(
            Code.CAPTURE_TOO_LARGE,
            f"These events name {entries} goods; at once {MAX_INDEX_ENTRIES} can.",
            "events",
        )
    reporter = context.caller.msp_id
    keys = list(dict.fromkeys(event_key(event, reporter) for event in events))
    records = yield Fetch(
        keys=(
            member_key(reporter),
            *((EventRecord.NOUN, *key) for key in keys),
            *first_keys(events, reporter),
        )
    )
    require_role(records, context, ("producer", "retailer", "carrier"), "report goods")
    loaded = yield from load(events, records, context, context.reference(command))
    before = dict(loaded.known.units)
    stored = {key: found for key in keys if (found := records.find(EventRecord, *key)) is not None}
    for event in events:
        key = (*event_key(event, reporter)[:2], "event")
        original = records.find(EventRecord, *key)
        if original is not None:
            stored[key] = original
    work = Taking(context, loaded, stored)
    results = [
        refused(event) if isinstance(event, Refusal) else work.take(event, source)
        for event, source in zip(read, command.events, strict=True)
    ]
    happened = list(work.happened)
    if work.views:
        happened.insert(0, GoodsCaptured(reporter=reporter, events=work.views, at=context.at))
    return Decision(
        reply=CaptureReply(results=results, alerts=list(loaded.watching.made)),
        writes={**work.writes, **_units(before, loaded.known.units), **_further_writes(loaded)},
        events=(*happened, *_further_events(loaded, before, context.at)),
    )


def _read(source: EventSource) -> EpcisEvent | Refusal:
    try:
        event = read_event(source.event, source.context)
    except Refusal as refusal:
        return refusal
    if len(event.named) > MAX_INDEX_ENTRIES:
        return Refusal(Code.EVENT_TOO_LARGE, f"An event names at most {MAX_INDEX_ENTRIES} goods.")
    return event


def _units(before: Mapping[str, Unit], after: Mapping[str, Unit]) -> dict[Key, Record | None]:
    """The units that changed; one that was never made is deleted."""
    found: dict[Key, Record | None] = {unit_key(epc): None for epc in before if epc not in after}
    found.update((unit_key(epc), unit) for epc, unit in after.items() if before.get(epc) != unit)
    return found


def _further_writes(loaded: Loaded) -> dict[Key, Record | None]:
    return {**loaded.lots.writes(), **loaded.watching.writes(), **loaded.exposures.writes()}


def _further_events(loaded: Loaded, before: Mapping[str, Unit], at: str) -> list[Event]:
    """What tells of lots, dispositions, excursions and alerts."""
    found: list[Event] = []
    counted = loaded.lots.event(at)
    if counted is not None:
        found.append(counted)
    disposed = [
        UnitDispositions(epc=epc, dispositions=sorted(unit.dispositions))
        for epc, unit in sorted(loaded.known.units.items())
        if unit.dispositions != (before[epc].dispositions if epc in before else {})
    ]
    if disposed:
        found.append(DispositionsChanged(changes=disposed, at=at))
    withdrawn, excursions = loaded.exposures.told()
    if withdrawn:
        found.append(ExcursionsWithdrawn(epcs=withdrawn, at=at))
    if excursions:
        found.append(ExcursionsRecorded(excursions=excursions, at=at))
    return [*found, *loaded.watching.events]
