"""The remote procedures a gateway client calls, by full name, with the messages that answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fabric_protos.gateway import gateway_pb2

from hansa_gateway.connection import Deadlines
from hansa_gateway.errors import (
    CommitStatusError,
    EndorseError,
    EvaluateError,
    SubmitError,
    TransactionError,
)


def serialize(message: Any) -> bytes:
    """The wire form of any request."""
    found: bytes = message.SerializeToString()
    return found


@dataclass(frozen=True)
class Method:
    """One stage of a transaction as a unary call.

    Args:
        name: full gRPC name.
        answer: reads the response.
        error: what is raised when the call fails.
        deadline: which of the deadlines bounds it.
    """

    name: str
    answer: Callable[[bytes], Any]
    error: type[TransactionError]
    deadline: Callable[[Deadlines], float | None]


EVALUATE = Method(
    "/gateway.Gateway/Evaluate", gateway_pb2.EvaluateResponse.FromString, EvaluateError, lambda d: d.evaluate
)
ENDORSE = Method(
    "/gateway.Gateway/Endorse", gateway_pb2.EndorseResponse.FromString, EndorseError, lambda d: d.endorse
)
SUBMIT = Method(
    "/gateway.Gateway/Submit", gateway_pb2.SubmitResponse.FromString, SubmitError, lambda d: d.submit
)
COMMIT_STATUS = Method(
    "/gateway.Gateway/CommitStatus",
    gateway_pb2.CommitStatusResponse.FromString,
    CommitStatusError,
    lambda d: d.commit_status,
)
STAGES = (EVALUATE, ENDORSE, SUBMIT, COMMIT_STATUS)

CHAINCODE_EVENTS = "/gateway.Gateway/ChaincodeEvents"
read_chaincode_events: Callable[[bytes], Any] = gateway_pb2.ChaincodeEventsResponse.FromString
