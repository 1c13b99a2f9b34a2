"""Reading committed state at one moment: public, hashed and private."""

from collections.abc import Iterator

from hansa_devnode.ledger.store import Snapshot
from hansa_devnode.ledger.versions import VersionedValue

SEPARATOR = b"\0"
_AFTER_SEPARATOR = b"\1"


def state_key(namespace: str, key: str) -> bytes:
    """Return the store's key of a public value."""
    return namespace.encode() + SEPARATOR + key.encode()


def hashed_key(namespace: str, collection: str, key_hash: bytes) -> bytes:
    """Return the store's key of the hash of a private value."""
    return namespace.encode() + SEPARATOR + collection.encode() + SEPARATOR + key_hash


def private_key(msp_id: str, namespace: str, collection: str, key: bytes) -> bytes:
    """Return the store's key of an organisation's private value, or with a key's hash that of the raw key."""
    return msp_id.encode() + SEPARATOR + hashed_key(namespace, collection, key)


class StateReader:
    """The committed state as a snapshot shows it.

    Args:
        snapshot: the open snapshot; it stays the caller's to close.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._transaction = snapshot.transaction
        self._databases = snapshot.databases

    def public(self, namespace: str, key: str) -> VersionedValue | None:
        """Return a public value with its version, None where absent."""
        record = self._databases.state.get(self._transaction, state_key(namespace, key))
        return None if record is None else VersionedValue.decode(record)

    def value(self, namespace: str, key: str) -> bytes | None:
        """Return a public value alone."""
        found = self.public(namespace, key)
        return None if found is None else found.value

    def scan(self, namespace: str, start: str, end: str) -> Iterator[tuple[str, VersionedValue]]:
        """Iterate over public keys from `start` (included) to `end` (excluded, "" means all that follow)."""
        prefix = namespace.encode() + SEPARATOR
        last = prefix + end.encode() if end else namespace.encode() + _AFTER_SEPARATOR
        for key, record in self._databases.state.scan(self._transaction, prefix + start.encode(), last):
            yield key[len(prefix) :].decode(), VersionedValue.decode(record)

    def hashed(self, namespace: str, collection: str, key_hash: bytes) -> VersionedValue | None:
        """Return the hash of a private value with its version and metadata, None where absent."""
        record = self._databases.hashed.get(self._transaction, hashed_key(namespace, collection, key_hash))
        return None if record is None else VersionedValue.decode(record)

    def private(self, msp_id: str, namespace: str, collection: str, key: str) -> VersionedValue | None:
        """Return a private value that an organisation holds, None where it holds none."""
        place = private_key(msp_id, namespace, collection, key.encode())
        record = self._databases.private.get(self._transaction, place)
        return None if record is None else VersionedValue.decode(record)

    def scan_private(
        self, msp_id: str, namespace: str, collection: str, start: str, end: str
    ) -> Iterator[tuple[str, VersionedValue]]:
        """Iterate over the private keys an organisation holds, bounds as in `scan`."""
        prefix = private_key(msp_id, namespace, collection, b"")
        last = prefix + end.encode() if end else prefix[:-1] + _AFTER_SEPARATOR
        for key, record in self._databases.private.scan(self._transaction, prefix + start.encode(), last):
            yield key[len(prefix) :].decode(), VersionedValue.decode(record)
