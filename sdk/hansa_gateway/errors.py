"""What can go wrong between a client and a Fabric Gateway: one class per stage of a transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import grpc

from hansa_fabric.validation_codes import ValidationCode, code_name

# How the gateway reports an answer the chaincode itself gave with status 400 or above.
_CHAINCODE_RESPONSE = re.compile(r"(?:^|: )chaincode response (\d+), ", re.ASCII)

# What the gateway writes beside a peer that executed the proposal to another result than the first one.
_MISMATCH = "ProposalResponsePayloads do not match"


class GatewayError(Exception):
    """Base of everything this package raises on purpose.

    ``code`` is a stable name of the kind of failure; ``outcome_unknown`` tells whether the transaction may
    have been, or may still be, committed although this error was raised.
    """

    code = "GATEWAY_ERROR"

    @property
    def outcome_unknown(self) -> bool:
        """Whether the ledger may hold the transaction all the same."""
        return False


class ConfigurationError(GatewayError):
    """A connection described in a way that cannot work; nothing was sent."""

    code = "CONFIGURATION_INVALID"


class GatewayClosedError(GatewayError):
    """The gateway was closed before the call; nothing was sent."""

    code = "GATEWAY_CLOSED"


class SigningError(GatewayError):
    """A step that needs a signature has none and there is nobody to sign it; nothing was sent."""

    code = "SIGNATURE_MISSING"


class InvalidMessageError(GatewayError):
    """Bytes given as a step of a transaction or as an event request that are none."""

    code = "MESSAGE_INVALID"


class CheckpointError(GatewayError):
    """A checkpoint that cannot be read, written or used."""

    code = "CHECKPOINT_INVALID"


class CheckpointMismatchError(CheckpointError):
    """A checkpoint that belongs to another ledger than the one connected to.

    Args:
        expected: the genesis hash (32 bytes) of the ledger connected to.
        found: the genesis hash the checkpoint was made with.
    """

    code = "CHECKPOINT_OF_ANOTHER_LEDGER"

    def __init__(self, expected: bytes, found: bytes) -> None:
        super().__init__(
            f"the checkpoint belongs to the ledger with genesis hash {found.hex()}, "
            f"and this one has {expected.hex()}"
        )
        self.expected = expected
        self.found = found


class WalletError(GatewayError):
    """A wallet that cannot be opened, read or written, or a label that cannot be one."""

    code = "WALLET_UNUSABLE"


class WrongPassphraseError(WalletError):
    """A passphrase that is not the wallet's."""

    code = "WALLET_PASSPHRASE_WRONG"


class IdentityNotFoundError(WalletError):
    """A label the wallet does not have.

    Args:
        label: the label.
    """

    code = "IDENTITY_NOT_FOUND"

    def __init__(self, label: str) -> None:
        super().__init__(f"the wallet has no identity {label!r}")
        self.label = label


@dataclass(frozen=True)
class ErrorDetail:
    """What one peer or orderer said.

    Args:
        address: its address, as the gateway knows it.
        msp_id: its organisation.
        message: what it said.
    """

    address: str
    msp_id: str
    message: str


