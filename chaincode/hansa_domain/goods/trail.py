"""Where a trail of goods goes: from what happened to them to what they were packed in, made of and made into.

Pure steps, which the ledger's trace and the read model's take alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Relation = Literal["goods", "content", "upstream", "downstream", "container"]
"""How an event concerns the goods asked for; of several, the first in this order."""

PRECEDENCE: tuple[Relation, ...] = ("goods", "content", "upstream", "downstream", "container")
FOREVER = "9999-12-31T23:59:59.999Z"


class Happening(NamedTuple):
    """What a trail follows of an event.

    ``parent`` and ``contents`` only of aggregations and associations; EPCs and classes are not told apart.
    """

    time: str
    deletes: bool
    parent: str | None
    contents: Sequence[str]
    inputs: Sequence[str]
    outputs: Sequence[str]
    transformation_id: str | None


class Visit(NamedTuple):
    """Something to look at: which way the trail came, and between which times it matters."""

    epc: str
    relation: Relation
    depth: int
    start: str = ""
    end: str = FOREVER

    @property
    def mark(self) -> tuple[str, Relation, str, str]:
        """Visits with one mark see the same."""
        return (self.epc, self.relation, self.start, self.end)


def onward(visit: Visit, events: Sequence[Happening]) -> list[Visit]:
    """Where the trail goes from here.

    Args:
        visit: where it is.
        events: all that name ``visit.epc``, by time.
    """
    depth = visit.depth + 1
    found: list[Visit] = []
    for parent, since, until in _stays(visit.epc, events):
        start, end = max(since, visit.start), min(until, visit.end)
        if start <= end:
            found.append(Visit(parent, "container", depth, start, end))
    if visit.relation == "container":
        return found
    for event in events:
        if event.parent == visit.epc and visit.relation in ("goods", "content"):
            found.extend(Visit(epc, "content", depth) for epc in event.contents)
        if event.inputs or event.outputs or event.transformation_id is not None:
            found.extend(_transformed(visit, event, depth))
    return found


def until_emptied(visit: Visit, events: Sequence[Happening]) -> Visit:
    """A container's stay ends, too, when all its contents are taken out without being named."""
    if visit.relation != "container":
        return visit
    for event in events:
        emptied = event.parent == visit.epc and event.deletes and not event.contents
        if emptied and visit.start < event.time < visit.end:
            return visit._replace(end=event.time)
    return visit


def _transformed(visit: Visit, event: Happening, depth: int) -> Iterable[Visit]:
    """Back from outputs to inputs, and forward from inputs to outputs; never back and forth again."""
    step = () if event.transformation_id is None else (event.transformation_id,)
    # A transformation told in several events is held together by its id.
    joined = visit.epc == event.transformation_id
    if (joined or visit.epc in event.outputs) and visit.relation != "downstream":
        yield from (Visit(epc, "upstream", depth) for epc in (*event.inputs, *step))
    if (joined or visit.epc in event.inputs) and visit.relation != "upstream":
        yield from (Visit(epc, "downstream", depth) for epc in (*event.outputs, *step))


def _stays(epc: str, events: Sequence[Happening]) -> Iterable[tuple[str, str, str]]:
    """(parent, from, until) for each stay of ``epc`` in a parent, as its own events, by time, tell."""
    inside: dict[str, str] = {}
    for event in events:
        parent = event.parent
        if parent is None or parent == epc:
            continue
        if event.deletes:
            yield parent, inside.pop(parent, ""), event.time
        else:
            inside.setdefault(parent, event.time)
    for parent in sorted(inside):
        yield parent, inside[parent], FOREVER
