"""A peer's side of the chaincode stream, in the test's own process, strict about the protocol's rules."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2, proposal_response_pb2

from hansa_fabric.proposals import new_proposal, sign_proposal
from hansa_shim import Chaincode, ChaincodeStub, Limits, Response
from hansa_shim.session import Session
from tests.support.fabric_identities import self_signed

Message = chaincode_shim_pb2.ChaincodeMessage
SIGNER = self_signed("RetailerMSP", "buyer")
PORTION = 3
"""Results of a query per message; small, so that tests meet more than one."""


@dataclass
class Answer:
    """How a transaction ended: the message that ended it, and the response in it."""

    message: Any

    @property
    def response(self) -> Any:
        assert self.message.type == Message.COMPLETED, self.message
        return proposal_response_pb2.Response.FromString(self.message.payload)

    @property
    def status(self) -> int:
        return int(self.response.status)

    @property
    def text(self) -> str:
        return str(self.response.message)

    @property
    def payload(self) -> bytes:
        return bytes(self.response.payload)


@dataclass
class FakePeer:
    """Answers requests from ``state``, applies writes to ``written`` and collects what breaks a rule.

    ``answers`` replaces the answer to a type of message by the function given (None leaves it unanswered).
    """

    chaincode: Chaincode
    write_batch: int = 0
    read_batch: int = 0
    limits: Limits | None = None
    state: dict[tuple[str, str], bytes] = field(default_factory=dict)
    metadata: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    written: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    answers: dict[int, Callable[[Any], Any]] = field(default_factory=dict)
    requests: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    broken_rules: list[str] = field(default_factory=list)
    received: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.to_chaincode: asyncio.Queue[Any] = asyncio.Queue()
        self._endings: dict[str, asyncio.Future[Answer]] = {}
        self._outstanding: set[str] = set()
        self._iterators: dict[str, list[bytes]] = {}
        self._writing = False
        self._registered = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> FakePeer:
        self.session = Session(self.chaincode, "label:hash", self.limits)
        self.serving = asyncio.create_task(self.session.run(self._incoming(), self.take))
        await asyncio.wait_for(self._registered.wait(), 30)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()
        await asyncio.gather(self.serving, return_exceptions=True)

    def hang_up(self) -> None:
        """Ends the stream."""
        self.to_chaincode.put_nowait(None)

    def requested(self, tx_id: str = "tx") -> list[str]:
        """The types of the requests of a transaction, in order."""
        return [Message.Type.Name(message.type) for message in self.requests[tx_id]]

    async def transact(
        self, *args: str | bytes, tx_id: str = "tx", channel: str = "trade", **how: Any
    ) -> Answer:
        """Calls the chaincode and waits for its answer."""
        ending = self.begin(*args, tx_id=tx_id, channel=channel, **how)
        return await asyncio.wait_for(ending, 30)

    def begin(
        self,
        *args: str | bytes,
        tx_id: str = "tx",
        channel: str = "trade",
        kind: int = Message.TRANSACTION,
        signed: Any = None,
        payload: bytes | None = None,
    ) -> asyncio.Future[Answer]:
        """Calls the chaincode."""
        raw = [arg.encode() if isinstance(arg, str) else arg for arg in args]
        body = chaincode_pb2.ChaincodeInput(args=raw).SerializeToString() if payload is None else payload
        message = Message(type=kind, txid=tx_id, channel_id=channel, payload=body)
        if signed is not None:
            message.proposal.CopyFrom(signed)
        self._endings[channel + tx_id] = asyncio.get_running_loop().create_future()
        self.to_chaincode.put_nowait(message)
        return self._endings[channel + tx_id]

    async def _incoming(self) -> AsyncIterator[Any]:
        while (message := await self.to_chaincode.get()) is not None:
            yield message

    async def take(self, message: Any) -> None:
        """The chaincode's write to the stream."""
        if self._writing:
            self.broken_rules.append("two writes to the stream at once")
        self._writing = True
        await asyncio.sleep(0)
        self._writing = False
        self.received.append(message)
        if message.type == Message.REGISTER:
            self._register()
            self._registered.set()
        elif message.type == Message.KEEPALIVE:
            return
        elif message.type in (Message.COMPLETED, Message.ERROR):
            ending = self._endings[message.channel_id + message.txid]
            if ending.done():
                self.broken_rules.append(f"{message.txid} was answered twice")
            else:
                ending.set_result(Answer(message))
        else:
            self._request(message)

    def _register(self) -> None:
        params = chaincode_pb2.ChaincodeAdditionalParams(
            use_write_batch=bool(self.write_batch),
            max_size_write_batch=self.write_batch,
            use_get_multiple_keys=bool(self.read_batch),
            max_size_get_multiple_keys=self.read_batch,
        )
        self.to_chaincode.put_nowait(Message(type=Message.REGISTERED))
        self.to_chaincode.put_nowait(Message(type=Message.READY, payload=params.SerializeToString()))

    def _request(self, message: Any) -> None:
        context = message.channel_id + message.txid
        if context in self._outstanding:
            self.broken_rules.append(f"{message.txid} asked before it had the last answer")
        self._outstanding.add(context)
        self.requests[message.txid].append(message)
        task = asyncio.create_task(self._respond(message, context))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _respond(self, message: Any, context: str) -> None:
        await asyncio.sleep(0)
        if message.type in self.answers:
            reply = self.answers[message.type](message)
            if reply is None:
                return
        else:
            reply = Message(type=Message.RESPONSE, payload=self._work(message))
        reply.txid, reply.channel_id = message.txid, message.channel_id
        self._outstanding.discard(context)
        self.to_chaincode.put_nowait(reply)

    def _work(self, message: Any) -> bytes:
        kind, payload = message.type, message.payload
        if kind == Message.GET_STATE:
            request = chaincode_shim_pb2.GetState.FromString(payload)
            return self.state.get((request.collection, request.key), b"")
        if kind == Message.GET_PRIVATE_DATA_HASH:
            request = chaincode_shim_pb2.GetState.FromString(payload)
            return hashlib.sha256(self.state[request.collection, request.key]).digest()
        if kind == Message.GET_STATE_MULTIPLE:
            request = chaincode_shim_pb2.GetStateMultiple.FromString(payload)
            values = [self.state.get((request.collection, key), b"") for key in request.keys]
            return bytes(chaincode_shim_pb2.GetStateMultipleResult(values=values).SerializeToString())
        if kind == Message.GET_STATE_METADATA:
            request = chaincode_shim_pb2.GetStateMetadata.FromString(payload)
            result = chaincode_shim_pb2.StateMetadataResult()
            for name, value in self.metadata[request.collection, request.key].items():
                result.entries.add(metakey=name, value=value)
            return bytes(result.SerializeToString())
        if kind in QUERIES:
            return self._query(kind, payload)
        self._write(kind, payload)
        return b""

    def _write(self, kind: int, payload: bytes) -> None:
        if kind == Message.WRITE_BATCH_STATE:
            for record in chaincode_shim_pb2.WriteBatchState.FromString(payload).rec:
                name = chaincode_shim_pb2.WriteRecord.Type.Name(record.type)
                value = record.metadata.value if name == "PUT_STATE_METADATA" else record.value
                self.written.append((name, record.collection, record.key, value))
            return
        name = Message.Type.Name(kind)
        request = WRITES[kind].FromString(payload)
        value = {"PUT_STATE": lambda: request.value, "PUT_STATE_METADATA": lambda: request.metadata.value}
        self.written.append((name, request.collection, request.key, value.get(name, lambda: b"")()))

    def _query(self, kind: int, payload: bytes) -> bytes:
        if kind == Message.QUERY_STATE_CLOSE:
            self._iterators.pop(chaincode_shim_pb2.QueryStateClose.FromString(payload).id)
            return b""
        if kind == Message.QUERY_STATE_NEXT:
            return self._portion(chaincode_shim_pb2.QueryStateNext.FromString(payload).id)
        if kind == Message.GET_HISTORY_FOR_KEY:
            changes = [
                kv_query_result_pb2.KeyModification(tx_id=f"t{n}", value=b"%d" % n, is_delete=n == 0)
                for n in (4, 3, 2, 1, 0)
            ]
            return self._open([change.SerializeToString() for change in changes])
        request = chaincode_shim_pb2.GetStateByRange.FromString(payload)
        paging = chaincode_shim_pb2.QueryMetadata.FromString(request.metadata)
        start = paging.bookmark or request.startKey
        keys = sorted(key for collection, key in self.state if collection == request.collection)
        keys = [key for key in keys if start <= key and (key < request.endKey or not request.endKey)]
        if paging.pageSize:
            return self._page(request.collection, keys, paging.pageSize)
        return self._open([self._pair(request.collection, key) for key in keys])

    def _pair(self, collection: str, key: str) -> bytes:
        return bytes(kv_query_result_pb2.KV(key=key, value=self.state[collection, key]).SerializeToString())

    def _page(self, collection: str, keys: list[str], size: int) -> bytes:
        metadata = chaincode_shim_pb2.QueryResponseMetadata(
            fetched_records_count=len(keys[:size]), bookmark=keys[size] if len(keys) > size else ""
        )
        response = chaincode_shim_pb2.QueryResponse(id="page", metadata=metadata.SerializeToString())
        for key in keys[:size]:
            response.results.add(resultBytes=self._pair(collection, key))
        return bytes(response.SerializeToString())

    def _open(self, results: list[bytes]) -> bytes:
        name = f"iterator{len(self._iterators)}"
        self._iterators[name] = results
        return self._portion(name)

    def _portion(self, name: str) -> bytes:
        results = self._iterators[name]
        response = chaincode_shim_pb2.QueryResponse(id=name, has_more=len(results) > PORTION)
        for result in results[:PORTION]:
            response.results.add(resultBytes=result)
        del results[:PORTION]
        if not response.has_more:
            del self._iterators[name]
        return bytes(response.SerializeToString())

    @property
    def open_iterators(self) -> int:
        """How many queries the chaincode has neither read to their end nor closed."""
        return len(self._iterators)


