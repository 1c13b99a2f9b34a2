"""The processes of a network on this machine: started by command line, logged, watched and ended by id."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from hansa_network.errors import NetworkError


@dataclass(frozen=True)
class Program:
    """One process to start: its name, its command line, and what its environment has besides ours."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Running:
    """A process that was started. ``born`` tells it from a later one that got the same id."""

    name: str
    pid: int
    born: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return _born(self.pid) == self.born

    def document(self) -> dict[str, object]:
        """For ``network.json``."""
        return asdict(self)


def start(program: Program, logs: Path) -> Running:
    """Starts a program in a session of its own, both outputs appended to ``logs/NAME.log``.

    Our own serve their metrics on a free port, and write it to ``metrics/NAME.json`` beside the logs.
    """
    log = logs / f"{program.name}.log"
    with log.open("ab") as stream:
        process = subprocess.Popen(  # noqa: S603 - command lines are made here, never by a user
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **_metrics(program.name, logs), **program.environment},
            start_new_session=True,
        )
    return Running(program.name, process.pid, _born(process.pid))


def wait_until(ready: Callable[[], bool], running: Running, logs: Path, seconds: float = 60.0) -> None:
    """Waits for a process to serve.

    Raises:
        NetworkError: it ended (PROCESS_ENDED) or was not ready in time (PROCESS_NOT_READY); the message has
            the end of its log.
    """
    deadline = time.monotonic() + seconds
    while not ready():
        reap(running.pid)
        if not running.alive:
            raise NetworkError(
                "PROCESS_ENDED", f"{running.name} ended while starting:\n{tail(logs, running.name)}", ""
            )
        if time.monotonic() > deadline:
            raise NetworkError(
                "PROCESS_NOT_READY",
                f"{running.name} was not ready after {seconds:.0f} s:\n{tail(logs, running.name)}",
                f"Look into {logs / (running.name + '.log')}.",
            )
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether something on this machine takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stop(processes: Sequence[Running], seconds: float = 15.0) -> None:
    """Ends processes in the order given: asked first, killed when they do not answer in time."""
    for running in processes:
        if not running.alive:
            continue
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGTERM)
        if not _gone(running, seconds):
            with contextlib.suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGKILL)
            _gone(running, seconds)


def tail(logs: Path, name: str, lines: int = 15) -> str:
    """The last lines of a process's log."""
    path = logs / f"{name}.log"
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """The command line of one of our modules, with the interpreter that runs us."""
    return (sys.executable, "-m", module, *arguments)


def read_running(document: str) -> list[Running]:
    """The processes of a ``network.json``."""
    return [Running(**entry) for entry in json.loads(document)["processes"]]


def _gone(running: Running, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reap(running.pid)
        if not running.alive:
            return True
        time.sleep(0.02)
    return False


def _metrics(name: str, logs: Path) -> dict[str, str]:
    return {
        "HANSA_METRICS": "127.0.0.1:0",
        "HANSA_METRICS_FILE": str(logs.parent / "metrics" / f"{name}.json"),
    }


def reap(pid: int) -> None:
    """Collects a child that has ended, so that it does not stay as a zombie; no child, nothing to do."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _born(pid: int) -> str:
    """When the process of that id began, as the kernel tells it; empty where none runs."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
    except (FileNotFoundError, ProcessLookupError):
        return _born_elsewhere(pid)
    return "" if fields[0] == "Z" else fields[19]


def _born_elsewhere(pid: int) -> str:
    if Path("/proc/self").exists():
        return ""
    shown = subprocess.run(  # noqa: S603
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()
