"""Reads and writes of keys, in public state and in collections alike; the stub's public names build on it."""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.peer import chaincode_shim_pb2 as shim_pb2

from hansa_shim.composite_key import check_key
from hansa_shim.errors import InvalidArgumentError, MessageTooLargeError, PeerError, WriteBatchError
from hansa_shim.exchange import ChaincodeMessage
from hansa_shim.invocation import Invocation
from hansa_shim.iterators import StateIterator
from hansa_shim.response import as_bytes
from hansa_shim.write_batch import DELETE, PURGE, PUT, WriteBatch

VALIDATION_PARAMETER = "VALIDATION_PARAMETER"
"""The entry of a key's metadata that holds its endorsement policy."""

PUBLIC = ""
"""The collection's name that means public state."""

BATCH_ENVELOPE = 4096
"""Bytes of a batch message that are not records, generously."""


class LedgerAccess(Invocation):
    """Requests that name a collection, or none for public state."""

    _batch: WriteBatch | None = None
    _failed_batch: str | None = None

    def start_write_batch(self) -> None:
        """From here on, writes are kept back until ``finish_write_batch`` or the end of the transaction.

        They leave in as few messages as the peer's sizes allow, or one by one where it offers no batching.
        The last write of a key wins. Reads see committed state only, with and without a batch.
        """
        if self._batch is None:
            self._batch = WriteBatch()

    async def finish_write_batch(self) -> None:
        """Sends what was kept back; does nothing where no batch was started.

        Raises:
            WriteBatchError: the peer refused a write. It keeps earlier ones, so the transaction is answered
                with an error whatever the contract does with this one.
        """
        batch, self._batch = self._batch, None
        if batch is None or not len(batch):
            return
        try:
            await self._send_batch(batch)
        except (PeerError, MessageTooLargeError) as failure:
            self._failed_batch = str(failure)
            raise WriteBatchError(str(failure)) from failure

    @property
    def failed_batch(self) -> str | None:
        """Why a batch of writes failed; None while none has."""
        return self._failed_batch

    async def _send_batch(self, batch: WriteBatch) -> None:
        exchange = self._exchange
        max_records = exchange.features.max_write_batch
        if not max_records:
            for (record,) in batch.chunks(1, 0):
                await self._write(record)
            return
        for chunk in batch.chunks(max_records, exchange.max_message_bytes - BATCH_ENVELOPE):
            message = shim_pb2.WriteBatchState(rec=chunk)
            await exchange.request(ChaincodeMessage.WRITE_BATCH_STATE, message.SerializeToString())

    async def _write(self, record: shim_pb2.WriteRecord) -> None:
        place = {"key": record.key, "collection": record.collection}
        if record.type == PUT:
            kind, message = ChaincodeMessage.PUT_STATE, shim_pb2.PutState(**place, value=record.value)
        elif record.type == DELETE:
            kind, message = ChaincodeMessage.DEL_STATE, shim_pb2.DelState(**place)
        elif record.type == PURGE:
            kind, message = ChaincodeMessage.PURGE_PRIVATE_DATA, shim_pb2.PurgePrivateState(**place)
        else:
            kind = ChaincodeMessage.PUT_STATE_METADATA
            message = shim_pb2.PutStateMetadata(**place, metadata=record.metadata)
        await self._exchange.request(kind, message.SerializeToString())

    async def _get(self, collection: str, key: str) -> bytes:
        check_key(key)
        message = shim_pb2.GetState(key=key, collection=collection)
        return await self._exchange.request(ChaincodeMessage.GET_STATE, message.SerializeToString())

    async def _get_multiple(self, keys: Sequence[str]) -> list[bytes]:
        for key in keys:
            check_key(key)
        size = self._exchange.features.max_read_batch
        if not size or len(keys) == 1:
            return [await self._get(PUBLIC, key) for key in keys]
        values: list[bytes] = []
        for start in range(0, len(keys), size):
            message = shim_pb2.GetStateMultiple(keys=keys[start : start + size])
            payload = await self._exchange.request(
                ChaincodeMessage.GET_STATE_MULTIPLE, message.SerializeToString()
            )
            values.extend(shim_pb2.GetStateMultipleResult.FromString(payload).values)
        if len(values) != len(keys):
            raise PeerError(f"the peer answered {len(values)} values for {len(keys)} keys")
        return values

    async def _put(self, collection: str, key: str, value: bytes | str) -> None:
        check_key(key)
        data = as_bytes(value)
        if not data:
            raise InvalidArgumentError("a value must not be empty, since Fabric takes that for a deletion")
        await self._record(PUT, collection, key, data)

    async def _delete(self, collection: str, key: str) -> None:
        check_key(key)
        await self._record(DELETE, collection, key)

    async def _purge(self, collection: str, key: str) -> None:
        check_key(key)
        await self._record(PURGE, collection, key)

    async def _record(self, kind: int, collection: str, key: str, value: bytes = b"") -> None:
        if self._batch is not None:
            self._batch.write(kind, collection, key, value)
            return
        await self._write(shim_pb2.WriteRecord(key=key, collection=collection, type=kind, value=value))

    async def _set_policy(self, collection: str, key: str, policy: bytes) -> None:
        check_key(key)
        batch = WriteBatch() if self._batch is None else self._batch
        batch.write_metadata(collection, key, VALIDATION_PARAMETER, policy)
        if self._batch is None:
            for (record,) in batch.chunks(1, 0):
                await self._write(record)

    async def _get_policy(self, collection: str, key: str) -> bytes:
        check_key(key)
        message = shim_pb2.GetStateMetadata(key=key, collection=collection)
        payload = await self._exchange.request(
            ChaincodeMessage.GET_STATE_METADATA, message.SerializeToString()
        )
        for entry in shim_pb2.StateMetadataResult.FromString(payload).entries:
            if entry.metakey == VALIDATION_PARAMETER:
                policy: bytes = entry.value
                return policy
        return b""

    async def _range(
        self, collection: str, start: str, end: str, page_size: int | None = None, bookmark: str = ""
    ) -> StateIterator:
        message = shim_pb2.GetStateByRange(startKey=start, endKey=end, collection=collection)
        if page_size is not None:
            message.metadata = paging(page_size, bookmark)
        payload = await self._exchange.request(
            ChaincodeMessage.GET_STATE_BY_RANGE, message.SerializeToString()
        )
        return StateIterator(self._exchange, payload)

    async def _query(
        self, collection: str, query: str, page_size: int | None = None, bookmark: str = ""
    ) -> StateIterator:
        message = shim_pb2.GetQueryResult(query=query, collection=collection)
        if page_size is not None:
            message.metadata = paging(page_size, bookmark)
        payload = await self._exchange.request(ChaincodeMessage.GET_QUERY_RESULT, message.SerializeToString())
        return StateIterator(self._exchange, payload)


def paging(page_size: int, bookmark: str) -> bytes:
    """Fabric's QueryMetadata; a page has at least one result."""
    if not 0 < page_size < 2**31:
        raise InvalidArgumentError(f"a page has between 1 and {2**31 - 1} results, not {page_size}")
    metadata: bytes = shim_pb2.QueryMetadata(pageSize=page_size, bookmark=bookmark).SerializeToString()
    return metadata
