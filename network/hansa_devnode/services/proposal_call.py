"""One proposal executed by one peer, with the outcome sorted as Fabric's gateway sorts it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import grpc

from hansa_devnode.endorser import ProposalRefusedError
from hansa_devnode.services.peers import Peer


@dataclass(frozen=True, slots=True)
class ProposalOutcome:
    """What came of asking a peer.

    `response` is the peer.ProposalResponse of a success, else None, and `code` and `message` say why.
    `retry` tells whether another peer might do better.
    """

    response: Any = None
    code: grpc.StatusCode = grpc.StatusCode.OK
    message: str = ""
    retry: bool = False


async def ask(peer: Peer, signed_proposal: Any, timeout: float) -> ProposalOutcome:
    """Has the peer execute a peer.SignedProposal; `timeout` in seconds."""
    if not peer.serving:
        message = f"rpc error: code = Unavailable desc = peer {peer.address} of {peer.msp_id} is not serving"
        return ProposalOutcome(code=grpc.StatusCode.UNAVAILABLE, message=message, retry=True)
    try:
        async with asyncio.timeout(timeout):
            response = await peer.endorser.process_proposal(signed_proposal)
    except ProposalRefusedError as error:
        # The proposal itself is at fault (signature, access, duplicate): no other peer will take it.
        return ProposalOutcome(code=grpc.StatusCode.FAILED_PRECONDITION, message=str(error))
    except TimeoutError:
        message = "rpc error: code = DeadlineExceeded desc = context deadline exceeded"
        return ProposalOutcome(code=grpc.StatusCode.UNAVAILABLE, message=message, retry=True)
    return _sorted(response)


def _sorted(response: Any) -> ProposalOutcome:
    answer = response.response
    if 200 <= answer.status < 400:
        return ProposalOutcome(response)
    if not response.payload and answer.status == 500:
        # Without a payload it is the peer that speaks, not the chaincode: another peer may succeed.
        return ProposalOutcome(code=grpc.StatusCode.ABORTED, message=answer.message, retry=True)
    message = f"chaincode response {answer.status}, {answer.message}"
    return ProposalOutcome(code=grpc.StatusCode.UNKNOWN, message=message)
