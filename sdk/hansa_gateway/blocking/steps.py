"""The steps of a transaction: proposal, transaction, commit."""

from __future__ import annotations

from hansa_gateway.blocking.client import Client
from hansa_gateway.core.commit import CommitRequest, CommitStatus
from hansa_gateway.core.methods import COMMIT_STATUS, ENDORSE, EVALUATE, SUBMIT
from hansa_gateway.core.proposal import ProposedTransaction
from hansa_gateway.core.signing import Signatory
from hansa_gateway.core.step import Step
from hansa_gateway.core.transaction import PreparedTransaction


class Commit(Step[CommitRequest]):
    """A transaction that was sent to the orderers."""

    def __init__(self, client: Client, signatory: Signatory, state: CommitRequest) -> None:
        super().__init__(state)
        self._client, self._signatory = client, signatory

    @property
    def transaction_id(self) -> str:
        """The transaction's id."""
        return self._state.transaction_id

    def status(self, timeout: float | None = None) -> CommitStatus:
        """Wait until the transaction stands in a block, and tell the verdict; may be asked again.

        Args:
            timeout: seconds; None takes the gateway's deadline.

        Raises:
            CommitStatusError: the question failed; the outcome is unknown.
            SigningError, GatewayClosedError: it was not asked.
        """
        request = self._state.request(self._signatory)
        return self._state.answered(self._client.call(COMMIT_STATUS, request, self.transaction_id, timeout))


class Transaction(Step[PreparedTransaction]):
    """An endorsed transaction."""

    def __init__(self, client: Client, signatory: Signatory, state: PreparedTransaction) -> None:
        super().__init__(state)
        self._client, self._signatory = client, signatory

    @property
    def transaction_id(self) -> str:
        """The transaction's id."""
        return self._state.transaction_id

    @property
    def result(self) -> bytes:
        """What the chaincode replied; it takes effect only when the transaction is committed as valid."""
        return self._state.result

    def submit(self, timeout: float | None = None) -> Commit:
        """Send it to the orderers.

        Args:
            timeout: seconds; None takes the gateway's deadline.

        Raises:
            SubmitError: sending failed; the outcome is unknown.
            SigningError, GatewayClosedError: it was not sent.
        """
        request = self._state.submit_request(self._signatory)
        question = self._state.commit_request(self._signatory)
        self._client.call(SUBMIT, request, self.transaction_id, timeout)
        return Commit(self._client, self._signatory, question)


class Proposal(Step[ProposedTransaction]):
    """What the endorsers are asked."""

    def __init__(self, client: Client, signatory: Signatory, state: ProposedTransaction) -> None:
        super().__init__(state)
        self._client, self._signatory = client, signatory

    @property
    def transaction_id(self) -> str:
        """The transaction's id."""
        return self._state.transaction_id

    def evaluate(self, timeout: float | None = None) -> bytes:
        """Have one peer execute it and tell the chaincode's reply; the ledger does not change.

        Args:
            timeout: seconds; None takes the gateway's deadline.

        Raises:
            EvaluateError: it failed.
            SigningError, GatewayClosedError: it was not sent.
        """
        request = self._state.evaluate_request(self._signatory)
        answer = self._client.call(EVALUATE, request, self.transaction_id, timeout)
        payload: bytes = answer.result.payload
        return payload

    def endorse(self, timeout: float | None = None) -> Transaction:
        """Have enough peers execute it and sign the result.

        Args:
            timeout: seconds; None takes the gateway's deadline.

        Raises:
            EndorseError: it failed; nothing was sent to the orderers.
            SigningError, GatewayClosedError: it was not sent.
        """
        request = self._state.endorse_request(self._signatory)
        answer = self._client.call(ENDORSE, request, self.transaction_id, timeout)
        return Transaction(self._client, self._signatory, self._state.endorsed(answer))
