"""Mandates: what a payee may collect, again and again, out of a payer's account."""

from __future__ import annotations

import msgspec

from hansa.amounts import show_amount
from hansa.errors import RefusedError, hint
from hansa.ids import new_id
from hansa.notes import Purse, choose
from hansa.repetition import once, submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.commands import CommandReply
from hansa_domain.error_codes import Code
from hansa_domain.mandates import (
    CollectMandate,
    GetMandate,
    GrantMandate,
    Mandate,
    MandateCollectedReply,
    MandateReply,
    RevokeMandate,
)
from hansa_domain.money import MAX_NOTES, ListNotes, NotesReply


class Mandates:
    """``client.mandates``. Amounts are integers of minor units."""

    def __init__(self, submitter: Submitter, purse: Purse) -> None:
        self._submitter = submitter
        self._purse = purse

    def grant(
        self,
        payee: str,
        currency: str,
        maximum: int,
        *,
        period: int,
        expires_within: int,
        account: str | None = None,
        reference: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[MandateReply]:
        """Lets another member collect money.

        Args:
            payee: the account that it goes to, ``MSP`` or ``MSP/name``.
            currency: ISO 4217 code.
            maximum: minor units in each period.
            period: seconds; the first period begins now.
            expires_within: seconds until nothing is collected any more.
            account: the account that pays; None takes the organisation's main account.
            reference: up to 64 characters; public, so never a name.
        """
        command = GrantMandate(
            id=command_id or new_id(),
            payee=payee,
            currency=currency,
            maximum=str(maximum),
            period=period,
            expires_within=expires_within,
            account=account,
            reference=reference,
        )
        return submit_once(self._submitter, "mandates:Grant", command, MandateReply, command_id)

    def collect(
        self, mandate: str, amount: int, *, command_id: str | None = None
    ) -> Receipt[MandateCollectedReply]:
        """Collects money; notes of the payer's account are chosen here.

        Raises:
            RefusedError: among others MANDATE_EXCEEDED, FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        return once(
            self._submitter,
            "mandates:Collect",
            command_id,
            MandateCollectedReply,
            lambda found: _is_collection(found, mandate, amount),
            lambda: self._collect(mandate, amount, command_id),
        )

    def _collect(self, mandate: str, amount: int, command_id: str | None) -> Receipt[MandateCollectedReply]:
        terms = self.get(mandate)
        command = CollectMandate(
            id=command_id or new_id(), mandate=mandate, amount=str(amount), notes=self._notes(terms, amount)
        )
        before = self._purse.moment()
        receipt = self._submitter.submit("mandates:Collect", command, MandateCollectedReply)
        self._purse.received([receipt.reply.paid], before)
        return receipt

    def _notes(self, terms: Mandate, amount: int) -> list[str]:
        """Notes of the payer's, of which this process reserves none: they are not its own."""
        query = ListNotes(owner=terms.payer, currency=terms.currency, limit=1000)
        page = self._submitter.evaluate("money:Notes", query, NotesReply)
        chosen = choose({note.id: int(note.amount) for note in page.notes}, amount)
        if chosen is None or len(chosen) > MAX_NOTES:
            code = Code.FUNDS_INSUFFICIENT.value
            raise RefusedError(
                code,
                _short(terms, sum(int(note.amount) for note in page.notes), amount),
                hint(code),
                field="amount",
            )
        return chosen

    def revoke(self, mandate: str, *, command_id: str | None = None) -> Receipt[MandateReply]:
        """Ends a mandate; the payer and the payee may."""
        command = RevokeMandate(id=command_id or new_id(), mandate=mandate)
        return submit_once(self._submitter, "mandates:Revoke", command, MandateReply, command_id)

    def get(self, mandate: str) -> Mandate:
        """One mandate. Raises RefusedError (MANDATE_NOT_FOUND)."""
        return self._submitter.evaluate("mandates:Get", GetMandate(mandate=mandate), MandateReply).mandate


def _is_collection(found: CommandReply, mandate: str, amount: int) -> bool:
    reply = msgspec.json.decode(found.reply, type=MandateCollectedReply)
    return (reply.mandate.id, reply.paid.amount) == (mandate, str(amount))


def _short(terms: Mandate, held: int, amount: int) -> str:
    """Why the payer's notes do not pay so much, in a sentence."""
    if held >= amount:
        return f"More than {MAX_NOTES} notes of {terms.payer} would be needed: let the payer merge them."
    has, needs = show_amount(held, terms.currency), show_amount(amount, terms.currency)
    return f"{terms.payer} has {has}, and {needs} are needed."
