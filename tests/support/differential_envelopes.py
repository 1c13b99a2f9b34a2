"""From a plan to an envelope: endorsements gathered, and whatever is to be wrong with it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2

from hansa_devnode.material import NodeMaterial
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.proposals import Proposal, endorse, new_proposal, proposal_hash, transaction_id
from hansa_fabric.rwsets import MetadataWrite, Namespace, ReadWriteSet, Write
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


# What may be wrong. Each takes everybody and an honestly endorsed proposal, and gives the envelopes to send.

Treatment = Callable[[Cast, Endorsed], list[Any]]


def _honest(cast: Cast, one: Endorsed) -> list[Any]:
    return [one.envelope()]


def _twice(cast: Cast, one: Endorsed) -> list[Any]:
    return [one.envelope()] * 2


def _same_id(cast: Cast, one: Endorsed) -> list[Any]:
    """The same transaction signed anew: other bytes, one id."""
    return [one.envelope(), one.envelope()]


def _tampered_results(cast: Cast, one: Endorsed) -> list[Any]:
    def change(action: Any) -> None:
        payload = proposal_response_pb2.ProposalResponsePayload.FromString(
            action.action.proposal_response_payload
        )
        inner = proposal_pb2.ChaincodeAction.FromString(payload.extension)
        space = Namespace(one.proposal.chaincode, writes=(Write("stolen", b"1"),))
        inner.results = ReadWriteSet((space,)).serialize()
        payload.extension = inner.SerializeToString()
        action.action.proposal_response_payload = payload.SerializeToString()

    return [altered(one, change)]


def _tampered_arguments(cast: Cast, one: Endorsed) -> list[Any]:
    def change(action: Any) -> None:
        action.chaincode_proposal_payload += proposal_pb2.ChaincodeProposalPayload(
            TransientMap={"x": b"1"}
        ).SerializeToString()

    return [altered(one, change)]


def _fewer_endorsements(cast: Cast, one: Endorsed) -> list[Any]:
    def change(action: Any) -> None:
        del action.action.endorsements[1:]

    return [altered(one, change)]


def _repeated_endorsement(cast: Cast, one: Endorsed) -> list[Any]:
    def change(action: Any) -> None:
        action.action.endorsements.extend([action.action.endorsements[0]] * 2)

    return [altered(one, change)]


def _one_bad_endorsement(cast: Cast, one: Endorsed) -> list[Any]:
    def change(action: Any) -> None:
        action.action.endorsements[0].signature = action.action.endorsements[0].signature[:-1] + b"\0"

    return [altered(one, change)]


def _high_s_endorsement(cast: Cast, one: Endorsed) -> list[Any]:
    def change(action: Any) -> None:
        for endorsement in action.action.endorsements:
            endorsement.signature = _turned_over(endorsement.signature)

    return [altered(one, change)]


def _bad_signature(cast: Cast, one: Endorsed) -> list[Any]:
    envelope = one.envelope()
    envelope.signature = envelope.signature[:-2] + bytes(2)
    return [envelope]


def _high_s_signature(cast: Cast, one: Endorsed) -> list[Any]:
    envelope = one.envelope()
    envelope.signature = _turned_over(envelope.signature)
    return [envelope]


def _signed_by_another(cast: Cast, one: Endorsed) -> list[Any]:
    payload = one.envelope().payload
    return [common_pb2.Envelope(payload=payload, signature=cast.without_role.sign(payload))]


def _by(client: Callable[[Cast], KeySigner]) -> Treatment:
    return lambda cast, one: [forged(cast, one, client(cast), cast.everybody())]


def _endorsed(*endorsers: Callable[[Cast], KeySigner]) -> Treatment:
    return lambda cast, one: [forged(cast, one, one.client, [each(cast) for each in endorsers])]


def _with(**changes: Any) -> Treatment:
    return lambda cast, one: [forged(cast, one, one.client, cast.everybody(), **changes)]


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


def _other_id(cast: Cast, one: Endorsed) -> list[Any]:
    def change(channel: Any, signature: Any) -> None:
        channel.tx_id = transaction_id(secrets.token_bytes(24), signature.creator)

    return [with_header(one, change)]


def _other_nonce(cast: Cast, one: Endorsed) -> list[Any]:
    def change(channel: Any, signature: Any) -> None:
        signature.nonce = secrets.token_bytes(24)

    return [with_header(one, change)]


def _of_type(kind: int) -> Treatment:
    return lambda cast, one: [with_header(one, lambda channel, _: setattr(channel, "type", kind))]


def _epoch(cast: Cast, one: Endorsed) -> list[Any]:
    return [with_header(one, lambda channel, _: setattr(channel, "epoch", 7))]


def _spoiled_before(cast: Cast, one: Endorsed) -> list[Any]:
    """A copy that cannot be valid comes first, and uses the id up."""
    return [*_epoch(cast, one), one.envelope()]


def _refused_before(cast: Cast, one: Endorsed) -> list[Any]:
    """One without enough endorsements comes first, and uses the id up."""
    return [*_fewer_endorsements(cast, one), one.envelope()]


def _metadata_twice(cast: Cast, one: Endorsed) -> list[Any]:
    """All endorsers agree on metadata that no chaincode can write, of a key that is written too."""
    space = Namespace(
        one.proposal.chaincode,
        writes=(Write("forged", b"1"),),
        metadata_writes=(MetadataWrite("forged", {"note": b"n", "another": b""}),),
    )
    return [forged(cast, one, one.client, cast.everybody(), results=ReadWriteSet((space,)).serialize())]


def _foreign_write(name: str) -> Treatment:
    results = ReadWriteSet((Namespace(name, writes=(Write("forged", b"1"),)),)).serialize()
    return lambda cast, one: [forged(cast, one, one.client, cast.everybody(), results=results)]


def _turned_over(signature: bytes) -> bytes:
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, _ORDER - s)


def _chaincode(name: str, version: str) -> Any:
    return chaincode_pb2.ChaincodeID(name=name, version=version)


TREATMENTS: dict[str, Treatment] = {
    "honest": _honest,
    "twice": _twice,
    "same id": _same_id,
    "tampered results": _tampered_results,
    "tampered arguments": _tampered_arguments,
    "fewer endorsements": _fewer_endorsements,
    "repeated endorsement": _repeated_endorsement,
    "one bad endorsement": _one_bad_endorsement,
    "high-S endorsement": _high_s_endorsement,
    "bad signature": _bad_signature,
    "high-S signature": _high_s_signature,
    "signed by another": _signed_by_another,
    "expired creator": _by(lambda cast: cast.expired),
    "creator without role": _by(lambda cast: cast.without_role),
    "creator of a false authority": _by(lambda cast: cast.impostor),
    "creator of no member": _by(lambda cast: cast.stranger),
    "creator is a peer": _by(lambda cast: cast.peers("BMSP")[0]),
    "endorsed by clients": _endorsed(
        *(lambda cast, name=name: cast.clients[name] for name in ("AMSP", "BMSP"))
    ),
    "endorsed by an expired peer": _endorsed(
        lambda cast: cast.expired_peer, lambda cast: cast.peers("CMSP")[0]
    ),
    "endorsed by a stranger": _endorsed(lambda cast: cast.stranger, lambda cast: cast.peers("CMSP")[0]),
    "other id": _other_id,
    "other nonce": _other_nonce,
    "type message": _of_type(0),
    "type endorser missing": _of_type(8),
    "epoch": _epoch,
    "spoiled before": _spoiled_before,
    "refused before": _refused_before,
    "metadata by hand": _metadata_twice,
    "writes to lifecycle": _foreign_write("_lifecycle"),
    "writes to lscc": _foreign_write("lscc"),
    "writes to nowhere": _foreign_write("nowhere"),
    "no results": _with(results=b""),
    "other chaincode answered": _with(chaincode_id=_chaincode("other", "1.0")),
    "unknown chaincode answered": _with(chaincode_id=_chaincode("ghost", "1.0")),
    "other version answered": _with(chaincode_id=_chaincode("all", "0.9")),
    "no version answered": _with(chaincode_id=_chaincode("all", "")),
}
REPEATED = ("twice", "same id", "spoiled before", "refused before")
WEIGHTS = {name: (150.0 if name == "honest" else 4.0 if name in REPEATED else 1.0) for name in TREATMENTS}
# Reach the endorsement check whatever they do. For all others see ``Plan.sets_policies``.
CHECKED_TO_THE_END = (
    "honest",
    "tampered results",
    "fewer endorsements",
    "repeated endorsement",
    "one bad endorsement",
    "high-S endorsement",
    "endorsed by clients",
    "endorsed by an expired peer",
    "endorsed by a stranger",
)
