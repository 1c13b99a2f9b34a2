"""Gateway.Evaluate: one peer executes a proposal and nothing is ordered."""

from __future__ import annotations

from typing import Any

import grpc
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.services.channel import Channel
from hansa_devnode.services.peers import Peer
from hansa_devnode.services.proposal_call import ask
from hansa_devnode.services.requested_proposal import RequestedProposal, read_proposal
from hansa_devnode.services.rpc_errors import RpcError, error_detail, invalid_argument
from hansa_fabric.errors import MalformedDataError


async def evaluate(channel: Channel, local: Peer, request: Any) -> Any:
    """Answers gateway.EvaluateRequest with gateway.EvaluateResponse; raises RpcError.

    The gateway's own peer is asked first. With transient data it is the only one, unless the client names
    organisations, for transient data must not reach those it is not meant for.
    """
    proposal = _proposal(request)
    channel.require(proposal.channel)
    failures: list[Any] = []
    code = grpc.StatusCode.UNAVAILABLE
    for peer in _candidates(channel, local, proposal, list(request.target_organizations)):
        outcome = await ask(peer, request.proposed_transaction, channel.endorsement_timeout)
        if outcome.response is not None:
            return gateway_pb2.EvaluateResponse(result=_result(outcome.response))
        code = outcome.code
        failures.append(error_detail(peer.address, peer.msp_id, outcome.message))
        if not outcome.retry:
            raise RpcError(code, f"evaluate call to endorser returned error: {outcome.message}", failures)
    raise RpcError(code, "failed to evaluate transaction, see attached details for more info", failures)


def _proposal(request: Any) -> RequestedProposal:
    try:
        if not request.proposed_transaction.proposal_bytes:
            raise MalformedDataError("a signed proposal is required")
        proposal = read_proposal(request.proposed_transaction)
        if not proposal.channel:
            raise MalformedDataError("no channel id provided")
        if not proposal.chaincode:
            raise MalformedDataError(f"no chaincode name is provided, channel id [{proposal.channel}]")
    except MalformedDataError as error:
        raise invalid_argument(f"failed to unpack transaction proposal: {error}") from error
    return proposal


def _candidates(channel: Channel, local: Peer, proposal: RequestedProposal, targets: list[str]) -> list[Peer]:
    protected = proposal.transient and not targets
    allowed = [local.msp_id] if protected else targets
    endorsers = channel.planner.endorsers(proposal.chaincode)
    peers = [peer for msp_id, peer in endorsers.items() if not allowed or msp_id in allowed]
    if not peers:
        message = (
            f"no peers available to evaluate chaincode {proposal.chaincode} in channel {proposal.channel}"
        )
        if protected:
            message = (
                "no endorsers found in the gateway's organization; retry specifying target organization(s)"
                f" to protect transient data: {message}"
            )
        raise RpcError(grpc.StatusCode.FAILED_PRECONDITION, message)
    return sorted(peers, key=lambda each: each is not local)


def _result(response: Any) -> Any:
    """The peer.Response with the transaction's result: the one the endorser signed, where it can be read."""
    try:
        payload = proposal_response_pb2.ProposalResponsePayload.FromString(response.payload)
        action = proposal_pb2.ChaincodeAction.FromString(payload.extension)
    except DecodeError:
        return response.response
    response.response.payload = action.response.payload
    return response.response
