"""One transaction from the peer's call to the chaincode's answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fabric_protos.peer import chaincode_event_pb2, chaincode_pb2, proposal_response_pb2
from google.protobuf.message import DecodeError

from hansa_shim.chaincode import Chaincode, DescribedChaincode
from hansa_shim.errors import ShimError
from hansa_shim.exchange import ChaincodeMessage, Exchange
from hansa_shim.response import ERROR, Response, error, success
from hansa_shim.stub import ChaincodeStub

LOG = logging.getLogger("hansa_shim")

METADATA_FUNCTION = b"org.hyperledger.fabric:GetMetadata"


class Transaction:
    """A call of the chaincode in progress: its exchange with the peer and the task that works on it."""

    def __init__(self, chaincode: Chaincode, message: Any, exchange: Exchange) -> None:
        """``message`` is the peer's TRANSACTION or INIT."""
        self.exchange = exchange
        self.task: asyncio.Task[None] | None = None
        self._chaincode = chaincode
        self._message = message
        self._initializes = message.type == ChaincodeMessage.INIT

    async def answer(self) -> Any:
        """Runs the chaincode; returns the message that ends the transaction: COMPLETED, or ERROR of an INIT.

        Every failure of the contract becomes an answer, since a peer without one waits until its timeout.
        """
        try:
            stub = self._stub()
        except DecodeError as failure:
            response, event = error(f"the peer's message cannot be read: {failure}"), None
        else:
            response = await self._run(stub)
            event = stub.event if response.endorsable else None
        try:
            message = self._completed(response, event)
        except (TypeError, ValueError) as failure:
            LOG.exception("transaction %s: an answer was not sent", self._id)
            message = self._completed(error(f"the answer cannot be sent: {failure}"), None)
        limit = self.exchange.max_message_bytes
        if message.ByteSize() > limit:
            LOG.error("transaction %s: an answer of %d bytes was not sent", self._id, message.ByteSize())
            refusal = error(f"the answer of {message.ByteSize()} bytes exceeds the peer's {limit}")
            message = self._completed(refusal, None)
        return message

    @property
    def _id(self) -> str:
        return f"{self.exchange.channel_id}/{self.exchange.tx_id}"

    def _stub(self) -> ChaincodeStub:
        message = self._message
        signed = message.proposal if message.HasField("proposal") else None
        return ChaincodeStub(self.exchange, chaincode_pb2.ChaincodeInput.FromString(message.payload), signed)

    async def _run(self, stub: ChaincodeStub) -> Response:
        try:
            response = await self._call(stub)
            if not isinstance(response, Response):
                raise TypeError(f"the chaincode returned {type(response).__name__}, not a Response")
            if response.endorsable:
                await stub.finish_write_batch()
        except Exception as failure:
            LOG.exception("transaction %s failed", self._id)
            return error(describe(failure))
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            LOG.exception("transaction %s awaited something that was cancelled", self._id)
            return error("the contract awaited something that was cancelled")
        if stub.failed_batch is not None and response.endorsable:
            return error(f"a batch of writes failed: {stub.failed_batch}")
        return response

    def _call(self, stub: ChaincodeStub) -> Awaitable[Response]:
        if self._initializes:
            return self._chaincode.init(stub)
        if stub.args[:1] == [METADATA_FUNCTION] and isinstance(self._chaincode, DescribedChaincode):
            return _immediately(self._chaincode.get_metadata)
        return self._chaincode.invoke(stub)

    def _completed(self, response: Response, event: tuple[str, bytes] | None) -> Any:
        message = ChaincodeMessage(
            type=ChaincodeMessage.COMPLETED, txid=self.exchange.tx_id, channel_id=self.exchange.channel_id
        )
        # Half of a surrogate pair, as JSON may hold one, cannot be written as UTF-8.
        text = response.message.encode(errors="replace")
        if self._initializes and response.status >= ERROR:
            message.type = ChaincodeMessage.ERROR
            message.payload = text
            return message
        message.payload = proposal_response_pb2.Response(
            status=response.status, message=text.decode(), payload=response.payload
        ).SerializeToString()
        if event is not None:
            name, payload = event
            message.chaincode_event.CopyFrom(
                chaincode_event_pb2.ChaincodeEvent(event_name=name, payload=payload)
            )
        return message


def describe(failure: Exception) -> str:
    """What the client is told of an exception: the shim's and the peer's own words, else type and text."""
    if isinstance(failure, ShimError):
        return str(failure)
    return f"{type(failure).__name__}: {failure}"


async def _immediately(describe_itself: Callable[[], bytes | str]) -> Response:
    return success(describe_itself())
