"""A chaincode as its client sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hansa_gateway.aio.client import AsyncClient
from hansa_gateway.aio.steps import AsyncProposal
from hansa_gateway.core.commit import SubmitResult
from hansa_gateway.core.proposal import ProposedTransaction
from hansa_gateway.core.signing import Signatory


class AsyncContract:
    """A chaincode on a channel."""

    def __init__(self, client: AsyncClient, signatory: Signatory, channel: str, chaincode: str) -> None:
        self._client, self._signatory = client, signatory
        self.channel = channel
        self.chaincode = chaincode

    def new_proposal(
        self,
        function: str | bytes,
        *args: str | bytes,
        transient: Mapping[str, str | bytes] | None = None,
        endorsing_organizations: Sequence[str] = (),
    ) -> AsyncProposal:
        """The first of the fine steps.

        Args:
            function: name of the function, such as ``orders:Place``.
            args: its arguments; text travels as UTF-8.
            transient: data for the endorsers only; it does not enter the ledger.
            endorsing_organizations: MSP ids of the organisations that must execute it, all of them; the
                caller then answers for the endorsement policies. Empty leaves the choice to the gateway.
        """
        state = ProposedTransaction.new(
            self._signatory,
            self.channel,
            self.chaincode,
            (function, *args),
            transient=transient,
            endorsing_organizations=endorsing_organizations,
        )
        return AsyncProposal(self._client, self._signatory, state)

    async def evaluate(
        self,
        function: str | bytes,
        *args: str | bytes,
        transient: Mapping[str, str | bytes] | None = None,
        endorsing_organizations: Sequence[str] = (),
        timeout: float | None = None,
    ) -> bytes:
        """Ask one peer; the ledger does not change. Arguments as ``new_proposal``.

        Args:
            timeout: seconds; None takes the gateway's deadline.

        Raises:
            EvaluateError: it failed; ``chaincode_message`` is the chaincode's refusal.
        """
        return await self.new_proposal(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        ).evaluate(timeout)

    async def submit(
        self,
        function: str | bytes,
        *args: str | bytes,
        transient: Mapping[str, str | bytes] | None = None,
        endorsing_organizations: Sequence[str] = (),
        timeout: float | None = None,
    ) -> SubmitResult:
        """Endorse, submit, and wait for the commit. Arguments as ``new_proposal``.

        Args:
            timeout: seconds for each stage; None takes the gateway's deadlines.

        Raises:
            EndorseError: refused; nothing happened. ``chaincode_message`` is the chaincode's refusal.
            SubmitError, CommitStatusError: the outcome is unknown; ask ``network.commit(transaction_id)``.
            CommitError: it stands in a block as invalid.
        """
        transaction = await self.new_proposal(
            function, *args, transient=transient, endorsing_organizations=endorsing_organizations
        ).endorse(timeout)
        commit = await transaction.submit(timeout)
        return SubmitResult.of(transaction.result, await commit.status(timeout))
