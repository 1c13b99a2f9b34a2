"""Whether a recall forbids the sale or shipment of goods: read by key, so that no scan is needed."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.records import Unit, key_part
from hansa_domain.gs1 import Gs1Key, parse
from hansa_domain.operation import Fetch, Key, Records
from hansa_domain.recalls.records import Recall, RecallMark, mark_key


def product_class(gtin: str) -> str:
    """A product, by its GTIN of 14 digits, as marks and lineage name it."""
    return Gs1Key("01", gtin).uri


def subjects_of(epc: str, unit: Unit | None = None) -> tuple[str, ...]:
    """What a recall may name to cover an EPC or class in normal form: itself, its lot, its product."""
    key = parse(epc)
    gtin = unit.gtin if unit is not None else None if key is None else key.gtin
    lot = () if unit is None or unit.lot is None else (unit.lot,)
    product = () if gtin is None else (product_class(gtin),)
    return tuple(dict.fromkeys((epc, *lot, *product)))


@dataclass(frozen=True)
class Recalled:
    """The recalls of what was asked for; empty where there are none.

    Args:
        marks: the recalls' ids by subject.
        recalls: these recalls by id.
    """

    marks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    recalls: Mapping[str, Recall] = field(default_factory=dict)

    def of(self, epc: str, unit: Unit | None = None) -> str | None:
        """The recall that forbids to sell or ship an EPC or class in normal form, None where none does.

        Args:
            epc: a unit, a lot, or a product.
            unit: what the ledger knows of it.
        """
        for subject in subjects_of(epc, unit):
            for name in self.marks.get(subject, ()):
                if self._forbids(self.recalls[name], subject, epc, unit):
                    return name
        return None

    @staticmethod
    def _forbids(recall: Recall, subject: str, epc: str, unit: Unit | None) -> bool:
        if recall.status != "completed":
            return recall.status == "open"
        if subject != product_class(recall.gtin):
            return True
        # What is made of a product after its recall was completed is sound, and the product on sale again.
        if recall.closed_at is None or epc == subject:
            return False
        return unit is None or unit.made_at is None or unit.made_at <= recall.closed_at


def mark_keys(subjects: Iterable[str]) -> tuple[Key, ...]:
    """What to fetch for ``recalled``."""
    return tuple(mark_key(subject) for subject in sorted(set(subjects)))


def recalled(subjects: Iterable[str], records: Records) -> Generator[Fetch, Records, Recalled]:
    """The recalls of subjects whose ``mark_keys`` were fetched; reads more only where there are any."""
    marks: dict[str, tuple[str, ...]] = {}
    for subject in sorted(set(subjects)):
        mark = records.find(RecallMark, key_part(subject))
        if mark is not None:
            marks[subject] = tuple(mark.recalls)
    names = sorted({name for each in marks.values() for name in each})
    if not names:
        return Recalled()
    found = yield Fetch(keys=tuple((Recall.NOUN, name) for name in names))
    recalls = {name: found.get(Recall, name, refuse=Code.LEDGER_INCONSISTENT) for name in names}
    return Recalled(marks, recalls)


def refuse_recalled(
    products: Mapping[str, str], units: Mapping[str, Unit], field_name: str
) -> Generator[Fetch, Records, None]:
    """Refuses goods that a recall covers; ``yield from`` it.

    Args:
        products: GTIN of 14 digits to the command's field that leads to it.
        units: by EPC in normal form.
        field_name: the command's field that names the units.

    Raises:
        Refusal: GOODS_RECALLED.
    """
    subjects = {product_class(gtin) for gtin in products}
    subjects.update(subject for epc, unit in units.items() for subject in subjects_of(epc, unit))
    records = yield Fetch(keys=mark_keys(subjects))
    found = yield from recalled(subjects, records)
    for gtin in sorted(products):
        _refuse(found.of(product_class(gtin)), f"GTIN {gtin}", products[gtin])
    for epc in sorted(units):
        _refuse(found.of(epc, units[epc]), epc, field_name)


def _refuse(recall: str | None, what: str, where: str) -> None:
    if recall is not None:
        says = f"{what} is recalled by {recall} and may be neither sold nor shipped."
        raise Refusal(Code.GOODS_RECALLED, says, where)
