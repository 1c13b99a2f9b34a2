"""The lines of all logs of a network that are about one transaction, in order of time.

Our own programs write JSON lines with the whole id. Fabric's write text, with the whole id in some lines and
its first eight characters in others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hansa_network.errors import NetworkError

SHORT = 8
"""So many characters of an id Fabric writes where it shortens it; fewer do not name a transaction."""

_ID = re.compile(r"[0-9a-f]{8,64}")
_FABRIC_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.*)", re.DOTALL)


@dataclass(frozen=True)
class LogLine:
    """One line of a log.

    Args:
        at: when it was written, RFC 3339 UTC; empty where the log does not say.
        log: name of the process.
        text: what it says.
        fields: the members of a JSON line; empty for a line of text.
    """

    at: str
    log: str
    text: str
    fields: dict[str, Any]


def lines_about(logs: Path, transaction_id: str) -> list[LogLine]:
    """Reads every log of a network.

    Args:
        logs: their folder.
        transaction_id: the id, or its beginning from ``SHORT`` characters on.

    Raises:
        NetworkError: that is no transaction's id (TRANSACTION_ID_INVALID).
    """
    wanted = transaction_id.lower()
    if not _ID.fullmatch(wanted):
        raise NetworkError(
            "TRANSACTION_ID_INVALID",
            f"{transaction_id!r} is no transaction id.",
            f"Give its 64 hexadecimal digits, or at least the first {SHORT}.",
        )
    found = [line for path in sorted(logs.glob("*.log")) for line in _of_log(path, wanted)]
    return sorted(found, key=lambda line: _moment(line.at))


def _of_log(path: Path, wanted: str) -> Iterator[LogLine]:
    # Names the id in full, or its first characters and no other id that begins with them.
    pattern = re.compile(rf"(?<![0-9a-f]){wanted[:SHORT]}(?![0-9a-f])|(?<![0-9a-f]){wanted}")
    at = ""
    with path.open(encoding="utf-8", errors="replace") as stream:
        for line in stream:
            read = _read(path.stem, line.rstrip("\n"), at)
            at = read.at
            if pattern.search(line) and str(read.fields.get("transaction_id", wanted)).startswith(wanted):
                yield read


def _read(log: str, line: str, before: str) -> LogLine:
    """A line; one without a time of its own belongs to the line before."""
    if line.startswith("{"):
        try:
            fields = json.loads(line)
        except ValueError:
            fields = {}
        if fields.get("timestamp"):
            return LogLine(str(fields["timestamp"]), log, str(fields.get("event", "")), fields)
    match = _FABRIC_TIME.match(line)
    if match:
        return LogLine(match[1], log, match[2], {})
    return LogLine(before, log, line, {})


def _moment(at: str) -> float:
    try:
        return datetime.fromisoformat(at).timestamp()
    except ValueError:
        return 0.0
