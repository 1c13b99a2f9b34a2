"""A transaction: an endorsed proposal in an envelope that its creator signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.peer import (
    chaincode_event_pb2,
    chaincode_pb2,
    proposal_pb2,
    proposal_response_pb2,
    transaction_pb2,
)

from hansa_fabric.errors import EndorsementMismatchError, MalformedDataError, MalformedTransactionError
from hansa_fabric.identity import Signer
from hansa_fabric.proposals import Proposal, transaction_id, without_transient
from hansa_fabric.protobuf import decode
from hansa_fabric.validation_codes import ValidationCode

_SUPPORTED_TYPES = frozenset(
    (common_pb2.ENDORSER_TRANSACTION, common_pb2.CONFIG_UPDATE, common_pb2.CONFIG),
)


def new_transaction(proposal: Proposal, responses: Sequence[Any]) -> bytes:
    """The unsigned transaction of a proposal and its endorsements.

    Args:
        proposal: what was endorsed; its transient data is left out.
        responses: ``peer.ProposalResponse`` of each endorser, all with the same payload. An endorser that
            answered twice counts once.

    Returns:
        the serialized ``common.Payload``, which the proposal's creator has to sign.

    Raises:
        EndorsementMismatchError: no response, a refusal, payloads that differ, or no endorsement.
    """
    if not responses:
        raise EndorsementMismatchError("a transaction needs at least one proposal response")
    payload = responses[0].payload
    endorsements: dict[bytes, Any] = {}
    for response in responses:
        status = response.response.status
        if not 200 <= status < 400:
            raise EndorsementMismatchError(f"an endorser refused: {status} {response.response.message}")
        if response.payload != payload:
            raise EndorsementMismatchError("the endorsers' results differ")
        if response.HasField("endorsement"):
            endorsements.setdefault(response.endorsement.endorser, response.endorsement)
    if not endorsements:
        raise EndorsementMismatchError("no response carries an endorsement")
    header = decode(common_pb2.Header, proposal.message.header)
    action = transaction_pb2.ChaincodeActionPayload(
        chaincode_proposal_payload=without_transient(proposal.message.payload),
        action=transaction_pb2.ChaincodeEndorsedAction(
            proposal_response_payload=payload, endorsements=list(endorsements.values())
        ),
    )
    transaction = transaction_pb2.Transaction(
        actions=[
            transaction_pb2.TransactionAction(
                header=header.signature_header, payload=action.SerializeToString()
            )
        ]
    )
    found: bytes = common_pb2.Payload(header=header, data=transaction.SerializeToString()).SerializeToString()
    return found


def sign_envelope(payload: bytes, signer: Signer) -> Any:
    """The ``common.Envelope`` of a serialized ``common.Payload``, signed."""
    return signed_envelope(payload, signer.sign(payload))


def signed_envelope(payload: bytes, signature: bytes) -> Any:
    """The ``common.Envelope`` of a payload and a signature made elsewhere."""
    return common_pb2.Envelope(payload=payload, signature=signature)


@dataclass(frozen=True)
class Endorsement:
    """One endorser's signature.

    Args:
        endorser: serialized identity.
        signature: DER.
    """

    endorser: bytes
    signature: bytes


@dataclass(frozen=True)
class EndorsedAction:
    """What the endorsers signed, and what they were asked.

    Args:
        chaincode: name of the chaincode that ran.
        version: its version.
        args: function name and arguments.
        response: the chaincode's ``peer.Response``.
        results: serialized ``ledger.rwset.TxReadWriteSet``.
        event_bytes: serialized ``peer.ChaincodeEvent``, empty when none was set.
        proposal_hash: the hash the endorsers committed to.
        expected_hash: the hash that this transaction's own headers and input make.
        signed_payload: serialized ``peer.ProposalResponsePayload``; each endorser signs it followed by its
            own serialized identity.
        endorsements: in the order they stand.
    """

    chaincode: str
    version: str
    args: tuple[bytes, ...]
    response: Any
    results: bytes
    event_bytes: bytes
    proposal_hash: bytes
    expected_hash: bytes
    signed_payload: bytes
    endorsements: tuple[Endorsement, ...]

    @cached_property
    def event(self) -> Any:
        """The ``peer.ChaincodeEvent``, or None. Raises MalformedDataError."""
        return decode(chaincode_event_pb2.ChaincodeEvent, self.event_bytes) if self.event_bytes else None

    @cached_property
    def rwset(self) -> Any:
        """The ``ledger.rwset.TxReadWriteSet``; see ``rwsets``. Raises MalformedDataError."""
        return decode(rwset_pb2.TxReadWriteSet, self.results)


@dataclass(frozen=True)
class Transaction:
    """An envelope read as far as its headers; what is inside is read when asked for.

    Args:
        tx_id: as stated; empty for configuration.
        type: ``common.HeaderType``: ENDORSER_TRANSACTION (3), CONFIG (1), CONFIG_UPDATE (2).
        channel: channel name.
        creator: serialized identity of who signed; empty in a genesis block.
        nonce: the creator's nonce.
        timestamp: the client's time (``google.protobuf.Timestamp``).
        payload: what the signature covers.
        signature: the creator's.
        channel_header: the ``common.ChannelHeader``.
        data: the payload's content: ``peer.Transaction`` or ``common.ConfigEnvelope``, serialized.
        signature_header_bytes: serialized ``common.SignatureHeader``.
        channel_header_bytes: serialized ``common.ChannelHeader``.
    """

    tx_id: str
    type: int
    channel: str
    creator: bytes
    nonce: bytes
    timestamp: Any
    payload: bytes
    signature: bytes
    channel_header: Any
    data: bytes
    signature_header_bytes: bytes
    channel_header_bytes: bytes

    @property
    def is_config(self) -> bool:
        """Whether it carries a channel configuration."""
        return self.type == int(common_pb2.CONFIG)

    @cached_property
    def action(self) -> EndorsedAction:
        """The endorsed action. Raises MalformedTransactionError (INVALID_ENDORSER_TRANSACTION)."""
        try:
            return _parse_action(self)
        except MalformedTransactionError:
            raise
        except MalformedDataError as error:
            raise MalformedTransactionError(
                ValidationCode.INVALID_ENDORSER_TRANSACTION, str(error)
            ) from error

    @property
    def chaincode(self) -> str:
        """Name of the chaincode that ran."""
        return self.action.chaincode

    @property
    def args(self) -> tuple[bytes, ...]:
        """Function name and arguments."""
        return self.action.args

    @property
    def rwset(self) -> Any:
        """The ``ledger.rwset.TxReadWriteSet``."""
        return self.action.rwset

    @property
    def endorsements(self) -> tuple[Endorsement, ...]:
        """The endorsers' signatures."""
        return self.action.endorsements

    @property
    def event(self) -> Any:
        """The ``peer.ChaincodeEvent``, or None."""
        return self.action.event

    @property
    def response(self) -> Any:
        """The chaincode's ``peer.Response``."""
        return self.action.response

    def check(self) -> None:
        """What a committing peer checks of an endorser transaction's form after its creator's signature.

        Raises:
            MalformedTransactionError: with BAD_PROPOSAL_TXID, INVALID_ENDORSER_TRANSACTION (among others the
                endorsers signed for another proposal) or UNSUPPORTED_TX_PAYLOAD.
        """
        if self.is_config:
            return
        if self.type != common_pb2.ENDORSER_TRANSACTION:
            raise MalformedTransactionError(
                ValidationCode.UNSUPPORTED_TX_PAYLOAD, f"header type {self.type} is not committed"
            )
        if self.tx_id != transaction_id(self.nonce, self.creator):
            raise MalformedTransactionError(
                ValidationCode.BAD_PROPOSAL_TXID, "the id does not follow from nonce and creator"
            )
        if self.action.proposal_hash != self.action.expected_hash:
            raise MalformedTransactionError(
                ValidationCode.INVALID_ENDORSER_TRANSACTION, "the endorsers signed for another proposal"
            )


