"""Gateway.CommitStatus: waits until a transaction is on disk and tells what became of it."""

from __future__ import annotations

from typing import Any

import grpc
from fabric_protos.gateway import gateway_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.services.access import AccessDeniedError, SignedData
from hansa_devnode.services.channel import Channel
from hansa_devnode.services.commit_feed import FeedClosedError
from hansa_devnode.services.rpc_errors import RpcError, invalid_argument, node_stops


async def commit_status(channel: Channel, signed_request: Any) -> Any:
    """Answers gateway.SignedCommitStatusRequest with gateway.CommitStatusResponse; raises RpcError.

    Waits, for a transaction that is in no block yet, as long as the client does.
    """
    request = _request(signed_request)
    signed = SignedData(signed_request.request, request.identity, signed_request.signature)
    try:
        channel.access.check_resource("gateway/CommitStatus", request.channel_id, signed)
    except AccessDeniedError as error:
        raise RpcError(grpc.StatusCode.PERMISSION_DENIED, str(error)) from error
    try:
        status = await channel.feed.status(request.transaction_id)
    except FeedClosedError as error:
        raise node_stops() from error
    return gateway_pb2.CommitStatusResponse(result=status.code, block_number=status.block)


def _request(signed_request: Any) -> Any:
    if not signed_request.request:
        raise invalid_argument("a commit status request is required")
    try:
        request = gateway_pb2.CommitStatusRequest.FromString(signed_request.request)
    except DecodeError as error:
        raise invalid_argument(f"invalid status request: {error}") from error
    if not request.identity:
        raise invalid_argument("no identity provided")
    if not request.channel_id:
        raise invalid_argument("no channel ID provided")
    if not request.transaction_id:
        raise invalid_argument("transaction ID should not be empty")
    return request
