"""Salts that a repetition finds again: made from a secret of the member's that never leaves its folder."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path

FILE = "documents-secret"


def kept_salts(folder: Path) -> Callable[[str], str]:
    """A salt for a command id: the same each time it is asked for, and a secret to everybody else.

    Args:
        folder: the member's own; its secret is made there when it is first needed.
    """
    secret = _secret(folder / FILE)
    return lambda command_id: hmac.digest(secret, command_id.encode(), "sha256").hex()


def _secret(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        found = path.read_bytes()
        if len(found) != 64:
            # Another process is at it, or was cut short: without the secret whole, salts could be guessed.
            raise OSError(f"{path} is no whole secret; delete it if nobody else is starting.") from None
        return found
    with os.fdopen(handle, "wb") as file:
        made = secrets.token_hex(32).encode()
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    return made
