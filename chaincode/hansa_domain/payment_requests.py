"""Payment requests: a member asks another for money, who pays or declines."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NoteView, PaymentRequestClosed, PaymentRequested, RequestEnd
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    EntityId,
    MspId,
    Owner,
    PageLimit,
    Reference,
    Seconds,
    Timestamp,
)
from hansa_domain.iso4217 import minor_units
from hansa_domain.members import known_member, member_key
from hansa_domain.money import NoteIds, money_moved, reference_of
from hansa_domain.notes import note_keys, organisation, own_account, pay_out, spendable
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Records,
    Scan,
    Steps,
    decode_record,
    operation,
)
from hansa_domain.times import milliseconds, rfc3339

RequestStatus = Literal["open", "paid", "declined", "withdrawn"]


class PaymentRequest(Record, frozen=True, kw_only=True):
    """A request for money; key ``("payment-request", id)``. ``payee`` is an account, ``payer`` a member."""

    NOUN: ClassVar[str] = "payment-request"
    id: str
    status: RequestStatus
    payee: str
    payer: str
    currency: str
    amount: str
    reference: str | None
    requested_at: Timestamp
    expires_at: Timestamp
    closed_at: Timestamp | None = None


class CreatePaymentRequest(Command["PaymentRequestReply"], frozen=True, kw_only=True):
    """``paymentRequests:Create``: the caller asks a member to pay into ``account``, by default the main one.

    ``reference`` is public, so never a name.
    """

    payer: MspId
    currency: CurrencyCode
    amount: Amount
    expires_within: Seconds
    account: Owner | None = None
    reference: Reference | None = None


class PayPaymentRequest(Spending["PaymentRequestPaidReply"], frozen=True, kw_only=True):
    """``paymentRequests:Pay``, by the payer in time: exactly what was asked for.

    ``change`` is the account that takes what the notes hold beyond it; without it, the main one.
    """

    payment_request: EntityId
    notes: NoteIds
    change: Owner | None = None


class DeclinePaymentRequest(Command["PaymentRequestReply"], frozen=True, kw_only=True):
    """``paymentRequests:Decline``, by the payer."""

    payment_request: EntityId


class WithdrawPaymentRequest(Command["PaymentRequestReply"], frozen=True, kw_only=True):
    """``paymentRequests:Withdraw``, by the payee."""

    payment_request: EntityId


class GetPaymentRequest(Query["PaymentRequestReply"], frozen=True, kw_only=True):
    """``paymentRequests:Get``: one request."""

    payment_request: EntityId


class ListPaymentRequests(Query["PaymentRequestsReply"], frozen=True, kw_only=True):
    """``paymentRequests:List``: all requests, in order of id, which begins with the payee's MSP id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class PaymentRequestReply(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it stands."""

    payment_request: PaymentRequest


class PaymentRequestPaidReply(msgspec.Struct, frozen=True, kw_only=True):
    """The request, the note paid, and the payer's change."""

    payment_request: PaymentRequest
    paid: NoteView
    change: NoteView | None


class PaymentRequestsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of requests; ``bookmark`` is empty on the last page."""

    payment_requests: list[PaymentRequest]
    bookmark: str


@operation("paymentRequests:Create", CreatePaymentRequest, PaymentRequestReply)
def create(command: CreatePaymentRequest, context: Context) -> Steps:
    """Writes the request."""
    minor_units(command.currency, "currency")
    if command.amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "Ask for at least one minor unit.", "amount")
    if command.payer == context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, "Ask another member.", "payer")
    known_member((yield Fetch(keys=(member_key(command.payer),))), command.payer, "payer")
    made = PaymentRequest(
        id=context.reference(command),
        status="open",
        payee=own_account(command.account, context, "account"),
        payer=command.payer,
        currency=command.currency,
        amount=command.amount,
        reference=command.reference,
        requested_at=context.at,
        expires_at=rfc3339(context.now + command.expires_within * 1000),
    )
    event = PaymentRequested(
        payment_request=made.id,
        payee=made.payee,
        payer=made.payer,
        currency=made.currency,
        amount=made.amount,
        reference=made.reference,
        expires_at=made.expires_at,
        at=context.at,
    )
    writes: dict[Key, Record | None] = {(PaymentRequest.NOUN, made.id): made}
    return Decision(reply=PaymentRequestReply(payment_request=made), writes=writes, events=(event,))


@operation("paymentRequests:Pay", PayPaymentRequest, PaymentRequestPaidReply)
def pay(command: PayPaymentRequest, context: Context) -> Steps:
    """Pays what was asked for."""
    key = (PaymentRequest.NOUN, command.payment_request)
    records = yield Fetch(keys=(key, *note_keys(command.notes)))
    found = _found(records, command.payment_request)
    _require_party(found.payer, context, "pay")
    _require_open(found)
    if context.now >= milliseconds(found.expires_at):
        raise Refusal(
            Code.PAYMENT_REQUEST_STATE, f"The request ended at {found.expires_at}.", "payment_request"
        )
    payee = organisation(found.payee)
    # Who left meanwhile could never spend it.
    known_member((yield Fetch(keys=(member_key(payee),))), payee, "payment_request")
    consumed = spendable(records, command.notes, context, found.currency)
    account = own_account(command.change, context, "change")
    payment = pay_out(
        consumed,
        int(found.amount),
        payee=found.payee,
        account=account,
        reference=context.reference(command),
    )
    closed, event = _closed(found, "paid", context)
    moved = money_moved(
        "transfer",
        consumed,
        payment.created,
        context,
        currency=found.currency,
        references=reference_of(payment.paid, found.reference),
    )
    return Decision(
        reply=PaymentRequestPaidReply(
            payment_request=closed, paid=payment.paid.view, change=payment.change_view
        ),
        writes={**payment.writes, key: closed},
        events=(event, moved),
    )


@operation("paymentRequests:Decline", DeclinePaymentRequest, PaymentRequestReply)
def decline(command: DeclinePaymentRequest, context: Context) -> Steps:
    """The payer will not pay."""
    found = yield from _load(command.payment_request)
    _require_party(found.payer, context, "decline")
    return _ended(found, "declined", context)


@operation("paymentRequests:Withdraw", WithdrawPaymentRequest, PaymentRequestReply)
def withdraw(command: WithdrawPaymentRequest, context: Context) -> Steps:
    """The payee asks no more."""
    found = yield from _load(command.payment_request)
    _require_party(organisation(found.payee), context, "withdraw")
    return _ended(found, "withdrawn", context)


@operation("paymentRequests:Get", GetPaymentRequest, PaymentRequestReply)
def get(command: GetPaymentRequest, context: Context) -> Steps:
    """One request."""
    return Decision(reply=PaymentRequestReply(payment_request=(yield from _load(command.payment_request))))


@operation("paymentRequests:List", ListPaymentRequests, PaymentRequestsReply)
def list_requests(command: ListPaymentRequests, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((PaymentRequest.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, PaymentRequest) for _, value in page.items]
    return Decision(reply=PaymentRequestsReply(payment_requests=found, bookmark=page.bookmark))


def _load(request: str) -> Generator[Fetch, Records, PaymentRequest]:
    return _found((yield Fetch(keys=((PaymentRequest.NOUN, request),))), request)


def _found(records: Records, request: str) -> PaymentRequest:
    return records.get(
        PaymentRequest, request, refuse=Code.PAYMENT_REQUEST_NOT_FOUND, where="payment_request"
    )


def _require_party(party: str, context: Context, act: str) -> None:
    if context.caller.msp_id != party:
        raise Refusal(Code.NOT_PERMITTED, f"Only {party} may {act} this request.")


def _require_open(found: PaymentRequest) -> None:
    if found.status != "open":
        raise Refusal(Code.PAYMENT_REQUEST_STATE, f"The request is {found.status}.", "payment_request")


def _closed(
    found: PaymentRequest, outcome: RequestEnd, context: Context
) -> tuple[PaymentRequest, PaymentRequestClosed]:
    event = PaymentRequestClosed(
        payment_request=found.id, outcome=outcome, payee=found.payee, payer=found.payer, at=context.at
    )
    return replace(found, status=outcome, closed_at=context.at), event


def _ended(found: PaymentRequest, outcome: RequestEnd, context: Context) -> Decision:
    _require_open(found)
    closed, event = _closed(found, outcome, context)
    writes: dict[Key, Record | None] = {(PaymentRequest.NOUN, found.id): closed}
    return Decision(reply=PaymentRequestReply(payment_request=closed), writes=writes, events=(event,))
