"""Gathers what a simulation reads and writes, and makes the public and the private set of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hansa_fabric.rwsets import (
    CollectionHashes,
    HashedMetadataWrite,
    HashedRead,
    HashedWrite,
    MetadataWrite,
    Namespace,
    PrivateCollection,
    PrivateNamespace,
    PrivateSet,
    RangeQuery,
    Read,
    ReadWriteSet,
    Version,
    Write,
    key_hash,
    value_hash,
)


@dataclass
class _Collection:
    reads: dict[str, Version | None] = field(default_factory=dict)
    writes: dict[str, bytes | None] = field(default_factory=dict)
    purges: set[str] = field(default_factory=set)
    metadata: dict[str, dict[str, bytes]] = field(default_factory=dict)


@dataclass
class _Namespace:
    reads: dict[str, Version | None] = field(default_factory=dict)
    writes: dict[str, bytes | None] = field(default_factory=dict)
    metadata: dict[str, dict[str, bytes]] = field(default_factory=dict)
    range_queries: list[RangeQuery] = field(default_factory=list)
    collections: dict[str, _Collection] = field(default_factory=dict)


class RwsetBuilder:
    """The read and write sets of one transaction, in the order Fabric gives them: sorted by name and key.

    Of several writes to one key the last counts.
    """

    def __init__(self) -> None:
        self._spaces: dict[str, _Namespace] = {}

    def read(self, namespace: str, key: str, version: Version | None) -> None:
        """A public key was read; ``version`` is None where it was absent."""
        self._space(namespace).reads[key] = version

    def write(self, namespace: str, key: str, value: bytes | None) -> None:
        """A public key gets a value; None deletes it."""
        self._space(namespace).writes[key] = value

    def metadata(self, namespace: str, key: str, entries: Mapping[str, bytes]) -> None:
        """A public key gets metadata, which replaces what it had."""
        self._space(namespace).metadata[key] = dict(entries)

    def range_query(self, namespace: str, query: RangeQuery) -> None:
        """A range was scanned, as far as ``query`` says."""
        self._space(namespace).range_queries.append(query)

    def hashed_read(self, namespace: str, collection: str, key: str, version: Version | None) -> None:
        """A private key, or its hash, was read."""
        self._collection(namespace, collection).reads[key] = version

    def private_write(self, namespace: str, collection: str, key: str, value: bytes | None) -> None:
        """A private key gets a value; None deletes it."""
        found = self._collection(namespace, collection)
        found.writes[key] = value
        found.purges.discard(key)

    def private_purge(self, namespace: str, collection: str, key: str) -> None:
        """A private key is removed, and its history with it."""
        found = self._collection(namespace, collection)
        found.writes[key] = None
        found.purges.add(key)

    def private_metadata(
        self, namespace: str, collection: str, key: str, entries: Mapping[str, bytes]
    ) -> None:
        """A private key gets metadata."""
        self._collection(namespace, collection).metadata[key] = dict(entries)

    def build(self) -> tuple[ReadWriteSet, PrivateSet | None]:
        """The public set, and the private one; None where nothing private was written."""
        private: list[PrivateNamespace] = []
        public: list[Namespace] = []
        for name, space in sorted(self._spaces.items()):
            secret = tuple(
                _private(collection, content)
                for collection, content in sorted(space.collections.items())
                if content.writes or content.metadata
            )
            if secret:
                private.append(PrivateNamespace(name, secret))
            public.append(_public(name, space, {one.name: one.hash for one in secret}))
        return ReadWriteSet(tuple(public)), PrivateSet(tuple(private)) if private else None

    def _space(self, name: str) -> _Namespace:
        return self._spaces.setdefault(name, _Namespace())

    def _collection(self, namespace: str, name: str) -> _Collection:
        return self._space(namespace).collections.setdefault(name, _Collection())


def _public(name: str, space: _Namespace, hashes: Mapping[str, bytes]) -> Namespace:
    return Namespace(
        name,
        tuple(Read(*item) for item in sorted(space.reads.items(), key=_key)),
        tuple(Write(*item) for item in sorted(space.writes.items(), key=_key)),
        tuple(MetadataWrite(*item) for item in sorted(space.metadata.items(), key=_key)),
        tuple(space.range_queries),
        tuple(
            _hashes(collection, content, hashes.get(collection, b""))
            for collection, content in sorted(space.collections.items())
        ),
    )


def _hashes(name: str, content: _Collection, private_hash: bytes) -> CollectionHashes:
    return CollectionHashes(
        name,
        tuple(HashedRead(key_hash(key), version) for key, version in sorted(content.reads.items(), key=_key)),
        tuple(
            HashedWrite(key_hash(key), None if value is None else value_hash(value), key in content.purges)
            for key, value in sorted(content.writes.items(), key=_key)
        ),
        tuple(
            HashedMetadataWrite(key_hash(key), entries)
            for key, entries in sorted(content.metadata.items(), key=_key)
        ),
        private_hash,
    )


def _private(name: str, content: _Collection) -> PrivateCollection:
    return PrivateCollection(
        name,
        tuple(Write(*item) for item in sorted(content.writes.items(), key=_key)),
        tuple(MetadataWrite(key, {}) for key in sorted(content.metadata)),
    )


def _key(item: tuple[str, object]) -> str:
    return item[0]
