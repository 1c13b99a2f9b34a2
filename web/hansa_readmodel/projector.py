"""The projector: follows a member's peer, block by block, for as long as it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from hansa.client import Client
from hansa.errors import HansaError
from hansa.ledger import LedgerStreamError
from hansa_readmodel.metrics import STREAMS_LOST, following, measured
from hansa_readmodel.store import NotNextError, ReadModel, said

log = structlog.get_logger("hansa.projector")


class Projector:
    """Folds the blocks of a member's peer into a database.

    Args:
        client: reads the blocks.
        engine: the database.
        first_wait: seconds before a lost stream is opened again; doubles up to ``longest_wait``.
    """

    def __init__(
        self, client: Client, engine: Engine, *, first_wait: float = 0.1, longest_wait: float = 5.0
    ) -> None:
        self._client = client
        self._engine = engine
        self._first_wait = first_wait
        self._longest_wait = longest_wait

    def run(self, stopping: threading.Event) -> None:
        """Follows the ledger until ``stopping`` is set; a peer or database that goes away is waited for.

        Of two projectors on one database each goes on where the other is: what one has read, both have.

        Raises:
            ReadModelError: the database cannot follow this ledger.
            LedgerAheadError: a block has events that this version cannot read.
        """
        wait = self._first_wait
        while not stopping.is_set():
            try:
                if self._follow(stopping.is_set):
                    wait = self._first_wait
            except (LedgerStreamError, HansaError) as error:
                STREAMS_LOST.inc()
                log.warning("stream lost", error=str(error), retry_in=wait)
            except (OperationalError, InterfaceError) as error:
                log.warning("database lost", error=said(error), retry_in=wait)
            except NotNextError as error:
                log.warning("another projector reads too", error=str(error), retry_in=wait)
            stopping.wait(wait)
            wait = min(wait * 2, self._longest_wait)

    def catch_up(self) -> int:
        """Folds in every block the peer has now; returns the number of the next one."""
        height = self._client.ledger.height()
        model = ReadModel(self._engine, self._client.ledger.genesis_hash())
        start = model.prepare()
        if start < height:
            with self._client.ledger.blocks(start, height - 1) as blocks:
                for block in blocks:
                    model.apply(block)
        return max(start, height)

    def _follow(self, stopped: Callable[[], bool]) -> bool:
        model = ReadModel(self._engine, self._client.ledger.genesis_hash())
        start = model.prepare()
        following(start)
        log.info("following", start=start)
        came = False
        with self._client.ledger.blocks(start) as blocks:
            for block in blocks:
                if stopped():
                    return came
                with measured(block):
                    model.apply(block)
                came = True
        return came
