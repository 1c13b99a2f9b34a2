"""Whether what a transaction read is still so: Fabric's MVCC and phantom checks."""

from collections.abc import Iterator

from hansa_devnode.ledger.range_digest import RangeDigest
from hansa_devnode.ledger.state import StateReader
from hansa_devnode.ledger.updates import Updates
from hansa_devnode.ledger.versions import VersionedValue, version_of
from hansa_fabric.rwsets import CollectionHashes, Namespace, RangeQuery, Read, ReadWriteSet
from hansa_fabric.validation_codes import ValidationCode


def check_reads(sets: ReadWriteSet, state: StateReader, updates: Updates) -> ValidationCode:
    """Compare a transaction's reads with the state and with the valid transactions before it in its block.

    Args:
        sets: the transaction's read/write set.
        state: the committed state before the block.
        updates: what the block's earlier valid transactions change.

    Returns:
        VALID, MVCC_READ_CONFLICT or PHANTOM_READ_CONFLICT.
    """
    for space in sets.namespaces:
        if not _reads_hold(space, state, updates):
            return ValidationCode.MVCC_READ_CONFLICT
        if not all(_range_holds(space.name, query, state, updates) for query in space.range_queries):
            return ValidationCode.PHANTOM_READ_CONFLICT
        if not all(_hashed_reads_hold(space.name, one, state, updates) for one in space.collections):
            return ValidationCode.MVCC_READ_CONFLICT
    return ValidationCode.VALID


def _reads_hold(space: Namespace, state: StateReader, updates: Updates) -> bool:
    return all(
        updates.public_update(space.name, read.key) is None
        and version_of(state.public(space.name, read.key)) == read.version
        for read in space.reads
    )


def _hashed_reads_hold(
    namespace: str, collection: CollectionHashes, state: StateReader, updates: Updates
) -> bool:
    name = collection.name
    return all(
        updates.hashed_update(namespace, name, read.key_hash) is None
        and version_of(state.hashed(namespace, name, read.key_hash)) == read.version
        for read in collection.reads
    )


def _range_holds(namespace: str, query: RangeQuery, state: StateReader, updates: Updates) -> bool:
    results = _results_now(namespace, query, state, updates)
    if query.summary is None:
        expected = iter(query.reads)
        for result in results:
            if next(expected, None) != result:
                return False
        return next(expected, None) is None
    if query.summary.max_degree < 2:
        return False
    digest = RangeDigest(query.summary.max_degree)
    for key, version in results:
        if version is None:
            return False
        digest.add(key, version)
    return digest.finish()[1] == query.summary


def _results_now(namespace: str, query: RangeQuery, state: StateReader, updates: Updates) -> Iterator[Read]:
    for key, value in updates.scan(namespace, query.start, query.end):
        if value.value:
            yield Read(key, value.version)
    if not query.exhausted:
        # Reading stopped at the end key, which therefore was among the results.
        last: VersionedValue | None = updates.public_update(namespace, query.end)
        if last is None:
            last = state.public(namespace, query.end)
        if last is not None and last.value:
            yield Read(query.end, last.version)
