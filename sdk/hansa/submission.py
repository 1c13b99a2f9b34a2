"""Sending one command until its outcome is known: retried within a bound, visibly, never twice in effect."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import msgspec

from hansa.errors import HansaError, RefusedError, UnreachableError, unreachable
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

        Where nobody answers for what was sent, the ledger is asked what became of it. If it cannot tell, the
        command is made a new transaction: its id lets at most one of the two take effect. The same
        transaction is never sent twice (see decision 0008).

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

        def endorse() -> Transaction:
            return self._contract.new_proposal(
                function, argument, transient=transient, endorsing_organizations=endorsing_organizations
            ).endorse()

        while True:
            sending.attempt += 1
            try:
                transaction = self._answered(endorse)
                status = self._commit(transaction, sending).check()
            except (RefusedError, UnreachableError) as error:
                raise sending.last_word(error) from error
            except GatewayError as error:
                failure = failure_of(error, sending.command_id)
                if failure.outcome_unknown:
                    sending.lost(failure.error, self._policy.settle)
                if not failure.again or sending.exhausted:
                    raise sending.last_word(failure.error) from error
                self.tell(sending.retry(str(error), conflict=failure.conflict))
                time.sleep(self._policy.wait(sending.attempt))
                continue
            self._told.of(status.block_number)
            receipt = sending.receipt(msgspec.json.decode(transaction.result, type=kind), status)
            return receipt if sending.unknown is None else self._effective(receipt)

    def close(self) -> None:
        """Nothing is sent any more."""
        self._told.close()

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
        """Sends a transaction and tells the ledger's verdict. Raises GatewayError where nobody can."""
        try:
            sent = transaction.submit()
        except SubmitError as error:
            return self._ask(transaction, sending, error)
        try:
            status = sent.status()
        except CommitStatusError as error:
            return self._ask(transaction, sending, error)
        except GatewayClosedError as closed:
            # By another thread, after the transaction was sent: nobody can be asked any more.
            raise outcome_unknown(closed, sending.command_id, transaction.transaction_id) from closed
        if status.validation_code == ValidationCode.DUPLICATE_TXID:
            # A gateway handed it to several ordering nodes; the one that came first decides.
            again = CommitError(status.transaction_id, status.validation_code, status.block_number)
            return self._ask(transaction, sending, again)
        return status

    def _ask(self, transaction: Transaction, sending: Sending, lost: GatewayError) -> CommitStatus:
        """What became of a transaction that was sent; what was lost is raised again if nobody can tell."""
        try:
            status = self._network.commit(transaction.transaction_id).status(timeout=_ASK_SECONDS)
        except CommitStatusError as unanswered:
            log.info("what became of %s cannot be told yet: %s", sending.command_id, unanswered)
            raise lost from unanswered
        if status.validation_code == ValidationCode.DUPLICATE_TXID:
            raise lost
        return status

    def _effective(self, receipt: Receipt[Reply]) -> Receipt[Reply]:
        """The receipt of the transaction that took effect, of several: the ledger keeps which it was."""
        found = self.carried_out(receipt.command_id)
        if found is None or found.tx_id == receipt.transaction_id:
            return receipt
        return replace(receipt, transaction_id=found.tx_id, block_number=self.block_of(found.tx_id))


@dataclass
class Sending:
    """A command on its way: how often it was sent, of how often it may be, and what nobody can tell of it.

    ``unknown`` is the first error after which the command may have taken effect, ``deadline`` until when (by
    ``time.monotonic``) it is tried to find out.
    """

    function: str
    command_id: str
    bound: int
    attempt: int = 0
    unknown: HansaError | None = None
    deadline: float = math.inf

    @property
    def exhausted(self) -> bool:
        """Whether it may not be sent again."""
        return self.attempt >= self.bound or time.monotonic() > self.deadline

    def lost(self, error: HansaError, settle: float) -> None:
        """Keeps that an attempt's outcome is unknown."""
        if self.unknown is None:
            self.unknown = error
            self.deadline = time.monotonic() + settle

    def last_word(self, error: HansaError) -> HansaError:
        """What to raise: after an unknown outcome no failure tells that nothing happened (rule 13)."""
        return error if self.unknown is None else self.unknown

    def receipt(self, reply: Reply, status: CommitStatus) -> Receipt[Reply]:
        """The receipt of a transaction that committed."""
        return Receipt(
            reply=reply,
            command_id=self.command_id,
            transaction_id=status.transaction_id,
            block_number=status.block_number,
            attempts=self.attempt,
        )

    def retry(self, reason: str, *, conflict: bool) -> Retry:
        """What to tell before it is sent again."""
        return Retry(self.function, self.command_id, self.attempt, reason, conflict)
