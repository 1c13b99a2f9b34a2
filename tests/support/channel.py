"""A channel with real organisations: genesis block, clients and endorsers, signed transactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fabric_protos.peer import proposal_response_pb2

from hansa_fabric.blocks import Block
from hansa_fabric.channel_config import genesis_block
from hansa_fabric.channel_description import (
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.identity import KeySigner
from hansa_fabric.proposals import Proposal, endorse, new_proposal, proposal_hash, response_payload
from hansa_fabric.transactions import new_transaction, sign_envelope
from tests.support.fabric_organizations import organization

MEMBERS = ("BankMSP", "CarrierMSP", "ProducerMSP")


@dataclass(frozen=True)
class Channel:
    """A channel of three organisations; the majority endorses where nothing else is said."""

    name: str = "trade"

    @cached_property
    def genesis(self) -> Block:
        orderer = Endpoint("orderer.example", 7050)
        certificate = organization(MEMBERS[0]).tls_authority.certificate
        description = ChannelDescription(
            self.name,
            tuple(
                OrganizationDescription(
                    organization(msp_id).definition(),
                    name=msp_id.removesuffix("MSP"),
                    orderer_endpoints=(orderer,) if msp_id == MEMBERS[0] else (),
                )
                for msp_id in MEMBERS
            ),
            OrdererDescription("etcdraft", (Consenter(orderer, MEMBERS[0], certificate, certificate),)),
        )
        return Block(genesis_block(description))

    @cached_property
    def clients(self) -> dict[str, KeySigner]:
        return {msp_id: organization(msp_id).member("client", name="user") for msp_id in MEMBERS}

    @cached_property
    def peers(self) -> dict[str, KeySigner]:
        return {msp_id: organization(msp_id).member("peer", name="peer") for msp_id in MEMBERS}

    def propose(self, *, chaincode: str = "hansa", client: str = "BankMSP") -> Proposal:
        """A proposal of one organisation's client."""
        return new_proposal(self.name, chaincode, [b"test"], self.clients[client].identity)

    def responses(
        self,
        proposal: Proposal,
        results: bytes,
        endorsers: Sequence[str] = MEMBERS,
        *,
        event: bytes = b"",
        chaincode: str = "",
        version: str = "1.0",
    ) -> list[Any]:
        """The proposal responses of some organisations' peers."""
        answer = proposal_response_pb2.Response(status=200)
        payload = response_payload(
            proposal_hash(proposal.message.header, proposal.message.payload),
            results=results,
            event=event,
            response=answer,
            chaincode=chaincode or proposal.chaincode,
            version=version,
        )
        return [endorse(payload, answer, self.peers[msp_id]) for msp_id in endorsers]

    def sign(self, proposal: Proposal, responses: Sequence[Any], *, client: str = "BankMSP") -> bytes:
        """The serialized envelope of an endorsed proposal."""
        envelope = sign_envelope(new_transaction(proposal, responses), self.clients[client])
        found: bytes = envelope.SerializeToString()
        return found

    def transaction(
        self, results: bytes, endorsers: Sequence[str] = MEMBERS, *, chaincode: str = "hansa"
    ) -> bytes:
        """A serialized envelope: results endorsed by some organisations."""
        proposal = self.propose(chaincode=chaincode)
        return self.sign(proposal, self.responses(proposal, results, endorsers))
