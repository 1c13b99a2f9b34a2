"""Events of lots by quantity."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event


class LotChange(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a lot a member has now (absolute); ``quantity`` a decimal number as text."""

    lot: str
    member: str
    uom: str
    quantity: str


class LotsChanged(Event, frozen=True, kw_only=True, tag="lots.changed"):
    """Lots were made, used up, or mixed into others."""

    changes: list[LotChange]
    at: str


class ToleranceAgreed(Event, frozen=True, kw_only=True, tag="tolerance.agreed"):
    """By how much more may come out of making a product than went in, in hundredths of a percent."""

    gtin: str
    basis_points: int
    at: str
