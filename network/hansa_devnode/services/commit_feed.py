"""Tells those who wait that a block is on disk: streams by height, commit statuses by id."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict

from hansa_devnode.ledger.block_store import TransactionStatus
from hansa_devnode.ledger.ledger import CommittedBlock, Ledger

# Serialized blocks kept in memory: streams that follow the tip read each block at about the same time.
BLOCKS_IN_MEMORY = 32


class FeedClosedError(RuntimeError):
    """The node stops: what was waited for will not be told any more."""


class CommitFeed:
    """The ledger's tip, awaitable. Lives on one event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._height = ledger.height
        self._grown = asyncio.Event()
        self._closed = False
        self._waiting: defaultdict[str, set[asyncio.Future[TransactionStatus]]] = defaultdict(set)
        self._recent: OrderedDict[int, bytes] = OrderedDict()

    @property
    def height(self) -> int:
        """Number of committed blocks, as published."""
        return self._height

    def publish(self, committed: CommittedBlock) -> None:
        """Announces a block that is on disk."""
        self._height = committed.number + 1
        self._recent[committed.number] = committed.data
        while len(self._recent) > BLOCKS_IN_MEMORY:
            self._recent.popitem(last=False)
        for status in committed.transactions:
            for waiter in self._waiting.pop(status.tx_id, ()):
                if not waiter.done():
                    waiter.set_result(status)
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()

    def close(self) -> None:
        """Ends all waiting with FeedClosedError."""
        self._closed = True
        self._grown.set()
        for waiters in self._waiting.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(FeedClosedError())

    async def block(self, number: int) -> bytes:
        """The serialized common.Block of that number, as soon as there is one. Raises FeedClosedError."""
        while number >= self._height:
            if self._closed:
                raise FeedClosedError
            await self._grown.wait()
        found = self._recent.get(number)
        return found if found is not None else self._ledger.block(number)

    async def status(self, tx_id: str) -> TransactionStatus:
        """What became of the transaction, as soon as a block holds it. Raises FeedClosedError."""
        if self._closed:
            raise FeedClosedError
        waiter: asyncio.Future[TransactionStatus] = asyncio.get_running_loop().create_future()
        # Listening begins before the ledger is asked, so that no commit falls between the two.
        self._waiting[tx_id].add(waiter)
        try:
            found = self._ledger.status(tx_id)
            return found if found is not None else await waiter
        finally:
            waiters = self._waiting.get(tx_id)
            if waiters is not None:
                waiters.discard(waiter)
                if not waiters:
                    del self._waiting[tx_id]
