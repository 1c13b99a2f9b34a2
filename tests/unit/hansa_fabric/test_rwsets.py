"""Read and write sets: nothing is lost on the way, and they are in Fabric's order."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.rwset_builder import RwsetBuilder
from hansa_fabric.rwsets import (
    CollectionHashes,
    HashedMetadataWrite,
    HashedRead,
    HashedWrite,
    MerkleSummary,
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
)

KEYS = st.text(max_size=6)
VERSIONS = st.none() | st.builds(Version, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
VALUES = st.binary(max_size=8)
ENTRIES = st.dictionaries(KEYS, VALUES, max_size=2)
READS = st.builds(Read, KEYS, VERSIONS)
WRITES = st.builds(Write, KEYS, st.none() | VALUES)
METADATA = st.builds(MetadataWrite, KEYS, ENTRIES)
SUMMARIES = st.builds(
    MerkleSummary, st.integers(0, 99), st.integers(0, 9), st.lists(VALUES, max_size=2).map(tuple)
)


def many(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


RANGES = st.builds(RangeQuery, KEYS, KEYS, st.booleans(), many(READS), st.none()) | st.builds(
    RangeQuery, KEYS, KEYS, st.booleans(), st.just(()), SUMMARIES
)
COLLECTIONS = st.builds(
    CollectionHashes,
    KEYS,
    many(st.builds(HashedRead, VALUES, VERSIONS)),
    many(st.builds(HashedWrite, VALUES, st.none() | VALUES, st.booleans())),
    many(st.builds(HashedMetadataWrite, VALUES, ENTRIES)),
    VALUES,
)
NAMESPACES = st.builds(
    Namespace, KEYS, many(READS), many(WRITES), many(METADATA), many(RANGES), many(COLLECTIONS)
)
PRIVATE = st.builds(
    PrivateNamespace, KEYS, many(st.builds(PrivateCollection, KEYS, many(WRITES), many(METADATA)))
)


@settings(max_examples=100, deadline=None)
@given(st.builds(ReadWriteSet, many(NAMESPACES)))
def test_public_round_trip(rwset: ReadWriteSet) -> None:
    assert ReadWriteSet.parse(rwset.serialize()) == rwset


@settings(max_examples=50, deadline=None)
@given(st.builds(PrivateSet, many(PRIVATE)))
def test_private_round_trip(private: PrivateSet) -> None:
    assert PrivateSet.parse(private.serialize()) == private


def test_malformed_is_refused() -> None:
    for kind in (ReadWriteSet, PrivateSet):
        with pytest.raises(MalformedDataError):
            kind.parse(b"\xff")


def test_builder_sorts_and_keeps_the_last_write() -> None:
    builder = RwsetBuilder()
    builder.read("hansa", "b", Version(3, 1))
    builder.read("hansa", "a", None)
    builder.read("_lifecycle", "x", Version(1, 0))
    builder.write("hansa", "b", b"1")
    builder.write("hansa", "b", None)
    builder.metadata("hansa", "b", {"VALIDATION_PARAMETER": b"p"})
    builder.range_query("hansa", RangeQuery("a", "c", True, (Read("b", Version(3, 1)),)))
    rwset, private = builder.build()
    assert private is None
    assert rwset == ReadWriteSet(
        (
            Namespace("_lifecycle", (Read("x", Version(1, 0)),)),
            Namespace(
                "hansa",
                (Read("a", None), Read("b", Version(3, 1))),
                (Write("b", None),),
                (MetadataWrite("b", {"VALIDATION_PARAMETER": b"p"}),),
                (RangeQuery("a", "c", True, (Read("b", Version(3, 1)),)),),
            ),
        )
    )


def test_builder_tells_private_data_only_in_hashes() -> None:
    builder = RwsetBuilder()
    builder.hashed_read("hansa", "addresses", "k", Version(1, 2))
    builder.private_write("hansa", "addresses", "k", b"secret street")
    builder.private_purge("hansa", "addresses", "gone")
    builder.private_metadata("hansa", "addresses", "k", {"VALIDATION_PARAMETER": b"p"})
    builder.hashed_read("hansa", "only read", "k", None)
    rwset, private = builder.build()
    assert private is not None
    secret = private.namespaces[0].collections[0]
    assert secret.writes == (Write("gone", None), Write("k", b"secret street"))
    assert secret.metadata_writes == (MetadataWrite("k", {}),)
    public = rwset.namespaces[0].collections[0]
    assert public.private_hash == hashlib.sha256(secret.serialize()).digest() == secret.hash
    key = hashlib.sha256(b"k").digest()
    assert public.reads == (HashedRead(key, Version(1, 2)),)
    assert public.writes == (
        HashedWrite(hashlib.sha256(b"gone").digest(), None, purge=True),
        HashedWrite(key, hashlib.sha256(b"secret street").digest()),
    )
    assert rwset.namespaces[0].collections[1] == CollectionHashes("only read", (HashedRead(key, None),))
    assert b"secret street" not in rwset.serialize()


def test_a_write_after_a_purge_is_no_purge() -> None:
    builder = RwsetBuilder()
    builder.private_purge("hansa", "c", "k")
    builder.private_write("hansa", "c", "k", b"v")
    assert not builder.build()[0].namespaces[0].collections[0].writes[0].purge
