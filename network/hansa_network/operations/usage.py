"""What a network uses of this machine: processes and their memory, files and the disk's room."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hansa_network.operations.problem import ERROR, WARNING, Problem
from hansa_network.processes import Running

_PROC = Path("/proc")
_GIB = 2**30
LOW_BYTES = 5 * _GIB
"""Below so much free room the disk is warned about."""
NONE_LEFT_BYTES = _GIB
"""Below so much it is wrong: a peer that cannot write stops."""


@dataclass(frozen=True)
class ProcessUse:
    """One process of the network.

    Args:
        name: as ``network.json`` has it.
        alive: whether it runs.
        pid: its process id.
        uptime_seconds: since it started; None where it does not run or the system does not tell.
        memory_bytes: resident memory of it and its children; None likewise.
    """

    name: str
    alive: bool
    pid: int
    uptime_seconds: int | None
    memory_bytes: int | None


@dataclass(frozen=True)
class DiskUse:
    """Bytes on disk.

    Args:
        organizations: MSP id to what lies in folders of that organisation alone.
        shared: what organisations of this network share: engine, read model, logs.
        logs: the logs, part of ``shared``.
        free: what the file system has left for us.
        total: its size.
    """

    organizations: dict[str, int]
    shared: int
    logs: int
    free: int
    total: int


def process_use(processes: list[Running]) -> list[ProcessUse]:
    """What each process uses, in the order given."""
    children = _children()
    return [_use(process, children) for process in processes]


def disk_use(root: Path, logs: Path, organizations: dict[str, list[Path]]) -> DiskUse:
    """What lies below ``root``, and how much of it in the folders of each organisation."""
    used = {msp_id: sum(tree_bytes(path) for path in paths) for msp_id, paths in organizations.items()}
    room = shutil.disk_usage(root)
    return DiskUse(used, tree_bytes(root) - sum(used.values()), tree_bytes(logs), room.free, room.total)


def disk_problems(disk: DiskUse) -> list[Problem]:
    """A problem where the disk is nearly full."""
    if disk.free >= LOW_BYTES:
        return []
    full = disk.free < NONE_LEFT_BYTES
    return [
        Problem(
            "DISK_FULL" if full else "DISK_LOW",
            ERROR if full else WARNING,
            "disk",
            f"{disk.free / _GIB:.1f} GiB are free.",
            "Make room or give the folder a larger disk: a ledger only grows (docs/operate/sizes.md).",
        )
    ]


def tree_bytes(root: Path) -> int:
    """Bytes that the files of a tree occupy on disk; files that vanish while being counted count nothing."""
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            try:
                # Databases reserve more than they fill: what counts is what the disk gave them.
                total += (Path(folder) / name).lstat().st_blocks * 512
            except FileNotFoundError:
                continue
    return total


def _use(process: Running, children: dict[int, list[int]]) -> ProcessUse:
    if not process.alive:
        return ProcessUse(process.name, False, process.pid, None, None)
    memory, waiting = 0, [process.pid]
    while waiting:
        pid = waiting.pop()
        memory += _resident(pid)
        waiting += children.get(pid, [])
    return ProcessUse(process.name, True, process.pid, _uptime(process.born), memory or None)


def _uptime(born: str) -> int | None:
    """Seconds since a time that the kernel counts in ticks from its own start."""
    try:
        since_boot = float((_PROC / "uptime").read_text(encoding="ascii").split()[0])
        return max(0, int(since_boot - int(born) / os.sysconf("SC_CLK_TCK")))
    except (OSError, ValueError):
        return None


def _resident(pid: int) -> int:
    try:
        pages = (_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in _PROC.glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found
