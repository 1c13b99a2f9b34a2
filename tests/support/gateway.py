"""A gateway that answers from memory, in this process: for how a client behaves, not for what Fabric does.

It checks each signature as Fabric would, endorses whatever it is asked, and fails as it is told to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass, field
from typing import Any, Self

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import chaincode_event_pb2, events_pb2, proposal_response_pb2
from google.protobuf import any_pb2
from google.rpc import status_pb2

from hansa_fabric.blocks import new_block
from hansa_fabric.identity import Identity, KeySigner, verify
from hansa_fabric.proposals import Proposal, endorse, parse_signed_proposal, response_payload
from hansa_fabric.transactions import new_transaction
from tests.support.fabric_identities import self_signed

CHANNEL = "trade"


@dataclass(frozen=True)
class Failure:
    """How a call fails, with what single endpoints said: address, MSP id, message."""

    code: grpc.StatusCode
    message: str
    details: tuple[tuple[str, str, str], ...] = ()

    @property
    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """As Fabric's gateway sends it."""
        packed = []
        for address, msp_id, message in self.details:
            item = any_pb2.Any()
            item.Pack(gateway_pb2.ErrorDetail(address=address, msp_id=msp_id, message=message))
            packed.append(item)
        status = status_pb2.Status(code=self.code.value[0], message=self.message, details=packed)
        return (("grpc-status-details-bin", status.SerializeToString()),)


def _blocks() -> list[Any]:
    return [new_block(number, b"" if number == 0 else b"p" * 32, [b"e%d" % number]) for number in range(5)]


