"""One stream between a peer and the chaincode: registration, then transactions side by side."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fabric_protos.peer import chaincode_pb2, proposal_response_pb2

from hansa_shim.chaincode import Chaincode
from hansa_shim.errors import ProtocolError
from hansa_shim.exchange import ChaincodeMessage, Exchange, Features
from hansa_shim.response import error
from hansa_shim.transaction import Transaction

LOG = logging.getLogger("hansa_shim")

REGISTER: int = ChaincodeMessage.REGISTER
REGISTERED: int = ChaincodeMessage.REGISTERED
READY: int = ChaincodeMessage.READY
TRANSACTION: int = ChaincodeMessage.TRANSACTION
INIT: int = ChaincodeMessage.INIT
RESPONSE: int = ChaincodeMessage.RESPONSE
ERROR: int = ChaincodeMessage.ERROR
KEEPALIVE: int = ChaincodeMessage.KEEPALIVE
COMPLETED: int = ChaincodeMessage.COMPLETED

BUSY = 503


@dataclass(frozen=True, slots=True)
class Limits:
    """What one stream may cost.

    Attributes:
        message_bytes: the largest message a peer accepts, 100 MiB as Fabric has it.
        transactions: how many may be in progress on one stream; more are answered with status 503.
    """

    message_bytes: int = 100 * 1024 * 1024
    transactions: int = 5000


class Session:
    """The chaincode's side of one stream. All messages leave through one writer, in queued order."""

    def __init__(self, chaincode: Chaincode, chaincode_id: str, limits: Limits | None = None) -> None:
        """``chaincode_id`` is the package id (``label:hash``) under which the peer knows the chaincode."""
        self._chaincode = chaincode
        self._chaincode_id = chaincode_id
        self._limits = limits or Limits()
        self._features = Features()
        self._expects = REGISTERED
        self._outbox: asyncio.Queue[Any] = asyncio.Queue()
        self._transactions: dict[tuple[str, str], Transaction] = {}

    @property
    def in_flight(self) -> int:
        """How many transactions are in progress."""
        return len(self._transactions)

    async def run(self, incoming: AsyncIterator[Any], write: Callable[[Any], Awaitable[Any]]) -> None:
        """Serves the stream until the peer ends it; then every transaction still in progress is cancelled.

        Args:
            incoming: the peer's ChaincodeMessages.
            write: sends one ChaincodeMessage; it is never called again before it has returned.

        Raises:
            ProtocolError: the peer sent what the protocol does not allow.
        """
        name = chaincode_pb2.ChaincodeID(name=self._chaincode_id)
        self._outbox.put_nowait(ChaincodeMessage(type=REGISTER, payload=name.SerializeToString()))
        reader = asyncio.create_task(self._read(incoming))
        writer = asyncio.create_task(self._write(write))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(reader, writer)
        for task in (reader, writer):
            if not task.cancelled() and (failure := task.exception()) is not None:
                raise failure

    async def _read(self, incoming: AsyncIterator[Any]) -> None:
        async for message in incoming:
            self._receive(message)

    async def _write(self, write: Callable[[Any], Awaitable[Any]]) -> None:
        outbox = self._outbox
        while True:
            await write(await outbox.get())

    async def _end(self, *streams: asyncio.Task[None]) -> None:
        tasks = list(streams)
        for transaction in list(self._transactions.values()):
            transaction.exchange.end()
            if transaction.task is not None:
                tasks.append(transaction.task)
        if len(tasks) > len(streams):
            LOG.warning("the stream ended with %d transactions in progress", len(tasks) - len(streams))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _receive(self, message: Any) -> None:
        kind = message.type
        if kind == KEEPALIVE:
            self._outbox.put_nowait(message)
        elif self._expects:
            self._advance(message)
        elif kind in (RESPONSE, ERROR):
            transaction = self._transactions.get((message.channel_id, message.txid))
            if transaction is None or not transaction.exchange.answered(message):
                LOG.warning("transaction %s: an answer that nobody waits for was dropped", message.txid)
        elif kind in (TRANSACTION, INIT):
            self._begin(message)
        else:
            raise ProtocolError(f"a message of type {kind} is not allowed once the chaincode is ready")

    def _advance(self, message: Any) -> None:
        if message.type != self._expects:
            expected = ChaincodeMessage.Type.Name(self._expects)
            text = message.payload.decode(errors="replace") if message.type == ERROR else ""
            raise ProtocolError(f"the peer sent type {message.type} instead of {expected} {text}".strip())
        if message.type == REGISTERED:
            self._expects = READY
            return
        self._expects = 0
        self._features = Features.parse(chaincode_pb2.ChaincodeAdditionalParams.FromString(message.payload))
        LOG.info("%s is ready: %s", self._chaincode_id, self._features)

    def _begin(self, message: Any) -> None:
        key = (message.channel_id, message.txid)
        earlier = self._transactions.pop(key, None)
        if earlier is not None:
            # The peer gave the first run up (its timeout), and a client proposed the same transaction again.
            LOG.warning("transaction %s was begun again; the first run is cancelled", message.txid)
            earlier.exchange.end()
            if earlier.task is not None:
                earlier.task.cancel()
        if len(self._transactions) >= self._limits.transactions:
            self._refuse(message)
            return
        exchange = Exchange(*key, self._outbox.put_nowait, self._features, self._limits.message_bytes)
        transaction = Transaction(self._chaincode, message, exchange)
        self._transactions[key] = transaction
        transaction.task = asyncio.create_task(self._complete(key, transaction))

    async def _complete(self, key: tuple[str, str], transaction: Transaction) -> None:
        message = await transaction.answer()
        if self._transactions.get(key) is transaction:
            del self._transactions[key]
            transaction.exchange.end()
            self._outbox.put_nowait(message)

    def _refuse(self, message: Any) -> None:
        LOG.error("transaction %s was refused: %d are in progress", message.txid, len(self._transactions))
        refusal = error(f"the chaincode has {len(self._transactions)} transactions in progress", BUSY)
        payload = proposal_response_pb2.Response(status=refusal.status, message=refusal.message)
        self._outbox.put_nowait(
            ChaincodeMessage(
                type=COMPLETED,
                txid=message.txid,
                channel_id=message.channel_id,
                payload=payload.SerializeToString(),
            )
        )
