"""What an attempt's failure means: whether to try again, and whether the command may have taken effect."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from hansa.errors import (
    ConflictError,
    HansaError,
    InvalidTransactionError,
    OutcomeUnknownError,
    unreachable,
)
from hansa_fabric.validation_codes import ValidationCode
from hansa_gateway import CommitError, GatewayError, TransactionError

# Somebody else was faster: simulate anew. A policy failure can come from a key policy changed in the block.
_CONFLICTS = frozenset(
    {
        ValidationCode.MVCC_READ_CONFLICT,
        ValidationCode.PHANTOM_READ_CONFLICT,
        ValidationCode.ENDORSEMENT_POLICY_FAILURE,
    }
)

# Who asks is not let in, or what is asked does not exist: the same question gets the same answer.
_HOPELESS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)


@dataclass(frozen=True)
class Failure:
    """One attempt that failed.

    Args:
        error: what to tell the caller, should it be the last one.
        again: whether another attempt may succeed.
        conflict: whether others changed the same records.
        outcome_unknown: whether the command may have taken effect all the same.
        transaction_id: the attempt's transaction, where there was one.
    """

    error: HansaError
    again: bool
    conflict: bool
    outcome_unknown: bool
    transaction_id: str | None


def failure_of(error: GatewayError, command_id: str) -> Failure:
    """Judges what the gateway raised; a chaincode's refusal is not among it (see ``errors.refusal``)."""
    transaction_id = getattr(error, "transaction_id", None)
    if error.outcome_unknown:
        unknown = OutcomeUnknownError(
            f"Nobody could tell what became of the command: {error}", command_id, transaction_id
        )
        return Failure(unknown, True, False, True, transaction_id)
    if isinstance(error, CommitError):
        return _invalid(error)
    # Peers that are behind, or down, answer so: asking again is right, and nothing was ordered.
    again = isinstance(error, TransactionError) and error.status not in _HOPELESS
    return Failure(unreachable(error, transaction_id), again, False, False, transaction_id)


def still_unknown(last: HansaError, transaction_id: str, command_id: str) -> OutcomeUnknownError:
    """Once one attempt's outcome was unknown, no later failure can tell that nothing happened (rule 13)."""
    return OutcomeUnknownError(
        f"An earlier attempt may still be carried out; the last one said: {last.message}",
        command_id,
        transaction_id,
    )


def _invalid(error: CommitError) -> Failure:
    verdict = error.validation_code_name
    if error.validation_code in _CONFLICTS:
        conflict = ConflictError(
            verdict,
            f"Others changed the same records each time the command was sent: {verdict}.",
            "Send it again, a little later.",
            transaction_id=error.transaction_id,
        )
        return Failure(conflict, True, True, False, error.transaction_id)
    invalid = InvalidTransactionError(
        verdict,
        f"The members' peers found the transaction invalid: {verdict}.",
        "Tell whoever runs the network; the transaction stands on the ledger without effect.",
        transaction_id=error.transaction_id,
    )
    return Failure(invalid, False, False, False, error.transaction_id)