@dataclass
class FakeGateway:
    """The server; fields are what it does and what it saw."""

    failures: dict[str, Failure] = field(default_factory=dict)
    seen: list[tuple[str, Any]] = field(default_factory=list)
    verdict: int = 0
    tamper: Callable[[Any], None] = lambda envelope: None
    silent: threading.Event | None = None
    blocks: list[Any] = field(default_factory=_blocks)
    events: list[Any] = field(default_factory=list)
    ends_streams: bool = False
    deliver_status: int | None = None
    credentials: grpc.ServerCredentials | None = None
    endorser: KeySigner = field(default_factory=lambda: self_signed("ProducerMSP", "peer"))

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._server = grpc.server(
            futures.ThreadPoolExecutor(120), options=[("grpc.max_receive_message_length", 100 << 20)]
        )
        unary = {
            "Evaluate": (self._evaluate, gateway_pb2.EvaluateRequest),
            "Endorse": (self._endorse, gateway_pb2.EndorseRequest),
            "Submit": (self._submit, gateway_pb2.SubmitRequest),
            "CommitStatus": (self._commit_status, gateway_pb2.SignedCommitStatusRequest),
        }
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                self._answering(name, answer), kind.FromString, lambda message: message.SerializeToString()
            )
            for name, (answer, kind) in unary.items()
        }
        handlers["ChaincodeEvents"] = grpc.unary_stream_rpc_method_handler(
            self._chaincode_events,
            gateway_pb2.SignedChaincodeEventsRequest.FromString,
            lambda message: message.SerializeToString(),
        )
        deliver = {
            name: grpc.stream_stream_rpc_method_handler(
                self._delivering(name),
                common_pb2.Envelope.FromString,
                lambda message: message.SerializeToString(),
            )
            for name in ("Deliver", "DeliverFiltered", "DeliverWithPrivateData")
        }
        self._server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler("gateway.Gateway", handlers),
                grpc.method_handlers_generic_handler("protos.Deliver", deliver),
            )
        )
        port = (
            self._server.add_insecure_port("127.0.0.1:0")
            if self.credentials is None
            else self._server.add_secure_port("127.0.0.1:0", self.credentials)
        )
        self.address = f"127.0.0.1:{port}"
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self.silent is not None:
            self.silent.set()
        self._server.stop(None).wait()

    def requests(self, name: str) -> list[Any]:
        """What was asked of one method."""
        return [message for method, message in self.seen if method == name]

    def _answering(
        self, name: str, answer: Callable[[Any], Any]
    ) -> Callable[[Any, grpc.ServicerContext], Any]:
        def call(request: Any, context: grpc.ServicerContext) -> Any:
            self.seen.append((name, request))
            failure = self.failures.get(name)
            if failure is not None:
                context.set_trailing_metadata(failure.trailing_metadata)
                context.abort(failure.code, failure.message)
            return answer(request)

        return call

    def _evaluate(self, request: Any) -> Any:
        parsed = _parsed(request.proposed_transaction)
        return gateway_pb2.EvaluateResponse(
            result=proposal_response_pb2.Response(status=200, payload=b"|".join(parsed.args))
        )

    def _endorse(self, request: Any) -> Any:
        parsed = _parsed(request.proposed_transaction)
        response = proposal_response_pb2.Response(status=200, payload=b"|".join(parsed.args))
        payload = response_payload(
            parsed.hash,
            results=b"",
            event=b"",
            response=response,
            chaincode=parsed.chaincode,
            version="1.0",
        )
        proposal = Proposal.from_bytes(parsed.proposal_bytes)
        envelope = common_pb2.Envelope(
            payload=new_transaction(proposal, [endorse(payload, response, self.endorser)])
        )
        self.tamper(envelope)
        return gateway_pb2.EndorseResponse(prepared_transaction=envelope)

    def _submit(self, request: Any) -> Any:
        envelope = request.prepared_transaction
        header = common_pb2.Payload.FromString(envelope.payload).header
        creator = common_pb2.SignatureHeader.FromString(header.signature_header).creator
        verify(Identity.deserialize(creator), envelope.payload, envelope.signature)
        return gateway_pb2.SubmitResponse()

    def _commit_status(self, signed: Any) -> Any:
        request = gateway_pb2.CommitStatusRequest.FromString(signed.request)
        verify(Identity.deserialize(request.identity), signed.request, signed.signature)
        if self.silent is not None:
            self.silent.wait(30)
        return gateway_pb2.CommitStatusResponse(result=self.verdict, block_number=7)

    def _chaincode_events(self, signed: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        request = gateway_pb2.ChaincodeEventsRequest.FromString(signed.request)
        verify(Identity.deserialize(request.identity), signed.request, signed.signature)
        self.seen.append(("ChaincodeEvents", request))
        yield from self.events
        self._end(context)

    def _delivering(self, name: str) -> Callable[[Iterator[Any], grpc.ServicerContext], Iterator[Any]]:
        def deliver(requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
            envelope = next(requests)
            payload = common_pb2.Payload.FromString(envelope.payload)
            creator = common_pb2.SignatureHeader.FromString(payload.header.signature_header).creator
            verify(Identity.deserialize(creator), envelope.payload, envelope.signature)
            seek = ab_pb2.SeekInfo.FromString(payload.data)
            self.seen.append((name, common_pb2.ChannelHeader.FromString(payload.header.channel_header)))
            if self.deliver_status is not None:
                yield events_pb2.DeliverResponse(status=self.deliver_status)
                return
            start = seek.start.specified.number if seek.start.HasField("specified") else len(self.blocks)
            for block in self.blocks[start : seek.stop.specified.number + 1]:
                yield _delivery(name, block)
            if seek.stop.specified.number < len(self.blocks):
                yield events_pb2.DeliverResponse(status=common_pb2.SUCCESS)
                return
            self._end(context)

        return deliver

    def _end(self, context: grpc.ServicerContext) -> None:
        failure = self.failures.get("streams")
        if failure is not None:
            context.abort(failure.code, failure.message)
        while not self.ends_streams and context.is_active() and not self._stop.wait(0.02):
            pass


def event(block_number: int, transaction_id: str, payload: bytes = b"{}") -> Any:
    """A ``ChaincodeEventsResponse`` with one event ``hansa``."""
    return gateway_pb2.ChaincodeEventsResponse(
        block_number=block_number,
        events=[
            chaincode_event_pb2.ChaincodeEvent(
                chaincode_id="hansa", tx_id=transaction_id, event_name="hansa", payload=payload
            )
        ],
    )


def _parsed(signed: Any) -> Any:
    parsed = parse_signed_proposal(signed)
    verify(Identity.deserialize(parsed.creator), parsed.proposal_bytes, parsed.signature)
    return parsed


def _delivery(name: str, block: Any) -> Any:
    if name == "Deliver":
        return events_pb2.DeliverResponse(block=block)
    if name == "DeliverWithPrivateData":
        content = events_pb2.BlockAndPrivateData(block=block)
        content.private_data_map[0].data_model = 0
        return events_pb2.DeliverResponse(block_and_private_data=content)
    transaction = events_pb2.FilteredTransaction(txid="t", type=3, tx_validation_code=11)
    action = transaction.transaction_actions.chaincode_actions.add()
    action.chaincode_event.chaincode_id, action.chaincode_event.event_name = "hansa", "hansa"
    filtered = events_pb2.FilteredBlock(
        channel_id=CHANNEL, number=block.header.number, filtered_transactions=[transaction]
    )
    return events_pb2.DeliverResponse(filtered_block=filtered)
