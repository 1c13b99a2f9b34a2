"""What a gateway reads in a proposal before any peer sees it: no more than it needs to choose peers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2

from hansa_fabric.proposals import Proposal
from hansa_fabric.protobuf import decode


@dataclass(frozen=True, slots=True)
class RequestedProposal:
    """A proposal as far as a gateway reads it.

    Args:
        proposal: channel, transaction id, chaincode and bytes; the peers check them.
        transient: whether it carries transient data.
    """

    proposal: Proposal
    transient: bool

    @property
    def channel(self) -> str:
        """The channel named."""
        return self.proposal.channel

    @property
    def chaincode(self) -> str:
        """The chaincode to be executed."""
        return self.proposal.chaincode

    @property
    def tx_id(self) -> str:
        """The transaction id stated."""
        return self.proposal.tx_id


def read_proposal(signed_proposal: Any) -> RequestedProposal:
    """Reads a peer.SignedProposal. Raises MalformedDataError where a part is unreadable."""
    serialized = signed_proposal.proposal_bytes
    message = decode(proposal_pb2.Proposal, serialized)
    header = decode(common_pb2.Header, message.header)
    channel_header = decode(common_pb2.ChannelHeader, header.channel_header)
    payload = decode(proposal_pb2.ChaincodeProposalPayload, message.payload)
    specification = decode(chaincode_pb2.ChaincodeInvocationSpec, payload.input).chaincode_spec
    proposal = Proposal(
        channel_header.tx_id, channel_header.channel_id, specification.chaincode_id.name, serialized
    )
    return RequestedProposal(proposal, bool(payload.TransientMap))
