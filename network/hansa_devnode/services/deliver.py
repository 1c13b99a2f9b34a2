"""Block delivery: protos.Deliver of a peer and AtomicBroadcast.Deliver of the orderer."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import grpc.aio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fabric_protos.common import common_pb2
from fabric_protos.orderer import ab_pb2
from fabric_protos.peer import events_pb2

from hansa_devnode.services.access import (
    CHANNEL_READERS,
    AccessDeniedError,
    SignedData,
    signed_data_of,
)
from hansa_devnode.services.channel import Channel
from hansa_devnode.services.commit_feed import FeedClosedError
from hansa_devnode.services.delivered_blocks import block_with_private_data, filtered_block
from hansa_devnode.services.peers import Peer
from hansa_devnode.services.seek import SeekError, SeekRange, SeekRequest, range_of, read_seek
from hansa_fabric.blocks import Block
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity

logger = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]

# Makes the response that carries one block, given as serialized common.Block, to the creator of the request.
Render = Callable[[bytes, bytes], Any]

# Raises AccessDeniedError unless the signer may have blocks of the channel named.
Check = Callable[[str, SignedData], None]


class _Session:
    """One seek request: who asks, whether he still may, and the blocks he gets."""

    def __init__(self, channel: Channel, check: Check, envelope: Any, certificate_hash: bytes | None) -> None:
        self._channel = channel
        self._check = check
        self.request: SeekRequest = read_seek(envelope, certificate_hash)
        if self.request.channel_header.channel_id != channel.name:
            raise SeekError(common_pb2.NOT_FOUND, "channel not found")
        try:
            self._signed: SignedData = signed_data_of(envelope)
            self._expires = Identity.deserialize(self.request.creator).x509.not_valid_after_utc
        except (AccessDeniedError, FabricDataError) as error:
            raise SeekError(common_pb2.BAD_REQUEST, str(error)) from error
        self._checked_with: Any = None

    def authorize(self) -> None:
        """Checks the policy, again after a change of configuration. Raises SeekError (FORBIDDEN)."""
        if datetime.now(UTC) > self._expires:
            raise SeekError(common_pb2.FORBIDDEN, "deliver client identity expired")
        bundle = self._channel.ledger.bundle
        if self._checked_with is bundle:
            return
        try:
            self._check(self._channel.name, self._signed)
        except AccessDeniedError as error:
            raise SeekError(common_pb2.FORBIDDEN, str(error)) from error
        self._checked_with = bundle

    async def blocks(self) -> AsyncIterator[bytes]:
        """The serialized blocks asked for, each as soon as it is there. Raises SeekError."""
        self.authorize()
        info = self.request.info
        wanted: SeekRange = range_of(info, self._channel.feed.height)
        number = wanted.start
        while True:
            if info.behavior == ab_pb2.SeekInfo.FAIL_IF_NOT_READY and number >= self._channel.feed.height:
                raise SeekError(common_pb2.NOT_FOUND, f"block {number} is not there yet")
            try:
                block = await self._channel.feed.block(number)
            except FeedClosedError as error:
                raise SeekError(common_pb2.SERVICE_UNAVAILABLE, "the node is stopping") from error
            self.authorize()
            yield _headers_only(block) if info.content_type == ab_pb2.SeekInfo.HEADER_WITH_SIG else block
            if number == wanted.stop:
                return
            number += 1


async def _deliver(
    channel: Channel,
    requests: AsyncIterator[Any],
    certificate_hash: bytes | None,
    *,
    check: Check,
    render: Render,
    response: Any,
) -> AsyncIterator[Any]:
    """Serves one stream: for each seek its blocks and a status; any status but SUCCESS ends the stream."""
    async for envelope in requests:
        try:
            session = _Session(channel, check, envelope, certificate_hash)
            async for block in session.blocks():
                yield render(block, session.request.creator)
        except SeekError as error:
            logger.info("delivery refused: %s", error)
            yield response(status=error.status)
            return
        yield response(status=common_pb2.SUCCESS)


class PeerDeliverService:
    """protos.Deliver of one organisation's peer."""

    def __init__(self, channel: Channel, local: Peer) -> None:
        self._channel = channel
        self._local = local

    async def Deliver(  # noqa: N802 - the name is the service's
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Whole blocks."""
        async for response in self._stream("event/Block", _peer_block, requests, context):
            yield response

    async def DeliverFiltered(  # noqa: N802 - the name is the service's
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Transaction ids, validation codes and the names of events."""
        async for response in self._stream("event/FilteredBlock", _peer_filtered, requests, context):
            yield response

    async def DeliverWithPrivateData(  # noqa: N802 - the name is the service's
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Whole blocks with the private data that this peer holds and the client's organisation may see."""

        def render(block: bytes, creator: bytes) -> Any:
            return events_pb2.DeliverResponse(
                block_and_private_data=block_with_private_data(
                    self._channel, self._local.msp_id, block, creator
                )
            )

        async for response in self._stream("event/Block", render, requests, context):
            yield response

    def _stream(
        self, resource: str, render: Render, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        certificate_hash = _bound_certificate(self._channel, context)
        return _deliver(
            self._channel,
            requests,
            certificate_hash,
            check=partial(self._channel.access.check_resource, resource),
            render=render,
            response=events_pb2.DeliverResponse,
        )


class AtomicBroadcastService:
    """orderer.AtomicBroadcast: Broadcast checks and orders, Deliver streams blocks."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    async def Broadcast(  # noqa: N802 - the name is the service's
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Orders envelopes: one answer each; the first refusal ends the stream."""
        async for envelope in requests:
            response = await self._channel.broadcast.process(envelope)
            yield response
            if response.status != common_pb2.SUCCESS:
                return

    async def Deliver(  # noqa: N802 - the name is the service's
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Whole blocks, to whoever may read the channel."""
        certificate_hash = _bound_certificate(self._channel, context)
        async for each in _deliver(
            self._channel,
            requests,
            certificate_hash,
            check=partial(self._channel.access.check_policy, CHANNEL_READERS),
            render=_orderer_block,
            response=ab_pb2.DeliverResponse,
        ):
            yield each


def _bound_certificate(channel: Channel, context: Context) -> bytes | None:
    """What a request on this connection must name; None where connections show no certificate."""
    return client_certificate_hash(context) if channel.client_certificates else None


def client_certificate_hash(context: Context) -> bytes:
    """SHA-256 of the client's TLS certificate; empty when the connection has none."""
    found = next(iter(context.auth_context().get("x509_pem_cert", ())), None)
    if found is None:
        return b""
    certificate = x509.load_pem_x509_certificate(found)
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()


def _peer_block(block: bytes, _creator: bytes) -> Any:
    return events_pb2.DeliverResponse(block=common_pb2.Block.FromString(block))


def _peer_filtered(block: bytes, _creator: bytes) -> Any:
    return events_pb2.DeliverResponse(filtered_block=filtered_block(block))


def _orderer_block(block: bytes, _creator: bytes) -> Any:
    return ab_pb2.DeliverResponse(block=common_pb2.Block.FromString(block))


def _headers_only(block: bytes) -> bytes:
    """The block without its data, unless it holds a configuration."""
    view = Block(block)
    if view.transactions and view.transactions[0].transaction.is_config:
        return block
    return Block(
        common_pb2.Block(
            header=view.message.header, data=common_pb2.BlockData(), metadata=view.message.metadata
        )
    ).serialize()
