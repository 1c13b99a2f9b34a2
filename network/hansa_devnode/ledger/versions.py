"""Values with their versions: which transaction wrote a value last, as Fabric's read sets record it."""

import struct
from typing import NamedTuple

from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2

from hansa_fabric.rwsets import Version

_VALUE_HEAD = struct.Struct(">QQI")


class VersionedValue(NamedTuple):
    """What the state holds under a key.

    Args:
        value: the value, never empty (in a hashed collection: SHA-256 of the value).
        metadata: serialized `kvrwset.KVMetadataWrite` with the entries sorted by name, or empty.
        version: the transaction that wrote value or metadata last.
    """

    value: bytes
    metadata: bytes
    version: Version

    def encode(self) -> bytes:
        """Return the record as it is stored."""
        return _VALUE_HEAD.pack(*self.version, len(self.metadata)) + self.metadata + self.value

    @classmethod
    def decode(cls, record: bytes) -> "VersionedValue":
        """Read a record that `encode` made."""
        block, transaction, metadata_size = _VALUE_HEAD.unpack_from(record)
        middle = _VALUE_HEAD.size + metadata_size
        return cls(record[middle:], record[_VALUE_HEAD.size : middle], Version(block, transaction))


def version_of(value: VersionedValue | None) -> Version | None:
    """Return a value's version, None for an absent value."""
    return None if value is None else value.version


def show_version(version: Version | None) -> str:
    """Write a version, or its absence, as Fabric's error texts do."""
    return "<nil>" if version is None else f"{{BlockNum: {version.block}, TxNum: {version.transaction}}}"


def metadata_entries(metadata: bytes) -> dict[str, bytes]:
    """Return the entries of stored metadata by name; empty where there are none."""
    if not metadata:
        return {}
    message = kv_rwset_pb2.KVMetadataWrite.FromString(metadata)
    return {entry.name: entry.value for entry in message.entries}
