"""Ordered keys of any length in LMDB, whose own keys end at 511 bytes."""

import struct
from collections.abc import Iterator
from typing import Any

# lmdb.Transaction without its types: they say that every value may be a memoryview, which it is only with
# `buffers`, never asked for here.
Transaction = Any
Database = Any  # the handle that lmdb.Environment.open_db returns

# A key of up to this many bytes is a record of its own. Longer ones with the same first bytes share a bucket,
# whose key is those bytes and one zero more, so that byte order is kept: the bucket sorts right behind its
# prefix.
SHORT = 500

_ENTRY = struct.Struct(">II")


class KeySpace:
    """One named database as a map from bytes to bytes, in byte order.

    Args:
        database: the LMDB handle.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, transaction: Transaction, key: bytes) -> bytes | None:
        """Return the value, None where the key is absent."""
        if len(key) <= SHORT:
            value: bytes | None = transaction.get(key, db=self._database)
            return value
        return dict(self._bucket(transaction, key)).get(key[SHORT:])

    def put(self, transaction: Transaction, key: bytes, value: bytes) -> None:
        """Write a value, replacing what was there."""
        if len(key) <= SHORT:
            transaction.put(key, value, db=self._database)
            return
        entries = dict(self._bucket(transaction, key))
        entries[key[SHORT:]] = value
        self._write_bucket(transaction, key, entries)

    def delete(self, transaction: Transaction, key: bytes) -> None:
        """Remove a key; an absent one is no error."""
        if len(key) <= SHORT:
            transaction.delete(key, db=self._database)
            return
        entries = dict(self._bucket(transaction, key))
        if entries.pop(key[SHORT:], None) is not None:
            self._write_bucket(transaction, key, entries)

    def scan(self, transaction: Transaction, start: bytes, end: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterate from `start` (included) to `end` (excluded) in byte order, lazily."""
        with transaction.cursor(db=self._database) as cursor:
            found = cursor.set_range(start if len(start) <= SHORT else _bucket_key(start))
            while found:
                record = cursor.key()
                if record >= end:
                    return
                if len(record) <= SHORT:
                    yield record, cursor.value()
                else:
                    for suffix, value in _entries(cursor.value()):
                        key = record[:SHORT] + suffix
                        if start <= key < end:
                            yield key, value
                found = cursor.next()

    def _bucket(self, transaction: Transaction, key: bytes) -> Iterator[tuple[bytes, bytes]]:
        return _entries(transaction.get(_bucket_key(key), db=self._database) or b"")

    def _write_bucket(self, transaction: Transaction, key: bytes, entries: dict[bytes, bytes]) -> None:
        if not entries:
            transaction.delete(_bucket_key(key), db=self._database)
            return
        parts = (
            _ENTRY.pack(len(suffix), len(value)) + suffix + value for suffix, value in sorted(entries.items())
        )
        transaction.put(_bucket_key(key), b"".join(parts), db=self._database)


def _bucket_key(key: bytes) -> bytes:
    return key[:SHORT] + b"\0"


def _entries(bucket: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position < len(bucket):
        suffix_size, value_size = _ENTRY.unpack_from(bucket, position)
        middle = position + _ENTRY.size + suffix_size
        position = middle + value_size
        yield bucket[middle - suffix_size : middle], bucket[middle:position]
