"""Following goods through events: back to the first one, and forward, through packing and transformation.

From the goods asked for, trace goes back from outputs to inputs, forward from inputs to outputs, into what
was packed in them, and out to what they were packed in, but there only for the time they were inside: what a
pallet carried before or after is nobody's history but its own. Claims are followed like accepted events, and
marked.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from hansa_domain.goods.epcis import EpcisEvent, read_event
from hansa_domain.goods.records import EventOfEpc, EventRecord, key_part
from hansa_domain.operation import Fetch, Records, decode_record
from hansa_domain.paging import scan_all

EventKey = tuple[str, str, str]
Relation = Literal["goods", "content", "upstream", "downstream", "container"]
"""How an event concerns the goods asked for; of several, the first in this order."""

MAX_EPCS = 500
MAX_EVENTS = 5000
MAX_CHARACTERS = 20_000_000
MAX_WORK = 1_000_000
_BATCH = 200
_ORDER: tuple[Relation, ...] = ("goods", "content", "upstream", "downstream", "container")
_FOREVER = "9999-12-31T23:59:59.999Z"


@dataclass(frozen=True)
class Traced:
    """An event on the trail; ``depth`` counts the steps of packing and transformation from the goods."""

    key: EventKey
    record: EventRecord
    event: EpcisEvent
    relation: Relation
    depth: int


@dataclass(frozen=True)
class _Visit:
    """Something to look at: which way the trail came, and between which times it matters."""

    epc: str
    relation: Relation
    depth: int
    start: str = ""
    end: str = _FOREVER


@dataclass
class _Trail:
    waiting: list[_Visit]
    seen: set[tuple[str, Relation, str, str]] = field(default_factory=set)
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
    trail = _Trail([_Visit(epc, "goods", 0)])
    while trail.waiting:
        visit = trail.waiting.pop(0)
        mark = (visit.epc, visit.relation, visit.start, visit.end)
        if mark in trail.seen:
            continue
        trail.seen.add(mark)
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
        visit = _until_emptied(visit, [event for _, _, event in stored])
        here = [one for one in stored if visit.start <= one[1].time <= visit.end]
        for key, record, event in here:
            _note(trail, Traced(key, record, event, visit.relation, visit.depth))
        onward = _onward(visit, [event for _, _, event in stored])
        if visit.depth < depth:
            trail.waiting.extend(onward)
        elif any((one.epc, one.relation, one.start, one.end) not in trail.seen for one in onward):
            trail.truncated = True
    found = sorted(trail.events.values(), key=lambda one: (one.record.time, one.key))
    return found, trail.truncated


def _note(trail: _Trail, traced: Traced) -> None:
    before = trail.events.get(traced.key)
    if before is None or _ORDER.index(traced.relation) < _ORDER.index(before.relation):
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


def _onward(visit: _Visit, events: list[EpcisEvent]) -> list[_Visit]:
    """Where the trail goes from here."""
    depth = visit.depth + 1
    found: list[_Visit] = []
    for parent, since, until in _stays(visit.epc, events):
        start, end = max(since, visit.start), min(until, visit.end)
        if start <= end:
            found.append(_Visit(parent, "container", depth, start, end))
    if visit.relation == "container":
        return found
    for event in events:
        if event.kind in ("AggregationEvent", "AssociationEvent"):
            inside = (*event.children, *event.classes("childQuantityList"))
            if event.parent == visit.epc and visit.relation in ("goods", "content"):
                found.extend(_Visit(epc, "content", depth) for epc in inside)
        elif event.kind == "TransformationEvent":
            found.extend(_transformed(visit, event, depth))
    return found


def _until_emptied(visit: _Visit, events: list[EpcisEvent]) -> _Visit:
    """A container's stay ends, too, when all its contents are taken out without being named."""
    if visit.relation != "container":
        return visit
    for event in events:
        if event.parent != visit.epc or event.action != "DELETE" or event.kind == "TransactionEvent":
            continue
        everything = not event.children and not event.classes("childQuantityList")
        if everything and visit.start < event.time < visit.end:
            return replace(visit, end=event.time)
    return visit


def _transformed(visit: _Visit, event: EpcisEvent, depth: int) -> Iterable[_Visit]:
    """Back from outputs to inputs, and forward from inputs to outputs; never back and forth again."""
    inputs = (*event.inputs, *event.classes("inputQuantityList"))
    outputs = (*event.outputs, *event.classes("outputQuantityList"))
    step = () if event.transformation_id is None else (event.transformation_id,)
    # A transformation told in several events is held together by its id.
    joined = visit.epc == event.transformation_id
    if (visit.epc in outputs or joined) and visit.relation != "downstream":
        yield from (_Visit(epc, "upstream", depth) for epc in (*inputs, *step))
    if (visit.epc in inputs or joined) and visit.relation != "upstream":
        yield from (_Visit(epc, "downstream", depth) for epc in (*outputs, *step))


def _stays(epc: str, events: list[EpcisEvent]) -> Iterable[tuple[str, str, str]]:
    """(parent, from, until) for each stay of ``epc`` in a parent, as its own events, by time, tell."""
    inside: dict[str, str] = {}
    for event in events:
        parent = event.parent
        if parent is None or parent == epc or event.kind not in ("AggregationEvent", "AssociationEvent"):
            continue
        if event.action == "DELETE":
            yield parent, inside.pop(parent, ""), event.time
        else:
            inside.setdefault(parent, event.time)
    for parent in sorted(inside):
        yield parent, inside[parent], _FOREVER
