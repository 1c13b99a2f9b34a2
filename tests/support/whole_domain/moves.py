"""Where a random draw would hardly ever succeed, an operation has a generator of its own: a move.

A new operation needs none as long as the draw from its schema succeeds now and then; the machine says if not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hansa_domain.operation import Caller
from tests.support.whole_domain.draw import Draw


@dataclass(frozen=True)
class Move:
    """A command about to be sent, without its id."""

    caller: Caller
    fields: dict[str, Any]
    transient: Mapping[str, bytes] = field(default_factory=dict)


Make = Callable[[Draw], Move | None]
MOVES: dict[str, Make] = {}
"""By operation. A move may be None where the ledger has nothing to make it of."""


def move(name: str) -> Callable[[Make], Make]:
    """Registers the function below as the generator of an operation."""

    def register(make: Make) -> Make:
        assert name not in MOVES, name
        MOVES[name] = make
        return make

    return register


def sent(draw: Draw, admin: bool | None = None, by: str | None = None, **fields: Any) -> Move:
    """A move by the draw's caller, or by the member named."""
    if by is not None and not draw.chance(3):
        draw.caller = by
    return Move(draw.who(admin), fields)
