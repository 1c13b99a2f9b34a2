"""Obligations: registered by one side, confirmed by the other; then netted, paid, or given up."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NoteView, ObligationChanged, ObligationRegistered
from hansa_domain.exchanges.swap import require_free
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    EntityId,
    MspId,
    Owner,
    PageLimit,
    Reference,
)
from hansa_domain.frozen import FROZEN
from hansa_domain.iso4217 import minor_units
from hansa_domain.members import known_member, member_key
from hansa_domain.money import NoteIds, money_moved, reference_of
from hansa_domain.netting.records import Obligation, ObligationReply, ObligationStatus, load_obligation
from hansa_domain.notes import note_keys, own_account, pay_out, spendable
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Query,
    Scan,
    Steps,
    decode_record,
    operation,
)


class RegisterObligation(Command["ObligationReply"], frozen=True, kw_only=True):
    """``obligations:Register``, by debtor or creditor: what one owes the other; the other confirms it.

    ``account``, which only the creditor names, is where it is paid; without it, his main one. ``reference``
    is public, so never a name.
    """

    debtor: MspId
    creditor: MspId
    currency: CurrencyCode
    amount: Amount
    account: Owner | None = None
    reference: Reference | None = None


class ConfirmObligation(Command["ObligationReply"], frozen=True, kw_only=True):
    """``obligations:Confirm``, by the side that did not register it; a creditor may name his account."""

    obligation: EntityId
    account: Owner | None = None


class WithdrawObligation(Command["ObligationReply"], frozen=True, kw_only=True):
    """``obligations:Withdraw``: by either side before it is confirmed, by the creditor afterwards."""

    obligation: EntityId


class PayObligation(Spending["ObligationPaidReply"], frozen=True, kw_only=True):
    """``obligations:Pay``, by the debtor: all of it, where it is in no open cycle.

    ``change`` is the account that takes what the notes hold beyond it; without it, the main one.
    """

    obligation: EntityId
    notes: NoteIds
    change: Owner | None = None


class GetObligation(Query["ObligationReply"], frozen=True, kw_only=True):
    """``obligations:Get``: one of them."""

    obligation: EntityId


class ListObligations(Query["ObligationsReply"], frozen=True, kw_only=True):
    """``obligations:List``: all of them, in order of id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class ObligationPaidReply(msgspec.Struct, frozen=True, kw_only=True):
    """The obligation, the note paid, and the debtor's change."""

    obligation: Obligation
    paid: NoteView
    change: NoteView | None


class ObligationsReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of obligations; ``bookmark`` is empty on the last page."""

    obligations: list[Obligation]
    bookmark: str


@operation("obligations:Register", RegisterObligation, ObligationReply)
def register(command: RegisterObligation, context: Context) -> Steps:
    """One side's word."""
    minor_units(command.currency, "currency")
    if command.amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "Owe at least one minor unit.", "amount")
    sides = (command.debtor, command.creditor)
    if context.caller.msp_id not in sides or command.debtor == command.creditor:
        raise Refusal(Code.NOT_PERMITTED, "Register what you owe another, or another owes you.", "debtor")
    account = _account(command.account, command.creditor, context) or command.creditor
    records = yield Fetch(keys=tuple(member_key(side) for side in sides))
    for side, where in zip(sides, ("debtor", "creditor"), strict=True):
        known_member(records, side, where)
    made = Obligation(
        id=context.reference(command),
        status="proposed",
        debtor=command.debtor,
        creditor=command.creditor,
        account=account,
        currency=command.currency,
        amount=command.amount,
        reference=command.reference,
        registered_by=context.caller.msp_id,
        registered_at=context.at,
    )
    event = ObligationRegistered(
        obligation=made.id,
        debtor=made.debtor,
        creditor=made.creditor,
        account=made.account,
        currency=made.currency,
        amount=made.amount,
        reference=made.reference,
        by=made.registered_by,
        at=context.at,
    )
    return Decision(
        reply=ObligationReply(obligation=made),
        writes={(Obligation.NOUN, made.id): made},
        events=(event,),
    )


