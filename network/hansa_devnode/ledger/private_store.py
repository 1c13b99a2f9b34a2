"""Private data as each organisation holds it: values, and the sets as they came, for delivery and purge."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from hansa_devnode.ledger.keyspace import Transaction
from hansa_devnode.ledger.state import private_key
from hansa_devnode.ledger.store import Databases
from hansa_devnode.ledger.updates import Updates
from hansa_devnode.ledger.versions import VersionedValue
from hansa_fabric.rwsets import (
    PrivateCollection,
    PrivateNamespace,
    PrivateSet,
    ReadWriteSet,
    Version,
    key_hash,
    value_hash,
)

_PLACE = struct.Struct(">QI")

# Which organisations (MSP ids) hold the data of a collection, by namespace and name.
Members = Mapping[tuple[str, str], Iterable[str]]


@dataclass(frozen=True)
class _Place:
    """A collection in an organisation's store."""

    msp_id: str
    namespace: str
    collection: str

    def key(self, key: str) -> bytes:
        return private_key(self.msp_id, self.namespace, self.collection, key.encode())

    def hash_key(self, hashed: bytes) -> bytes:
        return private_key(self.msp_id, self.namespace, self.collection, hashed)

    def writes_prefix(self, hashed: bytes) -> bytes:
        return sha256(self.hash_key(hashed)).digest()


class PrivateWriter:
    """Writes the private data of one block, transaction by transaction.

    Args:
        transaction: the write transaction.
        databases: the named databases.
        members: tells who holds a collection's data.
        organizations: MSP ids of all organisations, for purges.
    """

    def __init__(
        self,
        transaction: Transaction,
        databases: Databases,
        members: Members,
        organizations: Iterable[str],
    ) -> None:
        self._transaction = transaction
        self._databases = databases
        self._members = members
        self._organizations = tuple(organizations)
        self._renewed: set[tuple[_Place, str]] = set()

    def apply(self, sets: ReadWriteSet, private: PrivateSet, version: Version, *, valid: bool = True) -> None:
        """Take a transaction's private set; collections whose hash the public set does not tell are left out.

        Args:
            sets: the public read/write set.
            private: what endorsers kept of it, possibly less than all.
            version: the transaction's height.
            valid: whether it changes anything; as on Fabric, what is at hand of an invalid transaction is
                kept, and delivered, all the same.
        """
        by_organization: dict[str, list[PrivateNamespace]] = {}
        for space in _confirmed(sets, private):
            for collection in space.collections:
                for msp_id in self._members.get((space.name, collection.name), ()):
                    place = _Place(msp_id, space.name, collection.name)
                    if valid:
                        self._write(place, collection, version)
                    self._note(place, collection, version)
                    by_organization.setdefault(msp_id, []).append(PrivateNamespace(space.name, (collection,)))
        for msp_id, spaces in by_organization.items():
            self._databases.private_sets.put(
                self._transaction, _set_key(msp_id, version), PrivateSet(_grouped(spaces)).serialize()
            )

    def purge(self, sets: ReadWriteSet, version: Version) -> None:
        """Remove the keys a valid transaction purges, with all that earlier sets tell of them."""
        for space in sets.namespaces:
            for collection in space.collections:
                for write in collection.writes:
                    if write.purge:
                        for msp_id in self._organizations:
                            place = _Place(msp_id, space.name, collection.name)
                            self._purge(place, write.key_hash, version)

    def renew_versions(self, updates: Updates) -> None:
        """Give values whose metadata alone changed the version of their hash; call it at the end."""
        for place, key in self._renewed:
            hashed = updates.hashed_update(place.namespace, place.collection, key_hash(key))
            record = self._databases.private.get(self._transaction, place.key(key))
            if hashed is None or record is None:
                continue
            stored = VersionedValue.decode(record)
            # Data may be missing here, so the value at hand may be an old one: then it keeps its old version.
            if value_hash(stored.value) == hashed.value:
                renewed = VersionedValue(stored.value, b"", hashed.version)
                self._databases.private.put(self._transaction, place.key(key), renewed.encode())

    def _write(self, place: _Place, collection: PrivateCollection, version: Version) -> None:
        for write in collection.writes:
            hashed = key_hash(write.key)
            if write.value:
                record = VersionedValue(write.value, b"", version).encode()
                self._databases.private.put(self._transaction, place.key(write.key), record)
                self._databases.private_keys.put(
                    self._transaction, place.hash_key(hashed), write.key.encode()
                )
            else:
                self._databases.private.delete(self._transaction, place.key(write.key))
        self._renewed.update((place, metadata.key) for metadata in collection.metadata_writes)

    def _note(self, place: _Place, collection: PrivateCollection, version: Version) -> None:
        """Note where a purge has to look."""
        for write in collection.writes:
            noted = place.writes_prefix(key_hash(write.key)) + _PLACE.pack(*version)
            self._transaction.put(noted, b"", db=self._databases.private_writes)

    def _purge(self, place: _Place, hashed: bytes, version: Version) -> None:
        raw = self._databases.private_keys.get(self._transaction, place.hash_key(hashed))
        if raw is not None:
            self._databases.private.delete(self._transaction, place.hash_key(raw))
            self._databases.private_keys.delete(self._transaction, place.hash_key(hashed))
        for written in self._written_before(place.writes_prefix(hashed), version):
            set_key = _set_key(place.msp_id, written)
            stored = self._databases.private_sets.get(self._transaction, set_key)
            if stored is not None:
                kept = _without(PrivateSet.parse(stored), place, hashed)
                self._databases.private_sets.put(self._transaction, set_key, kept.serialize())

    def _written_before(self, prefix: bytes, version: Version) -> list[Version]:
        found: list[Version] = []
        with self._transaction.cursor(db=self._databases.private_writes) as cursor:
            positioned = cursor.set_range(prefix)
            while positioned and cursor.key().startswith(prefix):
                written = Version(*_PLACE.unpack(cursor.key()[len(prefix) :]))
                if written > version:
                    break
                found.append(written)
                positioned = cursor.delete()
        return found


