"""Gateway.Submit: hands a signed transaction to the ordering service."""

from __future__ import annotations

from typing import Any

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2

from hansa_devnode.services.channel import Channel
from hansa_devnode.services.rpc_errors import RpcError, error_detail, invalid_argument


async def submit(channel: Channel, request: Any) -> Any:
    """Answers gateway.SubmitRequest with gateway.SubmitResponse once the transaction is ordered; raises
    RpcError.

    What the transaction became is told by its commit status.
    """
    if not request.HasField("prepared_transaction"):
        raise invalid_argument("a prepared transaction is required")
    if not request.prepared_transaction.signature:
        raise invalid_argument("prepared transaction must be signed")
    if request.channel_id != channel.name:
        raise RpcError(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"failed to get config for channel [{request.channel_id}]:"
            f" could not get last config for channel {request.channel_id}",
        )
    response = await channel.broadcast.process(request.prepared_transaction)
    if response.status == common_pb2.SUCCESS:
        return gateway_pb2.SubmitResponse()
    answer = (
        "received unsuccessful response from orderer:"
        f" status={common_pb2.Status.Name(response.status)}, info={response.info}"
    )
    if 400 <= response.status < 500:
        raise RpcError(grpc.StatusCode.ABORTED, answer)
    raise RpcError(
        grpc.StatusCode.UNAVAILABLE,
        "no orderers could successfully process transaction",
        [error_detail(channel.orderer_address, channel.orderer_msp_id, answer)],
    )
