"""What came of goods: an index from goods to what was made of them, and from lots to their units.

Trace reads whole events; this is what a recall follows, by key and without reading an event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.records import key_part
from hansa_domain.goods.standing import Known
from hansa_domain.gs1 import Gs1Key, parse
from hansa_domain.operation import Key, Record
from hansa_domain.recalls.blocking import subjects_of


class Offspring(Record, frozen=True, kw_only=True):
    """What came of goods by one accepted event; key ``("offspring", subject, hash of the event)``.

    ``subject`` is a unit, a lot, a product, or a transformation's id; ``made`` are units and lots. A product
    has only what was made of it, a lot its own units too. All in normal form.
    """

    NOUN: ClassVar[str] = "offspring"
    subject: str
    made: list[str]


def offspring_prefix(subject: str) -> Key:
    """The range that has everything that came of ``subject``."""
    return (Offspring.NOUN, key_part(subject))


def lot_of(epc: str, lot_number: str | None) -> str | None:
    """The lot, in normal form, of a trade item made with this lot number; None where there is none."""
    key = parse(epc)
    if lot_number is None or key is None or key.gtin is None or key.ai != "01":
        return None
    return Gs1Key("01", key.gtin, ("10", lot_number)).uri


def offspring(event: EpcisEvent, known: Known, used: Iterable[str]) -> dict[Key, Record | None]:
    """The index entries of an accepted event that has taken effect on ``known``.

    ``used`` are its inputs and what was packed in them.
    """
    if event.error_digest is not None:
        return {}
    made: dict[str, set[str]] = {}
    if event.kind == "ObjectEvent" and event.action == "ADD":
        _lots(event.epcs, known, made)
    elif event.kind == "TransformationEvent":
        _lots(event.outputs, known, made)
        _made(event, known, used, made)
    return {
        (*offspring_prefix(subject), event.hash): Offspring(subject=subject, made=sorted(made[subject]))
        for subject in sorted(made)
    }


def _lots(epcs: Iterable[str], known: Known, made: dict[str, set[str]]) -> None:
    for epc in epcs:
        unit = known.units[epc]
        if unit.lot is not None:
            made.setdefault(unit.lot, set()).add(epc)


def _made(event: EpcisEvent, known: Known, used: Iterable[str], made: dict[str, set[str]]) -> None:
    outputs = {*event.outputs, *event.classes("outputQuantityList")}
    inputs = {*event.inputs, *used, *event.classes("inputQuantityList")}
    subjects = {subject for epc in inputs for subject in subjects_of(epc, known.units.get(epc))}
    if event.transformation_id is not None:
        # Told in several events, a transformation's inputs and outputs meet at its id.
        if outputs:
            made.setdefault(event.transformation_id, set()).update(outputs)
        outputs.add(event.transformation_id)
    for subject in sorted(subjects):
        if outputs - {subject}:
            made.setdefault(subject, set()).update(outputs - {subject})
