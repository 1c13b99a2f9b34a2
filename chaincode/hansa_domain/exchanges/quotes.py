"""Firm quotes: a price that is held for one member, with the money behind it, while he decides."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import ExchangeAccepted, ExchangeClosed, ExchangeEnd, ExchangeOffered, NoteView
from hansa_domain.exchanges.swap import Side, require_free, swap
from hansa_domain.fees.schedule import FEES
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    EntityId,
    MspId,
    Owner,
    PageLimit,
    Seconds,
    Timestamp,
)
from hansa_domain.frozen import FROZEN
from hansa_domain.iso4217 import minor_units
from hansa_domain.members import known_member, member_key
from hansa_domain.money import NoteIds, money_moved
from hansa_domain.notes import (
    change_of,
    new_notes,
    note_keys,
    note_writes,
    organisation,
    own_account,
    spendable,
)
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.times import milliseconds, rfc3339

ExchangeStatus = Literal["open", "accepted", "rejected", "expired"]


class Exchange(Record, frozen=True, kw_only=True):
    """A firm quote; key ``("exchange", id)``. While it is open it holds what it gives.

    Who takes it pays ``price`` minor units of ``price_currency`` and gets ``amount`` of ``currency``.
    ``account`` is the dealer's, which paid the money in, and gets the price, or the money back.
    """

    NOUN: ClassVar[str] = "exchange"
    id: str
    status: ExchangeStatus
    account: str
    taker: str
    currency: str
    amount: str
    price_currency: str
    price: str
    expires_at: Timestamp
    offered_at: Timestamp
    fee: str | None = None
    closed_at: Timestamp | None = None

    @property
    def guardian(self) -> str | None:
        """The dealer, whose money it is, as long as it holds any."""
        return organisation(self.account) if self.status == "open" else None

    @property
    def holding(self) -> tuple[str, int] | None:
        """What it gives, until it is taken or goes back."""
        return (self.currency, int(self.amount)) if self.status == "open" else None


class OfferExchange(Spending["ExchangeOfferedReply"], frozen=True, kw_only=True):
    """``exchanges:Offer``, by any member, the dealer: ``amount`` for ``price``, for so many seconds.

    The money leaves the dealer's notes with the quote, and he cannot take it back before its time is over.
    ``change`` is the account that pays, and gets the price; without it, the dealer's main one.
    """

    taker: MspId
    currency: CurrencyCode
    amount: Amount
    price_currency: CurrencyCode
    price: Amount
    valid_for: Seconds
    notes: NoteIds
    change: Owner | None = None


class AcceptExchange(Spending["ExchangeAcceptedReply"], frozen=True, kw_only=True):
    """``exchanges:Accept``, by the taker in time: he pays the price, and a fee on top, and gets the amount.

    ``change`` is the account that pays and receives; without it, his main one. ``max_fee`` is the most the
    fee may be, minor units of the price's currency; see ``fees:Quote``.
    """

    exchange: EntityId
    notes: NoteIds
    change: Owner | None = None
    max_fee: Amount | None = None


class RejectExchange(Command["ExchangeClosedReply"], frozen=True, kw_only=True):
    """``exchanges:Reject``, by the taker: the dealer gets his money back at once."""

    exchange: EntityId


class ExpireExchange(Command["ExchangeClosedReply"], frozen=True, kw_only=True):
    """``exchanges:Expire``, by any member once its time is over: the dealer gets his money back."""

    exchange: EntityId


class GetExchange(Query["ExchangeReply"], frozen=True, kw_only=True):
    """``exchanges:Get``: one firm quote."""

    exchange: EntityId


class ListExchanges(Query["ExchangesReply"], frozen=True, kw_only=True):
    """``exchanges:List``: all firm quotes, in order of id, which begins with the dealer's MSP id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class ExchangeOfferedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The quote, and what came back of the notes."""

    exchange: Exchange
    change: NoteView | None


class ExchangeAcceptedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The quote, the note bought, the change, and the fee paid in minor units of the price's currency."""

    exchange: Exchange
    bought: NoteView
    change: NoteView | None
    fee: str


class ExchangeClosedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The quote as it ended, and the dealer's money."""

    exchange: Exchange
    notes: list[NoteView]


class ExchangeReply(msgspec.Struct, frozen=True, kw_only=True):
    """A firm quote as it stands."""

    exchange: Exchange


class ExchangesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of firm quotes; ``bookmark`` is empty on the last page."""

    exchanges: list[Exchange]
    bookmark: str


@operation("exchanges:Offer", OfferExchange, ExchangeOfferedReply)
def offer(command: OfferExchange, context: Context) -> Steps:
    """Takes the amount out of the dealer's notes."""
    for where in ("currency", "price_currency"):
        minor_units(getattr(command, where), where)
    if command.currency == command.price_currency:
        raise Refusal(Code.CURRENCY_MISMATCH, "An exchange has two currencies.", "price_currency")
    for where in ("amount", "price"):
        if getattr(command, where) == "0":
            raise Refusal(Code.AMOUNT_ZERO, "Both sides give something.", where)
    account = own_account(command.change, context, "change")
    if command.taker == context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, "Nobody deals with himself.", "taker")
    records = yield Fetch(keys=(*note_keys(command.notes), member_key(command.taker)))
    known_member(records, command.taker, "taker")
    consumed = spendable(records, command.notes, context, command.currency)
    change = change_of(consumed, int(command.amount), account, context.reference(command))
    made = Exchange(
        id=context.reference(command),
        status="open",
        account=account,
        taker=command.taker,
        currency=command.currency,
        amount=command.amount,
        price_currency=command.price_currency,
        price=command.price,
        expires_at=rfc3339(context.now + command.valid_for * 1000),
        offered_at=context.at,
    )
    event = ExchangeOffered(
        exchange=made.id,
        account=made.account,
        taker=made.taker,
        currency=made.currency,
        amount=made.amount,
        price_currency=made.price_currency,
        price=made.price,
        expires_at=made.expires_at,
        at=context.at,
    )
    return Decision(
        reply=ExchangeOfferedReply(exchange=made, change=change[0].view if change else None),
        writes={**note_writes(consumed, change), (Exchange.NOUN, made.id): made},
        events=(event, money_moved("hold", consumed, change, context, currency=made.currency)),
        payees=((made.taker, int(made.amount)),),
    )


@operation("exchanges:Accept", AcceptExchange, ExchangeAcceptedReply)
def accept(command: AcceptExchange, context: Context) -> Steps:
    """Both sides are paid, or neither."""
    found = yield from _load(command.exchange)
    dealer = organisation(found.account)
    records = yield Fetch(keys=(*note_keys(command.notes), member_key(dealer), FEES, FROZEN))
    _require_taker(found, context, "accept")
    _require_open(found)
    if context.now >= milliseconds(found.expires_at):
        raise Refusal(Code.EXCHANGE_EXPIRED, f"It was held until {found.expires_at}.", "exchange")
    known_member(records, dealer, "exchange")
    require_free(records, found.account, "exchange")
    account = own_account(command.change, context, "change")
    require_free(records, account, "change")
    consumed = spendable(records, command.notes, context, found.price_currency)
    done = swap(
        context.reference(command),
        Side(account=found.account, currency=found.price_currency, amount=int(found.price)),
        Side(account=account, currency=found.currency, amount=int(found.amount)),
        consumed,
        records,
        context,
        command.max_fee,
    )
    closed = replace(found, status="accepted", fee=str(done.fee), closed_at=context.at)
    event = ExchangeAccepted(exchange=found.id, account=account, fee=str(done.fee), at=context.at)
    return Decision(
        reply=ExchangeAcceptedReply(
            exchange=closed, bought=done.bought, change=done.change, fee=str(done.fee)
        ),
        writes={**done.writes, (Exchange.NOUN, found.id): closed},
        events=(event, *done.events),
    )


@operation("exchanges:Reject", RejectExchange, ExchangeClosedReply)
def reject(command: RejectExchange, context: Context) -> Steps:
    """The taker decided against it."""
    found = yield from _load(command.exchange)
    _require_taker(found, context, "reject")
    _require_open(found)
    return _given_back(found, "rejected", context.reference(command), context)


@operation("exchanges:Expire", ExpireExchange, ExchangeClosedReply)
def expire(command: ExpireExchange, context: Context) -> Steps:
    """The taker let it pass."""
    found = yield from _load(command.exchange)
    _require_open(found)
    if context.now < milliseconds(found.expires_at):
        raise Refusal(Code.EXCHANGE_NOT_EXPIRED, f"It is held until {found.expires_at}.", "exchange")
    return _given_back(found, "expired", context.reference(command), context)


@operation("exchanges:Get", GetExchange, ExchangeReply)
def get(command: GetExchange, context: Context) -> Steps:
    """One of them."""
    return Decision(reply=ExchangeReply(exchange=(yield from _load(command.exchange))))


@operation("exchanges:List", ListExchanges, ExchangesReply)
def list_exchanges(command: ListExchanges, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((Exchange.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Exchange) for _, value in page.items]
    return Decision(reply=ExchangesReply(exchanges=found, bookmark=page.bookmark))


def _load(exchange: str) -> Generator[Fetch, Records, Exchange]:
    records = yield Fetch(keys=((Exchange.NOUN, exchange),))
    return records.get(Exchange, exchange, refuse=Code.EXCHANGE_NOT_FOUND, where="exchange")


def _require_taker(found: Exchange, context: Context, act: str) -> None:
    if context.caller.msp_id != found.taker:
        raise Refusal(Code.NOT_PERMITTED, f"Only {found.taker} may {act} this quote.")


def _require_open(found: Exchange) -> None:
    if found.status != "open":
        raise Refusal(Code.EXCHANGE_STATE, f"This quote is {found.status}.", "exchange")


def _given_back(found: Exchange, outcome: ExchangeEnd, reference: str, context: Context) -> Decision:
    notes = new_notes(reference, found.currency, [(found.account, int(found.amount))])
    closed = replace(found, status=outcome, closed_at=context.at)
    event = ExchangeClosed(
        exchange=found.id,
        outcome=outcome,
        account=found.account,
        taker=found.taker,
        by=context.caller.msp_id,
        at=context.at,
    )
    return Decision(
        reply=ExchangeClosedReply(exchange=closed, notes=[note.view for note in notes]),
        writes={**note_writes([], notes), (Exchange.NOUN, found.id): closed},
        events=(event, money_moved("refund", [], notes, context, currency=found.currency)),
    )