def parse_envelope(envelope: Any) -> Transaction:
    """Read a ``common.Envelope`` (message or bytes) and check its headers; no signature is checked.

    Raises:
        MalformedTransactionError: with NIL_ENVELOPE, BAD_PAYLOAD or BAD_COMMON_HEADER.
    """
    message = envelope
    if isinstance(envelope, bytes):
        message = _decode(ValidationCode.INVALID_OTHER_REASON, common_pb2.Envelope, envelope)
    if not message.payload and not message.signature:
        raise MalformedTransactionError(ValidationCode.NIL_ENVELOPE, "the envelope is empty")
    payload = _decode(ValidationCode.BAD_PAYLOAD, common_pb2.Payload, message.payload)
    code = ValidationCode.BAD_COMMON_HEADER
    if not payload.HasField("header"):
        raise MalformedTransactionError(code, "the payload has no header")
    channel_header = _decode(code, common_pb2.ChannelHeader, payload.header.channel_header)
    signature_header = _decode(code, common_pb2.SignatureHeader, payload.header.signature_header)
    if channel_header.type not in _SUPPORTED_TYPES:
        raise MalformedTransactionError(code, f"header type {channel_header.type}")
    if channel_header.epoch:
        raise MalformedTransactionError(code, "the epoch is not 0")
    # A genesis block is made by nobody: its configuration has neither creator nor, sometimes, nonce.
    if channel_header.type != common_pb2.CONFIG and not (signature_header.nonce and signature_header.creator):
        raise MalformedTransactionError(code, "nonce or creator is missing")
    return Transaction(
        channel_header.tx_id,
        channel_header.type,
        channel_header.channel_id,
        signature_header.creator,
        signature_header.nonce,
        channel_header.timestamp,
        message.payload,
        message.signature,
        channel_header,
        payload.data,
        payload.header.signature_header,
        payload.header.channel_header,
    )


