"""What is compared with, from the registries: installed once, into a cache folder outside the clone."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

NODE = Path(__file__).parent / "node"
OFFICIAL_SHIM = "fabric-chaincode-python==2.5.4"


class PackagesError(RuntimeError):
    """Packages cannot be had; the text says which and why."""


def node_modules() -> Path:
    """The folder with ``node_modules`` of ``node/package.json``. Raises PackagesError."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise PackagesError(f"{program} is not installed")
    manifest = NODE / "package.json"

    def install(folder: Path) -> None:
        shutil.copy(manifest, folder)
        _run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"], folder)

    return _once("node", manifest.read_bytes(), install)


def official_python() -> Path:
    """An interpreter of a virtual environment with the official shim for Python. Raises PackagesError."""

    def install(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", "--clear", str(folder)], folder)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([*pip, "--disable-pip-version-check", OFFICIAL_SHIM], folder)

    made = _once("python", f"{OFFICIAL_SHIM} {sys.version}".encode(), install)
    return made / "bin" / "python"


def _once(kind: str, stamp: bytes, install: Callable[[Path], None]) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()) / "hansa-bench"
    folder = cache / f"{kind}-{hashlib.sha256(stamp).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed, so that a broken download leaves no half of it.
    aside = Path(tempfile.mkdtemp(dir=cache))
    try:
        install(aside)
        aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - made here
            command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PackagesError(f"{' '.join(command[:4])} took more than five minutes") from error
    if done.returncode != 0:
        raise PackagesError(f"{' '.join(command[:4])}: {done.stderr.strip()[-300:]}")
