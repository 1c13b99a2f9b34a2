"""Lots by quantity: how much of each lot a member has, and the mass balance of transformations.

Quantities are Decimal throughout, in kilograms, litres or pieces where the unit is one of mass, volume or
count; any other unit (UN/CEFACT Recommendation 20) is compared with itself only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import ClassVar

from hansa_domain.events import LotChange, LotsChanged
from hansa_domain.fields import Timestamp
from hansa_domain.goods.epcis import EpcisEvent, QuantityElement
from hansa_domain.goods.records import ClaimReason, key_part
from hansa_domain.gs1 import parse
from hansa_domain.operation import Key, Record, Records

PIECES = "EA"
_MOST = Decimal(10) ** 15
_FINEST = -12
_BASIS = Decimal(10_000)
_IN_BASE: Mapping[str, tuple[str, Decimal]] = {
    "MGM": ("KGM", Decimal("0.000001")),
    "GRM": ("KGM", Decimal("0.001")),
    "KGM": ("KGM", Decimal(1)),
    "TNE": ("KGM", Decimal(1000)),
    "LBR": ("KGM", Decimal("0.45359237")),
    "ONZ": ("KGM", Decimal("0.028349523125")),
    "MLT": ("LTR", Decimal("0.001")),
    "CLT": ("LTR", Decimal("0.01")),
    "DLT": ("LTR", Decimal("0.1")),
    "LTR": ("LTR", Decimal(1)),
    "HLT": ("LTR", Decimal(100)),
    "MTQ": ("LTR", Decimal(1000)),
    "C62": (PIECES, Decimal(1)),
    "EA": (PIECES, Decimal(1)),
    "H87": (PIECES, Decimal(1)),
}

Amounts = dict[str, Decimal]
"""Decimal amounts by dimension: a unit, or ``EA <GTIN>`` for pieces, which only compare within a product."""


Place = tuple[str, str]
"""A lot in normal form and a unit of measure."""
Totals = tuple[Amounts, Amounts]
"""What went into a transformation, and what came out of it."""


class LotHolding(Record, frozen=True, kw_only=True):
    """How much of a lot a member has; key ``("lot-holding", lot, msp_id, uom)``.

    ``lot`` in normal form, ``quantity`` a decimal number as text, in ``uom``. Once counted, a lot
    stays counted.
    """

    NOUN: ClassVar[str] = "lot-holding"
    lot: str
    member: str
    uom: str
    quantity: str


class TransformationBalance(Record, frozen=True, kw_only=True):
    """What went into a transformation told in several events, and came out of it.

    Key ``("transformation", id, msp_id)``; decimal numbers as text by dimension.
    """

    NOUN: ClassVar[str] = "transformation"
    transformation: str
    reporter: str
    inputs: dict[str, str]
    outputs: dict[str, str]


class ProductTolerance(Record, frozen=True, kw_only=True):
    """By how much more may come out of making a product than went in; key ``("product-tolerance", gtin)``."""

    NOUN: ClassVar[str] = "product-tolerance"
    gtin: str
    basis_points: int
    agreed_at: Timestamp


def _exact() -> Context:
    """Arithmetic that rounds nothing that ``_measure`` lets pass, whatever the surroundings are set to."""
    return Context(prec=60)


def text_of(amount: Decimal) -> str:
    """A decimal number without exponent or trailing zeros."""
    return format(_exact().normalize(amount), "f") if amount else "0"


def _measure(element: QuantityElement) -> tuple[str, Decimal] | None:
    """(unit, amount) of a quantity in its base unit; None where it is no countable amount."""
    amount = element.quantity
    if amount is None or not amount.is_finite():
        return None
    exponent = amount.as_tuple().exponent
    if not 0 < amount < _MOST or not isinstance(exponent, int) or exponent < _FINEST:
        return None
    unit, factor = _IN_BASE.get(element.uom or PIECES, (element.uom or PIECES, Decimal(1)))
    return unit, _exact().multiply(amount, factor)


def _lot(epc_class: str) -> bool:
    key = parse(epc_class)
    return key is not None and key.qualifier is not None and key.qualifier[0] == "10"


def _gtin(epc: str) -> str | None:
    key = parse(epc)
    return None if key is None else key.gtin


def _lists(event: EpcisEvent) -> tuple[tuple[QuantityElement, ...], tuple[QuantityElement, ...]]:
    """The quantities that an event uses up, and those it makes."""
    if event.kind == "TransformationEvent":
        return event.quantities.get("inputQuantityList", ()), event.quantities.get("outputQuantityList", ())
    named = event.quantities.get("quantityList", ()) if event.kind == "ObjectEvent" else ()
    if event.action == "DELETE":
        return named, ()
    return (), named if event.action == "ADD" else ()


@dataclass
class Lots:
    """What a capture knows of its reporter's lots; events of one capture change it in turn.

    ``held`` by lot and unit, ``balances`` (in, out) by a transformation's id, ``tolerances`` in basis points.
    """

    reporter: str
    held: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    balances: dict[str, Totals] = field(default_factory=dict)
    tolerances: Mapping[str, int] = field(default_factory=dict)
    touched: dict[tuple[str, str], None] = field(default_factory=dict)
    told: dict[str, None] = field(default_factory=dict)

    def objection(self, event: EpcisEvent) -> ClaimReason | None:
        """Why an otherwise accepted event is only a claim: more used than held, or more made than used."""
        if event.error_digest is not None:
            return None
        used, made = _lists(event)
        if any(_measure(each) is None for each in (*used, *made) if each.quantity is not None):
            return "quantity_invalid"
        for place, amount in _by_lot(used).items():
            if place in self.held and self.held[place] < amount:
                return "not_held"
        return None if event.kind != "TransformationEvent" else self._balance(event)

    def _balance(self, event: EpcisEvent) -> ClaimReason | None:
        inputs, outputs = self._totals(event)
        gtins = [_gtin(epc) for epc in (*event.outputs, *event.classes("outputQuantityList"))]
        more = max((self.tolerances.get(gtin, 0) for gtin in gtins if gtin is not None), default=0)
        for dimension in sorted(outputs.keys() & inputs.keys()):
            allowed = _exact().multiply(inputs[dimension], _exact().divide(_BASIS + more, _BASIS))
            if outputs[dimension] > allowed:
                return "mass_balance"
        return None

    def _totals(self, event: EpcisEvent) -> Totals:
        """What went in and came out, with earlier events of the same transformation."""
        return _told(event, self.balances.get(event.transformation_id or "", ({}, {})))

    def told_by(self, event: EpcisEvent) -> Totals | None:
        """What one event says of a transformation that is told in several; None of any other event."""
        several = event.kind == "TransformationEvent" and event.transformation_id is not None
        return _told(event, ({}, {})) if several and event.error_digest is None else None

    def may_take_back(self, changes: Mapping[Place, Decimal], told: str | None, part: Totals) -> bool:
        """Whether what an event changed can be taken back: what it made is there, and the rest balances."""
        left = [
            _exact().subtract(self.held.get(place, Decimal(0)), change) for place, change in changes.items()
        ]
        if any(amount < 0 for amount in left):
            return False
        if told is None:
            return True
        before = self.balances.get(told, ({}, {}))
        inputs, outputs = _without(before, part)
        # What others were made of must not vanish; a tolerance that was used is not looked at again.
        compared = [name for name in sorted(outputs) if name in before[0]]
        fits = all(outputs[name] <= inputs.get(name, Decimal(0)) for name in compared)
        return fits and (bool(inputs) or not outputs)

    def take_back(self, changes: Mapping[Place, Decimal], told: str | None, part: Totals) -> None:
        """Uncounts what an event changed."""
        for place, change in changes.items():
            self.held[place] = _exact().subtract(self.held.get(place, Decimal(0)), change)
            self.touched[place] = None
        if told is not None:
            self.balances[told] = _without(self.balances.get(told, ({}, {})), part)
            self.told[told] = None

    def apply(self, event: EpcisEvent) -> dict[Place, Decimal]:
        """Counts what an accepted event uses and makes; by how much each holding changed."""
        if event.error_digest is not None:
            return {}
        changed: dict[Place, Decimal] = {}
        used, made = _lists(event)
        if event.kind == "TransformationEvent" and event.transformation_id is not None:
            self.balances[event.transformation_id] = self._totals(event)
            self.told[event.transformation_id] = None
        for place, amount in _by_lot(used).items():
            if place in self.held:
                self._count(place, amount.copy_negate(), changed)
        for place, amount in _by_lot(made).items():
            self._count(place, amount, changed)
        return changed

    def _count(self, place: Place, change: Decimal, changed: dict[Place, Decimal]) -> None:
        self.held[place] = _exact().add(self.held.get(place, Decimal(0)), change)
        self.touched[place] = None
        changed[place] = _exact().add(changed.get(place, Decimal(0)), change)

    def writes(self) -> dict[Key, Record | None]:
        """The records that changed."""
        found: dict[Key, Record | None] = {}
        for lot, uom in sorted(self.touched):
            found[holding_key(lot, self.reporter, uom)] = LotHolding(
                lot=lot, member=self.reporter, uom=uom, quantity=text_of(self.held[lot, uom])
            )
        for name in sorted(self.told):
            inputs, outputs = self.balances[name]
            found[balance_key(name, self.reporter)] = TransformationBalance(
                transformation=name, reporter=self.reporter, inputs=_texts(inputs), outputs=_texts(outputs)
            )
        return found

    def event(self, at: str) -> LotsChanged | None:
        """What tells of the lots that changed."""
        changes = [
            LotChange(lot=lot, member=self.reporter, uom=uom, quantity=text_of(self.held[lot, uom]))
            for lot, uom in sorted(self.touched)
        ]
        return LotsChanged(changes=changes, at=at) if changes else None


def holding_key(lot: str, member: str, uom: str) -> Key:
    """Where a member's holding of a lot (in normal form) stands."""
    return (LotHolding.NOUN, key_part(lot), member, uom)


