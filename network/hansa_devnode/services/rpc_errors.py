"""gRPC failures as Fabric's gateway reports them: code, sentence, one ErrorDetail per failed endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import grpc
import grpc.aio
from fabric_protos.gateway import gateway_pb2
from google.protobuf import any_pb2
from google.rpc import status_pb2

# The trailer in which gRPC carries google.rpc.Status.
DETAILS_KEY = "grpc-status-details-bin"


class RpcError(Exception):
    """A failure that ends a call: `code` is gRPC's, `details` are gateway.ErrorDetail messages."""

    def __init__(self, code: grpc.StatusCode, message: str, details: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = tuple(details)

    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """The trailer with google.rpc.Status; none when there are no details, as gRPC for Go does."""
        if not self.details:
            return ()
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in self.details:
            packed = any_pb2.Any()
            packed.Pack(detail)
            status.details.append(packed)
        return ((DETAILS_KEY, status.SerializeToString()),)


def invalid_argument(message: str) -> RpcError:
    """The request itself is wrong."""
    return RpcError(grpc.StatusCode.INVALID_ARGUMENT, message)


def node_stops() -> RpcError:
    """The node stops before it can answer."""
    return RpcError(grpc.StatusCode.UNAVAILABLE, "the node is stopping")


def error_detail(address: str, msp_id: str, message: str) -> Any:
    """What one endpoint answered, as gateway.ErrorDetail."""
    return gateway_pb2.ErrorDetail(address=address, msp_id=msp_id, message=message)


async def abort(context: grpc.aio.ServicerContext[Any, Any], error: RpcError) -> NoReturn:
    """Ends the call with the error."""
    await context.abort(error.code, error.message, error.trailing_metadata())
    raise AssertionError("abort returned")
