"""What one process holds back for commands in flight, so that none of them touches what another one uses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hansa.errors import RefusedError

Choose = Callable[[Mapping[str, int]], list[str] | None]


@dataclass(frozen=True)
class Part:
    """So much of one note or bucket. ``loads`` is how often its pool had asked the ledger by then."""

    id: str
    amount: int
    loads: int = 0


@dataclass
class Pool:
    """Parts of one kind (the notes of an account in one currency, the buckets of a listing).

    ``free`` may be taken; ``held`` are in flight, each part whole: its holder says what is left of it. No
    part is ever in both, and none is held twice.
    """

    free: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    loaded: bool = False
    loads: int = 0
    waiting: int = 0
    condition: threading.Condition = field(default_factory=threading.Condition)

    def take(
        self,
        choose: Choose,
        load: Callable[[], dict[str, int]],
        refuse: Callable[[int], RefusedError],
        seconds: float,
    ) -> list[Part]:
        """Holds the parts that ``choose`` picks among the free ones, waiting while others hold too much.

        Args:
            choose: ids among the parts given, or None while they do not suffice.
            load: asks the ledger for all parts, where what is known does not suffice.
            refuse: what to say, given the total, when even that does not suffice.
            seconds: how long to wait in all for parts in flight.

        Raises:
            RefusedError: there is not enough, or what others hold did not come free in time.
        """
        deadline = time.monotonic() + seconds
        fresh = False
        with self.condition:
            while True:
                if not self.loaded:
                    self._replace(load())
                    fresh = True
                chosen = choose(self.free)
                if chosen is not None:
                    return [self._hold(part) for part in chosen]
                # What is in flight comes back whole at most: where that would not do, nobody need wait.
                everything = {**self.free, **self.held}
                if choose(everything) is None:
                    if fresh:
                        raise refuse(sum(everything.values()))
                    self.loaded = False
                    continue
                self.waiting += 1
                came = self.condition.wait(deadline - time.monotonic())
                self.waiting -= 1
                if not came:
                    raise refuse(sum(self.free.values()))
                fresh = False

    def give(self, used: Sequence[Part], left: Mapping[str, int]) -> None:
        """Ends a hold: ``used`` is no longer held, ``left`` is free now where its amount is above 0.

        A part that is new, such as change, may have been seen by whoever asked the ledger meanwhile, and may
        be held, or gone, by now: then the ledger is asked again rather than that part be handed out twice.
        """
        with self.condition:
            own = {part.id for part in used}
            for name in own:
                self.held.pop(name, None)
            overtaken = any(part.loads != self.loads for part in used)
            for name, amount in left.items():
                if overtaken and name not in own:
                    self.loaded = False
                elif amount > 0:
                    self.free[name] = amount
            self.condition.notify_all()

    def forget(self, used: Sequence[Part]) -> None:
        """Ends a hold of parts whose state is unknown now; the ledger is asked before the next take."""
        with self.condition:
            for part in used:
                self.held.pop(part.id, None)
            self.loaded = False
            self.condition.notify_all()

    def _hold(self, name: str) -> Part:
        part = Part(name, self.free.pop(name), self.loads)
        self.held[name] = part.amount
        return part

    def _replace(self, found: Mapping[str, int]) -> None:
        self.free = {name: amount for name, amount in found.items() if amount > 0 and name not in self.held}
        self.loaded = True
        self.loads += 1
