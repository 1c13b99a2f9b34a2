"""Accounts with rules: m of n signers, limits, hot and cold."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once, submit_once
from hansa.signing import Signed
from hansa.submission import Receipt, Submitter
from hansa_domain.accounts.authority import (
    Rules,
    RulesInstruction,
    Signature,
    Signer,
    SignerInstruction,
)
from hansa_domain.accounts.queries import (
    AccountsReply,
    AllowanceReply,
    GetAccount,
    GetAllowance,
    GetRefill,
    ListAccounts,
)
from hansa_domain.accounts.records import Account, Kind, Refill
from hansa_domain.accounts.recoveries import (
    CompleteRecovery,
    ProposeRecovery,
    RecoveryReply,
    StopRecovery,
)
from hansa_domain.accounts.refills import (
    CompleteRefill,
    ProposeRefill,
    RefillCompletedReply,
    RefillReply,
    StopRefill,
    Sweep,
    SweptReply,
)
from hansa_domain.accounts.rules import AccountReply, ChangeRules, OpenAccount, ReplaceSigner
from hansa_domain.commands import CommandReply
from hansa_domain.money import NotesCreatedReply, Output, Transfer


class Accounts:
    """``client.accounts``. Amounts are integers of minor units; every method's errors are HansaError."""

    def __init__(self, submitter: Submitter, purse: Purse) -> None:
        self._submitter = submitter
        self._purse = purse

    def open(
        self, account: str, kind: Kind, rules: Rules, *, slices: int = 16, command_id: str | None = None
    ) -> Receipt[AccountReply]:
        """Gives an account rules, for good; by an administrator. See ``hansa.signing.account_rules``."""
        command = OpenAccount(
            id=command_id or new_id(), account=account, kind=kind, rules=rules, slices=slices
        )
        return submit_once(self._submitter, "accounts:Open", command, AccountReply, command_id)

    def pay(
        self,
        account: str,
        to: str,
        currency: str,
        amount: int,
        *,
        signed: Signed | None = None,
        command_id: str | None = None,
    ) -> Receipt[NotesCreatedReply]:
        """Pays out of an account with rules; notes and slices of the allowance are chosen here.

        Args:
            account: the account that pays.
            to: the account paid.
            amount: minor units, above 0.
            signed: what signers signed, where it is beyond the limits.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT, ALLOWANCE_EXCEEDED, SIGNATURES_REQUIRED.
        """
        return once(
            self._submitter,
            "money:Transfer",
            command_id,
            NotesCreatedReply,
            lambda found: _is_payment(found, account, to, currency, amount),
            lambda: self._pay(account, to, currency, amount, signed, command_id),
        )

    def _pay(
        self,
        account: str,
        to: str,
        currency: str,
        amount: int,
        signed: Signed | None,
        command_id: str | None,
    ) -> Receipt[NotesCreatedReply]:
        with self._purse.paying(account, currency, amount, signed=signed) as payment:
            outputs = [Output(owner=to, amount=str(amount))]
            if payment.total > amount:
                outputs.append(Output(owner=account, amount=str(payment.total - amount)))
            command = Transfer(
                id=command_id or new_id(),
                notes=payment.notes,
                outputs=outputs,
                authority=payment.authority,
            )
            receipt = self._submitter.submit("money:Transfer", command, NotesCreatedReply)
            payment.settled(receipt.reply.notes)
        return receipt

    def propose_refill(
        self, account: str, signed: Signed, *, command_id: str | None = None
    ) -> Receipt[RefillReply]:
        """Begins a refill of a hot account, as the cold account's signers agreed."""
        command = ProposeRefill(
            id=command_id or new_id(),
            account=account,
            instruction=signed.instruction,
            signatures=list(signed.signatures),
        )
        return submit_once(self._submitter, "accounts:ProposeRefill", command, RefillReply, command_id)

    def stop_refill(
        self, refill: str, signature: Signature | None = None, *, command_id: str | None = None
    ) -> Receipt[RefillReply]:
        """Stops a refill that waits; without a signature, the user's own key is a signer's."""
        command = StopRefill(id=command_id or new_id(), refill=refill, signature=signature)
        return submit_once(self._submitter, "accounts:StopRefill", command, RefillReply, command_id)

    def complete_refill(self, refill: str, *, command_id: str | None = None) -> Receipt[RefillCompletedReply]:
        """Moves the money of a refill whose delay is over; the cold account's notes are chosen here."""
        return once(
            self._submitter,
            "accounts:CompleteRefill",
            command_id,
            RefillCompletedReply,
            lambda found: msgspec.json.decode(found.reply, type=RefillCompletedReply).refill.id == refill,
            lambda: self._complete_refill(self.refill(refill), command_id),
        )

    def _complete_refill(self, refill: Refill, command_id: str | None) -> Receipt[RefillCompletedReply]:
        before = self._purse.moment()
        with self._purse.paying(
            refill.cold, refill.currency, int(refill.amount), by_own_rules=True
        ) as payment:
            command = CompleteRefill(id=command_id or new_id(), refill=refill.id, notes=payment.notes)
            receipt = self._submitter.submit("accounts:CompleteRefill", command, RefillCompletedReply)
            payment.settled(receipt.reply.notes)
        self._purse.received([note for note in receipt.reply.notes if note.owner == refill.hot], before)
        return receipt

    def sweep(
        self, account: str, currency: str, amount: int, *, command_id: str | None = None
    ) -> Receipt[SweptReply]:
        """Sends at least so much of a hot account's money, in whole notes, into its cold one."""
        return once(
            self._submitter,
            "accounts:Sweep",
            command_id,
            SweptReply,
            lambda found: int(msgspec.json.decode(found.reply, type=SweptReply).notes[0].amount) >= amount,
            lambda: self._sweep(account, currency, amount, command_id),
        )

    def _sweep(self, account: str, currency: str, amount: int, command_id: str | None) -> Receipt[SweptReply]:
        before = self._purse.moment()
        with self._purse.paying(account, currency, amount, by_own_rules=True) as payment:
            command = Sweep(id=command_id or new_id(), account=account, notes=payment.notes)
            receipt = self._submitter.submit("accounts:Sweep", command, SweptReply)
            payment.settled(())
        self._purse.received(receipt.reply.notes, before)
        return receipt

    def change_rules(
        self,
        instruction: RulesInstruction,
        signatures: Sequence[Signature],
        *,
        command_id: str | None = None,
    ) -> Receipt[AccountReply]:
        """Puts the rules in place that signers agreed to."""
        command = ChangeRules(id=command_id or new_id(), instruction=instruction, signatures=list(signatures))
        return submit_once(self._submitter, "accounts:ChangeRules", command, AccountReply, command_id)

    def replace_signer(
        self,
        instruction: SignerInstruction,
        signatures: Sequence[Signature],
        *,
        command_id: str | None = None,
    ) -> Receipt[AccountReply]:
        """Puts one key in the place of another, as signers agreed."""
        command = ReplaceSigner(
            id=command_id or new_id(), instruction=instruction, signatures=list(signatures)
        )
        return submit_once(self._submitter, "accounts:ReplaceSigner", command, AccountReply, command_id)

    def propose_recovery(
        self, account: str, signers: Sequence[Signer], threshold: int, *, command_id: str | None = None
    ) -> Receipt[RecoveryReply]:
        """Begins giving an account other signers; by an administrator."""
        command = ProposeRecovery(
            id=command_id or new_id(), account=account, signers=list(signers), threshold=threshold
        )
        return submit_once(self._submitter, "accounts:ProposeRecovery", command, RecoveryReply, command_id)

    def stop_recovery(
        self, recovery: str, signature: Signature | None = None, *, command_id: str | None = None
    ) -> Receipt[RecoveryReply]:
        """Stops a recovery that waits; as ``stop_refill``."""
        command = StopRecovery(id=command_id or new_id(), recovery=recovery, signature=signature)
        return submit_once(self._submitter, "accounts:StopRecovery", command, RecoveryReply, command_id)

    def complete_recovery(self, recovery: str, *, command_id: str | None = None) -> Receipt[AccountReply]:
        """The account has the signers proposed, once the delay is over; by an administrator."""
        command = CompleteRecovery(id=command_id or new_id(), recovery=recovery)
        return submit_once(self._submitter, "accounts:CompleteRecovery", command, AccountReply, command_id)

    def get(self, account: str) -> Account:
        """An account's rules. Raises RefusedError (ACCOUNT_NOT_FOUND) where it has none."""
        return self._submitter.evaluate("accounts:Get", GetAccount(account=account), AccountReply).account

    def list(self, *, organization: str | None = None, limit: int = 100, bookmark: str = "") -> AccountsReply:
        """A page of accounts with rules, of one organisation (MSP id) where it is named."""
        query = ListAccounts(organization=organization, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("accounts:List", query, AccountsReply)

    def allowance(self, account: str, currency: str) -> AllowanceReply:
        """What one user may still pay alone today."""
        query = GetAllowance(account=account, currency=currency)
        return self._submitter.evaluate("accounts:Allowance", query, AllowanceReply)

    def refill(self, refill: str) -> Refill:
        """One refill. Raises RefusedError (REFILL_NOT_FOUND)."""
        return self._submitter.evaluate("accounts:GetRefill", GetRefill(refill=refill), RefillReply).refill


def _is_payment(found: CommandReply, account: str, to: str, currency: str, amount: int) -> bool:
    paid, *change = msgspec.json.decode(found.reply, type=NotesCreatedReply).notes
    return (paid.owner, paid.currency, paid.amount) == (to, currency, str(amount)) and all(
        note.owner == account for note in change
    )