def balance_key(transformation: str, reporter: str) -> Key:
    """Where the balance of a transformation told in several events stands."""
    return (TransformationBalance.NOUN, key_part(transformation), reporter)


def _places(events: Iterable[EpcisEvent]) -> set[tuple[str, str]]:
    lists = [side for event in events for side in _lists(event)]
    return {place for side in lists for place in _by_lot(side)}


def lot_keys(events: list[EpcisEvent], reporter: str, gtins: Iterable[str]) -> tuple[Key, ...]:
    """What to fetch for ``read_lots``."""
    told = sorted({event.transformation_id for event in events if event.transformation_id is not None})
    return (
        *(holding_key(lot, reporter, uom) for lot, uom in sorted(_places(events))),
        *(balance_key(name, reporter) for name in told),
        *((ProductTolerance.NOUN, gtin) for gtin in gtins),
    )


def read_lots(events: list[EpcisEvent], reporter: str, gtins: Iterable[str], records: Records) -> Lots:
    """The reporter's lots from what ``lot_keys`` named."""
    lots = Lots(reporter)
    for lot, uom in sorted(_places(events)):
        holding = records.find(LotHolding, *holding_key(lot, reporter, uom)[1:])
        if holding is not None:
            lots.held[lot, uom] = Decimal(holding.quantity)
    for name in sorted({event.transformation_id for event in events if event.transformation_id is not None}):
        balance = records.find(TransformationBalance, *balance_key(name, reporter)[1:])
        if balance is not None:
            lots.balances[name] = (_decimals(balance.inputs), _decimals(balance.outputs))
    agreed = {gtin: records.find(ProductTolerance, gtin) for gtin in gtins}
    lots.tolerances = {gtin: each.basis_points for gtin, each in agreed.items() if each is not None}
    return lots


