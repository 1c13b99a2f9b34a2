"""How hard the SDK tries, in one place: attempts, waits, and how long it asks before it says "unknown"."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """How hard to try. All times in seconds; every repetition is told to ``on_retry`` and the log.

    Args:
        attempts: how often a command is sent at most, whatever was in the way: conflicts with others, peers
            that answer differently because one is a block behind, peers or ordering nodes that do not
            answer. With the default waits, twelve last about ten seconds: so long a peer that has just
            restarted may need until it knows the others again.
        first_wait: the wait after the first attempt; it doubles, with jitter down to half of it.
        longest_wait: what it grows to.
        settle: how long in all to find out what became of a transaction that was sent and not answered for.
            A leader of the ordering service that is lost is replaced in less.
        catch_up: how long to wait for a peer that refused while it was behind others.
    """

    attempts: int = 12
    first_wait: float = 0.05
    longest_wait: float = 2.0
    settle: float = 20.0
    catch_up: float = 10.0

    def wait(self, attempt: int) -> float:
        """Seconds to wait after the given attempt (from 1)."""
        longest: float = min(self.first_wait * 2 ** (attempt - 1), self.longest_wait)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients, protects nothing
