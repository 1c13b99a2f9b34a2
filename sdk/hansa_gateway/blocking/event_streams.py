"""Streams of events that block until the next one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import grpc

from hansa_gateway.blocking.client import Client
from hansa_gateway.core.block_events import BlockContent
from hansa_gateway.core.chaincode_events import ChaincodeEvent, events_of
from hansa_gateway.core.cursor import Cursor, opened_with
from hansa_gateway.core.rpc_errors import remote_error
from hansa_gateway.errors import EventStreamError

Event = TypeVar("Event")


class EventStream(ABC, Generic[Event]):
    """An iterator over events as they are committed, for one consumer; a context manager that closes it.

    The iteration ends when the stream (from any thread) or the gateway is closed, or when all blocks asked
    for were delivered. It raises EventStreamError when the server or the way there ended it: open another
    stream then, from the checkpoint.
    """

    def __init__(self, client: Client, call: Any, cursor: Cursor | None) -> None:
        self._client = client
        self._call = call
        self._cursor = cursor
        self._closed = False

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._closed:
            raise StopIteration
        try:
            return self._next()
        except grpc.RpcError as failure:
            if self._closed or self._client.closed:
                raise StopIteration from None
            self.close()
            raise remote_error(EventStreamError, failure) from failure
        except EventStreamError:
            self.close()
            raise

    @abstractmethod
    def _next(self) -> Event: ...

    @abstractmethod
    def checkpoint(self, event: Event) -> None:
        """Record that an event, and all before it, was processed.

        Raises:
            CheckpointError: the stream was opened without a checkpoint, or it cannot be saved.
        """

    def close(self) -> None:
        """Cancel the stream, from whichever thread; a second time does nothing."""
        self._closed = True
        self._call.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ChaincodeEvents(EventStream[ChaincodeEvent]):
    """The events of one chaincode's valid transactions, in the ledger's order."""

    def __init__(self, client: Client, call: Any, cursor: Cursor | None) -> None:
        super().__init__(client, call, cursor)
        self._waiting: deque[ChaincodeEvent] = deque()

    def _next(self) -> ChaincodeEvent:
        while not self._waiting:
            try:
                self._waiting.extend(events_of(next(self._call)))
            except StopIteration:
                # Chaincode events have no last one: a server that ends the stream in good order is gone.
                raise EventStreamError("the server ended the stream", grpc.StatusCode.UNAVAILABLE) from None
        return self._waiting.popleft()

    def checkpoint(self, event: ChaincodeEvent) -> None:
        """Record that an event, and all before it, was processed. Raises CheckpointError."""
        opened_with(self._cursor).after_transaction(event.block_number, event.transaction_id)


class BlockEvents(EventStream[Event]):
    """Blocks as they are committed."""

    def __init__(
        self, client: Client, call: Any, cursor: Cursor | None, content: BlockContent[Event]
    ) -> None:
        super().__init__(client, call, cursor)
        self._content = content

    def _next(self) -> Event:
        try:
            found = self._content.of(next(self._call))
        except StopIteration:
            raise EventStreamError("the server ended the stream", grpc.StatusCode.UNAVAILABLE) from None
        if found is None:
            self.close()
            raise StopIteration
        return found

    def checkpoint(self, event: Event) -> None:
        """Record that a block, and all before it, was processed. Raises CheckpointError."""
        opened_with(self._cursor).after_block(self._content.number(event))
