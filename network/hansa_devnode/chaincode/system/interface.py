"""What a system chaincode is: called in the peer's own process, with the transaction and the arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from fabric_protos.peer import proposal_response_pb2

from hansa_devnode.chaincode.invocation import Invocation

# The version that endorsements by system chaincodes state.
SYSTEM_VERSION = "syscc"


class NotFoundError(Exception):
    """Nothing of that name: status 404."""


class RefusedError(Exception):
    """The request is wrong: status 500, with the text."""


class SystemChaincode(Protocol):
    """A chaincode of the peer itself."""

    def invoke(self, invocation: Invocation, args: Sequence[bytes]) -> Any:
        """Answer with a `peer.Response`; a refusal is one of status 500, never an exception."""
        ...


def success(payload: bytes) -> Any:
    """A `peer.Response` of status 200."""
    return proposal_response_pb2.Response(status=200, payload=payload)


def failure(message: str, status: int = 500) -> Any:
    """A `peer.Response` that refuses; `message` is Fabric's text."""
    return proposal_response_pb2.Response(status=status, message=message)
