"""The ordering service itself, for what no gateway does: configuration blocks, and configuration updates.

Transactions of chaincode go through a ``Gateway``; a member's administrator comes here.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_fabric.blocks import Block
from hansa_fabric.identity import Signer
from hansa_gateway.connection import Endpoint
from hansa_gateway.core.cursor import specified
from hansa_gateway.core.methods import serialize
from hansa_gateway.core.rpc_errors import remote_error
from hansa_gateway.core.signing import Signatory
from hansa_gateway.errors import BroadcastError, EventStreamError, GatewayClosedError

_DELIVER = "/orderer.AtomicBroadcast/Deliver"
_BROADCAST = "/orderer.AtomicBroadcast/Broadcast"
_STATUS_CODES = {
    common_pb2.BAD_REQUEST: grpc.StatusCode.INVALID_ARGUMENT,
    common_pb2.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    common_pb2.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    common_pb2.SERVICE_UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}


class OrderingService:
    """One ordering node, asked by one identity. Threads may share it.

    Args:
        endpoint: where to.
        signer: who asks for blocks; a reader of the channel.
    """

    def __init__(self, endpoint: Endpoint, signer: Signer) -> None:
        self._signatory = Signatory(signer)
        self._certificate_hash = endpoint.tls_certificate_hash
        credentials, options = endpoint.credentials, endpoint.channel_options
        self._channel = (
            grpc.insecure_channel(endpoint.address, options)
            if credentials is None
            else grpc.secure_channel(endpoint.address, credentials, options)
        )
        self._deliver = self._channel.stream_stream(_DELIVER, serialize, ab_pb2.DeliverResponse.FromString)
        self._broadcast = self._channel.stream_stream(
            _BROADCAST, serialize, ab_pb2.BroadcastResponse.FromString
        )
        self._closed = False

    @classmethod
    def connect(
        cls,
        address: str,
        signer: Signer,
        *,
        tls_root: bytes | None = None,
        client_certificate: bytes | None = None,
        client_key: bytes | None = None,
        server_name: str | None = None,
        plaintext: bool = False,
    ) -> Self:
        """The ordering node at ``host:port``; see ``Endpoint`` for the other arguments.

        Raises:
            ConfigurationError: the arguments contradict one another.
        """
        return cls(
            Endpoint(address, tls_root, client_certificate, client_key, server_name, plaintext), signer
        )

    def config_block(self, channel: str, timeout: float = 10.0) -> Block:
        """The newest configuration block of a channel, as the newest block of all names it.

        Nothing is verified here: see ``hansa_fabric.block_signatures``.

        Args:
            channel: its name.
            timeout: seconds, for each of two calls.

        Raises:
            EventStreamError: the node does not deliver: no such channel, or this identity may not read it.
            GatewayClosedError: nothing was sent.
        """
        newest = self._block(channel, ab_pb2.SeekPosition(newest=ab_pb2.SeekNewest()), timeout)
        return newest if newest.last_config == newest.number else self.block(channel, newest.last_config)

    def block(self, channel: str, number: int, timeout: float = 10.0) -> Block:
        """A block by its number, which must be there already. Raises as ``config_block``."""
        return self._block(channel, specified(number), timeout)

    def broadcast(self, envelope: Any, timeout: float = 10.0) -> None:
        """Hand a signed ``common.Envelope`` over; on return it is ordered, not yet committed.

        Args:
            envelope: a configuration update from ``hansa_fabric.config_signatures.sign_update``, or a
                transaction.
            timeout: seconds.

        Raises:
            BroadcastError: the node refused it, or did not answer; only with ``outcome_unknown`` it may
                have been taken all the same.
            GatewayClosedError: nothing was sent.
        """
        self._check_open()
        try:
            answers: Any = self._broadcast(iter((envelope,)), timeout=timeout)
            response = next(answers, None)
        except grpc.RpcError as failure:
            raise remote_error(BroadcastError, failure) from failure
        if response is None:
            raise BroadcastError("the orderer gave no answer", grpc.StatusCode.UNKNOWN)
        if response.status != common_pb2.SUCCESS:
            raise BroadcastError(response.info, _STATUS_CODES.get(response.status, grpc.StatusCode.UNKNOWN))

    def close(self) -> None:
        """Cancel what is under way and let the connection go; a second time does nothing."""
        self._closed = True
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise GatewayClosedError("the connection to the ordering service is closed")

    def _block(self, channel: str, position: Any, timeout: float) -> Block:
        self._check_open()
        try:
            for response in self._deliver(iter((self._seek(channel, position),)), timeout=timeout):
                if response.WhichOneof("Type") == "block":
                    return Block(response.block)
                said = common_pb2.Status.Name(response.status)
                code = _STATUS_CODES.get(response.status, grpc.StatusCode.UNKNOWN)
                raise EventStreamError(f"the orderer does not deliver: {said}", code)
        except grpc.RpcError as failure:
            raise remote_error(EventStreamError, failure) from failure
        raise EventStreamError("the orderer gave no answer", grpc.StatusCode.UNKNOWN)

    def _seek(self, channel: str, position: Any) -> Any:
        now = Timestamp()
        now.GetCurrentTime()
        channel_header = common_pb2.ChannelHeader(
            type=common_pb2.DELIVER_SEEK_INFO,
            timestamp=now,
            channel_id=channel,
            tls_cert_hash=self._certificate_hash,
        )
        seek = ab_pb2.SeekInfo(start=position, stop=position, behavior=ab_pb2.SeekInfo.FAIL_IF_NOT_READY)
        payload = common_pb2.Payload(
            header=common_pb2.Header(
                channel_header=channel_header.SerializeToString(),
                signature_header=common_pb2.SignatureHeader(
                    creator=self._signatory.creator
                ).SerializeToString(),
            ),
            data=seek.SerializeToString(),
        ).SerializeToString()
        return common_pb2.Envelope(payload=payload, signature=self._signatory.sign(payload))
