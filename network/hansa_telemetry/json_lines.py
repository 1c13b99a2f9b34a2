"""Logs as JSON lines: one object a line, the same members from every process, for programs to gather.

``timestamp`` (RFC 3339, UTC), ``level``, ``component``, ``logger`` and ``event`` stand in every line;
``transaction_id`` in each that is about one transaction. Other members say what is known besides.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec
import structlog

_QUIET = ("werkzeug", "gunicorn.access")
# What every record has; whatever else is in one was given by who logged.
_OWN = frozenset((*logging.makeLogRecord({}).__dict__, "message", "asctime"))


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object.

    A formatter of our own, since a line for every endorsement has to cost microseconds.

    Args:
        component: which of our programs this is.
    """

    def __init__(self, component: str) -> None:
        super().__init__()
        self._component = component

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        line: dict[str, Any] = {
            "timestamp": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "component": self._component,
            "logger": record.name,
            "event": record.getMessage(),
            **structlog.contextvars.get_contextvars(),
            **{name: value for name, value in record.__dict__.items() if name not in _OWN},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return msgspec.json.encode(line, enc_hook=str).decode()
        except (UnicodeEncodeError, TypeError):
            # Half a character, or a key that is no text: escaped, rather than lost.
            return json.dumps({str(name): value for name, value in line.items()}, default=str)


def log_as_json(component: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Lets everything that this process logs, by ``logging`` or by structlog, end as JSON lines.

    Args:
        component: which of our programs this is, such as ``chaincode``.
        level: the lowest level that is written.
        stream: where to; stderr without it.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(component))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for quiet in _QUIET:
        logging.getLogger(quiet).setLevel("WARNING")
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
