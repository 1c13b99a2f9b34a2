"""In which roles an event names goods: what its report tells the read model, which never sees the event."""

from __future__ import annotations

from collections.abc import Iterable

from hansa_domain.events.goods import GoodsRole
from hansa_domain.goods.epcis import EpcisEvent


def roles_of(event: EpcisEvent) -> list[list[GoodsRole]]:
    """For each of ``event.named``, in that order, the event's roles for it, at least one."""
    lists: tuple[tuple[GoodsRole, Iterable[str]], ...] = (
        ("epc", event.epcs),
        ("parent", () if event.parent is None else (event.parent,)),
        ("child", event.children),
        ("input", event.inputs),
        ("output", event.outputs),
        ("epc_class", event.classes("quantityList")),
        ("child_class", event.classes("childQuantityList")),
        ("input_class", event.classes("inputQuantityList")),
        ("output_class", event.classes("outputQuantityList")),
        ("transformation", () if event.transformation_id is None else (event.transformation_id,)),
    )
    found: dict[str, list[GoodsRole]] = {}
    for role, goods in lists:
        for epc in goods:
            found.setdefault(epc, []).append(role)
    return [found[epc] for epc in event.named]
