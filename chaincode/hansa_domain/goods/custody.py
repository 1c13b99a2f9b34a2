"""Custody along an order: who holds goods as they are shipped, received, or sent back. Always one member.

An order's commands load the units they concern with ``load_units`` and write what ``ship``, ``confirm`` or
``give_back`` answers. Delivery moves nothing: it is the carrier's word; goods pass when the buyer takes them,
by reporting it (``take_over``) or by the order's end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CustodyChange, CustodyMoved
from hansa_domain.goods.records import Unit, unit_key
from hansa_domain.goods.sellable import refuse_unsellable
from hansa_domain.gs1 import Gs1Key, normal_form
from hansa_domain.operation import Fetch, Key, Record, Records
from hansa_domain.times import rfc3339

Units = Mapping[str, Unit]
"""Units by EPC in normal form."""

MAX_UNITS = 2000


@dataclass(frozen=True)
class Custody:
    """What a step does to goods: the units to write, and the event, None where nobody's hold changed.

    ``units`` are the EPCs, in order, of all units the step concerns.
    """

    units: tuple[str, ...] = ()
    writes: Mapping[Key, Record | None] = field(default_factory=dict)
    event: CustodyMoved | None = None


def logistic_unit(sscc: str) -> str:
    """The EPC, in normal form, of an SSCC of 18 digits."""
    return Gs1Key("00", sscc).uri


def load_units(epcs: Iterable[str]) -> Generator[Fetch, Records, dict[str, Unit]]:
    """The units that ``epcs`` (any spelling) name and everything packed in them; ``yield from`` it.

    EPCs that the ledger does not know are absent from the answer.

    Raises:
        Refusal: CAPTURE_TOO_LARGE, more than MAX_UNITS units.
    """
    found: dict[str, Unit] = {}
    asked: set[str] = set()
    wanted = {normal_form(epc) for epc in epcs}
    while wanted:
        asked |= wanted
        if len(asked) > MAX_UNITS:
            raise Refusal(
                Code.CAPTURE_TOO_LARGE, f"More than {MAX_UNITS} units of goods are concerned at once."
            )
        batch = sorted(wanted)
        records = yield Fetch(keys=tuple(unit_key(epc) for epc in batch))
        units = [unit for epc in batch if (unit := records.find(Unit, *unit_key(epc)[1:])) is not None]
        found.update((unit.epc, unit) for unit in units)
        wanted = {epc for unit in units for epc in unit.contents} - asked
    return found


def ship(
    units: Units,
    epcs: Iterable[str],
    *,
    order: str,
    seller: str,
    carrier: str | None,
    ordered: Mapping[str, int],
    now: int,
    sscc: str | None = None,
    field_name: str = "epcs",
) -> Custody:
    """Goods leave under ``order``: the carrier holds them from now on, or the seller where none carries.

    Args:
        units: as ``load_units`` answered for ``epcs`` and, where there is one, ``logistic_unit(sscc)``.
        epcs: what the seller names, any spelling.
        ordered: units ordered of each GTIN (14 digits); fewer may be named, never more or others.
        now: transaction time, Unix milliseconds.
        sscc: the logistic unit they travel as (18 digits). One that the ledger does not know comes into being
            with what is named and not packed in anything else, so that reports about it find the order.
        field_name: the command's field that holds ``epcs``, for refusals.

    Raises:
        Refusal: UNIT_NOT_FOUND, UNIT_NOT_AVAILABLE, GOODS_NOT_SELLABLE or UNIT_NOT_ORDERED, with the field.
    """
    for place, epc in enumerate(epcs):
        if normal_form(epc) not in units:
            raise Refusal(Code.UNIT_NOT_FOUND, f"The ledger knows no {epc}.", f"{field_name}[{place}]")
    for epc in sorted(units):
        unit = units[epc]
        if (
            unit.custodian != seller
            or unit.owner != seller
            or unit.order is not None
            or unit.ended is not None
        ):
            raise Refusal(Code.UNIT_NOT_AVAILABLE, f"{epc} is not {seller}'s to ship.", field_name)
        refuse_unsellable(units, (epc,), field_name)
        if unit.parent is not None and unit.parent not in units:
            raise Refusal(
                Code.UNIT_NOT_AVAILABLE, f"{epc} is packed in {unit.parent}: unpack it first.", field_name
            )
    counted = Counter(unit.gtin for unit in units.values() if unit.gtin is not None)
    for gtin in sorted(counted):
        if counted[gtin] > ordered.get(gtin, 0):
            raise Refusal(
                Code.UNIT_NOT_ORDERED,
                f"{counted[gtin]} of GTIN {gtin} are named, {ordered.get(gtin, 0)} are ordered.",
                field_name,
            )
    holder = seller if carrier is None else carrier
    after = {epc: _with(unit, custodian=holder, order=order) for epc, unit in units.items()}
    pallet = None if sscc is None else logistic_unit(sscc)
    if pallet is not None and pallet not in units:
        loose = sorted(epc for epc, unit in units.items() if unit.parent is None)
        after.update({epc: _with(after[epc], parent=pallet) for epc in loose})
        after[pallet] = _with(_pallet(pallet, seller, holder, now), order=order, contents=loose)
    return _moved(units, after, order, now)


def confirm(units: Units, *, order: str, buyer: str, now: int) -> Custody:
    """The order was settled: its goods belong to the buyer, who holds them, free to be sold on."""
    return _change(
        _of(units, order), order, now, lambda unit: _with(unit, custodian=buyer, owner=buyer, order=None)
    )


def give_back(units: Units, *, order: str, seller: str, now: int) -> Custody:
    """The order was refunded after shipping: its goods are the seller's again."""
    return _change(_of(units, order), order, now, lambda unit: _with(unit, custodian=seller, order=None))


