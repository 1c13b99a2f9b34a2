"""From gRPC's failures to ours."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import grpc
from fabric_protos.gateway import gateway_pb2
from google.protobuf.message import DecodeError
from google.rpc import status_pb2

from hansa_gateway.errors import ErrorDetail, RemoteError, TransactionError

_DETAILS_KEY = "grpc-status-details-bin"

StageError = TypeVar("StageError", bound=TransactionError)
AnyRemoteError = TypeVar("AnyRemoteError", bound=RemoteError)


class Failure(Protocol):
    """What ``grpc.RpcError`` of a finished call and ``grpc.aio.AioRpcError`` have in common."""

    def code(self) -> grpc.StatusCode:
        """The status code."""
        ...

    def details(self) -> str | None:
        """The status message."""
        ...

    def trailing_metadata(self) -> Any:
        """Pairs of key and value."""
        ...


def error_details(failure: Failure) -> tuple[ErrorDetail, ...]:
    """What single endpoints said, from the status details (google.rpc.Status) in the trailing metadata.

    Details of other kinds, and details that do not decode, are left out: the status itself still tells the
    failure, and must not be lost for the sake of its footnotes.
    """
    found: list[ErrorDetail] = []
    for key, value in failure.trailing_metadata() or ():
        if key != _DETAILS_KEY:
            continue
        try:
            packed = status_pb2.Status.FromString(value).details
            for item in packed:
                detail = gateway_pb2.ErrorDetail()
                if item.Unpack(detail):
                    found.append(ErrorDetail(detail.address, detail.msp_id, detail.message))
        except DecodeError:
            continue
    return tuple(found)


def stage_error(kind: type[StageError], failure: Failure, transaction_id: str) -> StageError:
    """The error of one stage of a transaction."""
    return kind(
        failure.details() or "", failure.code(), error_details(failure), transaction_id=transaction_id
    )


def remote_error(kind: type[AnyRemoteError], failure: Failure) -> AnyRemoteError:
    """The error of a call that belongs to no single transaction."""
    return kind(failure.details() or "", failure.code(), error_details(failure))
