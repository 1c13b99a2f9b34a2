"""Requests for events that can be signed elsewhere before they are sent."""

from __future__ import annotations

from typing import Generic, TypeVar

from hansa_gateway.aio.client import AsyncClient
from hansa_gateway.aio.event_streams import AsyncBlockEvents, AsyncChaincodeEvents
from hansa_gateway.core.block_events import BlockContent, BlockEventsCall
from hansa_gateway.core.chaincode_events import ChaincodeEventsCall
from hansa_gateway.core.cursor import Cursor
from hansa_gateway.core.signing import Signatory
from hansa_gateway.core.step import Step

Content = TypeVar("Content")


class AsyncChaincodeEventsRequest(Step[ChaincodeEventsCall]):
    """A request for chaincode events."""

    def __init__(
        self,
        client: AsyncClient,
        signatory: Signatory,
        state: ChaincodeEventsCall,
        cursor: Cursor | None = None,
    ) -> None:
        super().__init__(state)
        self._client, self._signatory, self._cursor = client, signatory, cursor

    def events(self) -> AsyncChaincodeEvents:
        """Send it. Raises SigningError, GatewayClosedError; refusals come with the first event."""
        call = self._client.chaincode_events(self._state.request(self._signatory))
        return AsyncChaincodeEvents(self._client, call, self._cursor)


class AsyncBlockEventsRequest(Step[BlockEventsCall], Generic[Content]):
    """A request for blocks."""

    def __init__(
        self,
        client: AsyncClient,
        signatory: Signatory,
        state: BlockEventsCall,
        content: BlockContent[Content],
        cursor: Cursor | None = None,
    ) -> None:
        super().__init__(state)
        self._client, self._signatory, self._cursor = client, signatory, cursor
        self._content = content

    def events(self, timeout: float | None = None) -> AsyncBlockEvents[Content]:
        """Send it.

        Args:
            timeout: seconds after which the stream ends in EventStreamError; None lets it run.

        Raises:
            SigningError, GatewayClosedError: it was not sent. Refusals come with the first block.
        """
        call = self._client.deliver(self._content.method, self._state.request(self._signatory), timeout)
        return AsyncBlockEvents(self._client, call, self._cursor, self._content)
