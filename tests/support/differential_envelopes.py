"""From a plan to an envelope: endorsements gathered, and whatever is to be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from fabric_protos.common import common_pb2
from fabric_protos.peer import (
    chaincode_pb2,
    proposal_pb2,
    proposal_response_pb2,
    transaction_pb2,
)

from hansa_devnode.material import NodeMaterial
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.proposals import Proposal, endorse, new_proposal, proposal_hash
from hansa_fabric.transactions import new_transaction, sign_envelope

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Endorsed:
    """A proposal that honest peers endorsed.

    Args:
        proposal: what they were asked.
        responses: their answers, all with the same payload.
        client: who asked.
    """

    proposal: Proposal
    responses: tuple[Any, ...]
    client: KeySigner

    @property
    def action(self) -> Any:
        """The endorsed ``peer.ChaincodeAction``."""
        payload = proposal_response_pb2.ProposalResponsePayload.FromString(self.responses[0].payload)
        return proposal_pb2.ChaincodeAction.FromString(payload.extension)

    def envelope(self) -> Any:
        """The ``common.Envelope`` as an honest client makes it."""
        return sign_envelope(new_transaction(self.proposal, self.responses), self.client)


class Cast:
    """Who takes part besides peers: clients of every member, and strangers.

    Args:
        members: keys and authorities by MSP id.
    """

    def __init__(self, members: dict[str, NodeMaterial]) -> None:
        self.members = members
        self.clients = {name: self.member(name, "client") for name in members}
        first = next(iter(members))
        self.expired = self.member(first, "client", not_after=datetime.now(UTC) - timedelta(minutes=1))
        self.expired_peer = self.member(first, "peer", not_after=datetime.now(UTC) - timedelta(minutes=1))
        self.without_role = self.member(first)
        impostor = CertificateAuthority.create(f"ca.{members[first].folder.domain}", "A")
        self.impostor = _issued(impostor, first, ("client",))
        self.stranger = _issued(impostor, "DMSP", ("client",))

    def member(self, msp_id: str, *units: str, not_after: datetime | None = None) -> KeySigner:
        """A new identity that a member's authority issued."""
        return _issued(self.members[msp_id].ca, msp_id, units, not_after)

    def peers(self, *msp_ids: str) -> list[KeySigner]:
        """The peers' own keys: with them the test endorses what no honest peer would."""
        return [self.members[msp_id].signer for msp_id in msp_ids]

    def everybody(self) -> list[KeySigner]:
        """All peers' keys."""
        return self.peers(*self.members)


def forged(
    cast: Cast, original: Endorsed, client: KeySigner, endorsers: Sequence[KeySigner], **changes: Any
) -> Any:
    """A transaction of the same effect with other people, or another effect.

    Args:
        cast: everybody.
        original: whose chaincode, arguments and results are taken.
        client: who signs.
        endorsers: who endorse.
        changes: fields of ``peer.ChaincodeAction`` that differ.
    """
    parsed = proposal_pb2.ChaincodeProposalPayload.FromString(original.proposal.message.payload)
    specification = chaincode_pb2.ChaincodeInvocationSpec.FromString(parsed.input).chaincode_spec
    proposal = new_proposal(
        original.proposal.channel,
        original.proposal.chaincode,
        list(specification.input.args),
        client.identity,
    )
    return sign_envelope(
        new_transaction(proposal, endorsed_by(proposal, original.action, endorsers, **changes)), client
    )


def endorsed_by(proposal: Proposal, action: Any, endorsers: Sequence[KeySigner], **changes: Any) -> list[Any]:
    """Endorsements of an action, by whoever has a key."""
    changed = proposal_pb2.ChaincodeAction()
    changed.CopyFrom(action)
    for name, value in changes.items():
        if isinstance(value, bytes):
            setattr(changed, name, value)
        else:
            getattr(changed, name).CopyFrom(value)
    payload = proposal_response_pb2.ProposalResponsePayload(
        proposal_hash=proposal_hash(proposal.message.header, proposal.message.payload),
        extension=changed.SerializeToString(),
    ).SerializeToString()
    return [endorse(payload, action.response, one) for one in endorsers]


def _issued(
    authority: CertificateAuthority, msp_id: str, units: tuple[str, ...], not_after: datetime | None = None
) -> KeySigner:
    key = new_key()
    certificate = authority.issue(CertificateProfile("someone", units, not_after=not_after), key.public_key())
    return KeySigner(Identity(msp_id, certificate), key)


def altered(one: Endorsed, change: Callable[[Any], object]) -> Any:
    """The envelope with its ChaincodeActionPayload changed, signed anew by its client."""
    payload = common_pb2.Payload.FromString(one.envelope().payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
    change(action)
    transaction.actions[0].payload = action.SerializeToString()
    payload.data = transaction.SerializeToString()
    return sign_envelope(payload.SerializeToString(), one.client)


def with_header(one: Endorsed, change: Callable[[Any, Any], object]) -> Any:
    """The envelope with its ChannelHeader and SignatureHeader changed, signed anew by its client."""
    payload = common_pb2.Payload.FromString(one.envelope().payload)
    channel = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    signature = common_pb2.SignatureHeader.FromString(payload.header.signature_header)
    change(channel, signature)
    payload.header.channel_header = channel.SerializeToString()
    payload.header.signature_header = signature.SerializeToString()
    return sign_envelope(payload.SerializeToString(), one.client)


def turned_over(signature: bytes) -> bytes:
    """The other ECDSA signature (DER, P-256) of the same content: with the order less s."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, _ORDER - s)
