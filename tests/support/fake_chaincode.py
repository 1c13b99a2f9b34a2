"""A chaincode server under the control of a test, message by message: also for what no good shim sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
from fabric_protos.peer import (
    chaincode_pb2,
    chaincode_shim_pb2,
    chaincode_shim_pb2_grpc,
    proposal_response_pb2,
)

from hansa_devnode.config import ChaincodeConfig

Message = chaincode_shim_pb2.ChaincodeMessage


class Stream:
    """One stream, seen from the chaincode."""

    def __init__(self, context: Any) -> None:
        self._context = context

    async def receive(self) -> Any:
        """The peer's next message, or grpc.aio.EOF."""
        return await self._context.read()

    async def send(self, kind: int, to: Any = None, payload: bytes = b"", **more: Any) -> None:
        """Sends a message; `to` is one of the peer's whose transaction it belongs to."""
        if to is not None:
            more |= {"txid": to.txid, "channel_id": to.channel_id}
        await self._context.write(Message(type=kind, payload=payload, **more))

    async def register(self, name: str) -> list[Any]:
        """Registers and returns the peer's two answers."""
        identity = chaincode_pb2.ChaincodeID(name=name)
        await self.send(Message.REGISTER, payload=identity.SerializeToString())
        return [await self.receive(), await self.receive()]

    async def complete(self, to: Any, payload: bytes = b"") -> None:
        """Ends a transaction with status 200."""
        response = proposal_response_pb2.Response(status=200, payload=payload)
        await self.send(Message.COMPLETED, to, response.SerializeToString())


Script = Callable[[Stream], Awaitable[None]]


@asynccontextmanager
async def fake_chaincode(chaincode: ChaincodeConfig, *scripts: Script) -> AsyncIterator[list[BaseException]]:
    """Serves the chaincode's address: the first stream plays the first script, later ones the last.

    A stream ends with its script; what a script raises is collected.
    """
    streams = iter(range(1_000_000))
    failures: list[BaseException] = []

    async def connect(_: Any, context: Any) -> None:
        script = scripts[min(next(streams), len(scripts) - 1)]
        try:
            await script(Stream(context))
        except asyncio.CancelledError:
            raise
        except Exception as error:
            failures.append(error)
            raise

    server = grpc.aio.server()
    chaincode_shim_pb2_grpc.add_ChaincodeServicer_to_server(_Servicer(connect), server)
    assert server.add_insecure_port(chaincode.address)
    await server.start()
    try:
        yield failures
    finally:
        await server.stop(None)


class _Servicer:
    def __init__(self, connect: Callable[[Any, Any], Awaitable[None]]) -> None:
        self._connect = connect

    async def Connect(self, requests: Any, context: Any) -> None:
        await self._connect(requests, context)
