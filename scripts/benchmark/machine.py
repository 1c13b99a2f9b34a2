"""The machine a run was taken on, and what the network's processes use of it."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from hansa_network.network import Network


def machine() -> dict[str, object]:
    """Cores at hand, processor, Python and system."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "load_before": round(os.getloadavg()[0], 2),
    }


def peak_memory(target: Network) -> dict[str, float]:
    """Peak resident memory of each process of the network, its children's added, in MB."""
    peaks = {process.name: 0.0 for process in target.processes()}
    # Each was started in a session of its own, which its children belong to.
    names = {process.pid: process.name for process in target.processes()}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            session = os.getsid(int(folder.name))
            status = (folder / "status").read_text(encoding="utf-8")
        except (ProcessLookupError, FileNotFoundError):
            continue  # it ended while we looked
        peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
        if session in names and peak is not None:
            peaks[names[session]] += round(int(peak.split()[1]) / 1024, 1)
    return {**peaks, "all": round(sum(peaks.values()), 1)}


def cpu_seconds(pid: int) -> float:
    """What a process has used of processors so far, all its threads together; Linux alone tells it."""
    fields = (
        Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except FileNotFoundError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
