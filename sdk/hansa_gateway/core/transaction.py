"""The second step of a transaction: what the endorsers agreed on, to be signed and ordered."""

from __future__ import annotations

from typing import Any

import grpc
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2

from hansa_fabric import proposals
from hansa_fabric.errors import FabricDataError
from hansa_fabric.transactions import Transaction, parse_envelope
from hansa_gateway.core.commit import CommitRequest
from hansa_gateway.core.signing import Octets, Signable, Signatory, decode_step
from hansa_gateway.errors import EndorseError, InvalidMessageError


class PreparedTransaction(Signable):
    """An endorsed transaction.

    Args:
        transaction: as read from the gateway's envelope; its action was read without error.
        signature: the creator's, where it was made elsewhere.
    """

    def __init__(self, transaction: Transaction, signature: bytes = b"") -> None:
        self._transaction = transaction
        self.result: Octets = transaction.response.payload
        self.signature = signature

    @classmethod
    def of_proposal(cls, proposal: proposals.Proposal, envelope: Any) -> PreparedTransaction:
        """The transaction endorsed for a proposal.

        The gateway assembles what the client signs next, so it is compared with what the client proposed: a
        faulty or hostile gateway cannot have another invocation signed.

        Raises:
            EndorseError: the envelope is not a transaction, or not of this proposal.
        """
        try:
            transaction = parse_envelope(envelope)
            same = _belongs(transaction, proposal)
        except FabricDataError as error:
            raise _not_usable(f"the gateway returned no endorsed transaction: {error}", proposal) from error
        if not same:
            raise _not_usable("the gateway returned another transaction than the one proposed", proposal)
        return cls(transaction)

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> PreparedTransaction:
        """A transaction that was elsewhere, from its ``bytes`` and, where it was made there, its signature.

        Raises:
            InvalidMessageError: these bytes are no endorsed transaction.
        """
        message = decode_step(gateway_pb2.PreparedTransaction, data, "a transaction")
        try:
            transaction = parse_envelope(message.envelope)
            transaction.check()
            found = cls(transaction, signature or message.envelope.signature)
        except FabricDataError as error:
            raise InvalidMessageError(f"these bytes are not an endorsed transaction: {error}") from error
        if message.transaction_id != found.transaction_id:
            raise InvalidMessageError("the transaction id beside the envelope is not the envelope's own")
        return found

    @property
    def transaction_id(self) -> str:
        """The transaction's id."""
        return self._transaction.tx_id

    @property
    def message(self) -> Octets:
        """The bytes the signature covers."""
        return self._transaction.payload

    @property
    def bytes(self) -> Octets:
        """The step, serialized (``gateway.PreparedTransaction``)."""
        message = gateway_pb2.PreparedTransaction(
            transaction_id=self.transaction_id, envelope=self._envelope()
        )
        found: Octets = message.SerializeToString()
        return found

    def _envelope(self) -> Any:
        return common_pb2.Envelope(payload=self._transaction.payload, signature=self.signature)

    def submit_request(self, signatory: Signatory) -> Any:
        """The ``gateway.SubmitRequest``, signed. Raises SigningError."""
        self.sign(signatory)
        return gateway_pb2.SubmitRequest(
            transaction_id=self.transaction_id,
            channel_id=self._transaction.channel,
            prepared_transaction=self._envelope(),
        )

    def commit_request(self, signatory: Signatory) -> CommitRequest:
        """The question what became of it, made (and signed, where a signer is at hand) before anything
        irreversible is done, so that nothing of ours can fail between submit and question."""
        request = CommitRequest.new(signatory, self._transaction.channel, self.transaction_id)
        if signatory.signer is not None:
            request.sign(signatory)
        return request


def _belongs(transaction: Transaction, proposal: proposals.Proposal) -> bool:
    """Whether headers and input are the proposal's, and the endorsers signed for just these."""
    asked = proposal.message
    action = transaction.action
    return (
        transaction.tx_id == proposal.tx_id
        and common_pb2.Header(
            channel_header=transaction.channel_header_bytes,
            signature_header=transaction.signature_header_bytes,
        )
        == common_pb2.Header.FromString(asked.header)
        and action.expected_hash
        == action.proposal_hash
        == proposals.proposal_hash(asked.header, asked.payload)
    )


def _not_usable(message: str, proposal: proposals.Proposal) -> EndorseError:
    return EndorseError(message, grpc.StatusCode.INTERNAL, transaction_id=proposal.tx_id)
