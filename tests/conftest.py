"""What all tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from hansa_network.engine import DEVNODE, ENGINES, FABRIC
from hansa_network.errors import NetworkError
from hansa_network.fabric.programs import find_programs
from tests.support.engine import choose

# Machines that run tests are shared and noisy: how long one example takes says nothing of the rule it tests.
settings.register_profile(
    "hansa", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("hansa")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--engine fabric`` runs the conformance suite and the trade on Fabric's own programs."""
    parser.addoption("--engine", choices=ENGINES, default=DEVNODE, help="what networks of tests run on")


def hear_interrupts() -> None:
    """A shell starts what runs in the background deaf to Ctrl-C, and so would be every command a test starts.

    Set here, in each process of the tests, and not between fork and exec of a command: with anything to run
    there, Python cannot use vfork, and gRPC's threads make a plain fork abort now and then.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Says at once where the engine's programs are missing."""
    hear_interrupts()
    engine = config.getoption("--engine")
    choose(engine)
    config.addinivalue_line("markers", "devnode(reason): about the embedded engine's own doing")
    if engine != FABRIC:
        return
    if not os.environ.get("FABRIC_BIN"):
        raise pytest.UsageError("--engine fabric: $FABRIC_BIN names no folder with Fabric's programs")
    try:
        find_programs()
    except NetworkError as error:
        raise pytest.UsageError(f"--engine fabric: {error.message}") from error


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skips, on Fabric, what is about the embedded engine's own doing."""
    if config.getoption("--engine") != FABRIC:
        return
    for item in items:
        marker = item.get_closest_marker("devnode")
        if marker is not None:
            item.add_marker(pytest.mark.skip(reason=f"devnode only: {marker.args[0]}"))


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keeps "the network brought up last" of the tests apart from the developer's own."""
    patch = pytest.MonkeyPatch()
    home = tmp_path_factory.mktemp("state")
    patch.setenv("XDG_STATE_HOME", str(home))
    yield home
    patch.undo()