def private_sets(transaction: Transaction, databases: Databases, msp_id: str, block: int) -> dict[int, bytes]:
    """Return what an organisation holds of a block: `rwset.TxPvtReadWriteSet` by transaction index."""
    start = _set_key(msp_id, Version(block, 0))
    end = _set_key(msp_id, Version(block + 1, 0))
    found = databases.private_sets.scan(transaction, start, end)
    return {_PLACE.unpack(key[-_PLACE.size :])[1]: value for key, value in found}


def _set_key(msp_id: str, version: Version) -> bytes:
    return msp_id.encode() + b"\0" + _PLACE.pack(*version)


def _confirmed(sets: ReadWriteSet, private: PrivateSet) -> Iterator[PrivateNamespace]:
    told = {
        (space.name, collection.name): collection.private_hash
        for space in sets.namespaces
        for collection in space.collections
    }
    for space in private.namespaces:
        kept = tuple(one for one in space.collections if told.get((space.name, one.name)) == one.hash)
        yield PrivateNamespace(space.name, kept)


def _grouped(spaces: list[PrivateNamespace]) -> tuple[PrivateNamespace, ...]:
    merged: dict[str, tuple[PrivateCollection, ...]] = {}
    for space in spaces:
        merged[space.name] = merged.get(space.name, ()) + space.collections
    return tuple(PrivateNamespace(name, collections) for name, collections in merged.items())


def _without(private: PrivateSet, place: _Place, hashed: bytes) -> PrivateSet:
    """The set without the key's writes; a collection that wrote nothing else stays, empty, as on Fabric."""

    def trimmed(space: PrivateNamespace, collection: PrivateCollection) -> PrivateCollection:
        if (space.name, collection.name) != (place.namespace, place.collection):
            return collection
        return collection._replace(
            writes=tuple(one for one in collection.writes if key_hash(one.key) != hashed)
        )

    return PrivateSet(
        tuple(
            PrivateNamespace(space.name, tuple(trimmed(space, one) for one in space.collections))
            for space in private.namespaces
        )
    )
