"""Watching over the processes of a network: which ended by itself, since when, and what its log says last."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hansa_network.processes import Running, tail

KINDS = ("ca", "orderer", "peer", "chaincode")
"""What ``hansa node`` can start again, as the names of processes begin."""


@dataclass(frozen=True)
class Ended:
    """A process that ended by itself, and the moment that was seen (UTC)."""

    name: str
    at: datetime

    def told(self, logs: Path, organizations: dict[str, str]) -> str:
        """What to tell the operator.

        Args:
            logs: the folder with the logs.
            organizations: names of organisations by their domains.
        """
        kind, _, domain = self.name.partition("-")
        domain = domain.removesuffix("-standby")
        again = (
            f"Start it again with: hansa node start {kind} {organizations[domain]}"
            if kind in KINDS and domain in organizations
            else "Start it again with: hansa down, then hansa up"
        )
        return (
            f"{self.name} ended by itself at {self.at:%H:%M:%S} UTC; the rest goes on. Its log ends:\n"
            f"{tail(logs, self.name)}\n{again}"
        )


@dataclass
class Watch:
    """Tells each end, and each return, once.

    Args:
        quiet: while ``hansa down`` is at work elsewhere, one process ends after the other; only what is still
            listed when none has followed for so many seconds ended by itself.
    """

    quiet: float
    _since: dict[str, Ended] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)
    _changed: float = 0.0

    def look(self, processes: Sequence[Running]) -> tuple[list[Ended], list[str]]:
        """Those that ended and have not been told of, and the names of those told of that run again."""
        dead = {each.name for each in processes if not each.alive}
        if dead != set(self._since):
            self._changed = time.monotonic()
            now = datetime.now(UTC)
            self._since = {name: self._since.get(name) or Ended(name, now) for name in dead}
        alive = {each.name for each in processes} - dead
        back = sorted(self._told & alive)
        # What was stopped on purpose meanwhile is in neither set: it is not listed any more.
        self._told &= dead
        if time.monotonic() - self._changed < self.quiet:
            return [], back
        ended = [self._since[name] for name in sorted(dead - self._told)]
        self._told |= dead
        return ended, back
