"""Measurements compared exactly: UN/CEFACT Recommendation 20 units brought to one scale without rounding.

A scale is chosen so that every conversion is a product and a sum of decimal numbers: temperatures in ninths
of a kelvin, since five ninths have no end in decimals.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal

from hansa_domain.goods.epcis.vocabulary import WEB_VOCABULARY

_ZERO = Decimal(0)
# Unit: (scale, what is added first, what it is multiplied with then).
_UNITS: Mapping[str, tuple[str, Decimal, Decimal]] = {
    "CEL": ("temperature", Decimal("273.15"), Decimal(9)),
    "KEL": ("temperature", _ZERO, Decimal(9)),
    "FAH": ("temperature", Decimal("459.67"), Decimal(5)),
    "P1": ("share", _ZERO, Decimal(1)),
    "NX": ("share", _ZERO, Decimal("0.1")),
    "C62": ("share", _ZERO, Decimal(100)),
    "KMQ": ("density", _ZERO, Decimal(1000)),
    "A93": ("density", _ZERO, Decimal(1)),
    "GP": ("density", _ZERO, Decimal("0.001")),
    "MSK": ("acceleration", _ZERO, Decimal(1)),
    "K40": ("acceleration", _ZERO, Decimal("9.80665")),
    "PAL": ("pressure", _ZERO, Decimal(1)),
    "A97": ("pressure", _ZERO, Decimal(100)),
    "MBR": ("pressure", _ZERO, Decimal(100)),
    "KPA": ("pressure", _ZERO, Decimal(1000)),
    "BAR": ("pressure", _ZERO, Decimal(100_000)),
    "ATM": ("pressure", _ZERO, Decimal(101_325)),
    "MPA": ("pressure", _ZERO, Decimal(1_000_000)),
    "MTS": ("speed", _ZERO, Decimal(18)),
    "KMH": ("speed", _ZERO, Decimal(5)),
    "MMT": ("length", _ZERO, Decimal("0.001")),
    "CMT": ("length", _ZERO, Decimal("0.01")),
    "MTR": ("length", _ZERO, Decimal(1)),
}


def exact() -> Context:
    """Arithmetic that rounds nothing of what is compared here, whatever the surroundings are set to."""
    return Context(prec=120)


def on_scale(value: Decimal, uom: str) -> tuple[str, Decimal]:
    """The scale, and the value on it; an unknown unit is a scale of its own.

    Args:
        value: at most 40 digits, as EPCIS numbers are read.
        uom: a unit of UN/CEFACT Recommendation 20.
    """
    scale, first, factor = _UNITS.get(uom, (uom, _ZERO, Decimal(1)))
    return scale, exact().multiply(exact().add(value, first), factor)


def comparable(one: str, other: str) -> bool:
    """Whether values in these units can be compared."""
    return on_scale(_ZERO, one)[0] == on_scale(_ZERO, other)[0]


def measurement(kind: str) -> str:
    """A type of measurement as GS1 names it; bare where it is of GS1's vocabulary."""
    for namespace in (WEB_VOCABULARY, "gs1:"):
        if kind.startswith(namespace):
            return kind[len(namespace) :]
    return kind
