"""The roles in which an event names goods, as bits of one number: the database finds trails by them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from hansa_domain.events.goods import GoodsRole

BITS: dict[GoodsRole, int] = {role: 1 << place for place, role in enumerate(get_args(GoodsRole))}
"""The bit of each role. A change of the order is a change of the read model's version."""


def bits(*roles: GoodsRole) -> int:
    """The roles as one number."""
    return sum(BITS[role] for role in dict.fromkeys(roles))


def united(pairs: Iterable[tuple[str, Iterable[GoodsRole]]]) -> dict[str, int]:
    """For each name all roles it stands in."""
    found: dict[str, int] = {}
    for name, roles in pairs:
        found[name] = found.get(name, 0) | bits(*roles)
    return found
