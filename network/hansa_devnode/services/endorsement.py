"""Gateway.Endorse: collects what the policies need, prepares the transaction for its creator to sign."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import proposal_response_pb2

from hansa_devnode.services.channel import Channel
from hansa_devnode.services.endorsement_plan import EndorsementPlan
from hansa_devnode.services.endorsement_planner import NoPlanError
from hansa_devnode.services.peers import Peer
from hansa_devnode.services.proposal_call import ask
from hansa_devnode.services.requested_proposal import RequestedProposal, read_proposal
from hansa_devnode.services.rpc_errors import RpcError, error_detail, invalid_argument
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.transactions import new_transaction


async def endorse(channel: Channel, local: Peer, request: Any) -> Any:
    """Answers gateway.EndorseRequest with gateway.EndorseResponse; raises RpcError.

    Organisations that the client names are asked, all of them and no others. Else the gateway's own peer goes
    first; what it read and wrote tells which policies apply, and so whom to ask next.
    """
    proposal = _proposal(request)
    with channel.activity.endorsing():
        plan = await _plan(channel, local, proposal, request)
        while (responses := plan.complete()) is None:
            peers = plan.next_endorsers()
            if not peers:
                raise RpcError(
                    grpc.StatusCode.ABORTED,
                    "failed to collect enough transaction endorsements, see attached details for more info",
                    plan.errors,
                )
            await asyncio.gather(
                *(_collect(channel, plan, each, request.proposed_transaction) for each in peers)
            )
        payload = new_transaction(proposal.proposal, responses)
        channel.activity.endorsed(proposal.tx_id)
    return gateway_pb2.EndorseResponse(prepared_transaction=common_pb2.Envelope(payload=payload))


def _proposal(request: Any) -> RequestedProposal:
    if not request.proposed_transaction.proposal_bytes:
        raise invalid_argument("the proposed transaction must contain a signed proposal")
    try:
        return read_proposal(request.proposed_transaction)
    except MalformedDataError as error:
        raise invalid_argument(str(error)) from error


async def _collect(channel: Channel, plan: EndorsementPlan, peer: Peer, signed_proposal: Any) -> None:
    outcome = await ask(peer, signed_proposal, channel.endorsement_timeout)
    if outcome.response is None:
        plan.failed(peer, outcome.message)
    else:
        plan.endorsed(peer, outcome.response)


async def _plan(channel: Channel, local: Peer, proposal: RequestedProposal, request: Any) -> EndorsementPlan:
    if request.endorsing_organizations:
        try:
            channel.require(proposal.channel)
            return channel.planner.plan_for_organizations(proposal.chaincode, request.endorsing_organizations)
        except NoPlanError as error:
            raise RpcError(grpc.StatusCode.UNAVAILABLE, str(error)) from error
    return await _plan_from_first(channel, local, proposal, request.proposed_transaction)


async def _plan_from_first(
    channel: Channel, local: Peer, proposal: RequestedProposal, signed_proposal: Any
) -> EndorsementPlan:
    default = proposal_response_pb2.ChaincodeInterest(
        chaincodes=[proposal_response_pb2.ChaincodeCall(name=proposal.chaincode)]
    )
    first_plan = _first_plan(channel, local, proposal, default)
    failures: list[Any] = []
    while peers := first_plan.next_endorsers():
        first = peers[0]
        outcome = await ask(first, signed_proposal, channel.endorsement_timeout)
        if outcome.response is not None:
            break
        first_plan.failed(first, outcome.message)
        failures.append(error_detail(first.address, first.msp_id, outcome.message))
    else:
        raise RpcError(
            grpc.StatusCode.ABORTED,
            "failed to endorse transaction, see attached details for more info",
            failures,
        )
    interest = outcome.response.interest if outcome.response.interest.chaincodes else default
    plan = _plan_for_interest(channel, interest, first, proposal.transient)
    plan.endorsed(first, outcome.response)
    return plan


def _first_plan(channel: Channel, local: Peer, proposal: RequestedProposal, default: Any) -> EndorsementPlan:
    """Whom to ask first: the gateway's own peer, or, where it cannot execute, any the policy allows."""
    known = proposal.channel == channel.name
    if known and local.msp_id in channel.planner.endorsers(proposal.chaincode):
        return channel.planner.plan_for_organizations(proposal.chaincode, [local.msp_id])
    if proposal.transient:
        raise RpcError(
            grpc.StatusCode.FAILED_PRECONDITION,
            "no endorsers found in the gateway's organization; retry specifying endorsing organization(s)"
            " to protect transient data",
        )
    if not known:
        raise RpcError(
            grpc.StatusCode.FAILED_PRECONDITION,
            "no combination of peers can be derived which satisfy the endorsement policy:"
            f" No metadata was found for chaincode {proposal.chaincode} in channel {proposal.channel}",
        )
    try:
        return channel.planner.plan_for_interest(default, None)
    except NoPlanError as error:
        raise RpcError(grpc.StatusCode.FAILED_PRECONDITION, str(error)) from error


def _plan_for_interest(channel: Channel, interest: Any, first: Peer, transient: bool) -> EndorsementPlan:
    """The plan; with transient data only members of every collection involved may be asked."""
    cautious = proposal_response_pb2.ChaincodeInterest()
    cautious.CopyFrom(interest)
    protected: list[str] = []
    for call in cautious.chaincodes:
        if transient and call.no_private_reads:
            call.no_private_reads = False
            protected.extend(call.collection_names)
    try:
        return channel.planner.plan_for_interest(cautious, first)
    except NoPlanError as error:
        message = str(error)
    if protected and _plannable(channel, interest, first):
        message = (
            "requires endorsement from organisation(s) that are not in the distribution policy of the private"
            f" data collection(s): [{' '.join(protected)}]; retry specifying trusted endorsing organizations"
            " to protect transient data"
        )
    raise RpcError(grpc.StatusCode.FAILED_PRECONDITION, message)


def _plannable(channel: Channel, interest: Any, first: Peer) -> bool:
    try:
        channel.planner.plan_for_interest(interest, first)
    except NoPlanError:
        return False
    return True
