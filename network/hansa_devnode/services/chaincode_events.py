"""Gateway.ChaincodeEvents: the events of one chaincode, block by block, from where the client left off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.ledger.errors import NotFoundError
from hansa_devnode.services.access import AccessDeniedError, SignedData
from hansa_devnode.services.channel import Channel
from hansa_devnode.services.rpc_errors import RpcError, invalid_argument
from hansa_fabric.blocks import Block


async def chaincode_events(channel: Channel, signed_request: Any) -> AsyncIterator[Any]:
    """Answers gateway.SignedChaincodeEventsRequest with gateway.ChaincodeEventsResponse, for ever.

    One response for each block with events of the chaincode, in the order of the ledger. Raises RpcError.
    With an `after_transaction_id` that no block holds nothing is ever sent, as on Fabric.
    """
    request = _request(signed_request)
    signed = SignedData(signed_request.request, request.identity, signed_request.signature)
    try:
        channel.access.check_resource("gateway/ChaincodeEvents", request.channel_id, signed)
    except AccessDeniedError as error:
        raise RpcError(grpc.StatusCode.PERMISSION_DENIED, str(error)) from error
    number = _start(channel, request)
    after = request.after_transaction_id
    while True:
        events = []
        for event in events_of(await channel.feed.block(number)):
            if after:
                # The transaction named is the last one the client knows; what follows it is new.
                after = "" if event.tx_id == after else after
            elif event.chaincode_id == request.chaincode_id:
                events.append(event)
        if events:
            yield gateway_pb2.ChaincodeEventsResponse(events=events, block_number=number)
        number += 1


def _request(signed_request: Any) -> Any:
    if not signed_request.request:
        raise invalid_argument("a chaincode events request is required")
    try:
        return gateway_pb2.ChaincodeEventsRequest.FromString(signed_request.request)
    except DecodeError as error:
        raise invalid_argument(f"invalid chaincode events request: {error}") from error


def _start(channel: Channel, request: Any) -> int:
    if request.after_transaction_id:
        try:
            block = common_pb2.Block.FromString(
                channel.ledger.block_of_transaction(request.after_transaction_id)
            )
        except NotFoundError:
            return _start_position(channel, request.start_position)
        number: int = block.header.number
        return number
    return _start_position(channel, request.start_position)


def _start_position(channel: Channel, position: Any) -> int:
    kind = position.WhichOneof("Type")
    if kind in (None, "next_commit"):
        return channel.feed.height
    if kind == "specified":
        number: int = position.specified.number
        return number
    raise invalid_argument(f"invalid start position type: *orderer.SeekPosition_{kind.title()}")


def events_of(block: bytes) -> list[Any]:
    """The peer.ChaincodeEvents of the valid transactions in a serialized common.Block, in their order."""
    found = []
    for each in Block(block).transactions:
        if not each.is_valid or each.transaction.type != common_pb2.ENDORSER_TRANSACTION:
            continue
        event = each.transaction.event
        if event is not None and event.chaincode_id and event.event_name and event.tx_id:
            found.append(event)
    return found
