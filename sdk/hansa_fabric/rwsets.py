"""What a simulated transaction read and would write, typed; see ``ledger.rwset`` in Fabric's protos."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2

from hansa_fabric.protobuf import decode


class Version(NamedTuple):
    """Where a value was written: block number and position of the transaction in it."""

    block: int
    transaction: int


class Read(NamedTuple):
    """A key that was read, and its version; None where it was absent."""

    key: str
    version: Version | None


class Write(NamedTuple):
    """A key and its new value; None deletes it."""

    key: str
    value: bytes | None


class MetadataWrite(NamedTuple):
    """A key and its new metadata by name, such as VALIDATION_PARAMETER; none at all deletes the metadata."""

    key: str
    entries: Mapping[str, bytes]


class MerkleSummary(NamedTuple):
    """The hash tree that stands for a long range read."""

    max_degree: int
    max_level: int
    hashes: tuple[bytes, ...]


class RangeQuery(NamedTuple):
    """A range that was scanned, for the phantom check.

    ``end`` is excluded; it is where reading stopped if not ``exhausted``. The result stands in ``reads``
    unless ``summary`` is given.
    """

    start: str
    end: str
    exhausted: bool
    reads: tuple[Read, ...] = ()
    summary: MerkleSummary | None = None


class HashedRead(NamedTuple):
    """A private key that was read: SHA-256 of the key, and its version."""

    key_hash: bytes
    version: Version | None


class HashedWrite(NamedTuple):
    """A private write: SHA-256 of key and value. No value hash deletes; ``purge`` also removes history."""

    key_hash: bytes
    value_hash: bytes | None
    purge: bool = False


class HashedMetadataWrite(NamedTuple):
    """Metadata of a private key, by the key's SHA-256."""

    key_hash: bytes
    entries: Mapping[str, bytes]


class CollectionHashes(NamedTuple):
    """What a transaction did in one private collection, in hashes; ``private_hash`` is SHA-256 of the private
    set's bytes, empty where nothing was written."""

    name: str
    reads: tuple[HashedRead, ...] = ()
    writes: tuple[HashedWrite, ...] = ()
    metadata_writes: tuple[HashedMetadataWrite, ...] = ()
    private_hash: bytes = b""


class Namespace(NamedTuple):
    """What a transaction did in one chaincode's state."""

    name: str
    reads: tuple[Read, ...] = ()
    writes: tuple[Write, ...] = ()
    metadata_writes: tuple[MetadataWrite, ...] = ()
    range_queries: tuple[RangeQuery, ...] = ()
    collections: tuple[CollectionHashes, ...] = ()


class ReadWriteSet(NamedTuple):
    """The public set of a transaction (``TxReadWriteSet``)."""

    namespaces: tuple[Namespace, ...] = ()

    def serialize(self) -> bytes:
        """The bytes that endorsers sign over."""
        found: bytes = rwset_pb2.TxReadWriteSet(
            data_model=rwset_pb2.TxReadWriteSet.KV, ns_rwset=[_namespace(one) for one in self.namespaces]
        ).SerializeToString(deterministic=True)
        return found

    @classmethod
    def parse(cls, data: Any) -> ReadWriteSet:
        """Read a ``TxReadWriteSet``, message or bytes. Raises MalformedDataError."""
        message = decode(rwset_pb2.TxReadWriteSet, data) if isinstance(data, bytes) else data
        return cls(tuple(_parse_namespace(one) for one in message.ns_rwset))


class PrivateCollection(NamedTuple):
    """What a transaction writes in one private collection, in the clear.

    For a metadata write only the key is told here; the metadata itself is public, beside the key's hash.
    """

    name: str
    writes: tuple[Write, ...] = ()
    metadata_writes: tuple[MetadataWrite, ...] = ()

    def serialize(self) -> bytes:
        """The ``KVRWSet`` bytes whose SHA-256 the public set tells."""
        found: bytes = kv_rwset_pb2.KVRWSet(
            writes=[_write(one) for one in self.writes],
            metadata_writes=[_metadata_write(one) for one in self.metadata_writes],
        ).SerializeToString(deterministic=True)
        return found

    @property
    def hash(self) -> bytes:
        """SHA-256 of ``serialize()``."""
        return hashlib.sha256(self.serialize()).digest()


