"""The history of a key: every valid transaction that wrote it, newest first."""

import struct
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.queryresult import kv_query_result_pb2

from hansa_devnode.ledger.errors import LedgerError
from hansa_devnode.ledger.keyspace import Transaction
from hansa_devnode.ledger.state import state_key
from hansa_devnode.ledger.store import Databases, Snapshot
from hansa_fabric.rwsets import ReadWriteSet
from hansa_fabric.transactions import parse_envelope

PLACE = struct.Struct(">QI")

KeyModification = Any  # queryresult.KeyModification, which has no stubs


def note_write(
    transaction: Transaction, databases: Databases, key: tuple[str, str], place: tuple[int, int]
) -> None:
    """Note that a transaction wrote or deleted a public key.

    Args:
        transaction: the write transaction.
        databases: the named databases.
        key: namespace and key.
        place: block number and index in the block.
    """
    transaction.put(_prefix(*key) + PLACE.pack(*place), b"", db=databases.history)


def key_history(snapshot: Snapshot, namespace: str, key: str) -> Iterator[KeyModification]:
    """Iterate over a key's modifications as `queryresult.KeyModification`, newest first; lazily."""
    prefix = _prefix(namespace, key)
    with snapshot.transaction.cursor(db=snapshot.databases.history) as cursor:
        # The first record behind the key's own, or the end; every step back then is one change older.
        after = cursor.set_range(prefix + b"\xff" * (PLACE.size + 1))
        found = cursor.prev() if after else cursor.last()
        while found and cursor.key().startswith(prefix):
            block, index = PLACE.unpack(cursor.key()[len(prefix) :])
            yield _modification(_envelope(snapshot, block, index), namespace, key)
            found = cursor.prev()


def _prefix(namespace: str, key: str) -> bytes:
    return sha256(state_key(namespace, key)).digest()


def _envelope(snapshot: Snapshot, block: int, index: int) -> bytes:
    stored = snapshot.transaction.get(block.to_bytes(8, "big"), db=snapshot.databases.blocks)
    envelope: bytes = common_pb2.Block.FromString(stored).data.data[index]
    return envelope


def _modification(envelope: bytes, namespace: str, key: str) -> KeyModification:
    transaction = parse_envelope(envelope)
    for space in ReadWriteSet.parse(transaction.rwset).namespaces:
        if space.name == namespace:
            for write in space.writes:
                if write.key == key:
                    return kv_query_result_pb2.KeyModification(
                        tx_id=transaction.tx_id,
                        value=write.value or b"",
                        timestamp=transaction.timestamp,
                        is_delete=not write.value,
                    )
    raise LedgerError(f"no namespace or key is found for namespace {namespace} and key {key}")
