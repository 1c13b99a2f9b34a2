"""The keeper: calls what is due for a member. Nothing happens by itself on a ledger (rule 11)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hansa.errors import HansaError, InvalidTransactionError, RefusedError
from hansa.ids import derived_id
from hansa_domain.times import milliseconds, rfc3339
from hansa_portal.clock import utc_now
from hansa_portal.duties import DUTIES, Duty
from hansa_portal.office import Office
from hansa_readmodel.queries import Queries

log = structlog.get_logger("hansa.keeper")

AT_MOST = 100
"""Of each duty in one look, so that no duty waits for ever behind another."""

REST = 60
"""Looks for which a thing is left alone that the ledger did not let be done."""

_SOMEBODY_WAS_FASTER = frozenset(
    {
        "CLAIM_STATE",
        "EXCHANGE_STATE",
        "HASHLOCK_STATE",
        "MVCC_READ_CONFLICT",
        "NETTING_STATE",
        "OFFER_NOT_EXPIRED",
        "OFFER_STATE",
        "ORDER_NOT_DUE",
        "ORDER_STATE",
    }
)


class Keeper:
    """Calls what is due of one member's: of orders, quotes, hash time-locks, netting, claims and offers.

    Args:
        office: the member.
        queries: says what is due.
        interval: seconds between looks, varied by a half so that members' keepers do not run in step.
        now: the time, RFC 3339 UTC with milliseconds.
    """

    def __init__(
        self, office: Office, queries: Queries, interval: float, now: Callable[[], str] = utc_now
    ) -> None:
        self._office = office
        self._queries = queries
        self._interval = interval
        self._now = now
        self._looks = 0
        # Commands that the ledger refused, and the look with which they are tried again.
        self._resting: dict[str, int] = {}

    def start(self, stopping: threading.Event) -> threading.Thread:
        """Works in a thread of its own until ``stopping`` is set."""
        thread = threading.Thread(
            target=self._run, args=(stopping,), name=f"keeper-{self._office.msp_id}", daemon=True
        )
        thread.start()
        return thread

    def look(self) -> int:
        """Calls everything that is due now, ``AT_MOST`` of each duty; returns how many calls had effect."""
        if self._queries.ledger.checkpoint() is None:
            return 0
        self._looks += 1
        self._resting = {each: until for each, until in self._resting.items() if until > self._looks}
        return sum(self._fulfil(duty) for duty in DUTIES)

    def _fulfil(self, duty: Duty) -> int:
        by = rfc3339(milliseconds(self._now()) - duty.grace)
        # Those that rest are listed too: they must not stand in the way of what came due after them.
        rows = duty.due(self._queries, by, self._office.msp_id, AT_MOST + len(self._resting))
        calls = [(row, self._command(duty, row)) for row in rows]
        wanted = [each for each in calls if each[1] not in self._resting][:AT_MOST]
        return sum(self._call(duty, row, command) for row, command in wanted)

    def _command(self, duty: Duty, row: Any) -> str:
        # The same call again, after an unknown outcome, must be the same command; the next one, such as that
        # of an order whose parts are due at the same time, must not.
        return derived_id(duty.command, *duty.marks(row), self._office.msp_id)

    def _call(self, duty: Duty, row: Any, command: str) -> bool:
        subject, due = duty.marks(row)[:2]
        to = log.bind(member=self._office.msp_id, command=duty.command, subject=subject, due=due)
        try:
            receipt = duty.call(self._office.service(), subject, command)
        except HansaError as error:
            if error.code in _SOMEBODY_WAS_FASTER:
                to.info("somebody was faster", code=error.code)
            else:
                to.warning("could not call what is due", code=error.code, error=error.message)
            if isinstance(error, RefusedError | InvalidTransactionError):
                self._resting[command] = self._looks + REST
            return False
        to.info("called what was due", transaction_id=receipt.transaction_id, block=receipt.block_number)
        return True

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.wait(self._interval * random.uniform(0.5, 1.5)):  # noqa: S311 - spreads keepers
            try:
                self.look()
            except SQLAlchemyError as error:
                log.warning("the read model does not answer", error=str(error))
