"""Sending one command until its outcome is known: retried within a bound, visibly, never twice in effect."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from hansa.errors import ConflictError, HansaError, OutcomeUnknownError, RefusedError, refusal, unreachable
from hansa_domain.operation import canonical
from hansa_fabric.validation_codes import ValidationCode
from hansa_gateway import (
    CommitError,
    EndorseError,
    EvaluateError,
    GatewayError,
    TransactionError,
)
from hansa_gateway.blocking.contract import Contract
from hansa_gateway.blocking.steps import Proposal

Reply = TypeVar("Reply", bound=msgspec.Struct)

log = logging.getLogger("hansa.submission")

# Somebody else was faster: simulate anew. A policy failure can come from a key policy changed in the block.
_CONFLICTS = frozenset(
    {
        ValidationCode.MVCC_READ_CONFLICT,
        ValidationCode.PHANTOM_READ_CONFLICT,
        ValidationCode.ENDORSEMENT_POLICY_FAILURE,
    }
)


@dataclass(frozen=True)
class Receipt(Generic[Reply]):
    """A command that took effect.

    Args:
        reply: what the chaincode answered.
        command_id: the command's ULID.
        transaction_id: the transaction that carried it.
        block_number: the block it stands in.
        attempts: how often it was sent; 1 where nothing was in the way.
    """

    reply: Reply
    command_id: str
    transaction_id: str
    block_number: int
    attempts: int


@dataclass(frozen=True)
class Retry:
    """Why a command is sent again: told to ``Submitter.on_retry`` and to the log ``hansa.submission``."""

    function: str
    command_id: str
    attempt: int
    reason: str
    conflict: bool


@dataclass(frozen=True)
class Policy:
    """How hard to try. ``attempts`` is the bound; waits grow from ``first_wait`` seconds, with jitter."""

    attempts: int = 5
    first_wait: float = 0.05
    longest_wait: float = 2.0

    def wait(self, attempt: int) -> float:
        """Seconds to wait after the given attempt (from 1)."""
        longest: float = min(self.first_wait * 2 ** (attempt - 1), self.longest_wait)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients, protects nothing


class Submitter:
    """Sends commands and questions of one identity to one chaincode. Any number of threads may use it."""

    def __init__(
        self,
        contract: Contract,
        policy: Policy | None = None,
        on_retry: Callable[[Retry], None] | None = None,
    ) -> None:
        self._contract = contract
        self._policy = policy or Policy()
        self._on_retry = on_retry

    def evaluate(self, function: str, query: msgspec.Struct, kind: type[Reply]) -> Reply:
        """Asks the member's own peer.

        Args:
            function: the operation, such as ``orders:Get``.
            query: its argument.
            kind: the reply's type.

        Raises:
            RefusedError: the chaincode said no.
            UnreachableError: nobody answered.
        """
        try:
            return msgspec.json.decode(self._contract.evaluate(function, canonical(query)), type=kind)
        except EvaluateError as error:
            raise refusal(error) or unreachable(error, error.transaction_id) from error
        except GatewayError as error:
            raise unreachable(error, None) from error

    def submit(
        self,
        function: str,
        command: msgspec.Struct,
        kind: type[Reply],
        *,
        transient: Mapping[str, bytes] | None = None,
        endorsing_organizations: Sequence[str] = (),
        attempts: int | None = None,
    ) -> Receipt[Reply]:
        """Sends a command and waits for its commit; sends it again after conflicts and unknown outcomes.

        The command's id makes every repetition harmless: the ledger carries it out once.

        Args:
            function: the operation, such as ``orders:Accept``.
            command: its argument, with its ``id``.
            kind: the reply's type.
            transient: private data, for the endorsers only.
            endorsing_organizations: who must endorse; empty leaves it to the endorsement policy.
            attempts: the bound, where it shall differ from the policy's.

        Raises:
            RefusedError: the chaincode said no.
            UnreachableError: too few endorsed; nothing was ordered.
            ConflictError: others were faster each time.
            OutcomeUnknownError: it was ordered, perhaps, and nobody could tell what became of it.
        """
        command_id = str(getattr(command, "id", ""))
        argument = canonical(command)
        bound = attempts or self._policy.attempts
        unknown: str | None = None  # the transaction of an attempt whose outcome nobody could tell
        for attempt in range(1, bound + 1):
            try:
                proposal = self._contract.new_proposal(
                    function, argument, transient=transient, endorsing_organizations=endorsing_organizations
                )
                return _carry_out(proposal, kind, command_id, attempt)
            except RefusedError as error:
                if unknown is None:
                    raise
                raise _still_unknown(error, unknown, command_id) from error
            except GatewayError as error:
                failure = _failure(error, command_id)
                if failure.outcome_unknown:
                    unknown = failure.transaction_id or ""
                if not failure.again or attempt == bound:
                    raise _final(failure, unknown, command_id) from error
                self._tell(Retry(function, command_id, attempt, str(error), failure.conflict))
                time.sleep(self._policy.wait(attempt))
        raise AssertionError("the loop above returns or raises")

    def _tell(self, retry: Retry) -> None:
        log.info(
            "%s %s again after attempt %d: %s", retry.function, retry.command_id, retry.attempt, retry.reason
        )
        if self._on_retry is not None:
            self._on_retry(retry)


def _carry_out(proposal: Proposal, kind: type[Reply], command_id: str, attempt: int) -> Receipt[Reply]:
    try:
        transaction = proposal.endorse()
    except EndorseError as error:
        refused = refusal(error)
        if refused is not None:
            raise refused from error
        raise
    status = transaction.submit().status().check()
    return Receipt(
        reply=msgspec.json.decode(transaction.result, type=kind),
        command_id=command_id,
        transaction_id=status.transaction_id,
        block_number=status.block_number,
        attempts=attempt,
    )


@dataclass(frozen=True)
class _Failure:
    """What an attempt's failure means for the next one."""

    error: HansaError
    again: bool
    conflict: bool
    outcome_unknown: bool
    transaction_id: str | None


def _failure(error: GatewayError, command_id: str) -> _Failure:
    transaction_id = getattr(error, "transaction_id", None)
    if isinstance(error, CommitError) and not error.outcome_unknown:
        conflict = error.validation_code in _CONFLICTS
        found: HansaError = ConflictError(
            error.validation_code_name,
            f"The command was refused at commit each time: {error.validation_code_name}.",
            "Others changed the same records; send it again.",
            transaction_id=transaction_id,
        )
        return _Failure(found, conflict, conflict, False, transaction_id)
    if error.outcome_unknown:
        message = f"Nobody could tell what became of the command: {error}"
        return _Failure(
            OutcomeUnknownError(message, command_id, transaction_id), True, False, True, transaction_id
        )
    # Peers that are behind, or down, answer so: asking again is right, and nothing was ordered.
    return _Failure(
        unreachable(error, transaction_id), isinstance(error, TransactionError), False, False, transaction_id
    )


def _final(failure: _Failure, unknown: str | None, command_id: str) -> HansaError:
    """Once one attempt's outcome was unknown, no later failure can tell that nothing happened (rule 13)."""
    if unknown is None or failure.outcome_unknown:
        return failure.error
    return _still_unknown(failure.error, unknown, command_id)


def _still_unknown(last: HansaError, transaction_id: str, command_id: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"An earlier attempt may still be carried out; the last one said: {last.message}",
        command_id,
        transaction_id,
    )
