"""Salts that a repetition finds again: made from a secret of the member's that never leaves its folder."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from hansa.errors import ConnectionProfileError

FILE = "documents-secret"
_DIGITS = 64


def kept_salts(folder: Path) -> Callable[[str], str]:
    """A salt for a command id: the same each time it is asked for, and a secret to everybody else.

    Args:
        folder: the member's own; its secret is made there when the first salt is asked for.

    Raises:
        ConnectionProfileError: SECRET_UNUSABLE, when a salt is asked for and the secret cannot be kept.
    """

    def salt(command_id: str) -> str:
        return hmac.digest(_secret(folder / FILE), command_id.encode(), "sha256").hex()

    return salt


def _secret(path: Path) -> bytes:
    try:
        found = _made(path) or path.read_bytes()
    except OSError as error:
        raise _unusable(path, str(error.strerror)) from error
    if len(found) != _DIGITS:
        # Another process is at it, or was cut short: with less than all of it, salts could be guessed.
        raise _unusable(path, "it is not whole")
    return found


def _made(path: Path) -> bytes | None:
    """A fresh secret, written down; None where there is one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return None
    with os.fdopen(handle, "wb") as file:
        made = secrets.token_hex(_DIGITS // 2).encode()
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    return made


def _unusable(path: Path, why: str) -> ConnectionProfileError:
    return ConnectionProfileError(
        "SECRET_UNUSABLE",
        f"{path}: {why}",
        "Let it be a file of 64 digits that only you may read and write; deleted, it is made anew.",
    )