class PrivateNamespace(NamedTuple):
    """What a transaction writes in one chaincode's private collections."""

    name: str
    collections: tuple[PrivateCollection, ...] = ()


class PrivateSet(NamedTuple):
    """The private set of a transaction (``TxPvtReadWriteSet``)."""

    namespaces: tuple[PrivateNamespace, ...] = ()

    def serialize(self) -> bytes:
        """The message's bytes."""
        found: bytes = rwset_pb2.TxPvtReadWriteSet(
            data_model=rwset_pb2.TxReadWriteSet.KV,
            ns_pvt_rwset=[
                rwset_pb2.NsPvtReadWriteSet(
                    namespace=space.name,
                    collection_pvt_rwset=[
                        rwset_pb2.CollectionPvtReadWriteSet(collection_name=one.name, rwset=one.serialize())
                        for one in space.collections
                    ],
                )
                for space in self.namespaces
            ],
        ).SerializeToString(deterministic=True)
        return found

    @classmethod
    def parse(cls, data: Any) -> PrivateSet:
        """Read a ``TxPvtReadWriteSet``, message or bytes. Raises MalformedDataError."""
        message = decode(rwset_pb2.TxPvtReadWriteSet, data) if isinstance(data, bytes) else data
        return cls(
            tuple(
                PrivateNamespace(
                    space.namespace,
                    tuple(
                        parse_private_collection(one.collection_name, one.rwset)
                        for one in space.collection_pvt_rwset
                    ),
                )
                for space in message.ns_pvt_rwset
            )
        )


def parse_private_collection(name: str, data: bytes) -> PrivateCollection:
    """One collection of a private set from its ``KVRWSet`` bytes. Raises MalformedDataError."""
    message = decode(kv_rwset_pb2.KVRWSet, data)
    return PrivateCollection(
        name,
        tuple(_parse_write(one) for one in message.writes),
        tuple(MetadataWrite(one.key, _entries(one.entries)) for one in message.metadata_writes),
    )


def key_hash(key: str) -> bytes:
    """SHA-256 of a private key's name (its UTF-8 bytes)."""
    return hashlib.sha256(key.encode()).digest()


def value_hash(value: bytes) -> bytes:
    """SHA-256 of a private value."""
    return hashlib.sha256(value).digest()


def _version(version: Version | None) -> Any:
    return None if version is None else kv_rwset_pb2.Version(block_num=version[0], tx_num=version[1])


def _read(read: Read) -> Any:
    return kv_rwset_pb2.KVRead(key=read.key, version=_version(read.version))


def _write(write: Write) -> Any:
    return kv_rwset_pb2.KVWrite(key=write.key, is_delete=write.value is None, value=write.value or b"")


def _metadata_entries(entries: Mapping[str, bytes]) -> list[Any]:
    return [kv_rwset_pb2.KVMetadataEntry(name=name, value=entries[name]) for name in sorted(entries)]


def _metadata_write(write: MetadataWrite) -> Any:
    return kv_rwset_pb2.KVMetadataWrite(key=write.key, entries=_metadata_entries(write.entries))


def _range_query(query: RangeQuery) -> Any:
    message = kv_rwset_pb2.RangeQueryInfo(
        start_key=query.start, end_key=query.end, itr_exhausted=query.exhausted
    )
    if query.summary is None:
        # For a range that holds nothing Fabric leaves the field out, and endorsers must agree to the byte.
        if query.reads:
            message.raw_reads.kv_reads.extend(_read(one) for one in query.reads)
    else:
        message.reads_merkle_hashes.max_degree = query.summary.max_degree
        message.reads_merkle_hashes.max_level = query.summary.max_level
        message.reads_merkle_hashes.max_level_hashes.extend(query.summary.hashes)
    return message


