"""Streams of events that are awaited."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import grpc
import grpc.aio

from hansa_gateway.aio.client import AsyncClient, cancelled_by_caller
from hansa_gateway.core.block_events import BlockContent
from hansa_gateway.core.chaincode_events import ChaincodeEvent, events_of
from hansa_gateway.core.cursor import Cursor, opened_with
from hansa_gateway.core.rpc_errors import remote_error
from hansa_gateway.errors import EventStreamError

Event = TypeVar("Event")

# What ``read`` answers at the end of a stream; the stubs of grpc.aio do not know it.
_END: Any = vars(grpc.aio)["EOF"]


class AsyncEventStream(ABC, Generic[Event]):
    """An asynchronous iterator over events as they are committed, for one consumer; a context manager that
    closes it. It ends and fails as the blocking ``EventStream`` does."""

    def __init__(self, client: AsyncClient, call: Any, cursor: Cursor | None) -> None:
        self._client = client
        self._call = call
        self._cursor = cursor
        self._closed = False

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        if self._closed:
            raise StopAsyncIteration
        try:
            return await self._next()
        except grpc.aio.AioRpcError as failure:
            if self._closed or self._client.closed:
                raise StopAsyncIteration from None
            self.close()
            raise remote_error(EventStreamError, failure) from failure
        except asyncio.CancelledError:
            # A closed stream ends in cancellation too; only the caller's own may pass as one.
            if cancelled_by_caller() or not (self._closed or self._client.closed):
                raise
            raise StopAsyncIteration from None
        except EventStreamError:
            self.close()
            raise

    @abstractmethod
    async def _next(self) -> Event: ...

    async def _read(self) -> Any:
        response = await self._call.read()
        if response is _END:
            # No events are the last ones: a server that ends the stream in good order is gone.
            raise EventStreamError("the server ended the stream", grpc.StatusCode.UNAVAILABLE)
        return response

    @abstractmethod
    async def checkpoint(self, event: Event) -> None:
        """Record that an event, and all before it, was processed.

        Raises:
            CheckpointError: the stream was opened without a checkpoint, or it cannot be saved.
        """

    def close(self) -> None:
        """Cancel the stream; a second time does nothing."""
        self._closed = True
        self._call.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncChaincodeEvents(AsyncEventStream[ChaincodeEvent]):
    """The events of one chaincode's valid transactions, in the ledger's order."""

    def __init__(self, client: AsyncClient, call: Any, cursor: Cursor | None) -> None:
        super().__init__(client, call, cursor)
        self._waiting: deque[ChaincodeEvent] = deque()

    async def _next(self) -> ChaincodeEvent:
        while not self._waiting:
            self._waiting.extend(events_of(await self._read()))
        return self._waiting.popleft()

    async def checkpoint(self, event: ChaincodeEvent) -> None:
        """Record that an event, and all before it, was processed. Raises CheckpointError."""
        cursor = opened_with(self._cursor)
        await asyncio.to_thread(cursor.after_transaction, event.block_number, event.transaction_id)


class AsyncBlockEvents(AsyncEventStream[Event]):
    """Blocks as they are committed."""

    def __init__(
        self, client: AsyncClient, call: Any, cursor: Cursor | None, content: BlockContent[Event]
    ) -> None:
        super().__init__(client, call, cursor)
        self._content = content

    async def _next(self) -> Event:
        found = self._content.of(await self._read())
        if found is None:
            self.close()
            raise StopAsyncIteration
        return found

    async def checkpoint(self, event: Event) -> None:
        """Record that a block, and all before it, was processed. Raises CheckpointError."""
        cursor = opened_with(self._cursor)
        await asyncio.to_thread(cursor.after_block, self._content.number(event))
