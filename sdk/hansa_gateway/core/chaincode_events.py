"""Chaincode events: the request for them, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fabric_protos.gateway import gateway_pb2

from hansa_gateway.core.cursor import Start
from hansa_gateway.core.signing import Signatory, SignedRequest, decode_step


@dataclass(frozen=True)
class ChaincodeEvent:
    """An event that a valid transaction emitted.

    Args:
        block_number: the block the transaction stands in.
        transaction_id: its id.
        chaincode: name of the chaincode.
        name: the event's name.
        payload: the event's content.
    """

    block_number: int
    transaction_id: str
    chaincode: str
    name: str
    payload: bytes


class ChaincodeEventsCall(SignedRequest):
    """The request for a chaincode's events (``gateway.SignedChaincodeEventsRequest``)."""

    @classmethod
    def new(cls, signatory: Signatory, channel: str, chaincode: str, start: Start) -> ChaincodeEventsCall:
        """A request of the signatory's. Raises ConfigurationError for an impossible block number."""
        message = gateway_pb2.ChaincodeEventsRequest(
            channel_id=channel,
            chaincode_id=chaincode,
            identity=signatory.creator,
            start_position=start.position(),
            after_transaction_id=start.after_transaction_id,
        )
        return cls(message.SerializeToString())

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> ChaincodeEventsCall:
        """A request that was elsewhere. Raises InvalidMessageError when the bytes are none."""
        signed = decode_step(gateway_pb2.SignedChaincodeEventsRequest, data, "a chaincode events request")
        decode_step(gateway_pb2.ChaincodeEventsRequest, signed.request, "a chaincode events request")
        return cls(signed.request, signature or signed.signature)

    def _signed(self) -> Any:
        return gateway_pb2.SignedChaincodeEventsRequest(request=self.message, signature=self.signature)


def events_of(response: Any) -> Iterator[ChaincodeEvent]:
    """The events of one ``gateway.ChaincodeEventsResponse``, which holds those of one block."""
    for event in response.events:
        yield ChaincodeEvent(
            response.block_number, event.tx_id, event.chaincode_id, event.event_name, event.payload
        )
