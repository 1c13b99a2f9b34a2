"""Sessions: keys in memory, dropped when idle, when old, and on signing out."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_portal.sessions import Sessions


class Key:
    """Stands for a client with an open key."""

    closed = False

    def close(self) -> None:
        self.closed = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_idle_session_is_dropped_with_its_key(clock: Clock) -> None:
    sessions, key = Sessions(10, 100, clock), Key()
    client: Any = key
    identifier = sessions.begin("sales", client)
    clock.now = 10
    assert sessions.find(identifier) is not None
    clock.now = 20
    assert sessions.find(identifier) is not None
    clock.now = 30.1
    assert sessions.find(identifier) is None
    assert key.closed


def test_a_busy_session_ends_too(clock: Clock) -> None:
    sessions = Sessions(10, 25, clock)
    client: Any = Key()
    identifier = sessions.begin("sales", client)
    for clock.now in (8.0, 16.0, 24.0):
        assert sessions.find(identifier) is not None
    clock.now = 26
    assert sessions.find(identifier) is None


def test_ids_are_long_and_differ_and_unknown_ones_open_nothing(clock: Clock) -> None:
    sessions = Sessions(10, 100, clock)
    client: Any = Key()
    found = {sessions.begin("sales", client) for _ in range(50)}
    assert len(found) == len(sessions) == 50
    assert min(map(len, found)) >= 43
    assert sessions.find("") is None
    sessions.end("nobody")
    assert len(sessions) == 50
