"""Who is signed in. Keys live here, in memory, and nowhere else: after a restart users sign in again."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from hansa.client import Client


@dataclass
class SignedIn:
    """A user with an open key; times in seconds of the clock given to ``Sessions``."""

    user: str
    client: Client
    since: float
    seen: float


class Sessions:
    """Sessions by a random id of 256 bits.

    Args:
        idle_seconds: a session unused for so long is dropped.
        longest_seconds: a session is dropped after so long in any case.
        clock: seconds, monotonic.
    """

    def __init__(
        self, idle_seconds: float, longest_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._idle = idle_seconds
        self._longest = longest_seconds
        self._clock = clock
        self._open: dict[str, SignedIn] = {}
        self._lock = threading.Lock()

    def begin(self, user: str, client: Client) -> str:
        """Keeps a user's client; returns the session's id."""
        identifier = secrets.token_urlsafe(32)
        now = self._clock()
        with self._lock:
            self._drop_expired(now)
            self._open[identifier] = SignedIn(user, client, now, now)
        return identifier

    def find(self, identifier: str) -> SignedIn | None:
        """The session of that id, which counts as a use; None where it is unknown or has expired."""
        now = self._clock()
        with self._lock:
            self._drop_expired(now)
            found = self._open.get(identifier)
            if found is not None:
                found.seen = now
            return found

    def end(self, identifier: str) -> None:
        """Forgets a session and its key."""
        with self._lock:
            found = self._open.pop(identifier, None)
        if found is not None:
            found.client.close()

    def __len__(self) -> int:
        with self._lock:
            return len(self._open)

    def _drop_expired(self, now: float) -> None:
        for identifier, found in list(self._open.items()):
            if now - found.seen > self._idle or now - found.since > self._longest:
                del self._open[identifier]
                found.client.close()