def _account(account: str | None, creditor: str, context: Context) -> str | None:
    if account is None:
        return None
    if context.caller.msp_id != creditor:
        raise Refusal(Code.NOT_PERMITTED, f"Only {creditor} says where it is paid.", "account")
    return own_account(account, context, "account")


@operation("obligations:Confirm", ConfirmObligation, ObligationReply)
def confirm(command: ConfirmObligation, context: Context) -> Steps:
    """Now both have said it."""
    found = yield from load_obligation(command.obligation)
    other = found.creditor if found.registered_by == found.debtor else found.debtor
    if context.caller.msp_id != other:
        raise Refusal(Code.NOT_PERMITTED, f"Only {other} may confirm this obligation.")
    _require(found, ("proposed",))
    account = _account(command.account, found.creditor, context) or found.account
    return _changed(replace(found, account=account), "confirmed", context)


@operation("obligations:Withdraw", WithdrawObligation, ObligationReply)
def withdraw(command: WithdrawObligation, context: Context) -> Steps:
    """It is owed no more."""
    found = yield from load_obligation(command.obligation)
    sides = (found.debtor, found.creditor) if found.status == "proposed" else (found.creditor,)
    if context.caller.msp_id not in sides:
        raise Refusal(Code.NOT_PERMITTED, f"Only {' or '.join(sides)} may withdraw this obligation.")
    _require(found, ("proposed", "confirmed"))
    if found.status == "confirmed":
        # A claim is money too: what is owed into a frozen account is not given away.
        require_free((yield Fetch(keys=(FROZEN,))), found.account, "obligation")
    return _changed(found, "withdrawn", context)


@operation("obligations:Pay", PayObligation, ObligationPaidReply)
def pay(command: PayObligation, context: Context) -> Steps:
    """The creditor has his money without netting."""
    found = yield from load_obligation(command.obligation)
    records = yield Fetch(keys=note_keys(command.notes))
    if context.caller.msp_id != found.debtor:
        raise Refusal(Code.NOT_PERMITTED, f"Only {found.debtor} may pay this obligation.")
    _require(found, ("confirmed",))
    consumed = spendable(records, command.notes, context, found.currency)
    account = own_account(command.change, context, "change")
    payment = pay_out(
        consumed,
        int(found.amount),
        payee=found.account,
        account=account,
        reference=context.reference(command),
    )
    done = _changed(found, "paid", context)
    assert isinstance(done.reply, ObligationReply)
    moved = money_moved(
        "transfer",
        consumed,
        payment.created,
        context,
        currency=found.currency,
        references=reference_of(payment.paid, found.reference),
    )
    return Decision(
        reply=ObligationPaidReply(
            obligation=done.reply.obligation, paid=payment.paid.view, change=payment.change_view
        ),
        writes={**done.writes, **payment.writes},
        events=(*done.events, moved),
    )


@operation("obligations:Get", GetObligation, ObligationReply)
def get(command: GetObligation, context: Context) -> Steps:
    """One of them."""
    return Decision(reply=ObligationReply(obligation=(yield from load_obligation(command.obligation))))


@operation("obligations:List", ListObligations, ObligationsReply)
def list_obligations(command: ListObligations, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((Obligation.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Obligation) for _, value in page.items]
    return Decision(reply=ObligationsReply(obligations=found, bookmark=page.bookmark))


def _require(found: Obligation, allowed: tuple[ObligationStatus, ...]) -> None:
    if found.status not in allowed:
        raise Refusal(Code.OBLIGATION_STATE, f"This obligation is {found.status}.", "obligation")
    if found.cycle is not None:
        raise Refusal(Code.OBLIGATION_STATE, f"It is being netted in {found.cycle}.", "obligation")


def _changed(found: Obligation, status: ObligationStatus, context: Context) -> Decision:
    closed_at = None if status == "confirmed" else context.at
    changed = replace(found, status=status, closed_at=closed_at)
    event = ObligationChanged(
        obligation=found.id,
        status=status,
        account=changed.account,
        by=context.caller.msp_id,
        at=context.at,
    )
    return Decision(
        reply=ObligationReply(obligation=changed),
        writes={(Obligation.NOUN, found.id): changed},
        events=(event,),
    )
