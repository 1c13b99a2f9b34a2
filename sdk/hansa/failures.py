"""What an attempt's failure means: whether to try again, and whether a refusal is the last word."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from hansa.errors import (
    CHAINCODE_FAILED,
    ConflictError,
    HansaError,
    InvalidTransactionError,
    OutcomeUnknownError,
    RefusedError,
    UnreachableError,
    unreachable,
)
from hansa_domain.error_codes import Code
from hansa_fabric.validation_codes import ValidationCode
from hansa_gateway import CommitError, EndorseError, GatewayError, TransactionError

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


# What a refusal of this kind says follows from the command alone, or stays true once it is: a peer that knows
# more answers the same. Any other may come from a peer that is behind.
_FINAL = frozenset(
    code.value
    for code in (
        Code.MALFORMED_DOCUMENT,
        Code.DOCUMENT_TOO_LARGE,
        Code.UNKNOWN_FUNCTION,
        Code.FIELD_INVALID,
        Code.COMMAND_ID_REUSED,
        Code.COMMAND_NOT_FOUND,
        Code.GTIN_INVALID,
        Code.GLN_INVALID,
        Code.SSCC_INVALID,
        Code.EPC_INVALID,
        Code.EPCIS_FIELD_MISSING,
        Code.EPCIS_FIELD_INVALID,
        Code.EPCIS_FIELD_NOT_ALLOWED,
        Code.EPCIS_TYPE_UNKNOWN,
        Code.EVENT_ID_REUSED,
        Code.EVENT_TOO_LARGE,
        Code.CAPTURE_TOO_LARGE,
        Code.CONSORTIUM_ALREADY_INITIALIZED,
        Code.MEMBER_REPEATED,
        Code.COUNTRY_UNKNOWN,
        Code.PRODUCT_ALREADY_REGISTERED,
        Code.BUCKETS_INVALID,
        Code.CURRENCY_UNKNOWN,
        Code.AMOUNT_ZERO,
        Code.AMOUNT_TOO_LARGE,
        Code.NOTE_NOT_YOURS,
        Code.NOTE_REPEATED,
        Code.ORDER_NOT_DUE,
        Code.EPC_REPEATED,
        Code.TRANSIENT_MISSING,
        Code.COMMITMENT_MISMATCH,
        Code.BOOKMARK_INVALID,
    )
) | {CHAINCODE_FAILED}

# The gateway finds no way to enough endorsers: for some seconds, where a peer has just restarted.
_NO_ENDORSERS = ("no combination of peers", "failed to select a set of endorsers", "no endorsers found")


@dataclass(frozen=True)
class Failure:
    """One attempt that failed.

    Args:
        error: what to tell the caller, should it be the last one.
        again: whether another attempt may succeed.
        conflict: whether others changed the same records.
        outcome_unknown: whether the command may have taken effect all the same.
    """

    error: HansaError
    again: bool
    conflict: bool
    outcome_unknown: bool = False


def failure_of(error: GatewayError, command_id: str) -> Failure:
    """Judges an attempt that failed. A chaincode's refusal is not among it (see ``errors.refusal``)."""
    transaction_id = getattr(error, "transaction_id", None)
    if error.outcome_unknown:
        unknown = outcome_unknown(error, command_id, transaction_id)
        return Failure(unknown, True, False, outcome_unknown=True)
    if isinstance(error, CommitError):
        return _invalid(error)
    if isinstance(error, EndorseError) and error.results_differ:
        differ = ConflictError(
            "ENDORSEMENTS_DIFFER",
            "The members' peers came to different results each time, as they do when they are not at the "
            "same block.",
            "Send it again, a little later.",
            transaction_id=transaction_id,
        )
        return Failure(differ, True, True)
    if isinstance(error, EndorseError) and any(text in error.message for text in _NO_ENDORSERS):
        alone = UnreachableError(
            "NOT_ENDORSED",
            f"The member's peer knows of too few others that could endorse the command: {error.message}",
            "A peer that has just started needs some seconds until it knows the others. "
            "Where it stays so, see which members' peers are up: hansa status.",
            transaction_id=transaction_id,
        )
        return Failure(alone, True, False)
    # Peers that are down answer so: asking again is right, and nothing was ordered.
    again = isinstance(error, TransactionError) and error.status not in _HOPELESS
    return Failure(unreachable(error, transaction_id), again, False)


def may_be_outdated(refused: RefusedError) -> bool:
    """Whether a peer that has more blocks may answer otherwise."""
    return refused.code not in _FINAL


def outcome_unknown(error: GatewayError, command_id: str, transaction_id: str | None) -> OutcomeUnknownError:
    """The command was sent, and nobody could tell what became of it (rule 13)."""
    return OutcomeUnknownError(
        f"Nobody could tell what became of the command: {error}", command_id, transaction_id
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
        return Failure(conflict, True, True)
    invalid = InvalidTransactionError(
        verdict,
        f"The members' peers found the transaction invalid: {verdict}.",
        "Tell whoever runs the network; the transaction stands on the ledger without effect.",
        transaction_id=error.transaction_id,
    )
    return Failure(invalid, False, False)
