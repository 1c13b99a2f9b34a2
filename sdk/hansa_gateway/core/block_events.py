"""Block events: the request for them, and what comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import events_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_fabric.blocks import Block
from hansa_fabric.identity import Identity
from hansa_fabric.validation_codes import code_name
from hansa_gateway.core.cursor import LARGEST_BLOCK, Start, specified
from hansa_gateway.core.signing import Signatory, SignedRequest, decode_step
from hansa_gateway.errors import EventStreamError, InvalidMessageError

Content = TypeVar("Content")

_STATUS_CODES = {
    common_pb2.BAD_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    common_pb2.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    common_pb2.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    common_pb2.SERVICE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}


@dataclass(frozen=True)
class FilteredTransaction:
    """A transaction without its content.

    Args:
        transaction_id: its id.
        type: Fabric's ``HeaderType``; 3 is an endorsed transaction, 1 a configuration.
        validation_code: Fabric's ``TxValidationCode``; 0 is VALID.
        events: chaincode and name of each event it emitted.
    """

    transaction_id: str
    type: int
    validation_code: int
    events: tuple[tuple[str, str], ...]

    @property
    def validation_code_name(self) -> str:
        """The verdict's name, such as ``MVCC_READ_CONFLICT``."""
        return code_name(self.validation_code)


@dataclass(frozen=True)
class FilteredBlock:
    """A block without its content.

    Args:
        channel: channel name.
        number: the block's number.
        transactions: its transactions in order.
    """

    channel: str
    number: int
    transactions: tuple[FilteredTransaction, ...]


@dataclass(frozen=True)
class BlockWithPrivateData:
    """A block, and the private data in it that the reader may see.

    Args:
        block: the block.
        private_data: by the transaction's place in the block, the ``ledger.rwset.TxPvtReadWriteSet``.
    """

    block: Block
    private_data: Mapping[int, Any]


@dataclass(frozen=True)
class BlockContent(Generic[Content]):
    """One of the three ways in which a peer delivers blocks.

    Args:
        method: the full gRPC method name.
        field: the field of ``peer.DeliverResponse`` that holds the content.
        read: from that field to what the caller gets.
        number: the block number of what the caller gets.
    """

    method: str
    field: str
    read: Callable[[Any], Content]
    number: Callable[[Content], int]

    def of(self, response: Any) -> Content | None:
        """The content of one ``peer.DeliverResponse``; None when it says that all asked for was sent.

        Raises:
            EventStreamError: the peer refuses, or answers with other content.
        """
        kind = response.WhichOneof("Type")
        if kind == self.field:
            return self.read(getattr(response, kind))
        if kind != "status":
            raise EventStreamError(f"the peer delivered {kind} instead of blocks", grpc.StatusCode.INTERNAL)
        if response.status == common_pb2.SUCCESS:
            return None
        said = (
            common_pb2.Status.Name(response.status) if response.status in _STATUS_CODES else response.status
        )
        code = _STATUS_CODES.get(response.status, grpc.StatusCode.UNKNOWN)
        raise EventStreamError(f"the peer does not deliver: {said}", code)


def _filtered(block: Any) -> FilteredBlock:
    return FilteredBlock(
        block.channel_id,
        block.number,
        tuple(
            FilteredTransaction(
                tx.txid,
                tx.type,
                tx.tx_validation_code,
                tuple(
                    (action.chaincode_event.chaincode_id, action.chaincode_event.event_name)
                    for action in tx.transaction_actions.chaincode_actions
                ),
            )
            for tx in block.filtered_transactions
        ),
    )


WHOLE: BlockContent[Block] = BlockContent(
    "/protos.Deliver/Deliver", "block", Block, lambda block: block.number
)
FILTERED: BlockContent[FilteredBlock] = BlockContent(
    "/protos.Deliver/DeliverFiltered", "filtered_block", _filtered, lambda block: block.number
)
WITH_PRIVATE_DATA: BlockContent[BlockWithPrivateData] = BlockContent(
    "/protos.Deliver/DeliverWithPrivateData",
    "block_and_private_data",
    lambda found: BlockWithPrivateData(Block(found.block), dict(found.private_data_map)),
    lambda found: found.block.number,
)

deserialize_delivery: Callable[[bytes], Any] = events_pb2.DeliverResponse.FromString


class BlockEventsCall(SignedRequest):
    """The request for blocks (``common.Envelope``); what is signed is its ``common.Payload``."""

    @classmethod
    def new(
        cls,
        signatory: Signatory,
        channel: str,
        start: Start,
        stop_block: int | None = None,
        tls_certificate_hash: bytes = b"",
    ) -> BlockEventsCall:
        """A request of the signatory's.

        Args:
            signatory: who asks.
            channel: channel name.
            start: where to begin; a transaction id in it does not matter here.
            stop_block: the last block to deliver; None goes on for ever.
            tls_certificate_hash: see the function of that name; peers that demand client
                certificates check it.

        Raises:
            ConfigurationError: an impossible block number.
        """
        now = Timestamp()
        now.GetCurrentTime()
        channel_header = common_pb2.ChannelHeader(
            type=common_pb2.DELIVER_SEEK_INFO,
            timestamp=now,
            channel_id=channel,
            tls_cert_hash=tls_certificate_hash,
        )
        seek = ab_pb2.SeekInfo(
            start=start.position(), stop=specified(LARGEST_BLOCK if stop_block is None else stop_block)
        )
        payload = common_pb2.Payload(
            header=common_pb2.Header(
                channel_header=channel_header.SerializeToString(),
                signature_header=common_pb2.SignatureHeader(creator=signatory.creator).SerializeToString(),
            ),
            data=seek.SerializeToString(),
        )
        return cls(payload.SerializeToString())

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> BlockEventsCall:
        """A request that was elsewhere. Raises InvalidMessageError when the bytes are none."""
        envelope = decode_step(common_pb2.Envelope, data, "a block events request")
        if not envelope.payload:
            raise InvalidMessageError("the block events request is empty")
        return cls(envelope.payload, signature or envelope.signature)

    def _signed(self) -> Any:
        return common_pb2.Envelope(payload=self.message, signature=self.signature)


def tls_certificate_hash(certificate: bytes) -> bytes:
    """SHA-256 of the DER of the PEM certificate a client shows on TLS: it binds a request to its connection.

    Raises:
        MalformedDataError: not a PEM certificate.
    """
    from cryptography.hazmat.primitives.serialization import Encoding

    return hashlib.sha256(Identity("", certificate).x509.public_bytes(Encoding.DER)).digest()
