"""Requests for events that can be signed elsewhere before they are sent."""

from __future__ import annotations

from typing import Generic, TypeVar

from hansa_gateway.blocking.client import Client
from hansa_gateway.blocking.event_streams import BlockEvents, ChaincodeEvents
from hansa_gateway.core.block_events import BlockContent, BlockEventsCall
from hansa_gateway.core.chaincode_events import ChaincodeEventsCall
from hansa_gateway.core.cursor import Cursor
from hansa_gateway.core.signing import Signatory
from hansa_gateway.core.step import Step

Content = TypeVar("Content")


class ChaincodeEventsRequest(Step[ChaincodeEventsCall]):
    """A request for chaincode events."""

    def __init__(
        self, client: Client, signatory: Signatory, state: ChaincodeEventsCall, cursor: Cursor | None = None
    ) -> None:
        super().__init__(state)
        self._client, self._signatory, self._cursor = client, signatory, cursor

    def events(self) -> ChaincodeEvents:
        """Send it. Raises SigningError, GatewayClosedError; refusals come with the first event."""
        call = self._client.chaincode_events(self._state.request(self._signatory))
        return ChaincodeEvents(self._client, call, self._cursor)


class BlockEventsRequest(Step[BlockEventsCall], Generic[Content]):
    """A request for blocks."""

    def __init__(
        self,
        client: Client,
        signatory: Signatory,
        state: BlockEventsCall,
        content: BlockContent[Content],
        cursor: Cursor | None = None,
    ) -> None:
        super().__init__(state)
        self._client, self._signatory, self._cursor = client, signatory, cursor
        self._content = content

    def events(self, timeout: float | None = None) -> BlockEvents[Content]:
        """Send it.

        Args:
            timeout: seconds after which the stream ends in EventStreamError; None lets it run.

        Raises:
            SigningError, GatewayClosedError: it was not sent. Refusals come with the first block.
        """
        call = self._client.deliver(self._content.method, self._state.request(self._signatory), timeout)
        return BlockEvents(self._client, call, self._cursor, self._content)