def _decode(code: ValidationCode, kind: Any, data: bytes) -> Any:
    try:
        return decode(kind, data)
    except MalformedDataError as error:
        raise MalformedTransactionError(code, str(error)) from error


def _parse_action(transaction: Transaction) -> EndorsedAction:
    actions = decode(transaction_pb2.Transaction, transaction.data).actions
    if len(actions) != 1:
        raise MalformedDataError(f"a transaction has one action, not {len(actions)}")
    signature_header = decode(common_pb2.SignatureHeader, actions[0].header)
    if not signature_header.nonce or not signature_header.creator:
        raise MalformedDataError("the action's header lacks nonce or creator")
    payload = decode(transaction_pb2.ChaincodeActionPayload, actions[0].payload)
    signed = payload.action.proposal_response_payload
    response_payload = decode(proposal_response_pb2.ProposalResponsePayload, signed)
    action = decode(proposal_pb2.ChaincodeAction, response_payload.extension)
    proposal_payload = decode(proposal_pb2.ChaincodeProposalPayload, payload.chaincode_proposal_payload)
    invocation = decode(chaincode_pb2.ChaincodeInvocationSpec, proposal_payload.input)
    header = common_pb2.Header(
        channel_header=transaction.channel_header_bytes, signature_header=actions[0].header
    )
    return EndorsedAction(
        chaincode=action.chaincode_id.name,
        version=action.chaincode_id.version,
        args=tuple(invocation.chaincode_spec.input.args),
        response=action.response,
        results=action.results,
        event_bytes=action.events,
        proposal_hash=response_payload.proposal_hash,
        expected_hash=_hash_as_it_stands(header, payload.chaincode_proposal_payload),
        signed_payload=signed,
        endorsements=tuple(Endorsement(one.endorser, one.signature) for one in payload.action.endorsements),
    )


def _hash_as_it_stands(header: Any, payload_bytes: bytes) -> bytes:
    # Unlike an endorser, a committer hashes the payload's bytes without reading them first, so that a
    # transaction which smuggles transient data into the block fails.
    return hashlib.sha256(header.channel_header + header.signature_header + payload_bytes).digest()
