"""What becomes of an honestly endorsed proposal on its way to the ordering node."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import (
    chaincode_event_pb2,
    chaincode_pb2,
    proposal_pb2,
    proposal_response_pb2,
    transaction_pb2,
)

from hansa_fabric.identity import KeySigner
from hansa_fabric.proposals import transaction_id
from hansa_fabric.rwsets import MetadataWrite, Namespace, RangeQuery, Read, ReadWriteSet, Version, Write
from hansa_fabric.transactions import new_transaction, sign_envelope
from tests.support.differential_envelopes import (
    Cast,
    Endorsed,
    altered,
    endorsed_by,
    forged,
    turned_over,
    with_header,
)

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
            endorsement.signature = turned_over(endorsement.signature)

    return [altered(one, change)]


def _bad_signature(cast: Cast, one: Endorsed) -> list[Any]:
    envelope = one.envelope()
    envelope.signature = envelope.signature[:-2] + bytes(2)
    return [envelope]


def _high_s_signature(cast: Cast, one: Endorsed) -> list[Any]:
    envelope = one.envelope()
    envelope.signature = turned_over(envelope.signature)
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


def _agreed(**parts: Any) -> Treatment:
    """All endorsers agree on a read/write set that no peer would make."""
    return lambda cast, one: [
        forged(
            cast,
            one,
            one.client,
            cast.everybody(),
            results=ReadWriteSet((Namespace(one.proposal.chaincode, **parts),)).serialize(),
        )
    ]


def _namespace_twice(cast: Cast, one: Endorsed) -> list[Any]:
    space = Namespace(one.proposal.chaincode, writes=(Write("forged", b"1"),))
    results = ReadWriteSet((space, space)).serialize()
    return [forged(cast, one, one.client, cast.everybody(), results=results)]


def _no_endorsement(cast: Cast, one: Endorsed) -> list[Any]:
    def change(action: Any) -> None:
        del action.action.endorsements[:]

    return [altered(one, change)]


def _actions(count: int) -> Treatment:
    def treat(cast: Cast, one: Endorsed) -> list[Any]:
        payload = common_pb2.Payload.FromString(one.envelope().payload)
        transaction = transaction_pb2.Transaction.FromString(payload.data)
        action = transaction.actions[0]
        del transaction.actions[:]
        transaction.actions.extend([action] * count)
        payload.data = transaction.SerializeToString()
        return [sign_envelope(payload.SerializeToString(), one.client)]

    return treat


def _extension(extension: bytes) -> Treatment:
    """Endorsers agree on a proposal whose header names its chaincode in another way, or not at all."""

    def treat(cast: Cast, one: Endorsed) -> list[Any]:
        message = proposal_pb2.Proposal.FromString(one.proposal.serialized)
        header = common_pb2.Header.FromString(message.header)
        channel = common_pb2.ChannelHeader.FromString(header.channel_header)
        channel.extension = extension
        header.channel_header = channel.SerializeToString()
        message.header = header.SerializeToString()
        changed = replace(one.proposal, serialized=message.SerializeToString())
        responses = endorsed_by(changed, one.action, cast.everybody())
        return [sign_envelope(new_transaction(changed, responses), one.client)]

    return treat


_ANOTHER_S_EVENT = chaincode_event_pb2.ChaincodeEvent(
    chaincode_id="ghost", event_name="happened"
).SerializeToString()
_OTHER_CHAINCODE = proposal_pb2.ChaincodeHeaderExtension(
    chaincode_id=chaincode_pb2.ChaincodeID(name="ghost")
).SerializeToString()


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
    "results that are none": _with(results=b"\xff\xff"),
    "an event that is none": _with(events=b"\xff\xff"),
    "another's event": _with(events=_ANOTHER_S_EVENT),
    "namespace twice": _namespace_twice,
    "metadata removed": _agreed(metadata_writes=(MetadataWrite("forged", {}),)),
    "key written twice": _agreed(writes=(Write("forged", b"1"), Write("forged", b"2"))),
    "version that never was": _agreed(reads=(Read("never", Version(1, 1)),), writes=(Write("forged", b"1"),)),
    "range that never was": _agreed(
        range_queries=(RangeQuery("stays", "t", True, (Read("stays", Version(1, 1)),)),),
        writes=(Write("forged", b"1"),),
    ),
    "range upside down": _agreed(
        range_queries=(RangeQuery("z", "a", True),), writes=(Write("forged", b"1"),)
    ),
    "no endorsement": _no_endorsement,
    # None at all would crash 3.1.5's peers, as soon as another transaction follows in the block.
    "two actions": _actions(2),
    "no extension": _extension(b""),
    "extension that is none": _extension(b"\xff\xff"),
    "extension of another chaincode": _extension(_OTHER_CHAINCODE),
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
