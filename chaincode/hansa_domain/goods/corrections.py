"""Error declarations: an event that its reporter takes back no longer counts, and its effects with it.

What an accepted event does is kept beside it. Where nothing was built on it since, it is undone; else nothing
is changed and the goods are marked as in doubt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

import msgspec

from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.lineage import offspring_prefix
from hansa_domain.goods.lots import Lots, Totals, text_of
from hansa_domain.goods.records import EventPointer, EventRecord, Unit, key_part
from hansa_domain.goods.standing import Known
from hansa_domain.operation import Key, Record, Records, canonical

ReportKey = tuple[str, str]
"""Event id as part of a key, and reporter: what an event and its error declarations have in common."""
Outcome = Literal["undone", "doubted", "nothing"]


class UnitChange(msgspec.Struct, frozen=True, kw_only=True):
    """What an event did to one unit: how it was (None: it was not), and a digest of how it was then."""

    epc: str
    before: Unit | None
    after: str


class LotDelta(msgspec.Struct, frozen=True, kw_only=True):
    """By how much an event changed its reporter's holding of a lot, a decimal number as text."""

    lot: str
    uom: str
    change: str


class EventEffects(Record, frozen=True, kw_only=True):
    """What one accepted event did; key ``("epcis-effects", event id, reporter)``, gone once it was undone.

    ``subjects`` are those of its offspring entries, which are named by ``hash``. ``inputs`` and ``outputs``
    are what it told of the transformation that is told in several events, by dimension.
    """

    NOUN: ClassVar[str] = "epcis-effects"
    hash: str
    units: list[UnitChange]
    lots: list[LotDelta]
    subjects: list[str]
    transformation: str | None = None
    inputs: dict[str, str] = msgspec.field(default_factory=dict)
    outputs: dict[str, str] = msgspec.field(default_factory=dict)


class DeclaredInError(EventPointer, frozen=True, kw_only=True):
    """Says that a reporter took an event back; key ``("epcis-error", event id, reporter)``.

    ``event`` is the key of the declaration. It stands also where the event itself has not arrived yet.
    """

    NOUN: ClassVar[str] = "epcis-error"
    corrective_event_ids: list[str]


class CorrectionOf(EventPointer, frozen=True, kw_only=True):
    """Index from corrective events; key ``("epcis-correction", corrective id, id, reporter, variant)``."""

    NOUN: ClassVar[str] = "epcis-correction"


def report_key(event: EpcisEvent, reporter: str) -> ReportKey:
    """What an event and the declarations of its error share."""
    return (key_part(event.event_id), reporter)


def correction_keys(events: Iterable[EpcisEvent], reporter: str) -> tuple[Key, ...]:
    """What to fetch beside the events' own records: whether they were taken back, and what they had done."""
    found: dict[Key, None] = {}
    for event in events:
        key = report_key(event, reporter)
        found[(DeclaredInError.NOUN, *key)] = None
        if event.error_digest is not None:
            found[(EventEffects.NOUN, *key)] = None
            found[(EventRecord.NOUN, *key, "event")] = None
    return tuple(found)


@dataclass
class Corrections:
    """What was taken back and what events did; events of one capture change it in turn."""

    declared: dict[ReportKey, DeclaredInError]
    effects: dict[ReportKey, EventEffects]

    def units(self) -> list[str]:
        """The EPCs of the units that effects which may be undone concern."""
        return [change.epc for each in self.effects.values() for change in each.units]

    def changed(self) -> list[str]:
        """The same, and the lots."""
        return [*self.units(), *(delta.lot for each in self.effects.values() for delta in each.lots)]


def read_corrections(events: Iterable[EpcisEvent], reporter: str, records: Records) -> Corrections:
    """What ``correction_keys`` named."""
    declared: dict[ReportKey, DeclaredInError] = {}
    effects: dict[ReportKey, EventEffects] = {}
    for event in events:
        key = report_key(event, reporter)
        taken_back = records.find(DeclaredInError, *key)
        if taken_back is not None:
            declared[key] = taken_back
        if event.error_digest is not None:
            done = records.find(EventEffects, *key)
            if done is not None:
                effects[key] = done
    return Corrections(declared, effects)


def effects_of(
    event: EpcisEvent,
    before: Mapping[str, Unit],
    known: Known,
    lots: Sequence[LotDelta],
    told: Totals | None,
    subjects: Iterable[str],
) -> EventEffects | None:
    """What an event just did; None where it did nothing to goods.

    Args:
        event: accepted and applied.
        before: the units before it, of which those it changed are other objects in ``known``.
        known: as it is now.
        lots: by how much it changed holdings.
        told: what it said of a transformation that is told in several events.
        subjects: of the offspring entries it wrote.
    """
    changes = [
        UnitChange(epc=epc, before=before.get(epc), after=_digest(unit))
        for epc, unit in sorted(known.units.items())
        if before.get(epc) is not unit and before.get(epc) != unit
    ]
    if not changes and not lots and told is None:
        return None
    inputs, outputs = ({}, {}) if told is None else told
    return EventEffects(
        hash=event.hash,
        units=changes,
        lots=list(lots),
        subjects=sorted(subjects),
        transformation=None if told is None else event.transformation_id,
        inputs={name: text_of(inputs[name]) for name in sorted(inputs)},
        outputs={name: text_of(outputs[name]) for name in sorted(outputs)},
    )


def _digest(unit: Unit) -> str:
    return hashlib.sha256(canonical(unit)).hexdigest()


def may_undo(effects: EventEffects, reporter: str, known: Known, lots: Lots, seen_since: set[str]) -> bool:
    """Whether nothing was built on an event, so that its reporter's word alone may undo it.

    Args:
        effects: what it did.
        reporter: who takes it back.
        known: the units as they are now.
        lots: the reporter's lots as they are now.
        seen_since: things that other accepted events name.
    """
    for change in effects.units:
        unit = known.units.get(change.epc)
        if unit is None or _digest(unit) != change.after or known.recalled.of(change.epc, unit):
            return False
        if change.before is None:
            if unit.custodian != reporter or change.epc in seen_since:
                return False
        # Nobody gives goods back to another by his own word.
        elif (change.before.custodian, change.before.owner) != (unit.custodian, unit.owner):
            return False
    return lots.may_take_back(
        {(each.lot, each.uom): Decimal(each.change) for each in effects.lots},
        effects.transformation,
        _totals(effects),
    )


def undo(effects: EventEffects, known: Known, lots: Lots) -> tuple[list[str], dict[Key, Record | None]]:
    """Puts everything back as it was; answers the units that are no more, and the index entries to delete."""
    gone: list[str] = []
    for change in effects.units:
        if change.before is None:
            del known.units[change.epc]
            gone.append(change.epc)
        else:
            known.units[change.epc] = change.before
    lots.take_back(
        {(each.lot, each.uom): Decimal(each.change) for each in effects.lots},
        effects.transformation,
        _totals(effects),
    )
    entries: dict[Key, Record | None] = {
        (*offspring_prefix(subject), effects.hash): None for subject in effects.subjects
    }
    return gone, entries


def _totals(effects: EventEffects) -> Totals:
    return (
        {name: Decimal(amount) for name, amount in effects.inputs.items()},
        {name: Decimal(amount) for name, amount in effects.outputs.items()},
    )
