"""Sending one command until its outcome is known: retried within a bound, visibly, never twice in effect."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from hansa.errors import HansaError, RefusedError, UnreachableError, refusal, unreachable
from hansa.failures import Failure, failure_of, still_unknown
from hansa_domain.commands import CommandReply, GetCommand, command_digest
from hansa_domain.error_codes import Code
from hansa_domain.operation import canonical
from hansa_gateway import EndorseError, EvaluateError, GatewayError
from hansa_gateway.blocking.network import Network
from hansa_gateway.blocking.steps import Proposal

Reply = TypeVar("Reply", bound=msgspec.Struct)

log = logging.getLogger("hansa.submission")


@dataclass(frozen=True)
class Receipt(Generic[Reply]):
    """A command that took effect.

    Args:
        reply: what the chaincode answered.
        command_id: the command's ULID.
        transaction_id: the transaction that carried it.
        block_number: the block it stands in.
        attempts: how often this call sent it; 1 where nothing was in the way, 0 where it was not needed.
        repeated: whether it was carried out before this call; reply, transaction and block are those of then.
    """

    reply: Reply
    command_id: str
    transaction_id: str
    block_number: int
    attempts: int
    repeated: bool = False


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
    """How hard to try. ``attempts`` is the bound; waits grow from ``first_wait`` seconds, with jitter.

    Eight last about four seconds: a peer that has just restarted needs some until it knows the others.
    """

    attempts: int = 8
    first_wait: float = 0.05
    longest_wait: float = 2.0

    def wait(self, attempt: int) -> float:
        """Seconds to wait after the given attempt (from 1)."""
        longest: float = min(self.first_wait * 2 ** (attempt - 1), self.longest_wait)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients, protects nothing


class Submitter:
    """Sends commands and questions of one identity to one chaincode. Any number of threads may use it.

    Args:
        network: the channel.
        chaincode: the chaincode's name.
        msp_id: the identity's organisation: command ids are unique within it.
        policy: how often and how fast to try again.
        on_retry: told each time.
    """

    def __init__(
        self,
        network: Network,
        chaincode: str,
        msp_id: str,
        policy: Policy | None = None,
        on_retry: Callable[[Retry], None] | None = None,
    ) -> None:
        self.msp_id = msp_id
        self._network = network
        self._contract = network.contract(chaincode)
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
        digest = command_digest(function, command)
        bound = attempts or self._policy.attempts
        unknown: str | None = None  # the transaction of an attempt whose outcome nobody could tell
        for attempt in range(1, bound + 1):
            if unknown is not None:
                found = self._settled(command_id, digest, kind, attempt - 1)
                if found is not None:
                    return found
            try:
                proposal = self._contract.new_proposal(
                    function, argument, transient=transient, endorsing_organizations=endorsing_organizations
                )
                receipt = _carry_out(proposal, kind, command_id, attempt)
            except RefusedError as error:
                if unknown is None:
                    raise
                raise still_unknown(error, unknown, command_id) from error
            except GatewayError as error:
                failure = failure_of(error, command_id)
                if failure.outcome_unknown:
                    unknown = failure.transaction_id or ""
                if not failure.again or attempt == bound:
                    raise _last_word(failure, unknown, command_id) from error
                self.tell(Retry(function, command_id, attempt, str(error), failure.conflict))
                time.sleep(self._policy.wait(attempt))
            else:
                # After an unknown outcome, this attempt may be the one that found it done already.
                settled = None if unknown is None else self._settled(command_id, digest, kind, attempt)
                return settled or receipt
        raise AssertionError("the loop above returns or raises")

    def carried_out(self, command_id: str) -> CommandReply | None:
        """What the ledger keeps of a command of this organisation; None where it was not carried out (yet).

        Raises:
            RefusedError: it is no ULID.
            UnreachableError: nobody answered.
        """
        query = GetCommand(command=f"{self.msp_id}.{command_id}")
        try:
            return self.evaluate("commands:Get", query, CommandReply)
        except RefusedError as error:
            if error.code == Code.COMMAND_NOT_FOUND.value:
                return None
            if error.field != "command":
                raise
            raise RefusedError(
                error.code, f"{command_id!r} is no ULID in upper case.", error.hint, field="id"
            ) from error

    def block_of(self, transaction_id: str) -> int:
        """The block that a committed transaction stands in. Raises UnreachableError."""
        try:
            return self._network.commit(transaction_id).status().block_number
        except GatewayError as error:
            raise unreachable(error, transaction_id) from error

    def tell(self, retry: Retry) -> None:
        """Makes a retry visible: in the log, and to whoever asked to be told."""
        log.info(
            "%s %s again after attempt %d: %s", retry.function, retry.command_id, retry.attempt, retry.reason
        )
        if self._on_retry is not None:
            self._on_retry(retry)

    def _settled(
        self, command_id: str, digest: str, kind: type[Reply], attempts: int
    ) -> Receipt[Reply] | None:
        """The receipt of an attempt whose outcome was unknown, if the ledger can tell by now."""
        try:
            found = self.carried_out(command_id)
            if found is None or found.digest != digest:
                return None
            return Receipt(
                reply=msgspec.json.decode(found.reply, type=kind),
                command_id=command_id,
                transaction_id=found.tx_id,
                block_number=self.block_of(found.tx_id),
                attempts=attempts,
            )
        except (UnreachableError, RefusedError) as error:
            log.info("what became of %s cannot be told yet: %s", command_id, error)
            return None


def _last_word(failure: Failure, unknown: str | None, command_id: str) -> HansaError:
    """Once one attempt's outcome was unknown, no later failure can tell that nothing happened (rule 13)."""
    if unknown is None or failure.outcome_unknown:
        return failure.error
    return still_unknown(failure.error, unknown, command_id)


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
