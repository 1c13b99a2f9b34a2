"""Writing files so that a crash leaves the old content or the new, never a part."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 with this content in the place of ``path``. Raises OSError."""
    _write(path, content, lambda made: made.replace(path))


def create_file(path: Path, content: bytes) -> None:
    """Make a file of mode 0600 with this content, unless another process was first.

    Raises:
        FileExistsError: somebody was; his file stands.
        OSError: the disk refused.
    """

    def put(made: Path) -> None:
        path.hardlink_to(made)
        made.unlink()

    _write(path, content, put)


def _write(path: Path, content: bytes, put: Callable[[Path], object]) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        put(Path(name))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Force to disk which files a folder holds. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
