"""The first step of a transaction: what the endorsers are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fabric_protos.gateway import gateway_pb2
from fabric_protos.peer import proposal_pb2

from hansa_fabric import proposals
from hansa_fabric.errors import FabricDataError
from hansa_gateway.core.signing import Octets, Signable, Signatory, decode_step
from hansa_gateway.core.transaction import PreparedTransaction
from hansa_gateway.errors import InvalidMessageError


def argument(value: str | bytes) -> bytes:
    """An argument as it travels: text is UTF-8."""
    return value.encode() if isinstance(value, str) else value


class ProposedTransaction(Signable):
    """A proposal with the organisations that shall endorse it.

    Args:
        proposal: the proposal itself.
        endorsing_organizations: MSP ids of the organisations that must execute it; empty leaves the choice
            to the gateway, which reads it from the endorsement policies.
        signature: the creator's signature, where it was made elsewhere.
    """

    def __init__(
        self,
        proposal: proposals.Proposal,
        endorsing_organizations: Sequence[str] = (),
        signature: bytes = b"",
    ) -> None:
        self.proposal = proposal
        self.endorsing_organizations = tuple(endorsing_organizations)
        self.signature = signature

    @classmethod
    def new(
        cls,
        signatory: Signatory,
        channel: str,
        chaincode: str,
        args: Sequence[str | bytes],
        *,
        transient: Mapping[str, str | bytes] | None,
        endorsing_organizations: Sequence[str],
    ) -> ProposedTransaction:
        """A new proposal of the signatory's, with a fresh nonce and so a fresh transaction id."""
        secrets = {key: argument(value) for key, value in (transient or {}).items()}
        proposal = proposals.new_proposal(
            channel, chaincode, [argument(arg) for arg in args], signatory.identity, transient=secrets
        )
        return cls(proposal, endorsing_organizations)

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> ProposedTransaction:
        """A proposal that was elsewhere, from its ``bytes`` and, where it was made there, its signature.

        Raises:
            InvalidMessageError: these bytes are no proposal, or its parts contradict one another.
        """
        message = decode_step(gateway_pb2.ProposedTransaction, data, "a proposal")
        try:
            proposal = proposals.Proposal.from_bytes(message.proposal.proposal_bytes)
        except FabricDataError as error:
            raise InvalidMessageError(f"these bytes are not a proposal: {error}") from error
        if message.transaction_id != proposal.tx_id:
            raise InvalidMessageError("the transaction id beside the proposal is not the proposal's own")
        return cls(proposal, message.endorsing_organizations, signature or message.proposal.signature)

    @property
    def transaction_id(self) -> str:
        """The transaction's id, which follows from nonce and creator."""
        return self.proposal.tx_id

    @property
    def message(self) -> Octets:
        """The bytes the signature covers."""
        return self.proposal.serialized

    @property
    def bytes(self) -> Octets:
        """The step, serialized (``gateway.ProposedTransaction``)."""
        message = gateway_pb2.ProposedTransaction(
            transaction_id=self.transaction_id,
            proposal=self._signed(),
            endorsing_organizations=self.endorsing_organizations,
        )
        found: Octets = message.SerializeToString()
        return found

    def _signed(self) -> Any:
        return proposal_pb2.SignedProposal(proposal_bytes=self.proposal.serialized, signature=self.signature)

    def evaluate_request(self, signatory: Signatory) -> Any:
        """The ``gateway.EvaluateRequest``, signed. Raises SigningError."""
        self.sign(signatory)
        return gateway_pb2.EvaluateRequest(
            transaction_id=self.transaction_id,
            channel_id=self.proposal.channel,
            proposed_transaction=self._signed(),
            target_organizations=self.endorsing_organizations,
        )

    def endorse_request(self, signatory: Signatory) -> Any:
        """The ``gateway.EndorseRequest``, signed. Raises SigningError."""
        self.sign(signatory)
        return gateway_pb2.EndorseRequest(
            transaction_id=self.transaction_id,
            channel_id=self.proposal.channel,
            proposed_transaction=self._signed(),
            endorsing_organizations=self.endorsing_organizations,
        )

    def endorsed(self, response: Any) -> PreparedTransaction:
        """The transaction a ``gateway.EndorseResponse`` brings.

        Raises:
            EndorseError: it is another transaction than the one proposed.
        """
        return PreparedTransaction.of_proposal(self.proposal, response.prepared_transaction)
