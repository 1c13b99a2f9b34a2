"""The ordering service: one order for all envelopes, cut into signed blocks, committed one by one."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from fabric_protos.common import common_pb2

from hansa_devnode.config import BatchConfig
from hansa_devnode.ledger.ledger import CommittedBlock, Ledger
from hansa_devnode.metrics import count_block
from hansa_devnode.services.block_cutter import BlockCutter
from hansa_devnode.services.commit_feed import CommitFeed
from hansa_devnode.services.reconfiguration import ProposedConfiguration, Reconfiguration
from hansa_fabric.blocks import header_bytes
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Signer

logger = logging.getLogger(__name__)

# Full batches that may wait for the disk before those who order have to wait too.
BATCHES_WAITING_AT_MOST = 8


class _Batch(NamedTuple):
    """What the next block holds: envelopes, or one configuration."""

    envelopes: list[Any]
    configuration: ProposedConfiguration | None = None


class OrdererUnavailableError(RuntimeError):
    """The ordering service takes no envelopes: it is stopping, or it could not commit a block."""


class Orderer:
    """Orders and commits. A batch is cut when it is full, when its time is up, or when nobody else is coming.

    While a block is being committed the next batch gathers, whatever its time.

    Args:
        ledger: where blocks are committed, in a thread of their own.
        feed: told of every committed block.
        signer: the orderer's identity, which signs blocks.
        batch: size and time of batches, until the configuration changes.
        quiet: whether no other transaction is under way in this node. A lone transaction then need not wait
            for company that will not come.
    """

    def __init__(
        self,
        ledger: Ledger,
        feed: CommitFeed,
        signer: Signer,
        batch: BatchConfig,
        quiet: Callable[[], bool] = lambda: False,
    ) -> None:
        self._ledger = ledger
        self._feed = feed
        self._signer = signer
        self.batch = batch
        self._reconfiguration = Reconfiguration(ledger, signer)
        self.reconfigured: Callable[[], Awaitable[None]] = _nothing
        self._quiet = quiet
        self._cutter = BlockCutter(batch)
        self._full: deque[_Batch] = deque()
        self._deadline = 0.0
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self.failure: BaseException | None = None
        self.failed: asyncio.Event = asyncio.Event()

    def start(self) -> None:
        """Begins to cut and commit."""
        self._task = asyncio.create_task(self._run(), name="orderer")

    async def stop(self) -> None:
        """Takes no more envelopes; returns when every one it took is committed."""
        self._stopping = True
        self._changed.set()
        if self._task is not None:
            await self._task

    async def order(self, envelope: Any) -> None:
        """Takes a common.Envelope into the order; its block comes later.

        Raises OrdererUnavailableError when it was not taken.
        """
        await self._available()
        batches = self._cutter.ordered(envelope)
        if batches or self._cutter.pending == 1:
            self._deadline = asyncio.get_running_loop().time() + self.batch.timeout_ms / 1000
        self._append(_Batch(batch) for batch in batches)

    async def configure(self, proposed: ProposedConfiguration) -> None:
        """Takes a configuration into the order: a block of its own, after all that came before.

        Raises OrdererUnavailableError when it was not taken.
        """
        await self._available()
        waiting = self._cutter.cut()
        self._append(([_Batch(waiting)] if waiting else []) + [_Batch([], proposed)])

    async def _available(self) -> None:
        await self._room.wait()
        if self._stopping or self.failure is not None:
            raise OrdererUnavailableError("the ordering service is not available")

    def _append(self, batches: Iterable[_Batch]) -> None:
        self._full.extend(batches)
        if len(self._full) >= BATCHES_WAITING_AT_MOST:
            self._room.clear()
        self._changed.set()

    def reconsider(self) -> None:
        """Looks again whether nobody else is coming."""
        self._changed.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit") as thread:
            while batch := await self._next_batch():
                envelopes = self._envelopes(batch)
                if not envelopes:
                    continue
                began = time.perf_counter()
                try:
                    committed = await loop.run_in_executor(thread, self._ledger.commit, envelopes, self._sign)
                    if batch.configuration is not None:
                        await self._follow(committed)
                except Exception as error:
                    # Whatever it was, a block that cannot be stored ends ordering, as it ends Fabric's peer.
                    logger.critical("block could not be committed; ordering stops", exc_info=error)
                    self.failure = error
                    self._room.set()
                    self.failed.set()
                    return
                self._feed.publish(committed)
                count_block(committed, time.perf_counter() - began)

    def _envelopes(self, batch: _Batch) -> list[bytes]:
        """What goes into the block; nothing where a configuration was overtaken by another."""
        if batch.configuration is None:
            return [each.SerializeToString() for each in batch.envelopes]
        try:
            proposed = self._reconfiguration.renewed(batch.configuration)
        except FabricDataError as error:
            logger.warning("configuration update dropped: %s", error)
            return []
        return [proposed.envelope.SerializeToString()]

    async def _follow(self, committed: CommittedBlock) -> None:
        """Let the new configuration take effect before anybody hears of its block."""
        bundle = self._ledger.bundle
        self.batch = BatchConfig.of_channel(bundle.batch)
        self._cutter.resize(self.batch)
        logger.info("block %d: configuration %d is in force", committed.number, bundle.sequence)
        await self.reconfigured()

    async def _next_batch(self) -> _Batch | None:
        """The next batch; None when the orderer stops and nothing is left."""
        clock = asyncio.get_running_loop().time
        while True:
            if self._full:
                batch = self._full.popleft()
                self._room.set()
                return batch
            waiting = self._cutter.pending
            if waiting and (self._stopping or clock() >= self._deadline or self._quiet()):
                return _Batch(self._cutter.cut())
            if self._stopping:
                return None
            self._changed.clear()
            try:
                async with asyncio.timeout_at(self._deadline if waiting else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _sign(self, header: Any, last_config: int) -> bytes:
        """The SIGNATURES metadata of a block, as Fabric's block writer makes it."""
        value = common_pb2.OrdererBlockMetadata(
            last_config=common_pb2.LastConfig(index=last_config),
            consenter_metadata=common_pb2.Metadata().SerializeToString(),
        ).SerializeToString()
        signature_header = common_pb2.SignatureHeader(
            creator=self._signer.identity.serialized, nonce=secrets.token_bytes(24)
        ).SerializeToString()
        signature = self._signer.sign(value + signature_header + header_bytes(header))
        metadata = common_pb2.Metadata(
            value=value,
            signatures=[common_pb2.MetadataSignature(signature_header=signature_header, signature=signature)],
        )
        serialized: bytes = metadata.SerializeToString()
        return serialized


async def _nothing() -> None:
    """Who cares for configurations sets something else."""
