"""Writes kept back until they leave in few messages; the last write of a key wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fabric_protos.peer import chaincode_shim_pb2

WriteRecord = chaincode_shim_pb2.WriteRecord
PUT: int = WriteRecord.PUT_STATE
DELETE: int = WriteRecord.DEL_STATE
PURGE: int = WriteRecord.PURGE_PRIVATE_DATA
METADATA: int = WriteRecord.PUT_STATE_METADATA

RECORD_OVERHEAD = 16
"""Bytes of tags and lengths around one record in its message, at most."""


class WriteBatch:
    """WriteRecords in the order in which their keys were first written."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str, str], Any] = {}

    def __len__(self) -> int:
        return len(self._records)

    def write(self, kind: int, collection: str, key: str, value: bytes = b"") -> None:
        """Adds a put, a delete or a purge. The collection is empty for public state."""
        record = WriteRecord(key=key, collection=collection, type=kind, value=value)
        self._records[collection, key, ""] = record

    def write_metadata(self, collection: str, key: str, name: str, value: bytes) -> None:
        """Adds an entry of a key's metadata, such as its validation parameter."""
        record = WriteRecord(key=key, collection=collection, type=METADATA)
        record.metadata.metakey = name
        record.metadata.value = value
        self._records[collection, key, name] = record

    def chunks(self, max_records: int, max_bytes: int) -> Iterator[Sequence[Any]]:
        """The records, cut so that no chunk has more than that many records or, if it has two, bytes."""
        chunk: list[Any] = []
        size = 0
        for record in self._records.values():
            length = record.ByteSize() + RECORD_OVERHEAD
            if chunk and (len(chunk) == max_records or size + length > max_bytes):
                yield chunk
                chunk, size = [], 0
            chunk.append(record)
            size += length
        if chunk:
            yield chunk
