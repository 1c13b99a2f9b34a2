"""Which goods are for sale: those of which nobody with standing said otherwise until further notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.records import Unit

UNSELLABLE = frozenset(
    (
        *("damaged", "destroyed", "dispensed", "disposed", "expired", "inactive", "needs_replacement"),
        *("no_pedigree_match", "non_conformant", "non_sellable_other", "recalled", "retail_sold", "stolen"),
        "unavailable",
    )
)
"""Dispositions of CBV 2.0 under which goods are not for sale."""


def unsellable(unit: Unit) -> str | None:
    """The first disposition under which the unit is not for sale, None where there is none."""
    return next((term for term in sorted(unit.dispositions) if term in UNSELLABLE), None)


def refuse_unsellable(units: Mapping[str, Unit], epcs: Iterable[str], where: str) -> None:
    """Refuses goods that are not for sale. Raises Refusal GOODS_NOT_SELLABLE at ``where``."""
    for epc in epcs:
        term = unsellable(units[epc])
        if term is not None:
            by = units[epc].dispositions[term]
            raise Refusal(Code.GOODS_NOT_SELLABLE, f"{epc} is {term}, as {by} reported.", where)
