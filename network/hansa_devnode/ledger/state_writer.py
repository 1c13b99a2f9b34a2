"""Writing a block's changes to public and hashed state, and to the history."""

from hansa_devnode.ledger.history import note_write
from hansa_devnode.ledger.keyspace import Transaction
from hansa_devnode.ledger.state import hashed_key, state_key
from hansa_devnode.ledger.store import Databases
from hansa_devnode.ledger.updates import Updates
from hansa_fabric.rwsets import ReadWriteSet


def write_state(transaction: Transaction, databases: Databases, updates: Updates) -> None:
    """Write every change of a block; an empty value removes its key."""
    for namespace, changes in updates.public.items():
        for key, value in changes.items():
            place = state_key(namespace, key)
            if value.value:
                databases.state.put(transaction, place, value.encode())
            else:
                databases.state.delete(transaction, place)
    for namespace, collections in updates.hashed.items():
        for collection, hashes in collections.items():
            for key_hash, value in hashes.items():
                place = hashed_key(namespace, collection, key_hash)
                if value.value:
                    databases.hashed.put(transaction, place, value.encode())
                else:
                    databases.hashed.delete(transaction, place)


def write_history(
    transaction: Transaction, databases: Databases, sets: ReadWriteSet, place: tuple[int, int]
) -> None:
    """Note which public keys a valid transaction wrote.

    Args:
        transaction: the write transaction.
        databases: the named databases.
        sets: the transaction's read/write set.
        place: block number and index in the block.
    """
    for space in sets.namespaces:
        for write in space.writes:
            note_write(transaction, databases, (space.name, write.key), place)
