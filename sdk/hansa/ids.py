"""Ids of commands: ULIDs made by the client, unique within its organisation."""

from __future__ import annotations

import hashlib

from ulid import ULID


def new_id() -> str:
    """A fresh ULID in its 26-character form: time first, so ids sort by when they were made."""
    return str(ULID())


def derived_id(*parts: str) -> str:
    """The ULID that follows from these parts, for work that must be the same when it is done again.

    Args:
        parts: what the work is made from, such as a file's hash and a row number.
    """
    digest = hashlib.sha256("\x00".join(parts).encode()).digest()
    return str(ULID.from_bytes(digest[:16]))
