"""Names and passwords of an organisation's users, made once and kept for its administrator alone."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from hansa_network.data_folder import write_atomically

SERVICE = "service"
"""The identity with which the organisation's own programs read blocks and call what is due."""

ADMIN = "admin"
"""The organisation's administrator."""


def read(path: Path) -> dict[str, str]:
    """User name to password; empty before the first start."""
    if not path.exists():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {str(name): str(password) for name, password in document.items()}


def complete(path: Path, names: list[str]) -> dict[str, str]:
    """Adds a password for every name that has none, durably, and returns them all.

    A password is drawn before the identity is enrolled, so that a start cut short never leaves a key that
    nobody can open.
    """
    known = read(path)
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(12) for name in missing}
        write_atomically(path, json.dumps(known, indent=2) + "\n")
    return known
