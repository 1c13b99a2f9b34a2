"""Events of goods: who holds them, and what was reported of them."""

from __future__ import annotations

import msgspec

from hansa_domain.events.base import Event


class CustodyChange(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of goods passed from one holder to another; ``giver`` None: it was commissioned just now."""

    epc: str
    giver: str | None
    holder: str


class CustodyMoved(Event, frozen=True, kw_only=True, tag="custody.moved"):
    """Goods changed hands, or were commissioned; shown here only. ``order`` if one carries them."""

    order: str | None
    changes: list[CustodyChange]
    at: str


class CapturedEventView(msgspec.Struct, frozen=True, kw_only=True):
    """A captured EPCIS event: what a timeline shows of it; ``goods:Event`` has the whole.

    ``status`` is ``accepted`` or ``claim``; ``epcs`` in normal form; ``time`` is when it happened; ``orders``
    carry goods of it.
    """

    event_id: str
    hash: str
    kind: str
    status: str
    time: str
    action: str | None
    biz_step: str | None
    read_point: str | None
    error_declared: bool
    epcs: list[str]
    orders: list[str]


class GoodsCaptured(Event, frozen=True, kw_only=True, tag="goods.captured"):
    """A member reported EPCIS events; those refused or known already are not among them."""

    reporter: str
    events: list[CapturedEventView]
    at: str
