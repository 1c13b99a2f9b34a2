"""Which engine this run of the tests is on, and what may differ for it: patience, never a promise."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hansa import Policy
from hansa_network.engine import DEVNODE, ENGINES, FABRIC

Result = TypeVar("Result")

_VARIABLE = "HANSA_TEST_ENGINE"


@dataclass(frozen=True)
class EngineUnderTest:
    """One engine's allowances.

    Args:
        name: what ``--engine`` calls it.
        settling: seconds within which peers hear of one another's blocks, comings and goings.
        policy: how patiently members' clients ask again.
    """

    name: str
    settling: float
    policy: Policy | None


# The embedded engine is one process: what is known is known to all. On Fabric peers gossip, and are lost.
_ENGINES = {
    DEVNODE: EngineUnderTest(DEVNODE, 10.0, None),
    FABRIC: EngineUnderTest(FABRIC, 60.0, Policy(attempts=12)),
}
assert set(_ENGINES) == set(ENGINES)


def choose(name: str) -> None:
    """Makes it the engine of this process and of those it starts."""
    os.environ[_VARIABLE] = name


def engine() -> EngineUnderTest:
    """The engine chosen; the embedded one unless told otherwise."""
    return _ENGINES[os.environ.get(_VARIABLE, DEVNODE)]


def on_fabric() -> bool:
    """Whether the suite runs on Hyperledger Fabric's own programs."""
    return engine().name == FABRIC


def eventually(look: Callable[[], Result], wanted: Callable[[Result], bool] = bool) -> Result:
    """What is found once it is as wanted; what was found last where that does not come in time."""
    deadline = time.monotonic() + engine().settling
    found = look()
    while not wanted(found) and time.monotonic() < deadline:
        time.sleep(0.05)
        found = look()
    return found
