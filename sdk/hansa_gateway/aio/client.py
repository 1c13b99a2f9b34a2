"""Calls to a gateway over one asyncio gRPC channel."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio

from hansa_gateway.connection import Deadlines, Endpoint
from hansa_gateway.core import methods
from hansa_gateway.core.block_events import FILTERED, WHOLE, WITH_PRIVATE_DATA, deserialize_delivery
from hansa_gateway.core.methods import Method
from hansa_gateway.core.rpc_errors import stage_error
from hansa_gateway.core.stage_log import log_answered, log_failed
from hansa_gateway.errors import GatewayClosedError


class AsyncClient:
    """A channel to one endpoint and the calls made over it; made inside a running event loop.

    Args:
        endpoint: where to.
        deadlines: for calls that bring none of their own.
    """

    def __init__(self, endpoint: Endpoint, deadlines: Deadlines) -> None:
        self.deadlines = deadlines
        self.tls_certificate_hash = endpoint.tls_certificate_hash
        credentials, options = endpoint.credentials, endpoint.channel_options
        self._channel = (
            grpc.aio.insecure_channel(endpoint.address, options)
            if credentials is None
            else grpc.aio.secure_channel(endpoint.address, credentials, options)
        )
        self._stages: dict[Method, Any] = {
            method: self._channel.unary_unary(method.name, methods.serialize, method.answer)
            for method in methods.STAGES
        }
        self._chaincode_events = self._channel.unary_stream(
            methods.CHAINCODE_EVENTS, methods.serialize, methods.read_chaincode_events
        )
        self._deliveries: dict[str, Any] = {
            content.method: self._channel.stream_stream(
                content.method, methods.serialize, deserialize_delivery
            )
            for content in (WHOLE, FILTERED, WITH_PRIVATE_DATA)
        }
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed

    async def call(self, method: Method, request: Any, transaction_id: str, timeout: float | None) -> Any:
        """One stage of a transaction.

        Args:
            method: which.
            request: its message.
            transaction_id: for the error.
            timeout: seconds; None takes the gateway's deadline.

        Raises:
            TransactionError: the method's own kind.
            GatewayClosedError: nothing was sent.
        """
        self._check_open()
        seconds = method.deadline(self.deadlines) if timeout is None else timeout
        try:
            answer = await self._stages[method](request, timeout=seconds)
        except grpc.aio.AioRpcError as failure:
            raise log_failed(method, stage_error(method.error, failure, transaction_id)) from failure
        except asyncio.CancelledError as error:
            # Closing the channel cancels its calls; only the caller's own cancellation may pass as one.
            if not self._closed or cancelled_by_caller():
                raise
            raise method.error(
                "the gateway was closed during the call",
                grpc.StatusCode.CANCELLED,
                transaction_id=transaction_id,
            ) from error
        log_answered(method, transaction_id)
        return answer

    def chaincode_events(self, request: Any) -> Any:
        """The open call that streams ``ChaincodeEventsResponse``. Raises GatewayClosedError."""
        self._check_open()
        return self._chaincode_events(request)

    def deliver(self, method: str, envelope: Any, timeout: float | None) -> Any:
        """The open call that streams ``DeliverResponse``, for ``timeout`` seconds or without end.

        Raises:
            GatewayClosedError: nothing was sent.
        """
        self._check_open()
        # The request stream ends at once: a peer reads the next request only after the last block of this.
        return self._deliveries[method](iter((envelope,)), timeout=timeout)

    async def close(self) -> None:
        """Cancel what is under way and let the connection go; a second time does nothing."""
        if not self._closed:
            self._closed = True
            await self._channel.close(None)

    def _check_open(self) -> None:
        if self._closed:
            raise GatewayClosedError("the gateway is closed")


def cancelled_by_caller() -> bool:
    """Whether somebody asked the running task to stop."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
