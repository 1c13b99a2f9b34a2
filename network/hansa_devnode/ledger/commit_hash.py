"""The commit hash: a digest over all blocks so far, equal on all peers that agree about the state."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TypeVar

from hansa_devnode.ledger.updates import Updates
from hansa_devnode.ledger.versions import VersionedValue

_Key = TypeVar("_Key", str, bytes)


def commit_hash(previous: bytes, filter_: bytes, updates: Updates) -> bytes:
    """Return the commit hash of a block, as Fabric's peers compute it.

    Args:
        previous: commit hash of the block before, empty for block 1.
        filter_: the block's TRANSACTIONS_FILTER.
        updates: what its valid transactions change.
    """
    return sha256(_varint(len(filter_)) + filter_ + _updates(updates) + previous).digest()


def _updates(updates: Updates) -> bytes:
    # Repeated field 1 of a message whose entries are: 1 namespace, 2 collection, 3 key, 4 is delete, 5 value,
    # 6 version. Namespace and collection stand only on the first entry that they apply to.
    return b"".join(_field(1, entry) for entry in _entries(updates))


def _entries(updates: Updates) -> Iterator[bytes]:
    # Fabric leaves the channel's configuration out, which stands in the namespace of no name.
    for namespace in sorted({*updates.public, *updates.hashed} - {""}):
        head = _field(1, namespace.encode())
        for entry in _writes(updates.public.get(namespace, {}), b""):
            yield head + entry
            head = b""
        for collection, writes in sorted(updates.hashed.get(namespace, {}).items()):
            for entry in _writes(writes, _field(2, collection.encode())):
                yield head + entry
                head = b""


def _writes(writes: Mapping[_Key, VersionedValue], head: bytes) -> Iterator[bytes]:
    for key, value in sorted(writes.items(), key=lambda item: _bytes(item[0])):
        deleted = b"" if value.value else b"\x20\x01"
        version = _order_preserving(value.version.block) + _order_preserving(value.version.transaction)
        yield head + _field(3, _bytes(key)) + deleted + _field(5, value.value) + _field(6, version)
        head = b""


def _bytes(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key


def _field(number: int, value: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + _varint(len(value)) + value if value else b""


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _order_preserving(number: int) -> bytes:
    size = (number.bit_length() + 7) // 8
    return bytes((size,)) + number.to_bytes(size, "big")
