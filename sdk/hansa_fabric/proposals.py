"""A proposal: what a client asks endorsers to execute."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import Identity, Signer
from hansa_fabric.protobuf import decode

NONCE_BYTES = 24


@dataclass(frozen=True)
class Proposal:
    """An unsigned proposal.

    Args:
        tx_id: hex SHA-256 of nonce and creator.
        channel: channel name; empty for a proposal that is bound to none.
        chaincode: name of the chaincode.
        serialized: the ``peer.Proposal`` in bytes: what is signed.
    """

    tx_id: str
    channel: str
    chaincode: str
    serialized: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the proposal's bytes, for a signer elsewhere."""
        return hashlib.sha256(self.serialized).digest()

    @cached_property
    def message(self) -> Any:
        """The ``peer.Proposal`` message."""
        return decode(proposal_pb2.Proposal, self.serialized)

    @classmethod
    def from_bytes(cls, data: bytes) -> Proposal:
        """Read a serialized ``peer.Proposal``. Raises MalformedDataError."""
        parsed = parse_proposal(data)
        return cls(parsed.tx_id, parsed.channel, parsed.chaincode, data)


def transaction_id(nonce: bytes, creator: bytes) -> str:
    """The id that a nonce and a serialized creator make: hex SHA-256 of both."""
    return hashlib.sha256(nonce + creator).hexdigest()


def new_proposal(
    channel: str,
    chaincode: str,
    args: Sequence[bytes],
    creator: Identity,
    *,
    transient: Mapping[str, bytes] | None = None,
    nonce: bytes | None = None,
    timestamp: datetime | None = None,
) -> Proposal:
    """A proposal to run a chaincode.

    Args:
        channel: channel name.
        chaincode: name of the chaincode.
        args: function name and arguments, as bytes.
        creator: who asks, and will sign.
        transient: data for the endorsers only; it does not enter the ledger.
        nonce: 24 random bytes, unless given.
        timestamp: aware time of the transaction; now, unless given.

    Raises:
        ValueError: the chaincode's name is empty, or the timestamp has no time zone.
    """
    if not chaincode:
        raise ValueError("a proposal needs the name of a chaincode")
    if timestamp is not None and timestamp.tzinfo is None:
        raise ValueError("a proposal's timestamp needs a time zone")
    nonce = secrets.token_bytes(NONCE_BYTES) if nonce is None else nonce
    tx_id = transaction_id(nonce, creator.serialized)
    moment = Timestamp()
    moment.FromDatetime(timestamp or datetime.now(UTC))
    chaincode_id = chaincode_pb2.ChaincodeID(name=chaincode)
    channel_header = common_pb2.ChannelHeader(
        type=common_pb2.ENDORSER_TRANSACTION,
        channel_id=channel,
        tx_id=tx_id,
        timestamp=moment,
        extension=proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode_id).SerializeToString(),
    )
    signature_header = common_pb2.SignatureHeader(creator=creator.serialized, nonce=nonce)
    specification = chaincode_pb2.ChaincodeInvocationSpec(
        chaincode_spec=chaincode_pb2.ChaincodeSpec(
            type=chaincode_pb2.ChaincodeSpec.GOLANG,
            chaincode_id=chaincode_id,
            input=chaincode_pb2.ChaincodeInput(args=list(args)),
        )
    )
    payload = proposal_pb2.ChaincodeProposalPayload(
        input=specification.SerializeToString(), TransientMap=dict(transient or {})
    )
    header = common_pb2.Header(
        channel_header=channel_header.SerializeToString(),
        signature_header=signature_header.SerializeToString(),
    )
    message = proposal_pb2.Proposal(
        header=header.SerializeToString(), payload=payload.SerializeToString(deterministic=True)
    )
    return Proposal(tx_id, channel, chaincode, message.SerializeToString())


def sign_proposal(proposal: Proposal, signer: Signer) -> Any:
    """The ``peer.SignedProposal`` of a proposal and its creator's signature."""
    return signed_proposal(proposal, signer.sign(proposal.serialized))


def signed_proposal(proposal: Proposal, signature: bytes) -> Any:
    """The ``peer.SignedProposal`` of a proposal and a signature made elsewhere."""
    return proposal_pb2.SignedProposal(proposal_bytes=proposal.serialized, signature=signature)


@dataclass(frozen=True)
class ParsedProposal:
    """A proposal as an endorser sees it; the signature is not checked here.

    Args:
        tx_id: as stated, and found equal to what nonce and creator make.
        channel: channel name, empty where none is named.
        chaincode: name of the chaincode.
        args: function name and arguments.
        transient: transient data.
        creator: serialized identity of who asks.
        timestamp: the client's time (``google.protobuf.Timestamp``).
        proposal_bytes: what the signature covers.
        signature: the creator's, empty in an unsigned proposal.
        header_bytes: serialized ``common.Header``.
        payload_bytes: serialized ``peer.ChaincodeProposalPayload`` with transient data.
    """

    tx_id: str
    channel: str
    chaincode: str
    args: tuple[bytes, ...]
    transient: Mapping[str, bytes]
    creator: bytes
    timestamp: Any
    proposal_bytes: bytes
    signature: bytes
    header_bytes: bytes
    payload_bytes: bytes

    @cached_property
    def hash(self) -> bytes:
        """What a proposal response commits to; see ``proposal_hash``."""
        return proposal_hash(self.header_bytes, self.payload_bytes)


