"""A channel as its client sees it."""

from __future__ import annotations

import threading
from typing import TypeVar

import grpc

from hansa_fabric.blocks import Block
from hansa_gateway.blocking.client import Client
from hansa_gateway.blocking.contract import Contract
from hansa_gateway.blocking.event_requests import BlockEventsRequest, ChaincodeEventsRequest
from hansa_gateway.blocking.event_streams import BlockEvents, ChaincodeEvents
from hansa_gateway.blocking.steps import Commit
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


class Network:
    """A channel: its contracts, its events, and what became of its transactions."""

    def __init__(
        self, client: Client, signatory: Signatory, channel: str, genesis_hash: bytes | None = None
    ) -> None:
        self._client, self._signatory = client, signatory
        self.channel = channel
        self._genesis_hash = genesis_hash
        self._lock = threading.Lock()

    def contract(self, chaincode: str) -> Contract:
        """A chaincode of this channel, by name."""
        return Contract(self._client, self._signatory, self.channel, chaincode)

    def commit(self, transaction_id: str) -> Commit:
        """The question what became of a transaction, for when its outcome is unknown. Asking waits until the
        transaction is committed, which may be never: mind the deadline."""
        state = CommitRequest.new(self._signatory, self.channel, transaction_id)
        return Commit(self._client, self._signatory, state)

    def chain_info(self, timeout: float | None = None) -> ChainInfo:
        """The height and newest hashes of the peer's ledger (``qscc GetChainInfo``). Raises EvaluateError."""
        answer = self.contract("qscc").evaluate("GetChainInfo", self.channel, timeout=timeout)
        return ChainInfo.from_bytes(answer)

    def genesis_hash(self) -> bytes:
        """Header hash (32 bytes) of block 0, which tells this ledger from every other; asked for once.

        Raises:
            EventStreamError: the peer does not deliver block 0, for example because it joined from a
                snapshot; name the hash to ``Gateway.network`` then.
        """
        with self._lock:
            if self._genesis_hash is None:
                request = self.new_block_events_request(WHOLE, start_block=0, stop_block=0)
                with request.events(self._client.deadlines.evaluate) as blocks:
                    genesis = next(blocks, None)
                if genesis is None:
                    raise EventStreamError("the peer delivered no block 0", grpc.StatusCode.NOT_FOUND)
                self._genesis_hash = genesis.hash
            return self._genesis_hash

    def chaincode_events(
        self,
        chaincode: str,
        *,
        start_block: int | None = None,
        after_transaction_id: str = "",
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> ChaincodeEvents:
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
        request = self.new_chaincode_events_request(
            chaincode,
            start_block=start_block,
            after_transaction_id=after_transaction_id,
            checkpoint=checkpoint,
        )
        return request.events()

    def new_chaincode_events_request(
        self,
        chaincode: str,
        *,
        start_block: int | None = None,
        after_transaction_id: str = "",
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> ChaincodeEventsRequest:
        """The same as a request that can be signed elsewhere; see ``chaincode_events``."""
        cursor = self._cursor(checkpoint)
        start = _begin(cursor, Start(start_block, after_transaction_id))
        state = ChaincodeEventsCall.new(self._signatory, self.channel, chaincode, start)
        return ChaincodeEventsRequest(self._client, self._signatory, state, cursor)

    def block_events(
        self,
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> BlockEvents[Block]:
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
        return self.new_block_events_request(
            WHOLE, start_block=start_block, stop_block=stop_block, checkpoint=checkpoint
        ).events()

    def filtered_block_events(
        self,
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> BlockEvents[FilteredBlock]:
        """Blocks without content: ids, verdicts, names of events. Arguments as ``block_events``."""
        return self.new_block_events_request(
            FILTERED, start_block=start_block, stop_block=stop_block, checkpoint=checkpoint
        ).events()

    def block_and_private_data_events(
        self,
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> BlockEvents[BlockWithPrivateData]:
        """Whole blocks with the private data the reader is entitled to. Arguments as ``block_events``."""
        return self.new_block_events_request(
            WITH_PRIVATE_DATA, start_block=start_block, stop_block=stop_block, checkpoint=checkpoint
        ).events()

    def new_block_events_request(
        self,
        content: BlockContent[Content],
        *,
        start_block: int | None = None,
        stop_block: int | None = None,
        checkpoint: Checkpointer | Checkpoint | None = None,
    ) -> BlockEventsRequest[Content]:
        """A request for blocks that can be signed elsewhere.

        Args:
            content: WHOLE, FILTERED or WITH_PRIVATE_DATA.

        Other arguments and errors as ``block_events``.
        """
        cursor = self._cursor(checkpoint)
        start = _begin(cursor, Start(start_block))
        state = BlockEventsCall.new(
            self._signatory, self.channel, start, stop_block, self._client.tls_certificate_hash
        )
        return BlockEventsRequest(self._client, self._signatory, state, content, cursor)

    def _cursor(self, checkpoint: Checkpointer | Checkpoint | None) -> Cursor | None:
        return None if checkpoint is None else Cursor(self.genesis_hash(), checkpoint)


def _begin(cursor: Cursor | None, otherwise: Start) -> Start:
    return otherwise if cursor is None else cursor.start(otherwise)