def _namespace(space: Namespace) -> Any:
    content = kv_rwset_pb2.KVRWSet(
        reads=[_read(one) for one in space.reads],
        range_queries_info=[_range_query(one) for one in space.range_queries],
        writes=[_write(one) for one in space.writes],
        metadata_writes=[_metadata_write(one) for one in space.metadata_writes],
    )
    return rwset_pb2.NsReadWriteSet(
        namespace=space.name,
        rwset=content.SerializeToString(deterministic=True),
        collection_hashed_rwset=[_collection(one) for one in space.collections],
    )


def _collection(collection: CollectionHashes) -> Any:
    content = kv_rwset_pb2.HashedRWSet(
        hashed_reads=[
            kv_rwset_pb2.KVReadHash(key_hash=one.key_hash, version=_version(one.version))
            for one in collection.reads
        ],
        hashed_writes=[
            kv_rwset_pb2.KVWriteHash(
                key_hash=one.key_hash,
                is_delete=one.value_hash is None,
                value_hash=one.value_hash or b"",
                is_purge=one.purge,
            )
            for one in collection.writes
        ],
        metadata_writes=[
            kv_rwset_pb2.KVMetadataWriteHash(key_hash=one.key_hash, entries=_metadata_entries(one.entries))
            for one in collection.metadata_writes
        ],
    )
    return rwset_pb2.CollectionHashedReadWriteSet(
        collection_name=collection.name,
        hashed_rwset=content.SerializeToString(deterministic=True),
        pvt_rwset_hash=collection.private_hash,
    )


def _parse_version(message: Any) -> Version | None:
    if not message.HasField("version"):
        return None
    return Version(message.version.block_num, message.version.tx_num)


def _parse_write(message: Any) -> Write:
    return Write(message.key, None if message.is_delete else message.value)


def _entries(entries: Iterable[Any]) -> dict[str, bytes]:
    return {one.name: one.value for one in entries}


def _parse_range_query(message: Any) -> RangeQuery:
    reads: tuple[Read, ...] = ()
    summary = None
    if message.WhichOneof("reads_info") == "reads_merkle_hashes":
        tree = message.reads_merkle_hashes
        summary = MerkleSummary(tree.max_degree, tree.max_level, tuple(tree.max_level_hashes))
    else:
        reads = tuple(Read(one.key, _parse_version(one)) for one in message.raw_reads.kv_reads)
    return RangeQuery(message.start_key, message.end_key, message.itr_exhausted, reads, summary)


def _parse_namespace(message: Any) -> Namespace:
    content = decode(kv_rwset_pb2.KVRWSet, message.rwset)
    return Namespace(
        message.namespace,
        tuple(Read(one.key, _parse_version(one)) for one in content.reads),
        tuple(_parse_write(one) for one in content.writes),
        tuple(MetadataWrite(one.key, _entries(one.entries)) for one in content.metadata_writes),
        tuple(_parse_range_query(one) for one in content.range_queries_info),
        tuple(_parse_collection(one) for one in message.collection_hashed_rwset),
    )


def _parse_collection(message: Any) -> CollectionHashes:
    content = decode(kv_rwset_pb2.HashedRWSet, message.hashed_rwset)
    return CollectionHashes(
        message.collection_name,
        tuple(HashedRead(one.key_hash, _parse_version(one)) for one in content.hashed_reads),
        tuple(
            HashedWrite(one.key_hash, None if one.is_delete else one.value_hash, one.is_purge)
            for one in content.hashed_writes
        ),
        tuple(HashedMetadataWrite(one.key_hash, _entries(one.entries)) for one in content.metadata_writes),
        message.pvt_rwset_hash,
    )
