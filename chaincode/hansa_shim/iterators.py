"""Results of queries, fetched from the peer a portion at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.peer import chaincode_shim_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_shim.errors import TransactionOverError
from hansa_shim.exchange import ChaincodeMessage, Exchange

NEXT: int = ChaincodeMessage.QUERY_STATE_NEXT
CLOSE: int = ChaincodeMessage.QUERY_STATE_CLOSE


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A key of the state and its value."""

    key: str
    value: bytes
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class KeyModification:
    """One committed change of a key: transaction, value written, timestamp, whether it deleted."""

    tx_id: str
    value: bytes
    timestamp: Timestamp
    is_delete: bool


T = TypeVar("T")


class ResultIterator(Generic[T]):
    """An asynchronous iterator over a query's results; usable in ``async for`` and ``async with``.

    Whoever stops before the end calls ``aclose`` (or leaves the ``async with``): the peer holds resources for
    an open query until the transaction ends. Past the last result the peer has closed it by itself.

    ``bookmark`` and ``fetched_records_count`` are those of a query with paging: where the next page begins
    (empty after the last one) and how many results this page has.
    """

    def __init__(self, exchange: Exchange, payload: bytes) -> None:
        """``payload`` is the peer's QueryResponse to the query."""
        self._exchange = exchange
        self._closed = False
        self._buffer: deque[Any] = deque()
        self._more = False
        self._id = ""
        response = self._take(payload)
        metadata = chaincode_shim_pb2.QueryResponseMetadata.FromString(response.metadata)
        self.bookmark: str = metadata.bookmark
        self.fetched_records_count: int = metadata.fetched_records_count

    def _take(self, payload: bytes) -> Any:
        response = chaincode_shim_pb2.QueryResponse.FromString(payload)
        self._buffer.extend(response.results)
        self._more = response.has_more
        self._id = response.id
        return response

    def _parse(self, raw: bytes) -> T:
        raise TypeError("a ResultIterator is made as a StateIterator or a HistoryIterator")

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        if self._closed:
            raise TransactionOverError("this iterator has been closed")
        while not self._buffer:
            if not self._more:
                raise StopAsyncIteration
            request = chaincode_shim_pb2.QueryStateNext(id=self._id)
            self._take(await self._exchange.request(NEXT, request.SerializeToString()))
        return self._parse(self._buffer.popleft().resultBytes)

    async def collect(self) -> list[T]:
        """All remaining results."""
        return [item async for item in self]

    async def aclose(self) -> None:
        """Gives the query's resources back; a second call does nothing."""
        self._closed = True
        self._buffer.clear()
        if self._more:
            self._more = False
            request = chaincode_shim_pb2.QueryStateClose(id=self._id)
            await self._exchange.request(CLOSE, request.SerializeToString())

    async def __aenter__(self) -> ResultIterator[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class StateIterator(ResultIterator[KeyValue]):
    """Keys and values, in the order of the keys' bytes (a rich query: in the order its index gives)."""

    def _parse(self, raw: bytes) -> KeyValue:
        item = kv_query_result_pb2.KV.FromString(raw)
        return KeyValue(item.key, item.value, item.namespace)


class HistoryIterator(ResultIterator[KeyModification]):
    """Changes of one key, the newest first."""

    def _parse(self, raw: bytes) -> KeyModification:
        item = kv_query_result_pb2.KeyModification.FromString(raw)
        return KeyModification(item.tx_id, item.value, item.timestamp, item.is_delete)
