"""Chaincode as a service: peers connect to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
from fabric_protos.peer import chaincode_shim_pb2_grpc

from hansa_shim.chaincode import Chaincode
from hansa_shim.errors import ConfigurationError, ProtocolError
from hansa_shim.session import Limits, Session
from hansa_shim.tls import TlsCredentials

LOG = logging.getLogger("hansa_shim")

MESSAGE_OVERHEAD = 1024 * 1024
DRAIN_INTERVAL = 0.02


def channel_options(limits: Limits) -> list[tuple[str, int]]:
    """gRPC settings of a stream: Fabric's message size, and patience with the peer's keepalive pings.

    Without the latter gRPC ends every idle connection (GOAWAY, too_many_pings).
    """
    return [
        ("grpc.max_receive_message_length", limits.message_bytes + MESSAGE_OVERHEAD),
        ("grpc.max_send_message_length", limits.message_bytes + MESSAGE_OVERHEAD),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.http2.max_ping_strikes", 0),
        ("grpc.keepalive_permit_without_calls", 1),
    ]


class ChaincodeServer:
    """Serves one chaincode to any number of peers, each on a stream of its own."""

    def __init__(
        self,
        chaincode: Chaincode,
        address: str,
        chaincode_id: str,
        tls: TlsCredentials | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        """Nothing listens before ``start``.

        Args:
            chaincode: answers the transactions.
            address: ``host:port`` to listen on; port 0 takes a free one.
            chaincode_id: the package id (``label:hash``).
            tls: key and certificates; without them the service speaks plain text.
            limits: sizes and counts, by default Fabric's.
        """
        self._chaincode = chaincode
        self._address = address
        self._chaincode_id = chaincode_id
        self._tls = tls
        self._limits = limits or Limits()
        self._sessions: set[Session] = set()
        self._server: grpc.aio.Server | None = None

    async def start(self) -> str:
        """Listens; returns the address with the real port.

        Raises:
            ConfigurationError: the address cannot be listened on, or the TLS files are no good.
        """
        # Without this a second service on the same port would silently take half of the peers' connections.
        options = [*channel_options(self._limits), ("grpc.so_reuseport", 0)]
        server = grpc.aio.server(options=options)
        chaincode_shim_pb2_grpc.add_ChaincodeServicer_to_server(self, server)
        try:
            if self._tls is None:
                port = server.add_insecure_port(self._address)
            else:
                port = server.add_secure_port(self._address, self._tls.for_server())
        except RuntimeError as failure:
            raise ConfigurationError(f"cannot listen on {self._address}: {failure}") from failure
        await server.start()
        self._server = server
        return f"{self._address.rpartition(':')[0]}:{port}"

    async def serve(self) -> None:
        """Starts if need be, and serves until ``stop`` is called or the task is cancelled."""
        if self._server is None:
            await self.start()
        assert self._server is not None
        try:
            await self._server.wait_for_termination()
        finally:
            await self.stop()

    async def stop(self, grace: float = 5.0) -> None:
        """Waits up to ``grace`` seconds for transactions in progress, then ends every stream."""
        server, self._server = self._server, None
        if server is None:
            return
        deadline = asyncio.get_running_loop().time() + grace
        while self.in_flight and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(DRAIN_INTERVAL)
        await server.stop(0)

    @property
    def in_flight(self) -> int:
        """How many transactions are in progress, on all streams."""
        return sum(session.in_flight for session in self._sessions)

    async def Connect(  # noqa: N802 - the name of the gRPC method
        self, request_iterator: AsyncIterator[Any], context: Any
    ) -> None:
        """A peer's stream."""
        session = Session(self._chaincode, self._chaincode_id, self._limits)
        self._sessions.add(session)
        LOG.info("%s connected", context.peer())
        try:
            await session.run(request_iterator, context.write)
        except ProtocolError as failure:
            LOG.error("%s: %s", context.peer(), failure)
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(failure))
        finally:
            self._sessions.discard(session)
            LOG.info("%s disconnected", context.peer())
