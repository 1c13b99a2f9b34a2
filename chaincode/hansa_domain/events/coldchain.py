"""Events of the cold chain: limits that a product must be kept at, and goods that were not."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """A limit as events show it; numbers as text, in ``uom``."""

    measures: str
    uom: str
    minimum: str | None
    maximum: str | None
    allowed_seconds: int


class ColdChainLimitsSet(Event, frozen=True, kw_only=True, tag="cold-chain.limits-set"):
    """A product must be kept at these; an empty list: at none any longer."""

    gtin: str
    limits: list[LimitView]
    by: str
    at: str


class ExcursionView(msgspec.Struct, frozen=True, kw_only=True):
    """How a thing or lot was outside a limit for longer than allowed; absolute, not by how much more.

    ``seconds`` in all between ``since`` and ``until``, as far as told; ``worst`` value in ``uom``.
    """

    epc: str
    gtin: str
    measures: str
    device: str
    since: str
    until: str | None
    seconds: int
    worst: str
    uom: str


class ExcursionsRecorded(Event, frozen=True, kw_only=True, tag="cold-chain.excursions"):
    """Sensors told that goods were not kept at their product's limits, or for how long by now."""

    excursions: list[ExcursionView]
    at: str


class ExcursionsWithdrawn(Event, frozen=True, kw_only=True, tag="cold-chain.excursions-withdrawn"):
    """Of these goods an excursion was none: its report was declared in error, or a late reading ended it.

    What is left of theirs is told anew beside this.
    """

    epcs: list[str]
    at: str
