"""A signed proposal taken apart and checked, in the order and the words of Fabric's endorser."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import Identity
from hansa_fabric.msp import ValidatedIdentity
from hansa_fabric.proposals import transaction_id

# peer.authentication.timewindow of core.yaml.
TIME_WINDOW = timedelta(minutes=15)

# Proposals whose check is remembered, and the most bytes of one: enough for those under way.
_REMEMBERED = 256
_LARGEST_REMEMBERED = 64 * 1024


class ProposalRefusedError(Exception):
    """The proposal itself is unacceptable: malformed, forged, denied, replayed. The text is Fabric's."""


@dataclass(frozen=True, slots=True)
class UnpackedProposal:
    """What is inside a `peer.SignedProposal`.

    Args:
        signed: the message.
        channel_header: `common.ChannelHeader`.
        signature_header: `common.SignatureHeader`.
        chaincode: the name in the header's extension.
        input: `peer.ChaincodeInput`: arguments, and whether it is an init.
        hash: SHA-256 that the proposal response commits to.
    """

    signed: Any
    channel_header: Any
    signature_header: Any
    chaincode: str
    input: Any
    hash: bytes

    @property
    def tx_id(self) -> str:
        """Transaction id as stated."""
        return str(self.channel_header.tx_id)

    @property
    def channel(self) -> str:
        """The channel's name, empty where none is named."""
        return str(self.channel_header.channel_id)


def unpack(signed: Any) -> UnpackedProposal:
    """Take a `peer.SignedProposal` apart. Raises ProposalRefusedError where a part is unreadable."""
    proposal = _decode(proposal_pb2.Proposal, signed.proposal_bytes, "Proposal")
    header = _decode(common_pb2.Header, proposal.header, "Header")
    channel_header = _decode(common_pb2.ChannelHeader, header.channel_header, "ChannelHeader")
    signature_header = _decode(common_pb2.SignatureHeader, header.signature_header, "SignatureHeader")
    extension = _decode(
        proposal_pb2.ChaincodeHeaderExtension, channel_header.extension, "ChaincodeHeaderExtension"
    )
    if not extension.HasField("chaincode_id"):
        raise ProposalRefusedError("ChaincodeHeaderExtension.ChaincodeId is nil")
    if not extension.chaincode_id.name:
        raise ProposalRefusedError("ChaincodeHeaderExtension.ChaincodeId.Name is empty")
    payload = _decode(proposal_pb2.ChaincodeProposalPayload, proposal.payload, "ChaincodeProposalPayload")
    invocation = _decode(chaincode_pb2.ChaincodeInvocationSpec, payload.input, "ChaincodeInvocationSpec")
    if not invocation.HasField("chaincode_spec"):
        raise ProposalRefusedError("chaincode invocation spec did not contain chaincode spec")
    if not invocation.chaincode_spec.HasField("input"):
        raise ProposalRefusedError("chaincode input did not contain any input")
    # What of the payload goes to the ledger: all but transient data.
    public = proposal_pb2.ChaincodeProposalPayload(input=payload.input).SerializeToString()
    return UnpackedProposal(
        signed,
        channel_header,
        signature_header,
        extension.chaincode_id.name,
        invocation.chaincode_spec.input,
        hashlib.sha256(header.channel_header + header.signature_header + public).digest(),
    )


def check_time(proposal: UnpackedProposal, now: datetime) -> None:
    """Check that the client's clock is near the peer's, and that his certificate has not ended.

    Args:
        proposal: what he signed.
        now: the peer's aware time.

    Raises:
        ProposalRefusedError: the timestamp is more than 15 minutes off, or the certificate expired.
    """
    stamp = proposal.channel_header.timestamp
    moment = datetime.fromtimestamp(0, UTC) + timedelta(
        seconds=stamp.seconds, microseconds=stamp.nanos // 1000
    )
    if abs(moment - now) > TIME_WINDOW:
        raise ProposalRefusedError(
            f"request unauthorized due to incorrect timestamp {moment:%Y-%m-%dT%H:%M:%SZ},"
            f" peer time {now:%Y-%m-%dT%H:%M:%SZ}, peer.authentication.timewindow 15m0s"
        )
    try:
        expiry = Identity.deserialize(proposal.signature_header.creator).x509.not_valid_after_utc
    except FabricDataError:
        return  # an unreadable creator is refused later, with another text
    if now > expiry:
        raise ProposalRefusedError("proposal client identity expired")


