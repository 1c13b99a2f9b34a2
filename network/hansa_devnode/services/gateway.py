"""The Gateway service of one organisation's peer (gateway.Gateway)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import grpc.aio

from hansa_devnode.services.chaincode_events import chaincode_events
from hansa_devnode.services.channel import Channel
from hansa_devnode.services.commit_feed import FeedClosedError
from hansa_devnode.services.commit_status import commit_status
from hansa_devnode.services.endorsement import endorse
from hansa_devnode.services.evaluation import evaluate
from hansa_devnode.services.peers import Peer
from hansa_devnode.services.rpc_errors import RpcError, abort, node_stops
from hansa_devnode.services.submission import submit

Context = grpc.aio.ServicerContext[Any, Any]


class GatewayService:
    """Answers clients of one organisation; the steps are in the modules of their names."""

    def __init__(self, channel: Channel, local: Peer) -> None:
        self._channel = channel
        self._local = local

    async def Evaluate(self, request: Any, context: Context) -> Any:  # noqa: N802 - the service's name
        """Executes a proposal on one peer."""
        return await _answer(evaluate(self._channel, self._local, request), context)

    async def Endorse(self, request: Any, context: Context) -> Any:  # noqa: N802 - the service's name
        """Collects endorsements for a proposal."""
        return await _answer(endorse(self._channel, self._local, request), context)

    async def Submit(self, request: Any, context: Context) -> Any:  # noqa: N802 - the service's name
        """Orders a signed transaction."""
        return await _answer(submit(self._channel, request), context)

    async def CommitStatus(self, request: Any, context: Context) -> Any:  # noqa: N802 - the service's name
        """Tells, as soon as it is known, what became of a transaction."""
        return await _answer(commit_status(self._channel, request), context)

    async def ChaincodeEvents(  # noqa: N802 - the service's name
        self, request: Any, context: Context
    ) -> AsyncIterator[Any]:
        """Streams a chaincode's events."""
        try:
            async for response in chaincode_events(self._channel, request):
                yield response
        except RpcError as error:
            await abort(context, error)
        except FeedClosedError:
            await abort(context, node_stops())


async def _answer(step: Awaitable[Any], context: Context) -> Any:
    try:
        return await step
    except RpcError as error:
        await abort(context, error)
