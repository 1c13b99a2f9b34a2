"""The keeper: calls what is due for a member. Nothing happens by itself on a ledger (rule 11)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hansa.errors import HansaError
from hansa.ids import derived_id
from hansa_portal.clock import utc_now
from hansa_portal.office import Office
from hansa_readmodel.queries import OrderRow, Queries

log = structlog.get_logger("hansa.keeper")

_SOMEBODY_WAS_FASTER = frozenset({"ORDER_STATE", "ORDER_NOT_DUE", "MVCC_READ_CONFLICT"})


class Keeper:
    """Calls the defaults of one member's orders.

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

    def start(self, stopping: threading.Event) -> threading.Thread:
        """Works in a thread of its own until ``stopping`` is set."""
        thread = threading.Thread(
            target=self._run, args=(stopping,), name=f"keeper-{self._office.msp_id}", daemon=True
        )
        thread.start()
        return thread

    def look(self) -> int:
        """Calls everything that is due now; returns how many orders it ended."""
        if self._queries.ledger.checkpoint() is None:
            return 0
        due = self._queries.orders.due(self._now(), party=self._office.msp_id)
        return sum(self._call(order) for order in due)

    def _call(self, order: OrderRow) -> bool:
        to = log.bind(member=self._office.msp_id, order=order.order_id, status=order.status, due=order.due)
        # The same default again, after an unknown outcome, must be the same command; the next one of an order
        # whose parts are due at the same time must not.
        command = derived_id(
            "default", order.order_id, order.due or "", order.changed_at, self._office.msp_id
        )
        try:
            receipt = self._office.service().orders.default(order.order_id, command_id=command)
        except HansaError as error:
            if error.code in _SOMEBODY_WAS_FASTER:
                to.info("somebody was faster", code=error.code)
            else:
                to.warning("could not call what is due", code=error.code, error=error.message)
            return False
        to.info("called what was due", transaction_id=receipt.transaction_id, block=receipt.block_number)
        return True

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.wait(self._interval * random.uniform(0.5, 1.5)):  # noqa: S311 - spreads keepers
            try:
                self.look()
            except SQLAlchemyError as error:
                log.warning("the read model does not answer", error=str(error))
