"""How a step on one despatch becomes part of its order: its deadline, its state, what is written."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.deliveries.records import Deadline, Despatch, Fulfilment


def waiting_on(fulfilment: Fulfilment, despatch: Despatch) -> list[Deadline]:
    """The deadlines of all parts under way, with this one's as it is now; without it once it ended."""
    others = [each for each in fulfilment.waiting if each.despatch != despatch.id]
    if despatch.due is None:
        return others
    return [*others, Deadline(despatch=despatch.id, due=despatch.due)]


def with_part(fulfilment: Fulfilment, despatch: Despatch) -> Fulfilment:
    """The order's parts with this despatch as it is now."""
    return replace(fulfilment, waiting=waiting_on(fulfilment, despatch))