class RemoteError(GatewayError):
    """A call that the gateway, a peer behind it, or the way there failed.

    Args:
        message: what the gateway said.
        status: the gRPC status code.
        details: what single peers and orderers said, where the gateway tells.
    """

    code = "REMOTE_ERROR"
    stage = "call"

    def __init__(self, message: str, status: grpc.StatusCode, details: Sequence[ErrorDetail] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.details = tuple(details)

    def __str__(self) -> str:
        said = "".join(f"; {d.msp_id} at {d.address}: {d.message}" for d in self.details)
        return f"{self.stage} failed ({self.status.name}): {self.message}{said}"

    @cached_property
    def _chaincode_response(self) -> tuple[int, str] | None:
        for text in (*(detail.message for detail in self.details), self.message):
            found = _CHAINCODE_RESPONSE.search(text)
            if found:
                return int(found[1]), text[found.end() :]
        return None

    @property
    def chaincode_status(self) -> int | None:
        """The status (400 to 599) that the chaincode answered with; None where it did not come to that."""
        return self._chaincode_response[0] if self._chaincode_response else None

    @property
    def refused_by(self) -> tuple[str, ...]:
        """MSP ids of those whose chaincode answered with such a status, where the gateway tells."""
        return tuple(
            detail.msp_id for detail in self.details if _CHAINCODE_RESPONSE.search(detail.message) is not None
        )

    @property
    def results_differ(self) -> bool:
        """Whether endorsers came to different results, as peers do that are not at the same block."""
        return any(_MISMATCH in detail.message for detail in self.details)

    @property
    def chaincode_message(self) -> str | None:
        """The chaincode's own refusal, whole; None where the failure was not the chaincode's."""
        return self._chaincode_response[1] if self._chaincode_response else None


class EventStreamError(RemoteError):
    """An event stream that ended without the caller closing it. Open a new one from the checkpoint."""

    code = "EVENT_STREAM_ENDED"
    stage = "event stream"


class BroadcastError(RemoteError):
    """An envelope that an ordering node did not take, or did not say that it took."""

    code = "BROADCAST_FAILED"
    stage = "broadcast"

    @property
    def outcome_unknown(self) -> bool:
        """Unless the node refused the envelope itself."""
        return self.status not in (
            grpc.StatusCode.INVALID_ARGUMENT,
            grpc.StatusCode.PERMISSION_DENIED,
            grpc.StatusCode.NOT_FOUND,
        )


class TransactionError(RemoteError):
    """A stage of one transaction that failed.

    Args:
        message: what the gateway said.
        status: the gRPC status code.
        details: what single peers and orderers said.
        transaction_id: the transaction's id.
    """

    code = "TRANSACTION_FAILED"

    def __init__(
        self,
        message: str,
        status: grpc.StatusCode,
        details: Sequence[ErrorDetail] = (),
        *,
        transaction_id: str,
    ) -> None:
        super().__init__(message, status, details)
        self.transaction_id = transaction_id


class EvaluateError(TransactionError):
    """A query that failed; queries change nothing."""

    code = "EVALUATE_FAILED"
    stage = "evaluate"


class EndorseError(TransactionError):
    """A proposal that was not endorsed; nothing was ordered, so nothing will be committed."""

    code = "ENDORSE_FAILED"
    stage = "endorse"


class SubmitError(TransactionError):
    """Sending to the orderers failed; an orderer may have taken the transaction all the same."""

    code = "SUBMIT_FAILED"
    stage = "submit"

    @property
    def outcome_unknown(self) -> bool:
        """Always: seen on Fabric, a submit answered UNAVAILABLE committed over a minute later."""
        return True


class CommitStatusError(TransactionError):
    """The transaction was sent, and asking what became of it failed. Ask again."""

    code = "COMMIT_STATUS_FAILED"
    stage = "commit status"

    @property
    def outcome_unknown(self) -> bool:
        """Always: the question failed, not the transaction."""
        return True


class CommitError(GatewayError):
    """The transaction stands on the ledger as invalid and had no effect.

    Args:
        transaction_id: the transaction's id.
        validation_code: why, as Fabric's ``TxValidationCode``.
        block_number: the block it stands in.
    """

    code = "COMMIT_INVALID"

    def __init__(self, transaction_id: str, validation_code: int, block_number: int) -> None:
        self.transaction_id = transaction_id
        self.validation_code = validation_code
        self.validation_code_name = code_name(validation_code)
        self.block_number = block_number
        super().__init__(
            f"transaction {transaction_id} is invalid in block {block_number}: "
            f"{self.validation_code_name} ({validation_code})"
        )

    @property
    def outcome_unknown(self) -> bool:
        """Only for DUPLICATE_TXID: an earlier transaction with the same id decides."""
        return self.validation_code == ValidationCode.DUPLICATE_TXID