class ProposalInspector:
    """Checks headers, creator and signature of proposals.

    One for all peers of the node: they get the same proposal at the same time, and the verdict on a signature
    is the same for all of them.

    Args:
        ledger: the channel, whose organisations may propose.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._remembered: OrderedDict[tuple[bytes, bytes], tuple[Any, UnpackedProposal, ValidatedIdentity]]
        self._remembered = OrderedDict()

    def inspect(self, signed: Any) -> tuple[UnpackedProposal, ValidatedIdentity]:
        """Take a `peer.SignedProposal` apart and check it.

        Returns:
            its parts, and who signed it.

        Raises:
            ProposalRefusedError: in Fabric's words.
        """
        key = (signed.proposal_bytes, signed.signature)
        bundle = self._ledger.bundle
        known = self._remembered.get(key)
        if known is None or known[0] is not bundle:
            proposal = unpack(signed)
            check_time(proposal, datetime.now(UTC))
            known = (bundle, proposal, self._creator(proposal, bundle))
            if len(signed.proposal_bytes) <= _LARGEST_REMEMBERED:
                self._remembered[key] = known
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        else:
            check_time(known[1], datetime.now(UTC))
        return known[1], known[2]

    def _creator(self, proposal: UnpackedProposal, bundle: Any) -> ValidatedIdentity:
        try:
            _check_headers(proposal)
            return _authenticate(proposal, bundle)
        except ProposalRefusedError as error:
            raise ProposalRefusedError(f"error validating proposal: {error}") from error


def _check_headers(proposal: UnpackedProposal) -> None:
    kind, signature_header = proposal.channel_header.type, proposal.signature_header
    if kind not in (common_pb2.ENDORSER_TRANSACTION, common_pb2.CONFIG):
        names = common_pb2.HeaderType
        raise ProposalRefusedError(
            f"invalid header type {names.Name(kind) if kind in names.values() else kind}"
        )
    if proposal.channel_header.epoch:
        raise ProposalRefusedError("epoch is non-zero")
    if not signature_header.nonce:
        raise ProposalRefusedError("nonce is empty")
    if not signature_header.creator:
        raise ProposalRefusedError("creator is empty")
    expected = transaction_id(signature_header.nonce, signature_header.creator)
    if proposal.tx_id != expected:
        raise ProposalRefusedError(f"incorrectly computed txid '{proposal.tx_id}' -- expected '{expected}'")
    if not proposal.signed.signature:
        raise ProposalRefusedError("empty signature bytes")


def _authenticate(proposal: UnpackedProposal, bundle: Any) -> ValidatedIdentity:
    creator = proposal.signature_header.creator
    try:
        msp_id = Identity.deserialize(creator).msp_id
        known = msp_id in bundle.manager.msps
    except FabricDataError:
        known, msp_id = False, ""
    if not known:
        raise ProposalRefusedError(
            f"access denied: channel [{proposal.channel}] creator org unknown, creator is malformed"
        )
    try:
        found: ValidatedIdentity = bundle.manager.deserialize(creator)
        found.verify(proposal.signed.proposal_bytes, proposal.signed.signature)
    except FabricDataError as error:
        raise ProposalRefusedError(
            f"access denied: channel [{proposal.channel}] creator org [{msp_id}]"
        ) from error
    return found


def _decode(kind: Any, data: bytes, name: str) -> Any:
    try:
        return kind.FromString(data)
    except DecodeError as error:
        raise ProposalRefusedError(f"error unmarshalling {name}: {error}") from error
