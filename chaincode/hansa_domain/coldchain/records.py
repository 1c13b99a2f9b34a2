"""What the ledger keeps: a product's limits, and how long each thing was outside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from hansa_domain.fields import Timestamp, form
from hansa_domain.goods.records import key_part
from hansa_domain.operation import Key, Record

MAX_LIMITS = 16

Measured = Annotated[
    str,
    form(
        r"[A-Za-z][A-Za-z0-9+.\-]*(?::[^\x00-\x20\x7f]+)?", "a type of measurement such as Temperature", 200
    ),
]
DecimalText = Annotated[
    str, form(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?", "a decimal number as text such as -18.5")
]
Uom = Annotated[str, form(r"[A-Z0-9]{2,3}", "a unit of UN/CEFACT Recommendation 20 such as CEL")]
AllowedSeconds = Annotated[int, msgspec.Meta(ge=0, le=31_536_000)]


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Between what a measurement must stay, both ends allowed, in ``uom``.

    ``measures`` is a measurement of GS1's vocabulary (``Temperature``). ``allowed_seconds``: for how long,
    all in all, goods may be outside.
    """

    measures: Measured
    uom: Uom
    minimum: DecimalText | None = None
    maximum: DecimalText | None = None
    allowed_seconds: AllowedSeconds = 0


class ColdChainLimits(Record, frozen=True, kw_only=True):
    """What a product must be kept at; key ``("cold-chain", gtin14)``. For readings reported from then on."""

    NOUN: ClassVar[str] = "cold-chain"
    gtin: str
    limits: list[Limit]
    set_by: str
    set_at: Timestamp


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a sensor said at a moment, or from ``time`` to ``until`` (Unix milliseconds).

    It holds until the next one. ``event`` is the id of the event that told it, ``reporter`` who did.
    """

    time: int
    until: int | None = None
    outside: bool = False
    event: str = ""
    reporter: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How one measurement of a thing was kept, as one device tells (``device`` empty: one that is not named).

    ``readings`` are the latest; up to ``counted`` (Unix milliseconds) earlier ones are in ``before``, seconds
    outside. ``first`` is when it was outside first, ``seconds`` for how long in all, ``worst`` the farthest
    value in ``uom``; both empty while it never was. ``since`` and ``until`` stand once that was for longer
    than allowed: an excursion.
    """

    measures: str
    device: str
    readings: list[Reading]
    counted: int = 0
    before: int = 0
    first: int | None = None
    seconds: int = 0
    worst: str = ""
    uom: str = ""
    since: Timestamp | None = None
    until: Timestamp | None = None


class Exposure(Record, frozen=True, kw_only=True):
    """What one thing, or a lot, went through; key ``("exposure", epc)``. Absent where no sensor spoke."""

    NOUN: ClassVar[str] = "exposure"
    epc: str
    gtin: str
    kept: list[Kept]

    @property
    def excursions(self) -> list[Kept]:
        """Those outside for longer than allowed."""
        return [each for each in self.kept if each.since is not None]


def limits_key(gtin: str) -> Key:
    """Where a product's limits stand."""
    return (ColdChainLimits.NOUN, gtin)


def exposure_key(epc: str) -> Key:
    """Where the exposure of a thing or lot (in normal form) stands."""
    return (Exposure.NOUN, key_part(epc))


def decimal(text: str | None) -> Decimal | None:
    """The number, None for none."""
    return None if text is None else Decimal(text)
