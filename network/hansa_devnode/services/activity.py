"""Which transactions are under way in this node, so that the orderer knows whether to wait for company."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# How long, in seconds, a client may take to sign and submit what was just endorsed before nobody waits for
# it.
SIGNING_TIME = 0.02


class Activity:
    """Counts endorsements in progress and transactions that were endorsed but not yet submitted.

    `changed` is called when somebody who was waited for may no longer come."""

    def __init__(self) -> None:
        self._endorsing = 0
        self._endorsed: dict[str, asyncio.TimerHandle] = {}
        self.changed: Callable[[], None] = lambda: None

    def quiet(self) -> bool:
        """Whether no further transaction is to be expected now."""
        return not self._endorsing and not self._endorsed

    @contextmanager
    def endorsing(self) -> Iterator[None]:
        """While endorsements of one transaction are collected."""
        self._endorsing += 1
        try:
            yield
        finally:
            self._endorsing -= 1
            self.changed()

    def endorsed(self, tx_id: str) -> None:
        """The transaction was handed to its client, who will probably submit it."""
        self.submitted(tx_id)
        loop = asyncio.get_running_loop()
        self._endorsed[tx_id] = loop.call_later(SIGNING_TIME, self._forget, tx_id)

    def submitted(self, tx_id: str) -> None:
        """The transaction came back to be ordered."""
        timer = self._endorsed.pop(tx_id, None)
        if timer is not None:
            timer.cancel()

    def _forget(self, tx_id: str) -> None:
        self._endorsed.pop(tx_id, None)
        self.changed()
