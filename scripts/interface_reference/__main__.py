"""``python -m interface_reference``: writes the interface down anew and says what changed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from interface_reference.changes import changes
from interface_reference.page import page
from interface_reference.snapshot import interface, text

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
SNAPSHOT = REFERENCE / "interface.json"
PAGE = REFERENCE / "operations.md"


def main() -> None:
    """Renews both files. A merge may have torn the one before; then there is nothing to compare with."""
    now = interface()
    try:
        before = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        before = None
    SNAPSHOT.write_text(text(now), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    if before is None:
        sys.stdout.write("The interface is written down; there was nothing to compare it with.\n")
        return
    for change in changes(before, now):
        sys.stdout.write(f"{change}\n")
    sys.stdout.write(f"{len(now['operations'])} operations stand in docs/reference.\n")


if __name__ == "__main__":
    main()
