"""Carrying out a command that a form asked for: done, refused at a field, or of unknown outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog
from flask import flash

from hansa.errors import HansaError, OutcomeUnknownError
from hansa.submission import Receipt
from hansa_portal.entry import Entry
from hansa_portal.metrics import COMMANDS
from hansa_portal.viewer import portal, viewer
from hansa_portal.words import _

T = TypeVar("T")

log = structlog.get_logger("hansa.portal")


def carry_out(
    entry: Entry, command: Callable[[], T], fields: Mapping[str, str] | None = None, done: str = ""
) -> T | None:
    """Runs a command; its result, or None with the reason noted in ``entry``.

    A result that is a receipt is waited for in the read model, so that the next page shows it.

    Args:
        entry: the form, which gets the problems.
        command: the call of the SDK.
        fields: see ``Entry.refused``.
        done: what to tell the user when it worked.
    """
    try:
        result = command()
    except OutcomeUnknownError as error:
        entry.unknown = error
        log.warning(
            "outcome unknown",
            user=viewer().user,
            command_id=error.command_id,
            transaction_id=error.transaction_id,
        )
        COMMANDS.labels(viewer().msp_id, "unknown").inc()
        return None
    except HansaError as error:
        entry.refused(error, fields)
        log.info("refused", user=viewer().user, code=error.code, transaction_id=error.transaction_id)
        COMMANDS.labels(viewer().msp_id, "refused").inc()
        return None
    if isinstance(result, Receipt):
        shown(result)
    if done:
        flash(done, "done")
    return result


def shown(receipt: Receipt[Any]) -> None:
    """Waits, a few seconds at most, until pages show what a command did; says so where they do not yet."""
    log.info(
        "carried out",
        user=viewer().user,
        command_id=receipt.command_id,
        transaction_id=receipt.transaction_id,
        block=receipt.block_number,
    )
    COMMANDS.labels(viewer().msp_id, "done").inc()
    if not portal().queries.ledger.wait_for(receipt.block_number, portal().catch_up_seconds):
        flash(
            _(
                "It stands in block %(block)d. This portal has not read that far yet: reload in a moment.",
                block=receipt.block_number,
            ),
            "notice",
        )
