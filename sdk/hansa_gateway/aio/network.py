"""A channel as its client sees it."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import grpc

from hansa_fabric.blocks import Block
from hansa_gateway.aio.client import AsyncClient
from hansa_gateway.aio.contract import AsyncContract
from hansa_gateway.aio.event_requests import AsyncBlockEventsRequest, AsyncChaincodeEventsRequest
from hansa_gateway.aio.event_streams import AsyncBlockEvents, AsyncChaincodeEvents
from hansa_gateway.aio.steps import AsyncCommit
from hansa_gateway.checkpoints import Checkpoint, Checkpointer
from hansa_gateway.core.block_events import (
    FILTERED,
    WHOLE,
    WITH_PRIVATE_DATA,
    BlockContent,
    BlockEventsCall,
    BlockWithPrivateData,
    FilteredBlock,
)
from hansa_gateway.core.chain_info import ChainInfo
from hansa_gateway.core.chaincode_events import ChaincodeEventsCall
from hansa_gateway.core.commit import CommitRequest
from hansa_gateway.core.cursor import Cursor, Start
from hansa_gateway.core.signing import Signatory
from hansa_gateway.errors import EventStreamError

Content = TypeVar("Content")


class AsyncNetwork:
    """A channel: its contracts, its events, and what became of its transactions."""

    def __init__(
        self, client: AsyncClient, signatory: Signatory, channel: str, genesis_hash: bytes | None = None
    ) -> None:
        self._client, self._signatory = client, signatory
        self.channel = channel
        self._genesis_hash = genesis_hash
        self._lock = asyncio.Lock()

    def contract(self, chaincode: str) -> AsyncContract:
        """A chaincode of this channel, by name."""
        return AsyncContract(self._client, self._signatory, self.channel, chaincode)

    def commit(self, transaction_id: str) -> AsyncCommit:
        """The question what became of a transaction, for when its outcome is unknown. Asking waits until the
        transaction is committed, which may be never: mind the deadline."""
        state = CommitRequest.new(self._signatory, self.channel, transaction_id)
        return AsyncCommit(self._client, self._signatory, state)

    async def chain_info(self, timeout: float | None = None) -> ChainInfo:
        """The height and newest hashes of the peer's ledger (``qscc GetChainInfo``). Raises EvaluateError."""
        answer = await self.contract("qscc").evaluate("GetChainInfo", self.channel, timeout=timeout)
        return ChainInfo.from_bytes(answer)

    async def genesis_hash(self) -> bytes:
        """Header hash (32 bytes) of block 0, which tells this ledger from every other; asked for once.

        Raises:
            EventStreamError: the peer does not deliver block 0, for example because it joined from a
                snapshot; name the hash to ``Gateway.network`` then.
        """
        async with self._lock:
            if self._genesis_hash is None:
                request = await self.new_block_events_request(WHOLE, start_block=0, stop_block=0)
                async with request.events(self._client.deadlines.evaluate) as blocks:
                    genesis = await anext(blocks, None)
                if genesis is None:
                    raise EventStreamError("the peer delivered no block 0", grpc.StatusCode.NOT_FOUND)
                self._genesis_hash = genesis.hash
            return self._genesis_hash

    async def chaincode_events(
        self,
        chaincode: str,
        *,
        start_block: int | None = None,
        after_transaction_id: str = "",
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> AsyncChaincodeEvents:
        """A chaincode's events.

        Args:
            chaincode: its name.
            start_block: the first block whose events to send; None for the next one committed.
            after_transaction_id: skip events up to and including this transaction's. A transaction that the
                ledger does not hold makes the stream silent for ever.
            checkpoint: where progress is kept; once something is in it, it decides where to begin.

        Raises:
            CheckpointMismatchError: the checkpoint belongs to another ledger.
            CheckpointError: it cannot be read.
            ConfigurationError: an impossible block number.
            EventStreamError: see ``genesis_hash``; later refusals come with the first event.
        """
        request = await self.new_chaincode_events_request(
            chaincode,
            start_block=start_block,
            after_transaction_id=after_transaction_id,
            checkpoint=checkpoint,
        )
        return request.events()

    async def new_chaincode_events_request(
        self,
        chaincode: str,
        *,
        start_block: int | None = None,
        after_transaction_id: str = "",
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> AsyncChaincodeEventsRequest:
        """The same as a request that can be signed elsewhere; see ``chaincode_events``."""
        cursor = await self._cursor(checkpoint)
        start = _begin(cursor, Start(start_block, after_transaction_id))
        state = ChaincodeEventsCall.new(self._signatory, self.channel, chaincode, start)
        return AsyncChaincodeEventsRequest(self._client, self._signatory, state, cursor)

    async def block_events(
        self,
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> AsyncBlockEvents[Block]:
        """Whole blocks.

        Args:
            start_block: the first; None for the next one committed.
            stop_block: the last; None goes on for ever.
            checkpoint: where progress is kept; once something is in it, it decides where to begin (inside a
                block: with that block).

        Raises:
            CheckpointMismatchError: the checkpoint belongs to another ledger.
            CheckpointError: it cannot be read.
            ConfigurationError: an impossible block number.
            EventStreamError: see ``genesis_hash``; later refusals come with the first block.
        """
        request = await self.new_block_events_request(
            WHOLE, start_block=start_block, stop_block=stop_block, checkpoint=checkpoint
        )
        return request.events()

    async def filtered_block_events(
        self,
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> AsyncBlockEvents[FilteredBlock]:
        """Blocks without content: ids, verdicts, names of events. Arguments as ``block_events``."""
        request = await self.new_block_events_request(
            FILTERED, start_block=start_block, stop_block=stop_block, checkpoint=checkpoint
        )
        return request.events()

    async def block_and_private_data_events(
        self,
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> AsyncBlockEvents[BlockWithPrivateData]:
        """Whole blocks with the private data the reader is entitled to. Arguments as ``block_events``."""
        request = await self.new_block_events_request(
            WITH_PRIVATE_DATA, start_block=start_block, stop_block=stop_block, checkpoint=checkpoint
        )
        return request.events()

    async def new_block_events_request(
        self,
        content: BlockContent[Content],
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> AsyncBlockEventsRequest[Content]:
        """A request for blocks that can be signed elsewhere.

        Args:
            content: WHOLE, FILTERED or WITH_PRIVATE_DATA.

        Other arguments and errors as ``block_events``.
        """
        cursor = await self._cursor(checkpoint)
        start = _begin(cursor, Start(start_block))
        state = BlockEventsCall.new(
            self._signatory, self.channel, start, stop_block, self._client.tls_certificate_hash
        )
        return AsyncBlockEventsRequest(self._client, self._signatory, state, content, cursor)

    async def _cursor(self, checkpoint: Checkpointer | Checkpoint | None) -> Cursor | None:
        return None if checkpoint is None else Cursor(await self.genesis_hash(), checkpoint)


def _begin(cursor: Cursor | None, otherwise: Start) -> Start:
    return otherwise if cursor is None else cursor.start(otherwise)
