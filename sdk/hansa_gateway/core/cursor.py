"""Where an event stream starts, and how it records its progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_protos.orderer import ab_pb2

from hansa_gateway.checkpoints import Checkpoint, Checkpointer, InMemoryCheckpointer
from hansa_gateway.errors import CheckpointError, CheckpointMismatchError, ConfigurationError

LARGEST_BLOCK = 2**64 - 1


@dataclass(frozen=True)
class Start:
    """Where a stream begins.

    Args:
        block: number of the first block; None for the next one committed.
        after_transaction_id: skip events up to and including this transaction's.
    """

    block: int | None = None
    after_transaction_id: str = ""

    def position(self) -> Any:
        """The ``orderer.SeekPosition``."""
        if self.block is None:
            return ab_pb2.SeekPosition(next_commit=ab_pb2.SeekNextCommit())
        return specified(self.block)


def specified(block: int) -> Any:
    """The ``orderer.SeekPosition`` of a block number. Raises ConfigurationError for one that cannot be."""
    if not 0 <= block <= LARGEST_BLOCK:
        raise ConfigurationError(f"{block} is no block number")
    return ab_pb2.SeekPosition(specified=ab_pb2.SeekSpecified(number=block))


class Cursor:
    """A stream's checkpointer, bound to the ledger the stream reads.

    Args:
        genesis_hash: header hash of the channel's block 0.
        checkpoint: where progress is kept, or a position to begin at.

    Raises:
        CheckpointMismatchError: the saved checkpoint belongs to another ledger.
        CheckpointError: the checkpoint cannot be read.
    """

    def __init__(self, genesis_hash: bytes, checkpoint: Checkpointer | Checkpoint) -> None:
        self._genesis_hash = genesis_hash
        self._checkpointer: Checkpointer = (
            InMemoryCheckpointer(checkpoint) if isinstance(checkpoint, Checkpoint) else checkpoint
        )
        self._saved = self._checkpointer.load()
        if self._saved is not None and self._saved.genesis_hash != genesis_hash:
            raise CheckpointMismatchError(genesis_hash, self._saved.genesis_hash)

    def start(self, otherwise: Start) -> Start:
        """Where to go on; ``otherwise`` when nothing was processed yet."""
        if self._saved is None:
            return otherwise
        return Start(self._saved.block_number, self._saved.transaction_id)

    def after_transaction(self, block_number: int, transaction_id: str) -> None:
        """Record that a transaction's event was processed. Raises CheckpointError."""
        self._save(Checkpoint(self._genesis_hash, block_number, transaction_id))

    def after_block(self, block_number: int) -> None:
        """Record that a whole block was processed. Raises CheckpointError."""
        self._save(Checkpoint(self._genesis_hash, block_number + 1))

    def _save(self, checkpoint: Checkpoint) -> None:
        self._checkpointer.save(checkpoint)
        self._saved = checkpoint


def opened_with(cursor: Cursor | None) -> Cursor:
    """The stream's cursor. Raises CheckpointError when the stream was opened without a checkpoint."""
    if cursor is None:
        raise CheckpointError("this stream was opened without a checkpoint to keep")
    return cursor
