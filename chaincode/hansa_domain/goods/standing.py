"""Whether a reporter has standing to report an event, so that it counts, or whether it is a mere claim.

Pure functions over what a capture has loaded: units, the orders that carry them, and the owners of products.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.records import ClaimReason, Unit
from hansa_domain.gs1 import parse
from hansa_domain.orders.order import Order
from hansa_domain.recalls.blocking import Recalled


@dataclass
class Known:
    """What is known of the goods that a capture concerns; events of one capture change it in turn.

    ``units`` by EPC in normal form, ``orders`` by id, ``owners`` of products by GTIN-14, the recalls of all.
    """

    units: dict[str, Unit]
    orders: Mapping[str, Order]
    owners: Mapping[str, str]
    recalled: Recalled = field(default_factory=Recalled)

    def with_contents(self, epcs: Iterable[str]) -> list[str]:
        """These units and all that is packed in them, in order; those not known are left out."""
        found: dict[str, None] = {}
        waiting = list(epcs)
        while waiting:
            epc = waiting.pop()
            if epc not in found and epc in self.units:
                found[epc] = None
                waiting.extend(self.units[epc].contents)
        return sorted(found)

    def owner_of_kind(self, epc: str) -> str | None:
        """The owner of the product that an EPC or class belongs to, None where the ledger knows none."""
        key = parse(epc)
        return None if key is None or key.gtin is None else self.owners.get(key.gtin)


def claim_reason(event: EpcisEvent, reporter: str, known: Known) -> ClaimReason | None:
    """Why the event is only a claim of the reporter's, or None where it is accepted."""
    if event.kind == "TransformationEvent":
        return _transformation(event, reporter, known)
    if event.kind in ("AggregationEvent", "AssociationEvent"):
        return _containment(event, reporter, known)
    if event.kind == "ObjectEvent" and event.action == "ADD":
        made = _first(_made(epc, reporter, known) for epc in event.epcs)
        reason = made or _classes(event.classes("quantityList"), reporter, known)
    else:
        parent = () if event.parent is None else (event.parent,)
        reason = _present((*parent, *event.epcs), reporter, known)
        reason = reason or _classes(event.classes("quantityList"), reporter, known)
        if reason is None and event.kind == "ObjectEvent" and event.action == "DELETE":
            reason = _held(event.epcs, reporter, known)
    return reason or (None if event.named else "no_goods")


def _containment(event: EpcisEvent, reporter: str, known: Known) -> ClaimReason | None:
    classes = event.classes("childQuantityList")
    reason = _present(event.children, reporter, known) or _classes(classes, reporter, known)
    if reason is not None or event.parent is None:
        return reason
    parent = known.units.get(event.parent)
    if parent is not None:
        reason = _standing(parent, reporter, known)
    elif not event.children and not classes:
        return "goods_unknown"
    if reason is None and event.action == "ADD":
        if any(unit is not None and unit.ended for unit in (parent, *map(known.units.get, event.children))):
            return "ended"
        if any(known.units[epc].parent not in (None, event.parent) for epc in event.children):
            return "packed_elsewhere"
        if any(epc in event.children for epc in _around(event.parent, known)):
            return "circular"
    return reason


def _around(epc: str, known: Known) -> Iterable[str]:
    """The unit and all it is packed in, outwards."""
    while True:
        yield epc
        unit = known.units.get(epc)
        if unit is None or unit.parent is None:
            return
        epc = unit.parent


def _transformation(event: EpcisEvent, reporter: str, known: Known) -> ClaimReason | None:
    inputs = known.with_contents(event.inputs)
    reason = _present(event.inputs, reporter, known) or _held(inputs, reporter, known)
    # What is made of goods is the maker's: nobody makes another's goods his own that way.
    if reason is None and any(known.units[epc].owner != reporter for epc in inputs):
        reason = "not_owned"
    reason = reason or _classes(event.classes("inputQuantityList"), reporter, known)
    used = (*inputs, *event.classes("inputQuantityList"))
    used = used if event.transformation_id is None else (*used, event.transformation_id)
    if reason is None and any(known.recalled.of(epc, known.units.get(epc)) for epc in used):
        reason = "recalled"
    reason = reason or _first(_made(epc, reporter, known) for epc in event.outputs)
    return reason or _classes(event.classes("outputQuantityList"), reporter, known)


def _made(epc: str, reporter: str, known: Known) -> ClaimReason | None:
    """Goods come into being where the product's owner says so, once."""
    if epc in known.units:
        return "already_commissioned"
    owner = known.owner_of_kind(epc)
    key = parse(epc)
    # A kind of goods is no thing that anybody could hold.
    if owner is None or key is None or not key.instance:
        return "goods_unknown"
    return None if owner == reporter else "not_a_party"


def _present(epcs: Iterable[str], reporter: str, known: Known) -> ClaimReason | None:
    for epc in epcs:
        unit = known.units.get(epc)
        if unit is None:
            return "goods_unknown"
        reason = _standing(unit, reporter, known)
        if reason is not None:
            return reason
    return None


def _standing(unit: Unit, reporter: str, known: Known) -> ClaimReason | None:
    if reporter in (unit.custodian, unit.owner):
        return None
    order = known.orders.get(unit.order) if unit.order is not None else None
    return None if order is not None and reporter in order.parties else "not_a_party"


def _held(epcs: Iterable[str], reporter: str, known: Known) -> ClaimReason | None:
    for epc in epcs:
        unit = known.units[epc]
        if unit.ended is not None:
            return "ended"
        if unit.custodian != reporter or unit.order is not None:
            return "not_held"
    return None


def _classes(classes: Iterable[str], reporter: str, known: Known) -> ClaimReason | None:
    for epc_class in classes:
        owner = known.owner_of_kind(epc_class)
        if owner is None:
            return "goods_unknown"
        if owner != reporter:
            return "not_a_party"
    return None


def _first(reasons: Iterable[ClaimReason | None]) -> ClaimReason | None:
    return next((reason for reason in reasons if reason is not None), None)
