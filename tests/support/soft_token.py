"""A software token (SoftHSM 2) for tests, in a folder of its own, where the system has the tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

PIN = "4711-0815"
LABEL = "hansa-test"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


@dataclass(frozen=True)
class SoftToken:
    """A token: the library's path, and the environment that finds it."""

    library: str
    environment: dict[str, str]


def soft_token(folder: Path) -> SoftToken:
    """Makes a token; skips the test, with the reason, where SoftHSM or python-pkcs11 is missing."""
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed (extra pkcs11)")
    library = next(
        (place for place in (os.environ.get("SOFTHSM2_LIBRARY", ""), *_PLACES) if Path(place).is_file()), None
    )
    tool = shutil.which("softhsm2-util")
    if library is None or tool is None:
        pytest.skip("SoftHSM 2 is not installed (package softhsm2)")
    (folder / "tokens").mkdir(parents=True)
    config = folder / "softhsm2.conf"
    config.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    environment = {"SOFTHSM2_CONF": str(config), "HANSA_PKCS11_LIBRARY": library}
    subprocess.run(
        [tool, "--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "so-" + PIN],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )
    return SoftToken(library, environment)
