"""Following goods through events: back to the first one, and forward, through packing and transformation.

From the goods asked for, trace goes back from outputs to inputs, forward from inputs to outputs, into what
was packed in them, and out to what they were packed in, but there only for the time they were inside: what a
pallet carried before or after is nobody's history but its own. Claims are followed like accepted events, and
marked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field

from hansa_domain.goods.epcis import EpcisEvent, read_event
from hansa_domain.goods.records import EventOfEpc, EventRecord, key_part
from hansa_domain.goods.trail import PRECEDENCE, Happening, Relation, Visit, onward, until_emptied
from hansa_domain.operation import Fetch, Records, decode_record
from hansa_domain.paging import scan_all

EventKey = tuple[str, str, str]
MAX_EPCS = 2000
MAX_EVENTS = 5000
MAX_CHARACTERS = 20_000_000
MAX_WORK = 1_000_000
_BATCH = 200


@dataclass(frozen=True)
class Traced:
    """An event on the trail; ``depth`` counts the steps of packing and transformation from the goods."""

    key: EventKey
    record: EventRecord
    event: EpcisEvent
    relation: Relation
    depth: int


@dataclass
class _Trail:
    waiting: deque[Visit]
    seen: set[tuple[str, Relation, str, str]] = field(default_factory=set)
    beyond: set[tuple[str, Relation, str, str]] = field(default_factory=set)
    loaded: dict[str, list[tuple[EventKey, EventRecord, EpcisEvent]]] = field(default_factory=dict)
    events: dict[EventKey, Traced] = field(default_factory=dict)
    truncated: bool = False
    read: int = 0
    characters: int = 0
    work: int = 0


def follow(epc: str, depth: int) -> Generator[Fetch, Records, tuple[list[Traced], bool]]:
    """The events on the trail of ``epc`` (normal form), by time, and whether the trail was cut short.

    Args:
        epc: where to begin.
        depth: how many steps of packing and transformation to go; 0 for the goods' own events.
    """
    trail = _Trail(deque([Visit(epc, "goods", 0)]))
    while trail.waiting:
        visit = trail.waiting.popleft()
        if visit.mark in trail.seen:
            continue
        trail.seen.add(visit.mark)
        if visit.epc not in trail.loaded:
            if len(trail.loaded) >= MAX_EPCS:
                trail.truncated = True
                continue
            trail.loaded[visit.epc] = yield from _events_of(visit.epc, trail)
        stored = trail.loaded[visit.epc]
        # Goods said to be packed to and fro may be visited for ever new times.
        trail.work += 1 + len(stored)
        if trail.work > MAX_WORK:
            trail.truncated = True
            break
        happened = [happening(event, record.counts) for _, record, event in stored]
        visit = until_emptied(visit, happened)
        here = [one for one in stored if visit.start <= one[1].time <= visit.end]
        for key, record, event in here:
            _note(trail, Traced(key, record, event, visit.relation, visit.depth))
        further = onward(visit, happened)
        if visit.depth < depth:
            trail.waiting.extend(further)
        else:
            trail.beyond.update(one.mark for one in further)
    trail.truncated |= not trail.beyond <= trail.seen
    found = sorted(trail.events.values(), key=lambda one: (one.record.time, one.key))
    return found, trail.truncated


def happening(event: EpcisEvent, counts: bool = True) -> Happening:
    """What a trail follows of an event; nothing of one that was declared in error."""
    if not counts:
        return Happening(event.time, False, None, (), (), (), None)
    contains = event.kind in ("AggregationEvent", "AssociationEvent")
    return Happening(
        time=event.time,
        deletes=event.action == "DELETE",
        parent=event.parent if contains else None,
        contents=(*event.children, *event.classes("childQuantityList")) if contains else (),
        inputs=(*event.inputs, *event.classes("inputQuantityList")),
        outputs=(*event.outputs, *event.classes("outputQuantityList")),
        transformation_id=event.transformation_id,
    )


def _note(trail: _Trail, traced: Traced) -> None:
    before = trail.events.get(traced.key)
    if before is None or PRECEDENCE.index(traced.relation) < PRECEDENCE.index(before.relation):
        trail.events[traced.key] = traced


def _events_of(
    epc: str, trail: _Trail
) -> Generator[Fetch, Records, list[tuple[EventKey, EventRecord, EpcisEvent]]]:
    """The events that name ``epc``, by time, within the trail's bounds: a flood of claims hides no fact."""
    entries = yield from scan_all((EventOfEpc.NOUN, key_part(epc)))
    pointers = [decode_record(value, EventOfEpc) for _, value in entries]
    places = sorted(range(len(pointers)), key=lambda place: (pointers[place].claim, place))
    found: dict[int, tuple[EventKey, EventRecord, EpcisEvent]] = {}
    for start in range(0, len(places), _BATCH):
        batch = places[start : start + _BATCH]
        if trail.read + len(batch) > MAX_EVENTS or trail.characters > MAX_CHARACTERS:
            trail.truncated = True
            break
        trail.read += len(batch)
        keys = [pointers[place].event for place in batch]
        records = yield Fetch(keys=tuple((EventRecord.NOUN, *key) for key in keys))
        for place, key in zip(batch, keys, strict=True):
            record = records.find(EventRecord, *key)
            if record is not None:
                trail.characters += len(record.text) + len(record.context)
                found[place] = (key, record, read_event(record.text, record.context))
    return [found[place] for place in sorted(found)]
