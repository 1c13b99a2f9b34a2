"""Requests of one transaction to its peer: one outstanding at a time, each with its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fabric_protos.peer import chaincode_shim_pb2

from hansa_shim.errors import MessageTooLargeError, PeerError, ProtocolError, TransactionOverError

ChaincodeMessage = chaincode_shim_pb2.ChaincodeMessage
RESPONSE: int = ChaincodeMessage.RESPONSE
ERROR: int = ChaincodeMessage.ERROR

DEFAULT_BATCH = 100
"""Records or keys per message where the peer offers batching and names no size, as in the Go shim."""


@dataclass(frozen=True, slots=True)
class Features:
    """What the peer said in READY: how many keys or records one message may carry, 0 for none at all."""

    max_write_batch: int = 0
    max_read_batch: int = 0

    @classmethod
    def parse(cls, params: Any) -> Features:
        """From Fabric's ChaincodeAdditionalParams."""
        return cls(
            (params.max_size_write_batch or DEFAULT_BATCH) if params.use_write_batch else 0,
            (params.max_size_get_multiple_keys or DEFAULT_BATCH) if params.use_get_multiple_keys else 0,
        )


class Exchange:
    """The way from a stub to the peer and back.

    A peer silently drops a second request of a transaction while it works on the first, so requests wait here
    for their turn, also when a contract asks for several things at once.
    """

    def __init__(
        self,
        channel_id: str,
        tx_id: str,
        send: Callable[[Any], None],
        features: Features,
        max_message_bytes: int,
    ) -> None:
        """``send`` queues a message for the stream's writer; ``max_message_bytes`` is the peer's limit."""
        self.channel_id = channel_id
        self.tx_id = tx_id
        self.features = features
        self.max_message_bytes = max_message_bytes
        self._send = send
        self._turn = asyncio.Lock()
        self._answer: asyncio.Future[Any] | None = None
        self._over = False

    async def request(self, kind: int, payload: bytes) -> bytes:
        """Sends one request and returns the payload of the peer's RESPONSE.

        Args:
            kind: a ChaincodeMessage.Type, such as GET_STATE.
            payload: its serialized body.

        Raises:
            PeerError: the peer answered ERROR.
            MessageTooLargeError: the request is larger than the peer accepts; nothing was sent.
            TransactionOverError: the transaction has been answered already, or its stream ended.
        """
        message = ChaincodeMessage(type=kind, payload=payload, txid=self.tx_id, channel_id=self.channel_id)
        size = message.ByteSize()
        if size > self.max_message_bytes:
            name = ChaincodeMessage.Type.Name(kind)
            raise MessageTooLargeError(f"{name} of {size} bytes exceeds the peer's {self.max_message_bytes}")
        async with self._turn:
            reply = await self._ask(message)
        if reply.type == RESPONSE:
            body: bytes = reply.payload
            return body
        if reply.type == ERROR:
            raise PeerError(reply.payload.decode(errors="replace"))
        raise ProtocolError(f"the peer answered a request with a message of type {reply.type}")

    async def _ask(self, message: Any) -> Any:
        if self._answer is not None:
            # The last asker was cancelled: its answer is still on the way and would be taken for ours.
            await asyncio.wait([self._answer])
        if self._over:
            raise TransactionOverError(
                f"transaction {self.tx_id} has been answered; its stub cannot be used any more"
            )
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._send(message)
        try:
            reply = await answer
        except asyncio.CancelledError:
            if not self._over and self._answer is answer:
                self._answer = asyncio.get_running_loop().create_future()
            raise
        self._answer = None
        return reply

    def answered(self, message: Any) -> bool:
        """Takes the peer's answer; False where none was asked for."""
        answer = self._answer
        if answer is None:
            return False
        if not answer.done():
            answer.set_result(message)
        return True

    def end(self) -> None:
        """No more requests: the transaction is answered, or the stream is gone."""
        self._over = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(TransactionOverError(f"transaction {self.tx_id} is over"))
            self._answer.exception()  # so that asyncio does not report it where nobody waits any more