@dataclass(frozen=True)
class Sides:
    """Goods of a despatch by where they end: ``back`` are EPCs for the seller, ``taken`` and ``left`` count
    the units that stay with the buyer and those that do not, by GTIN."""

    back: frozenset[str]
    taken: Mapping[str, int]
    left: Mapping[str, int]


def part_of(units: Units, despatched: Iterable[str], not_taken: Iterable[str]) -> Sides:
    """Divides goods of a despatch between who keeps and who gets them back, what is packed in them with them.

    Args:
        units: as ``load_units`` answered for ``despatched``.
        despatched: EPCs in normal form.
        not_taken: of these, those that did not arrive or go back.
    """
    ours = {epc: units[epc] for epc in despatched if epc in units}
    back: set[str] = set()
    waiting = list(not_taken)
    while waiting:
        epc = waiting.pop()
        if epc in ours and epc not in back:
            back.add(epc)
            waiting.extend(ours[epc].contents)
    taken: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for epc, unit in ours.items():
        if unit.gtin is not None and unit.ended is None:
            (left if epc in back else taken)[unit.gtin] += 1
    return Sides(frozenset(back), taken, left)


def divide(units: Units, back: frozenset[str], *, order: str, buyer: str, seller: str, now: int) -> Custody:
    """A despatch was settled: what is not in ``back`` is the buyer's, the rest the seller's again, unpacked
    from what is not with it."""
    ours = _of(units, order)
    after: dict[str, Unit] = {}
    for epc, unit in ours.items():
        goes = epc in back
        inside = [each for each in unit.contents if each not in ours or (each in back) == goes]
        outside = unit.parent
        if outside in ours and (outside in back) != goes:
            outside = None
        holder = seller if goes else buyer
        after[epc] = _with(unit, custodian=holder, owner=holder, order=None, contents=inside, parent=outside)
    return _moved(ours, after, order, now)


def take_over(units: Units, *, order: str, holder: str, now: int) -> Custody:
    """A party of the order reported that it took the goods: it holds them; they stay in the order."""
    return _change(_of(units, order), order, now, lambda unit: _with(unit, custodian=holder))


def _pallet(epc: str, owner: str, holder: str, now: int) -> Unit:
    return Unit(epc=epc, gtin=None, owner=owner, custodian=holder, made_at=rfc3339(now))


def _of(units: Units, order: str) -> Units:
    return {epc: unit for epc, unit in units.items() if unit.order == order and unit.ended is None}


def _with(unit: Unit, **changes: str | list[str] | None) -> Unit:
    return msgspec.structs.replace(unit, **changes)


def _change(units: Units, order: str, now: int, rule: Callable[[Unit], Unit]) -> Custody:
    return _moved(units, {epc: rule(unit) for epc, unit in units.items()}, order, now)


def _moved(before: Units, after: Units, order: str, now: int) -> Custody:
    writes: dict[Key, Record | None] = {}
    changes: list[CustodyChange] = []
    for epc in sorted(after):
        unit, earlier = after[epc], before.get(epc)
        if unit != earlier:
            writes[unit_key(epc)] = unit
        giver = None if earlier is None else earlier.custodian
        if unit.custodian != giver:
            changes.append(CustodyChange(epc=epc, giver=giver, holder=unit.custodian))
    event = CustodyMoved(order=order, changes=changes, at=rfc3339(now)) if changes else None
    return Custody(tuple(sorted(after)), writes, event)