def _by_lot(elements: Iterable[QuantityElement]) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for element in elements:
        measure = _measure(element)
        if measure is not None and _lot(element.epc_class):
            place = (element.epc_class, measure[0])
            found[place] = _exact().add(found.get(place, Decimal(0)), measure[1])
    return found


def _add(amounts: Amounts, epcs: Iterable[str], elements: Iterable[QuantityElement]) -> None:
    parts = [(f"{PIECES} {_gtin(epc)}", Decimal(1)) for epc in epcs]
    for element in elements:
        measure = _measure(element)
        if measure is not None:
            unit, amount = measure
            parts.append((f"{unit} {_gtin(element.epc_class)}" if unit == PIECES else unit, amount))
    for dimension, amount in parts:
        amounts[dimension] = _exact().add(amounts.get(dimension, Decimal(0)), amount)


def _told(event: EpcisEvent, before: Totals) -> Totals:
    """The totals with what an event says added."""
    inputs, outputs = dict(before[0]), dict(before[1])
    used, made = _lists(event)
    _add(inputs, event.inputs, used)
    _add(outputs, event.outputs, made)
    return inputs, outputs


def _without(whole: Totals, part: Totals) -> Totals:
    def left(all_of_it: Amounts, some: Amounts) -> Amounts:
        rest = {
            name: _exact().subtract(amount, some.get(name, Decimal(0))) for name, amount in all_of_it.items()
        }
        return {name: amount for name, amount in rest.items() if amount != 0}

    return left(whole[0], part[0]), left(whole[1], part[1])


def _texts(amounts: Amounts) -> dict[str, str]:
    return {dimension: text_of(amounts[dimension]) for dimension in sorted(amounts)}


def _decimals(texts: Mapping[str, str]) -> Amounts:
    return {dimension: Decimal(texts[dimension]) for dimension in sorted(texts)}
