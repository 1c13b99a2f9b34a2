"""Events of goods: who holds them, and what was reported of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from hansa_domain.events.base import Event

GoodsRole = Literal[
    "epc",
    "parent",
    "child",
    "input",
    "output",
    "epc_class",
    "child_class",
    "input_class",
    "output_class",
    "transformation",
]
"""How an event names goods: by EPC, or by class in a quantity list; ``transformation`` is its own id."""


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
    carry goods of it. ``roles`` stands beside ``epcs``: in which roles the event names each. ``variant``
    tells an error declaration from the event it concerns (``event``), which has the same id and hash.
    ``declared_in_error``: it had been taken back before it arrived.
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
    roles: list[list[GoodsRole]] = msgspec.field(default_factory=list)
    variant: str = "event"
    disposition: str | None = None
    biz_location: str | None = None
    declared_in_error: bool = False


class GoodsCaptured(Event, frozen=True, kw_only=True, tag="goods.captured"):
    """A member reported EPCIS events; those refused or known already are not among them."""

    reporter: str
    events: list[CapturedEventView]
    at: str
