"""Fabric's own programs: where they are, and whether they will do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hansa_network.errors import NetworkError

PEER, ORDERER, CA = "peer", "orderer", "fabric-ca-server"
OLDEST = {PEER: (3, 1), ORDERER: (3, 1), CA: (1, 5)}
RELEASES = {
    PEER: "github.com/hyperledger/fabric/releases",
    ORDERER: "github.com/hyperledger/fabric/releases",
    CA: "github.com/hyperledger/fabric-ca/releases",
}
BUILDER_PROGRAMS = ("detect", "build", "release")
_VERSION = re.compile(r"Version:\s*v?(\d+)\.(\d+)")


@dataclass(frozen=True)
class Programs:
    """The programs to run, and the folder of the builder for chaincode as a service."""

    peer: Path
    orderer: Path
    ca: Path
    builder: Path


def logging_environment(level: str) -> dict[str, str]:
    """What makes peers and ordering nodes log from a level on, plainly: no colours, times in UTC."""
    line = "%{time:2006-01-02T15:04:05.000Z} %{level} [%{module}] %{message}"
    return {"FABRIC_LOGGING_SPEC": level, "FABRIC_LOGGING_FORMAT": line, "TZ": "UTC"}


def find_programs() -> Programs:
    """Looks in ``$FABRIC_BIN`` where that is set, then on PATH.

    The builder is looked for as release archives have it, ``builders/ccaas`` beside the folder of ``peer``,
    and in ``$FABRIC_CCAAS_BUILDER``.

    Raises:
        NetworkError: programs are missing (FABRIC_PROGRAMS_MISSING) or too old (FABRIC_TOO_OLD).
    """
    found = {name: _find(name) for name in OLDEST}
    missing = [name for name, path in found.items() if path is None]
    builder = _find_builder(found[PEER])
    if missing or builder is None:
        lacking = [f"{name} ({RELEASES[name]})" for name in missing]
        if builder is None:
            lacking.append(f"builders/ccaas/bin with {', '.join(BUILDER_PROGRAMS)} ({RELEASES[PEER]})")
        raise NetworkError(
            "FABRIC_PROGRAMS_MISSING",
            f"Hyperledger Fabric's programs are missing: {'; '.join(lacking)}.",
            "Unpack the release archives and put their bin folder on PATH or into $FABRIC_BIN,"
            " or use the embedded engine: hansa up --engine devnode",
        )
    paths = {name: path for name, path in found.items() if path is not None}
    for name, path in paths.items():
        _check_version(name, path)
    return Programs(paths[PEER], paths[ORDERER], paths[CA], builder)


def _find(name: str) -> Path | None:
    folder = os.environ.get("FABRIC_BIN")
    found = shutil.which(name, path=folder) if folder else None
    found = found or shutil.which(name)
    return Path(found).resolve() if found else None


def _find_builder(peer: Path | None) -> Path | None:
    places = [Path(os.environ["FABRIC_CCAAS_BUILDER"])] if "FABRIC_CCAAS_BUILDER" in os.environ else []
    if peer is not None:
        places.append(peer.parent.parent / "builders" / "ccaas")
    for place in places:
        if all(os.access(place / "bin" / name, os.X_OK) for name in BUILDER_PROGRAMS):
            return place.resolve()
    return None


def _check_version(name: str, path: Path) -> None:
    shown = subprocess.run(  # noqa: S603 - found by name above
        [str(path), "version"], capture_output=True, text=True, check=False, timeout=60
    ).stdout
    match = _VERSION.search(shown)
    oldest = OLDEST[name]
    if match is None or (int(match[1]), int(match[2])) < oldest:
        said = match[0].removeprefix("Version:").strip() if match else "no version"
        raise NetworkError(
            "FABRIC_TOO_OLD",
            f"{path} says {said}, and {oldest[0]}.{oldest[1]} or later is needed.",
            f"Newer releases are published at {RELEASES[name]}",
        )
