"""Money: issued by banks, held as notes, paid from account to account."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hansa.errors import RefusedError, hint
from hansa.ids import new_id
from hansa.ledger import Ledger
from hansa.notes import Payment, Purse
from hansa.repetition import once, submit_once
from hansa.statements import Movement, Statement, period, statement
from hansa.submission import Receipt, Submitter
from hansa_domain.commands import CommandReply
from hansa_domain.error_codes import Code
from hansa_domain.events import MoneyMoved
from hansa_domain.money import (
    BalanceReply,
    Burn,
    BurnReply,
    CurrenciesReply,
    GetBalance,
    ListCurrencies,
    ListNotes,
    Mint,
    NotesCreatedReply,
    NotesReply,
    Output,
    Transfer,
)


class NothingToMergeError(Exception):
    """An account has fewer than two notes that could be made one; the text is the account."""


class Money:
    """``client.money``. Amounts are integers of minor units: 12.50 EUR is 1250."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str, ledger: Ledger) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id
        self._ledger = ledger

    def mint(
        self, currency: str, amount: int, owner: str, *, command_id: str | None = None
    ) -> Receipt[NotesCreatedReply]:
        """Issues money; the first mint of a currency makes the calling bank its issuer.

        Args:
            currency: ISO 4217 code.
            amount: minor units, above 0.
            owner: the account that receives it, ``MSP`` or ``MSP/name``.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = Mint(id=command_id or new_id(), currency=currency, amount=str(amount), owner=owner)
        before = self._purse.moment()
        receipt = submit_once(self._submitter, "money:Mint", command, NotesCreatedReply, command_id)
        if not receipt.repeated:
            self._purse.received(receipt.reply.notes, before)
        return receipt

    def transfer(
        self,
        to: str,
        currency: str,
        amount: int,
        *,
        account: str | None = None,
        reference: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[NotesCreatedReply]:
        """Pays another account; notes are chosen here, and the change comes back.

        Args:
            to: the account paid, ``MSP`` or ``MSP/name``.
            currency: ISO 4217 code.
            amount: minor units, above 0.
            account: the account that pays; None takes the organisation's main account.
            reference: for the payee's books, up to 64 characters; it is public, so never a name.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        return self.transfer_all(
            [(to, amount)], currency, account=account, references=[reference], command_id=command_id
        )

    def transfer_all(
        self,
        payees: Sequence[tuple[str, int]],
        currency: str,
        *,
        account: str | None = None,
        references: Sequence[str | None] = (),
        document: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[NotesCreatedReply]:
        """Pays many accounts in one transaction: all of them, or none.

        Args:
            payees: accounts and what each gets, in minor units above 0; at most 63 of them.
            currency: ISO 4217 code.
            account: the account that pays; None takes the organisation's main account.
            references: one for each payee, or none at all; as for ``transfer``.
            document: SHA-256, hex, of the payment order that this carries out; public, so of nothing private.

        Returns:
            the notes made, in the order of ``payees``, and then the change.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        for _, amount in payees:
            if not isinstance(amount, int):
                code = Code.FIELD_INVALID.value
                said_amount = f"An amount is a whole number of minor units; {amount!r} is none."
                raise RefusedError(code, said_amount, hint(code), field="amount")
        owner = account or self._msp_id
        said = list(references) or [None] * len(payees)
        wanted = [
            Output(owner=to, amount=str(amount), reference=reference)
            for (to, amount), reference in zip(payees, said, strict=True)
        ]
        return once(
            self._submitter,
            "money:Transfer",
            command_id,
            NotesCreatedReply,
            lambda found: _is_transfer(found, wanted, owner, currency, document),
            lambda: self._transfer(wanted, owner, currency, document, command_id),
        )

    def _transfer(
        self, wanted: list[Output], owner: str, currency: str, document: str | None, command_id: str | None
    ) -> Receipt[NotesCreatedReply]:
        amount = sum(int(each.amount) for each in wanted)
        with self._purse.paying(owner, currency, amount) as payment:
            outputs = list(wanted)
            if payment.total > amount:
                outputs.append(Output(owner=owner, amount=str(payment.total - amount)))
            command = Transfer(
                id=command_id or new_id(),
                notes=payment.notes,
                outputs=outputs,
                document=document,
                authority=payment.authority,
            )
            receipt = self._submitter.submit("money:Transfer", command, NotesCreatedReply)
            payment.settled(receipt.reply.notes)
        return receipt

    def merge(
        self,
        currency: str,
        *,
        account: str | None = None,
        below: int | None = None,
        command_id: str | None = None,
    ) -> list[Receipt[NotesCreatedReply]]:
        """Makes an account's many notes one, 16 in a transaction, the smallest first.

        Args:
            currency: ISO 4217 code.
            account: whose notes; None takes the organisation's main account.
            below: minor units: only smaller notes, the dust, are swept together; None takes all.
            command_id: of the first transaction.

        Returns:
            what each transaction made, in order; nothing where there was nothing to merge.

        Raises:
            RefusedError: among others ACCOUNT_FROZEN.
            HansaError: see ``Submitter.submit``.
        """
        owner = account or self._msp_id
        made: list[Receipt[NotesCreatedReply]] = []
        given = command_id
        while True:
            try:
                receipt = once(
                    self._submitter,
                    "money:Transfer",
                    given,
                    NotesCreatedReply,
                    lambda found: _is_own(found, owner, currency),
                    lambda given=given: self._merge(owner, currency, below, given),  # type: ignore[misc]
                )
            except NothingToMergeError:
                return made
            made.append(receipt)
            if receipt.repeated:
                return made
            given = None

    def _merge(
        self, owner: str, currency: str, below: int | None, command_id: str | None
    ) -> Receipt[NotesCreatedReply]:
        with self._purse.gathering(owner, currency, below) as payment:
            if not payment.notes:
                raise NothingToMergeError(owner)
            return self._to_oneself(payment, [payment.total], command_id)

    def split(
        self,
        currency: str,
        amount: int,
        count: int,
        *,
        account: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[NotesCreatedReply]:
        """Makes ``count`` notes of ``amount`` each, at most 63, so that as many payments can go out at once.

        Args:
            currency: ISO 4217 code.
            amount: minor units of each note.
            count: how many.
            account: whose notes; None takes the organisation's main account.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        owner = account or self._msp_id

        def send() -> Receipt[NotesCreatedReply]:
            with self._purse.paying(owner, currency, amount * count, by_own_rules=True) as payment:
                rest = payment.total - amount * count
                return self._to_oneself(payment, [amount] * count + ([rest] if rest else []), command_id)

        return once(
            self._submitter,
            "money:Transfer",
            command_id,
            NotesCreatedReply,
            lambda found: _is_own(found, owner, currency),
            send,
        )

    def _to_oneself(
        self, payment: Payment, amounts: list[int], command_id: str | None
    ) -> Receipt[NotesCreatedReply]:
        """A payment to the account it comes from; rules of an account do not ask about it."""
        outputs = [Output(owner=payment.owner, amount=str(amount)) for amount in amounts]
        command = Transfer(id=command_id or new_id(), notes=payment.notes, outputs=outputs)
        receipt = self._submitter.submit("money:Transfer", command, NotesCreatedReply)
        payment.settled(receipt.reply.notes)
        return receipt

    def burn(
        self, currency: str, amount: int, *, account: str | None = None, command_id: str | None = None
    ) -> Receipt[BurnReply]:
        """The issuing bank takes exactly ``amount`` of its own money back.

        Where its notes do not add up to that, one is split first by a transfer to itself.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        owner = account or self._msp_id
        burned = BurnReply(currency=currency, amount=str(amount))
        return once(
            self._submitter,
            "money:Burn",
            command_id,
            BurnReply,
            lambda found: msgspec.json.decode(found.reply, type=BurnReply) == burned,
            lambda: self._burn(owner, currency, amount, command_id),
        )

    def _burn(self, owner: str, currency: str, amount: int, command_id: str | None) -> Receipt[BurnReply]:
        with self._purse.paying(owner, currency, amount) as payment:
            notes, change = payment.notes, []
            if payment.total > amount:
                outputs = [
                    Output(owner=owner, amount=str(amount)),
                    Output(owner=owner, amount=str(payment.total - amount)),
                ]
                split = Transfer(id=new_id(), notes=notes, outputs=outputs)
                exact, rest = self._submitter.submit("money:Transfer", split, NotesCreatedReply).reply.notes
                notes, change = [exact.id], [rest]
                payment.consumed = True
            command = Burn(id=command_id or new_id(), notes=notes, authority=payment.authority)
            receipt = self._submitter.submit("money:Burn", command, BurnReply)
            payment.settled(change)
        return receipt

    def balance(self, owner: str | None = None, currency: str | None = None) -> BalanceReply:
        """What an account holds, summed from its notes on the ledger."""
        query = GetBalance(owner=owner or self._msp_id, currency=currency)
        return self._submitter.evaluate("money:Balance", query, BalanceReply)

    def statement(
        self, currency: str, first: str, last: str | None = None, *, account: str | None = None
    ) -> Statement:
        """What came and went in a period, read from all blocks of one's own peer.

        A read model answers the same sooner; this needs none, and so can judge one.

        Args:
            currency: ISO 4217 code.
            first: the first day, such as ``2026-11-01``, in UTC.
            last: the last day; None takes the first one alone.
            account: whose statement; None takes the organisation's main account.

        Raises:
            RefusedError: FIELD_INVALID, where one is no day or the last is before the first.
            LedgerStreamError: the peer did not deliver the blocks.
        """
        start, end = period(first, last)
        height = self._ledger.height()
        with self._ledger.blocks(0, height - 1) as blocks:
            movements = (
                Movement(event, block.number, each.index, number, each.transaction_id)
                for block in blocks
                for each in block.transactions
                for number, event in enumerate(each.events)
                if isinstance(event, MoneyMoved)
            )
            return statement(movements, account or self._msp_id, currency, start, end)

    def notes(self, owner: str, currency: str, *, limit: int = 100, bookmark: str = "") -> NotesReply:
        """A page of an account's unspent notes."""
        query = ListNotes(owner=owner, currency=currency, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("money:Notes", query, NotesReply)

    def currencies(self) -> CurrenciesReply:
        """The currencies in use and who issues them."""
        return self._submitter.evaluate("money:Currencies", ListCurrencies(), CurrenciesReply)


def _is_transfer(
    found: CommandReply, wanted: list[Output], owner: str, currency: str, document: str | None
) -> bool:
    reply = msgspec.json.decode(found.reply, type=NotesCreatedReply)
    paid, change = reply.notes[: len(wanted)], reply.notes[len(wanted) :]
    return (
        reply.document == document
        and [(note.owner, note.currency, note.amount, reply.references.get(note.id)) for note in paid]
        == [(each.owner, currency, each.amount, each.reference) for each in wanted]
        and all(note.owner == owner for note in change)
    )


def _is_own(found: CommandReply, owner: str, currency: str) -> bool:
    notes = msgspec.json.decode(found.reply, type=NotesCreatedReply).notes
    return all((note.owner, note.currency) == (owner, currency) for note in notes)
