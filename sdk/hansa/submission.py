"""Sending one command until its outcome is known: retried within a bound, visibly, never twice in effect."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from hansa.errors import RefusedError, unreachable
from hansa.failures import failure_of, outcome_unknown
from hansa.heights import Heights
from hansa.policy import Policy
from hansa.questions import answered
from hansa.told import Told
from hansa_domain.commands import CommandReply, GetCommand
from hansa_domain.error_codes import Code
from hansa_domain.operation import canonical
from hansa_fabric.validation_codes import ValidationCode
from hansa_gateway import CommitError, CommitStatus, GatewayError, SubmitError, TransactionError
from hansa_gateway.blocking.network import Network
from hansa_gateway.blocking.steps import Transaction
from hansa_gateway.errors import CommitStatusError, GatewayClosedError

Answer = TypeVar("Answer")
Reply = TypeVar("Reply", bound=msgspec.Struct)

_ASK_SECONDS = 4.0
"""How long one question for a commit waits; a leader of the ordering service is replaced in less."""

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


class Submitter:
    """Sends commands and questions of one identity to one chaincode. Any number of threads may use it.

    Args:
        network: the channel.
        chaincode: the chaincode's name.
        msp_id: the identity's organisation: command ids are unique within it.
        policy: how often and how fast to try again.
        on_retry: told each time.
        beside: of another identity on the same connection; what is known of the peers is shared with it.
    """

    def __init__(
        self,
        network: Network,
        chaincode: str,
        msp_id: str,
        policy: Policy | None = None,
        on_retry: Callable[[Retry], None] | None = None,
        beside: Submitter | None = None,
    ) -> None:
        self.msp_id = msp_id
        self._network = network
        self._contract = network.contract(chaincode)
        self._policy = policy or Policy()
        self._on_retry = on_retry
        self._heights: Heights = Heights(network, msp_id) if beside is None else beside._heights
        self._told: Told = (
            Told(network, msp_id, self._heights, self._policy.catch_up) if beside is None else beside._told
        )

    def evaluate(self, function: str, query: msgspec.Struct, kind: type[Reply]) -> Reply:
        """Asks the member's own peer.

        Args:
            function: the operation, such as ``orders:Get``.
            query: its argument.
            kind: the reply's type.

        Raises:
            RefusedError: the chaincode said no.
            UnreachableError: nobody answered, or the peer is behind the others and stays so.
        """
        argument = canonical(query)
        try:
            found = self._answered(lambda: self._contract.evaluate(function, argument))
        except TransactionError as error:
            raise unreachable(error, error.transaction_id) from error
        except GatewayError as error:
            raise unreachable(error, None) from error
        return msgspec.json.decode(found, type=kind)

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
        """Sends a command and waits for its commit; after conflicts and where peers do not answer, again.

        Where nobody answers for what was sent, the ledger is asked what became of it, and that very
        transaction is sent again, which the ledger takes once at most. Another one is made only when the
        ledger says that the first had no effect.

        Args:
            function: the operation, such as ``orders:Accept``.
            command: its argument, with its ``id``.
            kind: the reply's type.
            transient: private data, for the endorsers only.
            endorsing_organizations: who must endorse; empty leaves it to the endorsement policy.
            attempts: the bound, where it shall differ from the policy's.

        Raises:
            RefusedError: the chaincode said no.
            UnreachableError: too few endorsed, or one is behind the others; nothing was ordered.
            ConflictError: others were faster each time.
            InvalidTransactionError: it stands on the ledger without effect.
            OutcomeUnknownError: it was ordered, perhaps, and nobody could tell what became of it.
        """
        argument = canonical(command)
        sending = Sending(function, str(getattr(command, "id", "")), attempts or self._policy.attempts)
        while True:
            sending.attempt += 1
            try:
                transaction = self._answered(
                    lambda: self._contract.new_proposal(
                        function,
                        argument,
                        transient=transient,
                        endorsing_organizations=endorsing_organizations,
                    ).endorse()
                )
                status = self._commit(transaction, sending).check()
            except GatewayError as error:
                failure = failure_of(error)
                if not failure.again or sending.exhausted:
                    raise failure.error from error
                self.tell(sending.retry(str(error), conflict=failure.conflict))
                time.sleep(self._policy.wait(sending.attempt))
                continue
            self._told.of(status.block_number)
            return Receipt(
                reply=msgspec.json.decode(transaction.result, type=kind),
                command_id=sending.command_id,
                transaction_id=status.transaction_id,
                block_number=status.block_number,
                attempts=sending.attempt,
            )

    def catch_up(self) -> int:
        """Waits until the member's peer has every block that any member's peer has now; see ``Client``."""
        horizon = self._heights.horizon()
        self._heights.reach({self.msp_id}, horizon, self._policy.catch_up)
        self._told.of(horizon - 1)
        return horizon

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

    def _answered(self, execute: Callable[[], Answer]) -> Answer:
        self._told.catch_up()
        return answered(execute, self._heights, self.msp_id, self._policy.catch_up)

    def _commit(self, transaction: Transaction, sending: Sending) -> CommitStatus:
        """Sends a transaction and tells the ledger's verdict. Raises OutcomeUnknownError."""
        try:
            sent = transaction.submit()
        except SubmitError as error:
            return self._settle(transaction, sending, error)
        try:
            status = sent.status()
        except (CommitStatusError, GatewayClosedError) as error:
            return self._settle(transaction, sending, error)
        if status.validation_code == ValidationCode.DUPLICATE_TXID:
            # An earlier one with this id decides; asked once more, the ledger tells of that.
            again = CommitError(status.transaction_id, status.validation_code, status.block_number)
            return self._settle(transaction, sending, again)
        return status

    def _settle(self, transaction: Transaction, sending: Sending, error: GatewayError) -> CommitStatus:
        """Asks what became of a transaction, and sends the same one again, until the ledger tells."""
        deadline = time.monotonic() + self._policy.settle
        while True:
            question = self._network.commit(transaction.transaction_id)
            try:
                status = question.status(timeout=max(0.1, min(_ASK_SECONDS, deadline - time.monotonic())))
                if status.validation_code != ValidationCode.DUPLICATE_TXID:
                    return status
            except CommitStatusError as unanswered:
                log.info("what became of %s cannot be told yet: %s", sending.command_id, unanswered)
            except GatewayClosedError as closed:
                error = closed
                deadline = 0.0
            if sending.exhausted or time.monotonic() > deadline:
                raise outcome_unknown(error, transaction.transaction_id, sending.command_id) from error
            self.tell(sending.retry(str(error), conflict=False))
            time.sleep(self._policy.wait(sending.attempt))
            sending.attempt += 1
            try:
                transaction.submit()
            except GatewayError as again:
                error = again


@dataclass
class Sending:
    """A command on its way: how often it was sent, of how often it may be."""

    function: str
    command_id: str
    bound: int
    attempt: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether it may not be sent again."""
        return self.attempt >= self.bound

    def retry(self, reason: str, *, conflict: bool) -> Retry:
        """What to tell before it is sent again."""
        return Retry(self.function, self.command_id, self.attempt, reason, conflict)
