"""Invoice financing: buying what an order owes its seller."""

from __future__ import annotations

import msgspec

from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once
from hansa.submission import Receipt, Submitter
from hansa_domain.orders.receivable import Receivable
from hansa_domain.receivables import (
    AssignReceivable,
    GetReceivable,
    ReceivableAssignedReply,
    ReceivableReply,
)


class Receivables:
    """``client.receivables``; offering and withdrawing need no more than ``client.send``."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id

    def assign(
        self, order: str, *, account: str | None = None, command_id: str | None = None
    ) -> Receipt[ReceivableAssignedReply]:
        """Buys the proceeds of an order at the price they are offered for now; notes are chosen here.

        Args:
            order: the order's id.
            account: pays, and gets the proceeds; None takes the organisation's main account.

        Raises:
            RefusedError: among others RECEIVABLE_STATE, PRICE_MISMATCH where another offer came in between.
            HansaError: see ``Submitter.submit``.
        """
        return once(
            self._submitter,
            "receivables:Assign",
            command_id,
            ReceivableAssignedReply,
            lambda found: (
                msgspec.json.decode(found.reply, type=ReceivableAssignedReply).receivable.order == order
            ),
            lambda: self._assign(order, account or self._msp_id, command_id),
        )

    def _assign(self, order: str, account: str, command_id: str | None) -> Receipt[ReceivableAssignedReply]:
        offered = self.get(order)
        with self._purse.paying(account, offered.currency, int(offered.price)) as payment:
            command = AssignReceivable(
                id=command_id or new_id(),
                order=order,
                price=offered.price,
                notes=payment.notes,
                authority=payment.authority,
                account=account,
            )
            receipt = self._submitter.submit("receivables:Assign", command, ReceivableAssignedReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        return receipt

    def get(self, order: str) -> Receivable:
        """What is offered or sold of an order. Raises RefusedError (RECEIVABLE_NOT_FOUND)."""
        query = GetReceivable(order=order)
        return self._submitter.evaluate("receivables:Get", query, ReceivableReply).receivable
