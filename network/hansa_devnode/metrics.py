"""What the node counts, and its log by transaction id: endorsements of every peer, and what was committed."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from hansa_devnode.ledger.ledger import CommittedBlock
from hansa_fabric.validation_codes import code_name

logger = logging.getLogger("hansa.devnode")

HEIGHT = Gauge("hansa_devnode_block_height", "Blocks of the channel.")
TRANSACTIONS = Counter(
    "hansa_devnode_transactions", "Transactions in committed blocks, by validation code.", ["validation_code"]
)
ENDORSEMENTS = Counter(
    "hansa_devnode_endorsements", "Proposals answered, by organisation and outcome.", ["msp_id", "outcome"]
)
ENDORSEMENT_SECONDS = Histogram("hansa_devnode_endorsement_seconds", "Seconds of one proposal's execution.")
ENDORSEMENTS_IN_FLIGHT = Gauge("hansa_devnode_endorsements_in_flight", "Proposals being executed.")
COMMIT_SECONDS = Histogram("hansa_devnode_commit_seconds", "Seconds to validate and store one block.")

_ERROR = 400


def show_height(height: int) -> None:
    """Tells how many blocks the node begins with."""
    HEIGHT.set(height)


async def measure_endorsement(msp_id: str, transaction_id: str, answer: Awaitable[Any]) -> Any:
    """Counts and logs one proposal's answer by one organisation's peer; an exception is its as before."""
    began = time.perf_counter()
    outcome = "failed"
    try:
        with ENDORSEMENTS_IN_FLIGHT.track_inprogress():
            response = await answer
        outcome = "endorsed" if response.response.status < _ERROR else "refused"
        return response
    finally:
        seconds = time.perf_counter() - began
        ENDORSEMENT_SECONDS.observe(seconds)
        ENDORSEMENTS.labels(msp_id, outcome).inc()
        logger.info(
            outcome,
            extra={
                "transaction_id": transaction_id,
                "msp_id": msp_id,
                "ms": round(seconds * 1000, 1),
            },
        )


def count_block(committed: CommittedBlock, seconds: float) -> None:
    """Counts and logs a block that is on disk.

    Args:
        committed: the block.
        seconds: how long it took to validate and store it.
    """
    COMMIT_SECONDS.observe(seconds)
    HEIGHT.set(committed.number + 1)
    for status in committed.transactions:
        code = code_name(status.code)
        TRANSACTIONS.labels(code).inc()
        logger.info(
            "committed",
            extra={
                "transaction_id": status.tx_id,
                "block": committed.number,
                "validation_code": code,
            },
        )
