"""What one process holds back for commands in flight, so that none of them touches what another one uses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from hansa.errors import RefusedError


@dataclass(frozen=True)
class Part:
    """So much of one note or bucket."""

    id: str
    amount: int


@dataclass
class Pool:
    """Parts of one kind (the notes of an account in one currency, the buckets of a listing).

    ``free`` may be taken; ``held`` are in flight, each part whole: its holder says what is left of it.
    """

    free: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    loaded: bool = False
    waiting: int = 0
    condition: threading.Condition = field(default_factory=threading.Condition)

    def take(
        self,
        choose: Callable[[dict[str, int]], list[str] | None],
        load: Callable[[], dict[str, int]],
        refuse: Callable[[int], RefusedError],
        seconds: float,
    ) -> list[Part]:
        """Holds the parts that ``choose`` picks among the free ones, waiting while others hold too much.

        Args:
            choose: ids among the free parts, or None while they do not suffice.
            load: asks the ledger for all parts, when what is known does not suffice and nothing is in flight.
            refuse: what to say, given the total, when even that does not suffice.
            seconds: how long to wait for parts in flight.

        Raises:
            RefusedError: there is not enough, or what others hold did not come free in time.
        """
        fresh = False
        with self.condition:
            while True:
                if not self.loaded:
                    self._replace(load())
                    fresh = True
                chosen = choose(self.free)
                if chosen is not None:
                    return [self._hold(part) for part in chosen]
                if not self.held:
                    if fresh:
                        raise refuse(sum(self.free.values()))
                    self.loaded = False
                    continue
                self.waiting += 1
                came = self.condition.wait(seconds)
                self.waiting -= 1
                if not came:
                    raise refuse(sum(self.free.values()))

    def give(self, used: list[Part], left: dict[str, int]) -> None:
        """Ends a hold: ``used`` is no longer held, ``left`` (amount above 0) is free now."""
        with self.condition:
            for part in used:
                self.held.pop(part.id, None)
            self.free.update({name: amount for name, amount in left.items() if amount > 0})
            self.condition.notify_all()

    def forget(self, used: list[Part]) -> None:
        """Ends a hold of parts whose state is unknown now; the ledger is asked before the next take."""
        with self.condition:
            for part in used:
                self.held.pop(part.id, None)
            self.loaded = False
            self.condition.notify_all()

    def _hold(self, name: str) -> Part:
        part = Part(name, self.free.pop(name))
        self.held[name] = part.amount
        return part

    def _replace(self, found: dict[str, int]) -> None:
        self.free = {name: amount for name, amount in found.items() if amount > 0 and name not in self.held}
        self.loaded = True
