"""Packages of Node's registry for tests, installed once into a cache folder outside the repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


class NodePackagesError(RuntimeError):
    """Node, npm or the packages cannot be had; the text says which and why."""


def node_packages(manifest: Path) -> Path:
    """The folder with `node_modules` for a package.json; npm is asked only the first time.

    Raises NodePackagesError.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NodePackagesError(f"{program} is not installed")
    stamp = hashlib.sha256(manifest.read_bytes()).hexdigest()[:16]
    folder = _cache() / "hansa-tests" / f"node-{stamp}"
    if (folder / "node_modules").is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed, so that two test runs or a broken download leave no half of it.
    with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
        shutil.copy(manifest, aside)
        command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"]
        try:
            done = subprocess.run(
                command, cwd=aside, capture_output=True, text=True, timeout=300, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NodePackagesError("npm did not bring the packages within five minutes") from error
        if done.returncode != 0:
            raise NodePackagesError(f"npm cannot bring the packages: {done.stderr.strip()[-300:]}")
        if not folder.exists():
            Path(aside).rename(folder)
            Path(aside).mkdir()
    return folder


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir())