QUERIES = {
    Message.GET_STATE_BY_RANGE,
    Message.GET_HISTORY_FOR_KEY,
    Message.QUERY_STATE_NEXT,
    Message.QUERY_STATE_CLOSE,
}
WRITES = {
    Message.PUT_STATE: chaincode_shim_pb2.PutState,
    Message.DEL_STATE: chaincode_shim_pb2.DelState,
    Message.PURGE_PRIVATE_DATA: chaincode_shim_pb2.PurgePrivateState,
    Message.PUT_STATE_METADATA: chaincode_shim_pb2.PutStateMetadata,
}


def refusal(text: str) -> Callable[[Any], Any]:
    """An ERROR answer."""
    return lambda _: Message(type=Message.ERROR, payload=text.encode())


def signed_proposal(*args: bytes, transient: Mapping[str, bytes] | None = None) -> tuple[str, Any]:
    """A transaction id and the SignedProposal of a retailer's client."""
    proposal = new_proposal("trade", "hansa", list(args), SIGNER.identity, transient=transient)
    return proposal.tx_id, sign_proposal(proposal, SIGNER)


class Contract:
    """A chaincode made of one function."""

    def __init__(self, function: Callable[[ChaincodeStub], Any]) -> None:
        self._function = function

    async def init(self, stub: ChaincodeStub) -> Response:
        answer: Response = await self._function(stub)
        return answer

    async def invoke(self, stub: ChaincodeStub) -> Response:
        answer: Response = await self._function(stub)
        return answer