def parse_signed_proposal(signed: Any) -> ParsedProposal:
    """Read and check a ``peer.SignedProposal`` (message or bytes) as Fabric's endorser does.

    Checked: header type, epoch, nonce and creator, the transaction id, and that header and invocation name
    the same chaincode. Not checked: signature, identity, timestamp.

    Raises:
        MalformedDataError: any of these is missing or wrong.
    """
    message = decode(proposal_pb2.SignedProposal, signed) if isinstance(signed, bytes) else signed
    return parse_proposal(message.proposal_bytes, message.signature)


def parse_proposal(proposal_bytes: bytes, signature: bytes = b"") -> ParsedProposal:
    """Read and check a serialized ``peer.Proposal``; see ``parse_signed_proposal``."""
    proposal = decode(proposal_pb2.Proposal, proposal_bytes)
    channel_header, signature_header = parse_header(proposal.header)
    if channel_header.type not in (common_pb2.ENDORSER_TRANSACTION, common_pb2.CONFIG):
        raise MalformedDataError(f"a proposal cannot have header type {channel_header.type}")
    extension = decode(proposal_pb2.ChaincodeHeaderExtension, channel_header.extension)
    payload = decode(proposal_pb2.ChaincodeProposalPayload, proposal.payload)
    specification = decode(chaincode_pb2.ChaincodeInvocationSpec, payload.input).chaincode_spec
    name = extension.chaincode_id.name
    if not name:
        raise MalformedDataError("the proposal's header names no chaincode")
    if specification.chaincode_id.name != name:
        raise MalformedDataError("the proposal's header and invocation name different chaincodes")
    return ParsedProposal(
        channel_header.tx_id,
        channel_header.channel_id,
        name,
        tuple(specification.input.args),
        dict(payload.TransientMap),
        signature_header.creator,
        channel_header.timestamp,
        proposal_bytes,
        signature,
        proposal.header,
        proposal.payload,
    )


def parse_header(header_bytes: bytes) -> tuple[Any, Any]:
    """The channel header and signature header of a serialized ``common.Header``, checked.

    Raises:
        MalformedDataError: a part or a field is missing, the epoch is not 0, or the transaction id is not
            the one that nonce and creator make.
    """
    header = decode(common_pb2.Header, header_bytes)
    if not header.channel_header or not header.signature_header:
        raise MalformedDataError("the header lacks its channel or its signature header")
    channel_header = decode(common_pb2.ChannelHeader, header.channel_header)
    signature_header = decode(common_pb2.SignatureHeader, header.signature_header)
    if not signature_header.nonce:
        raise MalformedDataError("the header has no nonce")
    if not signature_header.creator:
        raise MalformedDataError("the header has no creator")
    if channel_header.epoch:
        raise MalformedDataError("the header's epoch is not 0")
    if channel_header.tx_id != transaction_id(signature_header.nonce, signature_header.creator):
        raise MalformedDataError("the transaction id does not follow from nonce and creator")
    return channel_header, signature_header


def without_transient(payload_bytes: bytes) -> bytes:
    """A serialized ``peer.ChaincodeProposalPayload`` as it enters the ledger: without transient data."""
    payload = decode(proposal_pb2.ChaincodeProposalPayload, payload_bytes)
    found: bytes = proposal_pb2.ChaincodeProposalPayload(input=payload.input).SerializeToString()
    return found


def proposal_hash(header_bytes: bytes, payload_bytes: bytes) -> bytes:
    """SHA-256 over channel header, signature header and the payload without its transient data.

    Args:
        header_bytes: serialized ``common.Header``.
        payload_bytes: serialized ``peer.ChaincodeProposalPayload``, with or without transient data.
    """
    header = decode(common_pb2.Header, header_bytes)
    return hashlib.sha256(
        header.channel_header + header.signature_header + without_transient(payload_bytes)
    ).digest()


def response_payload(
    hash_: bytes, *, results: bytes, event: bytes, response: Any, chaincode: str, version: str
) -> bytes:
    """The serialized ``peer.ProposalResponsePayload`` that an endorser signs.

    Args:
        hash_: the proposal's hash, see ``proposal_hash``.
        results: serialized ``ledger.rwset.TxReadWriteSet``.
        event: serialized ``peer.ChaincodeEvent``, or empty.
        response: the chaincode's ``peer.Response``.
        chaincode: name of the chaincode.
        version: its version.
    """
    action = proposal_pb2.ChaincodeAction(
        results=results,
        events=event,
        response=response,
        chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode, version=version),
    )
    message = proposal_response_pb2.ProposalResponsePayload(
        proposal_hash=hash_, extension=action.SerializeToString()
    )
    found: bytes = message.SerializeToString()
    return found


def endorse(payload: bytes, response: Any, signer: Signer) -> Any:
    """The ``peer.ProposalResponse`` of one endorser.

    Args:
        payload: serialized ``peer.ProposalResponsePayload``.
        response: the chaincode's ``peer.Response``, stated again in the open.
        signer: the endorser; it signs payload and its own identity.
    """
    endorser = signer.identity.serialized
    return proposal_response_pb2.ProposalResponse(
        version=1,
        response=response,
        payload=payload,
        endorsement=proposal_response_pb2.Endorsement(
            endorser=endorser, signature=signer.sign(payload + endorser)
        ),
    )
