"""The third step of a transaction: asking what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_protos.gateway import gateway_pb2

from hansa_fabric.validation_codes import ValidationCode, code_name
from hansa_gateway.core.signing import Signatory, SignedRequest, decode_step
from hansa_gateway.errors import CommitError, InvalidMessageError


@dataclass(frozen=True)
class CommitStatus:
    """What committing peers decided about a transaction.

    Args:
        transaction_id: the transaction's id.
        validation_code: Fabric's ``TxValidationCode``; 0 is VALID.
        block_number: the block it stands in.
    """

    transaction_id: str
    validation_code: int
    block_number: int

    @property
    def successful(self) -> bool:
        """Whether its writes took effect."""
        return self.validation_code == ValidationCode.VALID

    @property
    def validation_code_name(self) -> str:
        """The verdict's name, such as ``MVCC_READ_CONFLICT``."""
        return code_name(self.validation_code)

    def check(self) -> CommitStatus:
        """The status itself when the transaction is valid. Raises CommitError otherwise."""
        if not self.successful:
            raise CommitError(self.transaction_id, self.validation_code, self.block_number)
        return self


@dataclass(frozen=True)
class SubmitResult:
    """A transaction that was committed and is valid.

    Args:
        payload: what the chaincode replied.
        transaction_id: the transaction's id.
        block_number: the block it stands in.
    """

    payload: bytes
    transaction_id: str
    block_number: int

    @classmethod
    def of(cls, payload: bytes, status: CommitStatus) -> SubmitResult:
        """The result of a transaction with this reply and status. Raises CommitError when it is invalid."""
        status.check()
        return cls(payload, status.transaction_id, status.block_number)


class CommitRequest(SignedRequest):
    """The question for one transaction's commit status (``gateway.SignedCommitStatusRequest``).

    Args:
        request: serialized ``gateway.CommitStatusRequest``: what is signed.
        transaction_id: the transaction asked about.
        signature: where it was made elsewhere.
    """

    def __init__(self, request: bytes, transaction_id: str, signature: bytes = b"") -> None:
        super().__init__(request, signature)
        self.transaction_id = transaction_id

    @classmethod
    def new(cls, signatory: Signatory, channel: str, transaction_id: str) -> CommitRequest:
        """A question of the signatory's about a transaction on a channel."""
        message = gateway_pb2.CommitStatusRequest(
            channel_id=channel, transaction_id=transaction_id, identity=signatory.creator
        )
        return cls(message.SerializeToString(), transaction_id)

    @classmethod
    def from_bytes(cls, data: bytes, signature: bytes = b"") -> CommitRequest:
        """A question that was elsewhere, from its ``bytes`` and, where it was made there, its signature.

        Raises:
            InvalidMessageError: these bytes are no commit status request.
        """
        signed = decode_step(gateway_pb2.SignedCommitStatusRequest, data, "a commit status request")
        request = decode_step(gateway_pb2.CommitStatusRequest, signed.request, "a commit status request")
        if not request.transaction_id:
            raise InvalidMessageError("the commit status request names no transaction")
        return cls(signed.request, request.transaction_id, signature or signed.signature)

    def _signed(self) -> Any:
        return gateway_pb2.SignedCommitStatusRequest(request=self.message, signature=self.signature)

    def answered(self, response: Any) -> CommitStatus:
        """The status a ``gateway.CommitStatusResponse`` tells."""
        return CommitStatus(self.transaction_id, response.result, response.block_number)
