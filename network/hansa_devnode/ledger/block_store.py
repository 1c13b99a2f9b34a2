"""Blocks on disk and the indexes that find them: by number, by header hash, by transaction id."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from hansa_devnode.ledger.errors import NotFoundError
from hansa_devnode.ledger.keyspace import Transaction
from hansa_devnode.ledger.store import Databases, Snapshot
from hansa_fabric.blocks import Block

_STATUS = struct.Struct(">QIH")
_HEIGHT = b"height"
_TIP = b"tip"
_PREVIOUS = b"previous"
_COMMIT_HASH = b"commit-hash"
_LAST_CONFIG = b"last-config"

# LMDB's keys end at 511 bytes; a genuine transaction id has 64 characters, so nothing is lost by not indexing
# longer.
_LONGEST_ID = 511


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
class Tip:
    """The end of the chain.

    Args:
        height: number of blocks.
        hash: header hash of the last block.
        previous: header hash of the one before, empty at height 1.
        commit_hash: the last block's commit hash, empty at height 1.
        last_config: number of the last configuration block.
    """

    height: int
    hash: bytes
    previous: bytes
    commit_hash: bytes
    last_config: int


def read_tip(snapshot: Snapshot) -> Tip | None:
    """Return the end of the chain, None in an empty store."""

    def fact(name: bytes) -> bytes:
        found: bytes | None = snapshot.transaction.get(name, db=snapshot.databases.facts)
        return found or b""

    if not fact(_HEIGHT):
        return None
    return Tip(
        height=int.from_bytes(fact(_HEIGHT), "big"),
        hash=fact(_TIP),
        previous=fact(_PREVIOUS),
        commit_hash=fact(_COMMIT_HASH),
        last_config=int.from_bytes(fact(_LAST_CONFIG), "big"),
    )


def write_block(
    transaction: Transaction,
    databases: Databases,
    block: Block,
    tip: Tip,
    statuses: Sequence[TransactionStatus],
) -> bytes:
    """Append a block with its indexes.

    Args:
        transaction: the write transaction.
        databases: the named databases.
        block: the complete block, metadata included.
        tip: the end of the chain with this block.
        statuses: one per transaction. Of two with one id the first keeps the index, as in Fabric.

    Returns:
        the block's bytes as they are stored.
    """
    number = block.number.to_bytes(8, "big")
    data = block.serialize()
    transaction.put(number, data, db=databases.blocks, append=True)
    transaction.put(block.hash, number, db=databases.block_hashes)
    for status in statuses:
        if 0 < len(status.tx_id.encode()) <= _LONGEST_ID:
            record = _STATUS.pack(status.block, status.index, status.code)
            transaction.put(status.tx_id.encode(), record, db=databases.transactions, overwrite=False)
    facts = {
        _HEIGHT: tip.height.to_bytes(8, "big"),
        _TIP: tip.hash,
        _PREVIOUS: tip.previous,
        _COMMIT_HASH: tip.commit_hash,
        _LAST_CONFIG: tip.last_config.to_bytes(8, "big"),
    }
    for name, value in facts.items():
        transaction.put(name, value, db=databases.facts)
    return data


def read_block(snapshot: Snapshot, number: int) -> bytes:
    """Return a serialized `common.Block`. Raises NotFoundError."""
    found: bytes | None = None
    if 0 <= number < 1 << 64:
        found = snapshot.transaction.get(number.to_bytes(8, "big"), db=snapshot.databases.blocks)
    if found is None:
        raise NotFoundError(f"no such block number [{number}] in index")
    return found


def find_hash(snapshot: Snapshot, header_hash: bytes) -> int:
    """Return the number of the block with a header hash. Raises NotFoundError."""
    found: bytes | None = None
    if header_hash:
        found = snapshot.transaction.get(header_hash, db=snapshot.databases.block_hashes)
    if found is None:
        raise NotFoundError(f"no such block hash [{header_hash.hex()}] in index")
    return int.from_bytes(found, "big")


def find_transaction(snapshot: Snapshot, tx_id: str) -> TransactionStatus | None:
    """Return where a transaction stands, None where no block holds it."""
    key = tx_id.encode()
    if not 0 < len(key) <= _LONGEST_ID:
        return None
    found: bytes | None = snapshot.transaction.get(key, db=snapshot.databases.transactions)
    return None if found is None else TransactionStatus(tx_id, *_STATUS.unpack(found))
