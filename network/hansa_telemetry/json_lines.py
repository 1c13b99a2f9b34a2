"""Logs as JSON lines: one object a line, the same members from every process, for programs to gather.

``timestamp`` (RFC 3339, UTC), ``level``, ``component``, ``logger`` and ``event`` stand in every line;
``transaction_id`` in each that is about one transaction. Other members say what is known besides.
"""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

_QUIET = ("werkzeug", "gunicorn.access")


def log_as_json(component: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Lets everything that this process logs, by ``logging`` or by structlog, end as JSON lines.

    Args:
        component: which of our programs this is, such as ``chaincode``.
        level: the lowest level that is written.
        stream: where to; stderr without it.
    """

    def name(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["component"] = component
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name,
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for quiet in _QUIET:
        logging.getLogger(quiet).setLevel("WARNING")
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
