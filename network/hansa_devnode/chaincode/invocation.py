"""One transaction being simulated, and its context in each chaincode that it calls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.ledger import RangeScan, Simulator
from hansa_fabric.msp import ValidatedIdentity


@dataclass(frozen=True, slots=True)
class Invocation:
    """What all chaincodes that take part in a transaction share.

    Args:
        tx_id: transaction id.
        channel: the channel's name; empty for a proposal that is bound to none.
        signed_proposal: the `peer.SignedProposal`; its signature was checked before.
        creator: who signed it, as their organisation's MSP knows them.
        chaincode: name of the chaincode that the proposal is for.
        simulator: reads and records; None where the chaincode may not touch the state (qscc, cscc).
    """

    tx_id: str
    channel: str
    signed_proposal: Any
    creator: ValidatedIdentity
    chaincode: str
    simulator: Simulator | None


@dataclass(slots=True, eq=False)
class OpenQuery:
    """A query whose results the chaincode has not yet fetched to the end.

    Args:
        results: the rest of the results.
        scan: the scan behind them where it has pages to mark.
        pending: serialized results that were taken but not sent.
        taken: how many results were taken in all.
    """

    results: Iterator[Any]
    scan: RangeScan | None = None
    pending: list[bytes] = field(default_factory=list)
    taken: int = 0


@dataclass(slots=True, eq=False)
class TransactionContext:
    """A transaction in one chaincode: from the request to execute until the chaincode's answer.

    Args:
        invocation: the transaction.
        namespace: the chaincode's name: whose state it reads and writes.
        initializing: whether the chaincode was called as init, where private data may not be used.
        answer: the chaincode's final `peer.ChaincodeMessage`, COMPLETED or ERROR.
        queries: open queries by the id the chaincode knows them by.
    """

    invocation: Invocation
    namespace: str
    initializing: bool
    answer: asyncio.Future[Any]
    queries: dict[str, OpenQuery] = field(default_factory=dict)

    def close_queries(self) -> None:
        """Drop what the chaincode left open."""
        for query in self.queries.values():
            if query.scan is not None:
                query.scan.close()
        self.queries.clear()


def refuse_in_init(context: TransactionContext) -> None:
    """Raise ChaincodeError where the chaincode was called as init: private data may not be used there."""
    if context.initializing:
        raise ChaincodeError("private data APIs are not allowed in chaincode Init()")
