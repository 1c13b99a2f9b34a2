"""Small JSON documents of the binding, one file each in the member's folder: jobs, queries, subscriptions."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class Documents(Generic[T]):
    """Documents of one kind by name, in a folder that is made with the first. Threads may share it.

    Args:
        folder: where the files are.
        kind: what they hold.
    """

    def __init__(self, folder: Path, kind: type[T]) -> None:
        self._folder = folder
        self._kind = kind
        self._lock = threading.RLock()

    def find(self, name: str) -> T | None:
        """The document of that name."""
        try:
            return msgspec.json.decode(self._path(name).read_bytes(), type=self._kind)
        except FileNotFoundError:
            return None

    def all(self) -> list[T]:
        """Every document, in no order that means anything."""
        if not self._folder.is_dir():
            return []
        found = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=self._kind))
            except FileNotFoundError:
                # Another thread has just deleted it.
                continue
        return found

    def put(self, name: str, document: T) -> None:
        """Keeps a document, over an earlier one of that name; a crash leaves the old or the new."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._folder / f".{secrets.token_hex(8)}"
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(msgspec.json.encode(document))
            part.replace(self._path(name))

    def add(self, name: str, document: T) -> bool:
        """Keeps a new document; False where the name is taken."""
        with self._lock:
            if self._path(name).exists():
                return False
            self.put(name, document)
            return True

    def delete(self, name: str) -> bool:
        """Forgets a document; False where there is none."""
        with self._lock:
            found = self._path(name).exists()
            self._path(name).unlink(missing_ok=True)
            return found

    def _path(self, name: str) -> Path:
        # Names come from others: no part of them becomes a path.
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"
