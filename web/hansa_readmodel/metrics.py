"""What the projector counts: blocks and transactions read, how long they take, how far it is behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import Counter, Gauge, Histogram

from hansa.errors import HansaError
from hansa.ledger import LedgerBlock

log = structlog.get_logger("hansa.projector")

NEXT_BLOCK = Gauge("hansa_readmodel_next_block", "Number of the next block wanted: the read model's height.")
LAG = Gauge(
    "hansa_readmodel_lag_blocks", "Blocks that the peer has and the read model lacks, when last seen."
)
BLOCKS = Counter("hansa_readmodel_blocks", "Blocks folded in.")
TRANSACTIONS = Counter(
    "hansa_readmodel_transactions", "Transactions read, by validation code.", ["validation_code"]
)
SECONDS = Histogram("hansa_readmodel_block_seconds", "Seconds to fold one block in.")
STREAMS_LOST = Counter("hansa_readmodel_streams_lost", "Streams of blocks that broke and were opened again.")

_SECONDS_BETWEEN_LOOKS = 5.0


_read = [0]  # the next block wanted, for whoever compares it with the peer


def following(next_block: int) -> None:
    """Tells from which block on the projector follows."""
    _read[0] = next_block
    NEXT_BLOCK.set(next_block)


@contextmanager
def measured(block: LedgerBlock) -> Iterator[None]:
    """Counts and logs a block that is folded in inside; one that fails is not counted."""
    began = time.perf_counter()
    yield
    SECONDS.observe(time.perf_counter() - began)
    BLOCKS.inc()
    following(block.number + 1)
    for transaction in block.transactions:
        TRANSACTIONS.labels(transaction.validation_code).inc()
        log.info(
            "read",
            transaction_id=transaction.transaction_id,
            block=block.number,
            validation_code=transaction.validation_code,
        )


def watch_lag(height: Callable[[], int], stopping: threading.Event) -> threading.Thread:
    """Compares the peer's height with what was read, every few seconds, until ``stopping`` is set.

    While the peer does not answer, the lag is not a number: what it was says nothing any more.

    Args:
        height: asks the peer; may raise HansaError.
    """

    def look() -> None:
        while not stopping.wait(_SECONDS_BETWEEN_LOOKS):
            try:
                LAG.set(max(0, height() - _read[0]))
            except HansaError as error:
                LAG.set(float("nan"))
                log.warning("the peer's height is not known", error=str(error))

    thread = threading.Thread(target=look, name="lag", daemon=True)
    thread.start()
    return thread
