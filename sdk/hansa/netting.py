"""Obligations and netting: what needs notes chosen. Everything else needs no more than ``client.send``."""

from __future__ import annotations

import msgspec

from hansa.errors import RefusedError, hint
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once
from hansa.submission import Receipt, Submitter
from hansa_domain.error_codes import Code
from hansa_domain.netting.cycles import (
    CloseNetting,
    FundNetting,
    GetNetting,
    NettingEndedReply,
    NettingFundedReply,
)
from hansa_domain.netting.obligations import GetObligation, ObligationPaidReply, PayObligation
from hansa_domain.netting.records import NettingReply, Obligation, ObligationReply


class Obligations:
    """``client.obligations``."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id

    def pay(
        self, obligation: str, *, account: str | None = None, command_id: str | None = None
    ) -> Receipt[ObligationPaidReply]:
        """Pays all of an obligation that no cycle nets; notes are chosen here.

        Args:
            obligation: its id.
            account: the account that pays; None takes the organisation's main account.

        Raises:
            RefusedError: among others OBLIGATION_STATE, FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """

        def send() -> Receipt[ObligationPaidReply]:
            found = self.get(obligation)
            with self._purse.paying(account or self._msp_id, found.currency, int(found.amount)) as payment:
                command = PayObligation(
                    id=command_id or new_id(),
                    obligation=obligation,
                    notes=payment.notes,
                    authority=payment.authority,
                    change=account,
                )
                receipt = self._submitter.submit("obligations:Pay", command, ObligationPaidReply)
                payment.settled([receipt.reply.change] if receipt.reply.change else [])
            return receipt

        return once(
            self._submitter,
            "obligations:Pay",
            command_id,
            ObligationPaidReply,
            lambda found: (
                msgspec.json.decode(found.reply, type=ObligationPaidReply).obligation.id == obligation
            ),
            send,
        )

    def get(self, obligation: str) -> Obligation:
        """One obligation. Raises RefusedError (OBLIGATION_NOT_FOUND)."""
        query = GetObligation(obligation=obligation)
        return self._submitter.evaluate("obligations:Get", query, ObligationReply).obligation


class Netting:
    """``client.netting``."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id

    def fund(
        self, cycle: str, *, account: str | None = None, command_id: str | None = None
    ) -> Receipt[NettingFundedReply]:
        """Pays into a cycle what one owes on balance in it; notes are chosen here.

        Args:
            cycle: its id.
            account: the account that pays; None takes the organisation's main account.

        Raises:
            RefusedError: among others NETTING_DUE, FUNDS_INSUFFICIENT; NOT_PERMITTED where nothing is owed.
            HansaError: see ``Submitter.submit``.
        """
        return once(
            self._submitter,
            "netting:Fund",
            command_id,
            NettingFundedReply,
            lambda found: msgspec.json.decode(found.reply, type=NettingFundedReply).pot.cycle == cycle,
            lambda: self._fund(cycle, account, command_id),
        )

    def _fund(self, cycle: str, account: str | None, command_id: str | None) -> Receipt[NettingFundedReply]:
        found = self.get(cycle).cycle
        owed = next((int(each.owes) for each in found.debtors if each.member == self._msp_id), None)
        if owed is None:
            code = Code.NOT_PERMITTED.value
            raise RefusedError(code, f"{self._msp_id} owes nothing on balance.", hint(code), field="cycle")
        with self._purse.paying(account or self._msp_id, found.currency, owed) as payment:
            command = FundNetting(
                id=command_id or new_id(),
                cycle=cycle,
                notes=payment.notes,
                authority=payment.authority,
                change=account,
            )
            receipt = self._submitter.submit("netting:Fund", command, NettingFundedReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        return receipt

    def close(self, cycle: str, *, command_id: str | None = None) -> Receipt[NettingEndedReply]:
        """Settles a cycle that every net debtor has paid into; any member may."""
        command = CloseNetting(id=command_id or new_id(), cycle=cycle)
        return self._submitter.submit("netting:Close", command, NettingEndedReply)

    def get(self, cycle: str) -> NettingReply:
        """A cycle, and who has paid in. Raises RefusedError (NETTING_NOT_FOUND)."""
        return self._submitter.evaluate("netting:Get", GetNetting(cycle=cycle), NettingReply)
