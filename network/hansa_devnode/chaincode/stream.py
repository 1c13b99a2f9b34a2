"""One stream to a chaincode's process: registration, transactions multiplexed on it, and their requests."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import grpc.aio
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.invocation import Invocation, TransactionContext
from hansa_devnode.chaincode.requests import REQUESTS, answer

Message = chaincode_shim_pb2.ChaincodeMessage

# What core.yaml of Fabric 3.1 offers a chaincode by default.
PARAMETERS = chaincode_pb2.ChaincodeAdditionalParams(
    use_write_batch=True,
    max_size_write_batch=1000,
    use_get_multiple_keys=True,
    max_size_get_multiple_keys=1000,
)

# Given the caller's context and a serialized peer.ChaincodeSpec, returns the final message of the chaincode
# called, serialized.
CallChaincode = Callable[[TransactionContext, bytes], Awaitable[bytes]]

# What reading gives at the end of a stream; grpc-stubs does not know it.
_END: Any = grpc.aio.EOF  # type: ignore[attr-defined]

_log = logging.getLogger(__name__)


class ChaincodeStream:
    """The peer's end of one `Chaincode.Connect` stream.

    Requests about the state are answered at once, in the order they come; one writer sends all messages.

    Args:
        call: the open gRPC call.
        package_id: what the chaincode must register as.
        call_chaincode: executes another chaincode within the transaction.
    """

    def __init__(self, call: Any, package_id: str, call_chaincode: CallChaincode) -> None:
        self._call = call
        self._package_id = package_id
        self._call_chaincode = call_chaincode
        self._contexts: dict[tuple[str, str], TransactionContext] = {}
        # Transactions with a request that is not answered yet: a second one is dropped, as by Fabric's peers.
        self._pending: set[tuple[str, str]] = set()
        self._outgoing: deque[Any] = deque()
        self._wake_writer = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Serve the stream until it ends.

        Raises:
            ChaincodeError: the chaincode broke the protocol, or registered as another.
            grpc.aio.AioRpcError: the connection failed.
        """
        writer = asyncio.create_task(self._write())
        reader = asyncio.create_task(self._read())
        try:
            done, _ = await asyncio.wait((writer, reader), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.cancelled():  # by gRPC: its call was cancelled under it
                    raise ChaincodeError("chaincode stream terminated")
                task.result()
        finally:
            self._terminate()
            for task in (writer, reader, *self._calls):
                task.cancel()
            await asyncio.gather(writer, reader, *self._calls, return_exceptions=True)

    async def execute(
        self, invocation: Invocation, namespace: str, input_bytes: bytes, *, init: bool, timeout: float
    ) -> Any:
        """Have the chaincode execute a transaction.

        Args:
            invocation: the transaction.
            namespace: the chaincode's name.
            input_bytes: serialized `peer.ChaincodeInput`.
            init: whether it is called as init.
            timeout: seconds until the peer gives up.

        Returns:
            the chaincode's final `peer.ChaincodeMessage`, COMPLETED or ERROR.

        Raises:
            ChaincodeError: no answer in time, the stream ended, or the transaction executes here already.
        """
        loop = asyncio.get_running_loop()
        key = (invocation.channel, invocation.tx_id)
        if key in self._contexts:
            raise ChaincodeError(f"txid: {invocation.tx_id}({invocation.channel}) exists")
        context = TransactionContext(invocation, namespace, init, loop.create_future())
        self._contexts[key] = context
        timer = loop.call_later(timeout, self._fail, context, "timeout expired while executing transaction")
        try:
            self._send(
                Message(
                    type=Message.INIT if init else Message.TRANSACTION,
                    payload=input_bytes,
                    txid=invocation.tx_id,
                    channel_id=invocation.channel,
                    proposal=invocation.signed_proposal,
                )
            )
            return await context.answer
        finally:
            timer.cancel()
            self._contexts.pop(key, None)
            context.close_queries()

    @staticmethod
    def _fail(context: TransactionContext, reason: str) -> None:
        if not context.answer.done():
            context.answer.set_exception(ChaincodeError(reason))

    def _terminate(self) -> None:
        self.ready.clear()
        for context in self._contexts.values():
            self._fail(context, "chaincode stream terminated")

    def _send(self, message: Any) -> None:
        self._outgoing.append(message)
        self._wake_writer.set()

    async def _write(self) -> None:
        outgoing, wake = self._outgoing, self._wake_writer
        while True:
            await wake.wait()
            wake.clear()
            while outgoing:
                message = outgoing.popleft()
                if message.type in (Message.RESPONSE, Message.ERROR):
                    # The chaincode may ask again as soon as it can have this answer.
                    self._pending.discard((message.channel_id, message.txid))
                await self._call.write(message)

    async def _read(self) -> None:
        await self._register()
        while True:
            message = await self._call.read()
            if message is _END:
                return
            self._receive(message)

    async def _register(self) -> None:
        message = await self._call.read()
        if message is _END:
            raise ChaincodeError("chaincode stream terminated")
        if message.type != Message.REGISTER:
            raise ChaincodeError(
                f"[{message.txid}] Fabric side handler cannot handle message ({_type_name(message)})"
                " while in created state"
            )
        try:
            name = chaincode_pb2.ChaincodeID.FromString(message.payload).name
        except DecodeError as error:
            raise ChaincodeError(f"could NOT unmarshal registration info: {error}") from error
        if not name:
            raise ChaincodeError("error in handling register chaincode, chaincodeID name is empty")
        if name != self._package_id:
            raise ChaincodeError(
                f"peer will not accept external chaincode connection {name} (except in dev mode)"
            )
        self._send(Message(type=Message.REGISTERED))
        self._send(Message(type=Message.READY, payload=PARAMETERS.SerializeToString()))
        self.ready.set()

    def _receive(self, message: Any) -> None:
        kind = message.type
        key = (message.channel_id, message.txid)
        if kind in (Message.COMPLETED, Message.ERROR):
            context = self._contexts.get(key)
            if context is not None and not context.answer.done():
                context.answer.set_result(message)
        elif kind in REQUESTS or kind == Message.INVOKE_CHAINCODE:
            if key in self._pending:
                _log.error(
                    "[%s] Another request pending for this CC: %s, Txid: %s, ChannelID: %s. Cannot process.",
                    message.txid[:8],
                    self._package_id,
                    message.txid,
                    message.channel_id,
                )
                return
            self._pending.add(key)
            context = self._contexts.get(key)
            if kind == Message.INVOKE_CHAINCODE:
                task = asyncio.create_task(self._invoke(context, message))
                self._calls.add(task)
                task.add_done_callback(self._calls.discard)
            else:
                self._answer(context, message)
        elif kind != Message.KEEPALIVE:
            raise ChaincodeError(
                f"[{message.txid}] Fabric side handler cannot handle message ({_type_name(message)})"
                " while in ready state"
            )

    def _answer(self, context: TransactionContext | None, message: Any) -> None:
        try:
            payload = answer(context, message)
        except ChaincodeError as error:
            self._refuse(message, str(error))
        except Exception:  # noqa: BLE001 - a fault of ours must not leave a chaincode waiting, nor end other transactions
            _log.exception("[%s] panic handling %s", message.txid[:8], _type_name(message))
            self._refuse(message, "panic during execution")
        else:
            self._respond(message, payload)

    async def _invoke(self, context: TransactionContext | None, message: Any) -> None:
        try:
            if context is None or (message.channel_id and context.invocation.simulator is None):
                raise ChaincodeError("could not get valid transaction")
            payload = await self._call_chaincode(context, message.payload)
        except ChaincodeError as error:
            self._refuse(message, str(error))
        except Exception:  # noqa: BLE001 - see _answer
            _log.exception("[%s] panic handling %s", message.txid[:8], _type_name(message))
            self._refuse(message, "panic during execution")
        else:
            self._respond(message, payload)

    def _respond(self, request: Any, payload: bytes) -> None:
        self._send(
            Message(type=Message.RESPONSE, payload=payload, txid=request.txid, channel_id=request.channel_id)
        )

    def _refuse(self, request: Any, reason: str) -> None:
        text = f"{_type_name(request)} failed: transaction ID: {request.txid}: {reason}"
        self._send(
            Message(
                type=Message.ERROR, payload=text.encode(), txid=request.txid, channel_id=request.channel_id
            )
        )


def _type_name(message: Any) -> str:
    return str(Message.Type.Name(message.type))
