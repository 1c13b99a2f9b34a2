"""What the valid transactions of a block change, gathered before anything is written."""

from collections.abc import Iterator

from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2

from hansa_devnode.ledger.state import StateReader
from hansa_devnode.ledger.versions import VersionedValue
from hansa_fabric.rwsets import HashedWrite, Namespace, ReadWriteSet, Version, value_hash

PUBLIC = ""  # stands for the public state where a collection's name is asked for

_EMPTY_HASH = value_hash(b"")


def is_hashed_delete(write: HashedWrite) -> bool:
    """Tell whether a hashed write deletes: one of no value, or of an empty one."""
    return not write.value_hash or write.value_hash == _EMPTY_HASH


class _Operation:
    """What one transaction does to one key.

    Fabric adds numbers up where bits were meant, so a set that writes one key twice (which no honest endorser
    makes) counts as one that writes its metadata. It is done the same way here: what endorsers agreed on must
    come out alike.
    """

    _WRITE, _METADATA, _NO_METADATA, _DELETE = 1, 2, 4, 8

    def __init__(self) -> None:
        self._flags = 0
        self.value = b""
        self.metadata = b""

    def write(self, value: bytes | None) -> None:
        """A new value; None or an empty one deletes."""
        if value:
            self._flags += self._WRITE
            self.value = value
        else:
            self._flags += self._DELETE

    def write_metadata(self, metadata: bytes) -> None:
        """New metadata, serialized; empty removes it."""
        self._flags += self._METADATA if metadata else self._NO_METADATA
        self.metadata = metadata or self.metadata

    @property
    def deletes(self) -> bool:
        """Whether the key goes."""
        return bool(self._flags & self._DELETE)

    @property
    def is_whole(self) -> bool:
        """Whether value and metadata are both given."""
        return bool(self._flags & self._WRITE and self._flags & (self._METADATA | self._NO_METADATA))

    @property
    def is_value_alone(self) -> bool:
        """Whether the metadata stays as it is."""
        return self._flags == self._WRITE


class Updates:
    """The effect of a block's transactions so far, over the committed state.

    An entry with an empty value is a delete. Keys of private collections are hashes, and so are their values.

    Args:
        state: the committed state before the block.
    """

    def __init__(self, state: StateReader) -> None:
        self._state = state
        self.public: dict[str, dict[str, VersionedValue]] = {}
        self.hashed: dict[str, dict[str, dict[bytes, VersionedValue]]] = {}

    def public_update(self, namespace: str, key: str) -> VersionedValue | None:
        """Return what the block so far makes of a public key; None where it does not touch it."""
        return self.public.get(namespace, {}).get(key)

    def hashed_update(self, namespace: str, collection: str, key: bytes) -> VersionedValue | None:
        """Return what the block so far makes of a private key; None where it does not touch it."""
        return self.hashed.get(namespace, {}).get(collection, {}).get(key)

    def scan(self, namespace: str, start: str, end: str) -> Iterator[tuple[str, VersionedValue]]:
        """Iterate over the state with the block's changes, bounds as in `StateReader.scan`."""
        changed = sorted(
            (key, value)
            for key, value in self.public.get(namespace, {}).items()
            if key >= start and (not end or key < end)
        )
        position = 0
        for key, stored in self._state.scan(namespace, start, end):
            while position < len(changed) and changed[position][0] < key:
                yield changed[position]
                position += 1
            if position < len(changed) and changed[position][0] == key:
                yield changed[position]
                position += 1
            else:
                yield key, stored
        yield from changed[position:]

    def apply(self, sets: ReadWriteSet, version: Version) -> None:
        """Take the writes of a valid transaction."""
        for space in sets.namespaces:
            for key, operation in _public_operations(space).items():
                self._apply_public(space.name, key, operation, version)
            for collection in space.collections:
                operations: dict[bytes, _Operation] = {}
                for write in collection.writes:
                    operation = operations.setdefault(write.key_hash, _Operation())
                    operation.write(None if is_hashed_delete(write) else write.value_hash)
                for metadata in collection.metadata_writes:
                    operation = operations.setdefault(metadata.key_hash, _Operation())
                    operation.write_metadata(_metadata_bytes(metadata.entries))
                for key_hash, operation in operations.items():
                    self._apply_hashed(space.name, collection.name, key_hash, operation, version)

    def put(self, namespace: str, key: str, value: bytes, version: Version) -> None:
        """Take a write that no read/write set tells of."""
        self.public.setdefault(namespace, {})[key] = VersionedValue(value, b"", version)

    def _apply_public(self, namespace: str, key: str, operation: _Operation, version: Version) -> None:
        current = self.public_update(namespace, key) or (
            None if operation.deletes or operation.is_whole else self._state.public(namespace, key)
        )
        result = _merge(operation, current, version)
        if result is not None:
            self.public.setdefault(namespace, {})[key] = result

    def _apply_hashed(
        self, namespace: str, collection: str, key: bytes, operation: _Operation, version: Version
    ) -> None:
        current = self.hashed_update(namespace, collection, key) or (
            None
            if operation.deletes or operation.is_whole
            else self._state.hashed(namespace, collection, key)
        )
        result = _merge(operation, current, version)
        if result is not None:
            self.hashed.setdefault(namespace, {}).setdefault(collection, {})[key] = result


def _public_operations(space: Namespace) -> dict[str, _Operation]:
    operations: dict[str, _Operation] = {}
    for write in space.writes:
        operations.setdefault(write.key, _Operation()).write(write.value)
    for metadata in space.metadata_writes:
        operation = operations.setdefault(metadata.key, _Operation())
        operation.write_metadata(_metadata_bytes(metadata.entries))
    return operations


def _merge(operation: _Operation, current: VersionedValue | None, version: Version) -> VersionedValue | None:
    if operation.deletes:
        return VersionedValue(b"", b"", version)
    if operation.is_whole:
        return VersionedValue(operation.value, operation.metadata, version)
    if operation.is_value_alone:
        metadata = b"" if current is None else current.metadata
        return VersionedValue(operation.value, metadata, version)
    if current is None or not current.value:
        return None  # metadata of an absent key: nothing happens
    return VersionedValue(current.value, operation.metadata, version)


def _metadata_bytes(entries: object) -> bytes:
    if not isinstance(entries, dict) or not entries:
        return b""
    message = kv_rwset_pb2.KVMetadataWrite(
        entries=[
            kv_rwset_pb2.KVMetadataEntry(name=name, value=value) for name, value in sorted(entries.items())
        ]
    )
    return bytes(message.SerializeToString())
