"""The client's log: one line for each stage of a transaction, with its id, for whoever gathers logs.

Logger ``hansa_gateway``, level INFO (DEBUG for questions). What was sent and answered never stands in it.
"""

from __future__ import annotations

import logging

from hansa_gateway.core.methods import EVALUATE, Method
from hansa_gateway.errors import TransactionError

_log = logging.getLogger("hansa_gateway")


def log_answered(method: Method, transaction_id: str) -> None:
    """A stage was answered."""
    level = logging.DEBUG if method is EVALUATE else logging.INFO
    if _log.isEnabledFor(level):
        _log.log(level, "%s answered", _short(method), extra={"transaction_id": transaction_id})


def log_failed(method: Method, error: TransactionError) -> TransactionError:
    """A stage failed; returns the error, to be raised."""
    if _log.isEnabledFor(logging.INFO):
        told = {"transaction_id": error.transaction_id, "code": error.code, "status": error.status.name}
        _log.info("%s failed", _short(method), extra=told)
    return error


def _short(method: Method) -> str:
    return method.name.rpartition("/")[2]
