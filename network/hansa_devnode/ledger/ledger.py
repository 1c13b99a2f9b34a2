"""The channel's ledger: blocks, state, history and private data in one store, one atomic write per block."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hansa_devnode.ledger.definitions import ChaincodeDefinition
from hansa_devnode.ledger.simulator import Simulator

Block = Any  # common.Block of fabric_protos, which has no stubs
BlockHeader = Any  # common.BlockHeader

# Given a block's header and the number of the last configuration block, returns the serialized common.Metadata
# (value: OrdererBlockMetadata, signatures) of the SIGNATURES slot.
BlockSigner = Callable[[BlockHeader, int], bytes]


@dataclass(frozen=True)
class TransactionStatus:
    """Where a transaction stands and what became of it.

    Args:
        tx_id: transaction id ("" where the envelope was too broken to have one).
        block: number of the block.
        index: position in the block.
        code: Fabric's `TxValidationCode` as a number, 0 is VALID.
    """

    tx_id: str
    block: int
    index: int
    code: int


@dataclass(frozen=True)
class CommittedBlock:
    """A block that is on disk.

    Args:
        number: its number.
        data: the serialized `common.Block`, metadata included.
        transactions: one status per envelope, in order.
    """

    number: int
    data: bytes
    transactions: tuple[TransactionStatus, ...]


@dataclass(frozen=True)
class ChainInfo:
    """Height and tip, as qscc's GetChainInfo reports.

    Args:
        height: number of blocks.
        current_hash: hash of the last block's header.
        previous_hash: hash of the header before it, empty at height 1.
    """

    height: int
    current_hash: bytes
    previous_hash: bytes


class Ledger:
    """The ledger of one channel, shared by all organisations of the embedded engine.

    Thread safety: every method may be called from any thread. `commit` is a plain blocking function that ends with
    an fsync: call it in a thread, not on an event loop. Commits run one at a time; readers and simulators run beside
    them on their own snapshots.
    """

    @classmethod
    def open(cls, path: Path, genesis_block: Block) -> Self:
        """Open or create.

        Args:
            path: folder of the store, made where absent.
            genesis_block: `common.Block` 0 of the channel.

        Raises:
            LedgerMismatchError: the folder belongs to another genesis block, or its last block does not fit.
        """
        ...

    def close(self) -> None:
        """Close the store; simulators must be closed before."""
        ...

    @property
    def channel(self) -> str:
        """The channel's name."""
        ...

    @property
    def bundle(self) -> Any:
        """The channel's configuration now (hansa_fabric.channel_config.Bundle)."""
        ...

    @property
    def height(self) -> int:
        """Number of blocks on disk."""
        ...

    def chain_info(self) -> ChainInfo:
        """Return height and hashes of the tip."""
        ...

    def block(self, number: int) -> bytes:
        """Return a serialized `common.Block`. Raises NotFoundError."""
        ...

    def block_by_hash(self, header_hash: bytes) -> bytes:
        """Return the block with this header hash. Raises NotFoundError."""
        ...

    def block_of_transaction(self, tx_id: str) -> bytes:
        """Return the block that holds a transaction. Raises NotFoundError."""
        ...

    def status(self, tx_id: str) -> TransactionStatus | None:
        """Return what became of a transaction, None where no block holds it."""
        ...

    def transaction(self, tx_id: str) -> tuple[bytes, int]:
        """Return a transaction's serialized `common.Envelope` and its validation code. Raises NotFoundError."""
        ...

    def chaincode(self, name: str) -> ChaincodeDefinition | None:
        """Return the committed definition of a chaincode, None where there is none."""
        ...

    def chaincodes(self) -> list[ChaincodeDefinition]:
        """Return all committed definitions, ordered by name."""
        ...

    def simulator(self, msp_id: str, tx_id: str, creator: bytes | None = None) -> Simulator:
        """Begin to simulate a transaction on a snapshot of the state.

        Args:
            msp_id: the organisation whose peer simulates: decides which private data is there.
            tx_id: transaction id, for error texts.
            creator: serialized identity of the proposal's creator, checked against collections that only members may
                read or write; None checks nothing.
        """
        ...

    def keep_private(self, tx_id: str, private: bytes) -> None:
        """Keep an endorsed transaction's private sets (`rwset.TxPvtReadWriteSet`) until its block comes.

        Every endorser calls it (equal sets are stored once). What is kept survives the end of the process.
        """
        ...

    def private_data(self, msp_id: str, block: int) -> dict[int, bytes]:
        """Return the private sets an organisation holds of a block: `rwset.TxPvtReadWriteSet` by transaction index.

        Purged keys are left out. For DeliverWithPrivateData.
        """
        ...

    def commit(self, envelopes: Sequence[bytes], sign: BlockSigner | None = None) -> CommittedBlock:
        """Make the next block of serialized `common.Envelope`s, validate, and store it: on return it is on disk.

        Invalid transactions stay in the block, marked with their code, and have no effect.

        Args:
            envelopes: at least one, in their final order.
            sign: makes the ordering service's signature metadata; None leaves the slot empty.
        """
        ...
