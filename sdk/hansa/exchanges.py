"""Firm quotes: one currency for another at a price that is held for a while. Amounts are in minor units."""

from __future__ import annotations

import msgspec

from hansa.fees import Fees
from hansa.ids import new_id
from hansa.notes import Purse
from hansa.repetition import once, submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.exchanges.quotes import (
    AcceptExchange,
    Exchange,
    ExchangeAcceptedReply,
    ExchangeClosedReply,
    ExchangeOfferedReply,
    ExchangeReply,
    ExpireExchange,
    GetExchange,
    OfferExchange,
    RejectExchange,
)


class Exchanges:
    """``client.exchanges``."""

    def __init__(self, submitter: Submitter, purse: Purse, msp_id: str) -> None:
        self._submitter = submitter
        self._purse = purse
        self._msp_id = msp_id
        self._fees = Fees(submitter)

    def offer(
        self,
        taker: str,
        currency: str,
        amount: int,
        price_currency: str,
        price: int,
        *,
        valid_for: int,
        account: str | None = None,
        command_id: str | None = None,
    ) -> Receipt[ExchangeOfferedReply]:
        """Holds ``amount`` for a member at ``price``; the money leaves the dealer's notes with the quote.

        Args:
            taker: MSP id.
            currency: of what is given.
            amount: of what is given, minor units.
            price_currency: of what it costs.
            price: minor units.
            valid_for: seconds; before they are over the dealer cannot take it back.
            account: pays, and gets the price; None takes the organisation's main account.

        Raises:
            RefusedError: among others FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """
        wanted = OfferExchange(
            id=command_id or new_id(),
            taker=taker,
            currency=currency,
            amount=str(amount),
            price_currency=price_currency,
            price=str(price),
            valid_for=valid_for,
            notes=[],
            change=account,
        )

        def send() -> Receipt[ExchangeOfferedReply]:
            with self._purse.paying(account or self._msp_id, currency, amount) as payment:
                command = msgspec.structs.replace(wanted, notes=payment.notes, authority=payment.authority)
                receipt = self._submitter.submit("exchanges:Offer", command, ExchangeOfferedReply)
                payment.settled([receipt.reply.change] if receipt.reply.change else [])
            return receipt

        return once(
            self._submitter,
            "exchanges:Offer",
            command_id,
            ExchangeOfferedReply,
            lambda found: _is_offer(found.reply, wanted, account or self._msp_id),
            send,
        )

    def accept(
        self,
        exchange: str,
        *,
        account: str | None = None,
        max_fee: int | None = None,
        command_id: str | None = None,
    ) -> Receipt[ExchangeAcceptedReply]:
        """Pays the price and the fee, and gets what was held.

        Args:
            exchange: the quote's id.
            account: pays and receives; None takes the organisation's main account.
            max_fee: the most the fee may be, minor units; None takes what it is when asked for here.

        Raises:
            RefusedError: among others EXCHANGE_EXPIRED, FEE_CHANGED, FUNDS_INSUFFICIENT.
            HansaError: see ``Submitter.submit``.
        """

        def send() -> Receipt[ExchangeAcceptedReply]:
            found = self.get(exchange)
            fee = int(self._fees.quote(found.price_currency, int(found.price)).exchange.fee)
            owner = account or self._msp_id
            before = self._purse.moment()
            with self._purse.paying(owner, found.price_currency, int(found.price) + fee) as payment:
                command = AcceptExchange(
                    id=command_id or new_id(),
                    exchange=exchange,
                    notes=payment.notes,
                    authority=payment.authority,
                    change=account,
                    max_fee=str(fee if max_fee is None else max_fee),
                )
                receipt = self._submitter.submit("exchanges:Accept", command, ExchangeAcceptedReply)
                payment.settled([receipt.reply.change] if receipt.reply.change else [])
            self._purse.received([receipt.reply.bought], before)
            return receipt

        return once(
            self._submitter,
            "exchanges:Accept",
            command_id,
            ExchangeAcceptedReply,
            lambda found: _accepted(found.reply) == exchange,
            send,
        )

    def reject(self, exchange: str, *, command_id: str | None = None) -> Receipt[ExchangeClosedReply]:
        """The taker decides against it: the dealer has his money back at once."""
        command = RejectExchange(id=command_id or new_id(), exchange=exchange)
        return submit_once(self._submitter, "exchanges:Reject", command, ExchangeClosedReply, command_id)

    def expire(self, exchange: str, *, command_id: str | None = None) -> Receipt[ExchangeClosedReply]:
        """Sends the money of one whose time is over back; any member may."""
        command = ExpireExchange(id=command_id or new_id(), exchange=exchange)
        before = self._purse.moment()
        receipt = submit_once(self._submitter, "exchanges:Expire", command, ExchangeClosedReply, command_id)
        if not receipt.repeated:
            self._purse.received(receipt.reply.notes, before)
        return receipt

    def get(self, exchange: str) -> Exchange:
        """One firm quote. Raises RefusedError (EXCHANGE_NOT_FOUND)."""
        return self._submitter.evaluate(
            "exchanges:Get", GetExchange(exchange=exchange), ExchangeReply
        ).exchange


def _is_offer(reply: bytes, wanted: OfferExchange, account: str) -> bool:
    made = msgspec.json.decode(reply, type=ExchangeOfferedReply).exchange
    return (made.account, made.taker, made.currency, made.amount, made.price_currency, made.price) == (
        account,
        wanted.taker,
        wanted.currency,
        wanted.amount,
        wanted.price_currency,
        wanted.price,
    )


def _accepted(reply: bytes) -> str:
    return msgspec.json.decode(reply, type=ExchangeAcceptedReply).exchange.id
