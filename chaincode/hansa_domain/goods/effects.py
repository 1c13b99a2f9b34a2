"""What an accepted event does to units: they come into being, are packed, handed over, used up, retired."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hansa_domain.events import CustodyChange, CustodyMoved
from hansa_domain.goods.custody import take_over
from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.lineage import lot_of
from hansa_domain.goods.records import EndOfUnit, Unit
from hansa_domain.goods.standing import Known
from hansa_domain.gs1 import parse
from hansa_domain.times import rfc3339

# Steps at which goods pass to the party that reports them. Who ships or departs holds them already, save a
# carrier that picks up what a seller still holds.
_CARRIER_TAKES = frozenset(
    ("accepting", "arriving", "collecting", "departing", "loading", "receiving", "shipping", "transporting")
)
_BUYER_TAKES = frozenset(("accepting", "receiving"))


def apply(event: EpcisEvent, reporter: str, known: Known, now: int) -> list[CustodyMoved]:
    """Changes ``known.units`` as the event says, and answers how custody moved.

    Args:
        event: accepted, not a claim.
        reporter: MSP id of the member that reported it.
        known: changed in place.
        now: transaction time, Unix milliseconds.
    """
    if event.error_digest is not None:
        return []
    if event.kind == "ObjectEvent" and event.action == "ADD":
        return _commission(event.epcs, event.lot_number, reporter, known, now)
    if event.kind == "TransformationEvent":
        # What is packed in goods that are used up is used up with them.
        _end(known.with_contents(event.inputs), "consumed", known)
        return _commission(event.outputs, event.lot_number, reporter, known, now)
    if event.kind == "ObjectEvent" and event.action == "DELETE":
        for epc in event.epcs:
            _take_out(known, epc, known.units[epc].contents)
        _end(event.epcs, "retired", known)
        return []
    # What is fixed to a thing goes with it as what is packed in it does.
    contains = event.kind in ("AggregationEvent", "AssociationEvent")
    if contains and event.action == "ADD":
        return _pack(event, reporter, known, now)
    if contains and event.action == "DELETE":
        _unpack(event, reporter, known)
        return []
    if event.kind in ("ObjectEvent", "AggregationEvent"):
        return _hand_over(event, reporter, known, now)
    return []


def hands_over_recalled(event: EpcisEvent, reporter: str, known: Known) -> bool:
    """Whether the event, if it were accepted, would pass recalled goods to its reporter."""
    if event.error_digest is not None or event.kind not in ("ObjectEvent", "AggregationEvent"):
        return False
    if event.action in ("ADD", "DELETE"):
        return False
    passed = _passing(event, reporter, known)
    return any(known.recalled.of(epc, unit) for units in passed.values() for epc, unit in units.items())


def _commission(
    epcs: Iterable[str], lot_number: str | None, owner: str, known: Known, now: int
) -> list[CustodyMoved]:
    changes: list[CustodyChange] = []
    for epc in epcs:
        key = parse(epc)
        known.units[epc] = Unit(
            epc=epc,
            gtin=key.gtin if key else None,
            owner=owner,
            custodian=owner,
            lot=lot_of(epc, lot_number),
            made_at=rfc3339(now),
        )
        changes.append(CustodyChange(epc=epc, giver=None, holder=owner))
    return [CustodyMoved(order=None, changes=changes, at=rfc3339(now))] if changes else []


def _end(epcs: Iterable[str], end: EndOfUnit, known: Known) -> None:
    for epc in epcs:
        unit = known.units[epc]
        if unit.parent is not None:
            _take_out(known, unit.parent, [epc])
        known.units[epc] = msgspec.structs.replace(known.units[epc], ended=end)


def _pack(event: EpcisEvent, reporter: str, known: Known, now: int) -> list[CustodyMoved]:
    """Packing counts where the reporter holds children and parent, and one order or none carries them all."""
    if event.parent is None or not event.children:
        return []
    children = [known.units[epc] for epc in event.children]
    parent = known.units.get(event.parent)
    together = [*children, parent] if parent is not None else children
    if any(unit.custodian != reporter or unit.order != children[0].order for unit in together):
        return []
    moves: list[CustodyMoved] = []
    if parent is None:
        key = parse(event.parent)
        owners = {unit.owner for unit in children}
        # Under an order no logistic unit comes into being: the order would end without it.
        if key is None or key.ai != "00" or len(owners) > 1 or children[0].order is not None:
            return []
        parent = Unit(
            epc=event.parent,
            gtin=None,
            owner=children[0].owner,
            custodian=reporter,
            made_at=rfc3339(now),
        )
        made = CustodyChange(epc=parent.epc, giver=None, holder=reporter)
        moves = [CustodyMoved(order=None, changes=[made], at=rfc3339(now))]
    inside = sorted({*parent.contents, *event.children})
    known.units[event.parent] = msgspec.structs.replace(parent, contents=inside)
    for unit in children:
        known.units[unit.epc] = msgspec.structs.replace(unit, parent=event.parent)
    return moves


def _unpack(event: EpcisEvent, reporter: str, known: Known) -> None:
    parent = known.units.get(event.parent) if event.parent is not None else None
    if parent is None or parent.custodian != reporter:
        return
    # With neither children nor classes named, everything comes out.
    everything = not event.children and not event.classes("childQuantityList")
    _take_out(known, parent.epc, parent.contents if everything else event.children)


def _take_out(known: Known, parent: str, epcs: Iterable[str]) -> None:
    out = set(epcs)
    unit = known.units.get(parent)
    if unit is not None:
        left = [epc for epc in unit.contents if epc not in out]
        known.units[parent] = msgspec.structs.replace(unit, contents=left)
    for epc in sorted(out):
        child = known.units.get(epc)
        if child is not None and child.parent == parent:
            known.units[epc] = msgspec.structs.replace(child, parent=None)


def _passing(event: EpcisEvent, reporter: str, known: Known) -> dict[str, dict[str, Unit]]:
    """The units that pass to the reporter, by the order that carries them."""
    named = (*event.epcs, *event.children, *(() if event.parent is None else (event.parent,)))
    passed: dict[str, dict[str, Unit]] = {}
    for epc in known.with_contents(named):
        unit = known.units[epc]
        order = known.orders.get(unit.order) if unit.order is not None else None
        if order is None or order.status not in ("shipped", "delivered"):
            continue
        takes_from_seller = reporter in order.carriers and event.biz_step in _CARRIER_TAKES
        takes = reporter == order.buyer and event.biz_step in _BUYER_TAKES
        if (takes and unit.custodian != reporter) or (takes_from_seller and unit.custodian == order.seller):
            passed.setdefault(order.id, {})[epc] = unit
    return passed


def _hand_over(event: EpcisEvent, reporter: str, known: Known, now: int) -> list[CustodyMoved]:
    passed = _passing(event, reporter, known)
    moves: list[CustodyMoved] = []
    for order_id in sorted(passed):
        custody = take_over(passed[order_id], order=order_id, holder=reporter, now=now)
        for record in custody.writes.values():
            if isinstance(record, Unit):
                known.units[record.epc] = record
        if custody.event is not None:
            moves.append(custody.event)
    return moves
