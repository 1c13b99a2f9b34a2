"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_file(path: Path, content: bytes, *, private: bool = False, durable: bool = True) -> None:
    """Replaces a file as a whole.

    Args:
        path: the file; its folder must be there.
        content: what it holds from now on.
        private: readable by its owner alone.
        durable: on disk, under its name, when this returns. Who writes many files may sync once in the end
            instead.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(temporary, flags, 0o600 if private else 0o644), "wb") as stream:
        stream.write(content)
        stream.flush()
        if durable:
            os.fsync(stream.fileno())
    temporary.replace(path)
    if durable:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
