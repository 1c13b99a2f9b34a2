"""Payment requests: asking for money, and paying what was asked for."""

from __future__ import annotations

import msgspec

from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once, submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.payment_requests import (
    CreatePaymentRequest,
    DeclinePaymentRequest,
    GetPaymentRequest,
    PaymentRequest,
    PaymentRequestPaidReply,
    PaymentRequestReply,
    PayPaymentRequest,
    WithdrawPaymentRequest,
)


class PaymentRequests:
    """``client.payment_requests``. Amounts are integers of minor units."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id

    def create(
        self,
        payer: str,
        currency: str,
        amount: int,
        *,
        expires_within: int,
        account: str | None = None,
        reference: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[PaymentRequestReply]:
        """Asks a member (MSP id) for money, to be paid within so many seconds into ``account``."""
        command = CreatePaymentRequest(
            id=command_id or new_id(),
            payer=payer,
            currency=currency,
            amount=str(amount),
            expires_within=expires_within,
            account=account,
            reference=reference,
        )
        return submit_once(
            self._submitter, "paymentRequests:Create", command, PaymentRequestReply, command_id
        )

    def pay(
        self, payment_request: str, *, account: str | None = None, command_id: str | None = None
    ) -> Receipt[PaymentRequestPaidReply]:
        """Pays what was asked for; notes are chosen here, and the change comes back.

        Args:
            payment_request: its id.
            account: the account that pays; None takes the organisation's main account.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT, PAYMENT_REQUEST_STATE.
            HansaError: see ``Submitter.submit``.
        """
        return once(
            self._submitter,
            "paymentRequests:Pay",
            command_id,
            PaymentRequestPaidReply,
            lambda found: (
                msgspec.json.decode(found.reply, type=PaymentRequestPaidReply).payment_request.id
                == payment_request
            ),
            lambda: self._pay(payment_request, account or self._msp_id, command_id),
        )

    def _pay(
        self, payment_request: str, account: str, command_id: str | None
    ) -> Receipt[PaymentRequestPaidReply]:
        asked = self.get(payment_request)
        with self._purse.paying(account, asked.currency, int(asked.amount)) as payment:
            command = PayPaymentRequest(
                id=command_id or new_id(),
                payment_request=payment_request,
                notes=payment.notes,
                change=account,
                authority=payment.authority,
            )
            receipt = self._submitter.submit("paymentRequests:Pay", command, PaymentRequestPaidReply)
            payment.settled([receipt.reply.change] if receipt.reply.change else [])
        return receipt

    def decline(self, payment_request: str, *, command_id: str | None = None) -> Receipt[PaymentRequestReply]:
        """The payer says no."""
        command = DeclinePaymentRequest(id=command_id or new_id(), payment_request=payment_request)
        return submit_once(
            self._submitter, "paymentRequests:Decline", command, PaymentRequestReply, command_id
        )

    def withdraw(
        self, payment_request: str, *, command_id: str | None = None
    ) -> Receipt[PaymentRequestReply]:
        """The payee asks no more."""
        command = WithdrawPaymentRequest(id=command_id or new_id(), payment_request=payment_request)
        return submit_once(
            self._submitter, "paymentRequests:Withdraw", command, PaymentRequestReply, command_id
        )

    def get(self, payment_request: str) -> PaymentRequest:
        """One request. Raises RefusedError (PAYMENT_REQUEST_NOT_FOUND)."""
        query = GetPaymentRequest(payment_request=payment_request)
        found = self._submitter.evaluate("paymentRequests:Get", query, PaymentRequestReply)
        return found.payment_request
