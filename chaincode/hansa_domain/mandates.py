"""Mandates: a payer lets a payee collect money out of an account of his, up to so much in each period.

The payee names notes of the payer's account. Only the mandate lets him: these rules, which the payer's own
peer carries out too, since notes change only with their owner's peer or two thirds of all. Change goes
back into the account. An account with rules of its own pays under no mandate.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import MandateCollected, MandateGranted, MandateRevoked, NoteView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    EntityId,
    Owner,
    PageLimit,
    Reference,
    Seconds,
    Timestamp,
)
from hansa_domain.iso4217 import minor_units, shown
from hansa_domain.members import known_member, member_key
from hansa_domain.money import NoteIds, money_moved, reference_of
from hansa_domain.notes import Note, Payment, note_keys, organisation, own_account, pay_out, spendable
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

MandateStatus = Literal["active", "revoked"]


class Mandate(Record, frozen=True, kw_only=True):
    """Leave to collect; key ``("mandate", id)``. ``payer`` and ``payee`` are accounts, ``period`` is seconds.

    Periods follow one another from ``granted_at`` on, number 0 first. ``collected`` is what was collected in
    period ``number``, minor units.
    """

    NOUN: ClassVar[str] = "mandate"
    id: str
    status: MandateStatus
    payer: str
    payee: str
    currency: str
    maximum: str
    period: int
    granted_at: Timestamp
    expires_at: Timestamp
    reference: str | None
    number: int = 0
    collected: str = "0"
    revoked_at: Timestamp | None = None

    @property
    def guardian(self) -> str:
        """The payer, whose peer decides by it about his notes."""
        return organisation(self.payer)


class GrantMandate(Command["MandateReply"], frozen=True, kw_only=True):
    """``mandates:Grant``, by the payer: the payee may collect up to ``maximum`` in each period of seconds.

    ``account`` pays; without it, the organisation's main account. An account of its own keeps collections and
    other payments out of each other's way.
    """

    payee: Owner
    currency: CurrencyCode
    maximum: Amount
    period: Seconds
    expires_within: Seconds
    account: Owner | None = None
    reference: Reference | None = None


class CollectMandate(Command["MandateCollectedReply"], frozen=True, kw_only=True):
    """``mandates:Collect``, by the payee: takes ``amount`` out of these notes of the payer's account."""

    mandate: EntityId
    amount: Amount
    notes: NoteIds


class RevokeMandate(Command["MandateReply"], frozen=True, kw_only=True):
    """``mandates:Revoke``, by the payer or the payee: nothing is collected any more."""

    mandate: EntityId


class GetMandate(Query["MandateReply"], frozen=True, kw_only=True):
    """``mandates:Get``: one mandate."""

    mandate: EntityId


class ListMandates(Query["MandatesReply"], frozen=True, kw_only=True):
    """``mandates:List``: all mandates, in order of id, which begins with the payer's MSP id."""

    limit: PageLimit = 100
    bookmark: Bookmark = ""


class MandateReply(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate as it stands."""

    mandate: Mandate


class MandateCollectedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The mandate, the note paid to the payee, and the change of the payer's."""

    mandate: Mandate
    paid: NoteView
    change: NoteView | None


class MandatesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of mandates; ``bookmark`` is empty on the last page."""

    mandates: list[Mandate]
    bookmark: str


@operation("mandates:Grant", GrantMandate, MandateReply)
def grant(command: GrantMandate, context: Context) -> Steps:
    """Writes the mandate; no money moves yet."""
    minor_units(command.currency, "currency")
    if command.maximum == "0":
        raise Refusal(Code.AMOUNT_ZERO, "A mandate needs an amount.", "maximum")
    account = own_account(command.account, context, "account")
    holder = organisation(command.payee)
    known_member((yield Fetch(keys=(member_key(holder),))), holder, "payee")
    if holder == context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, "A mandate is for another member.", "payee")
    made = Mandate(
        id=context.reference(command),
        status="active",
        payer=account,
        payee=command.payee,
        currency=command.currency,
        maximum=command.maximum,
        period=command.period,
        granted_at=context.at,
        expires_at=rfc3339(context.now + command.expires_within * 1000),
        reference=command.reference,
    )
    event = MandateGranted(
        mandate=made.id,
        payer=made.payer,
        payee=made.payee,
        currency=made.currency,
        maximum=made.maximum,
        period=made.period,
        expires_at=made.expires_at,
        reference=made.reference,
        at=context.at,
    )
    return Decision(reply=MandateReply(mandate=made), writes={(Mandate.NOUN, made.id): made}, events=(event,))


@operation("mandates:Collect", CollectMandate, MandateCollectedReply)
def collect(command: CollectMandate, context: Context) -> Steps:
    """Pays the payee out of the payer's notes, within the mandate."""
    if command.amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "Collect at least one minor unit.", "amount")
    records = yield Fetch(keys=((Mandate.NOUN, command.mandate), *note_keys(command.notes)))
    mandate = records.get(Mandate, command.mandate, refuse=Code.MANDATE_NOT_FOUND, where="mandate")
    if organisation(mandate.payee) != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Only {organisation(mandate.payee)} may collect under it.")
    _require_in_force(mandate, context)
    after = _counted(mandate, int(command.amount), context)
    consumed = spendable(
        records, command.notes, context, mandate.currency, holder=organisation(mandate.payer)
    )
    payment = _paid(command, mandate, consumed, context)
    event = MandateCollected(
        mandate=mandate.id,
        payer=mandate.payer,
        payee=mandate.payee,
        currency=mandate.currency,
        amount=command.amount,
        number=after.number,
        collected=after.collected,
        at=context.at,
    )
    reply = MandateCollectedReply(mandate=after, paid=payment.paid.view, change=payment.change_view)
    moved = money_moved(
        "mandate",
        consumed,
        payment.created,
        context,
        currency=mandate.currency,
        references=reference_of(payment.paid, mandate.reference),
    )
    return Decision(
        reply=reply,
        writes={**payment.writes, (Mandate.NOUN, mandate.id): after},
        events=(event, moved),
    )


def _paid(command: CollectMandate, mandate: Mandate, consumed: list[Note], context: Context) -> Payment:
    """The payment out of the payer's notes."""
    for place, note in enumerate(consumed):
        if note.owner != mandate.payer:
            raise Refusal(
                Code.NOTE_NOT_YOURS, f"The mandate is for notes of {mandate.payer}.", f"notes[{place}]"
            )
    return pay_out(
        consumed,
        int(command.amount),
        payee=mandate.payee,
        account=mandate.payer,
        reference=context.reference(command),
    )


def _require_in_force(mandate: Mandate, context: Context) -> None:
    if mandate.status != "active":
        raise Refusal(Code.MANDATE_STATE, f"The mandate was revoked at {mandate.revoked_at}.", "mandate")
    if context.now >= milliseconds(mandate.expires_at):
        raise Refusal(Code.MANDATE_STATE, f"The mandate ended at {mandate.expires_at}.", "mandate")


def _counted(mandate: Mandate, amount: int, context: Context) -> Mandate:
    """The mandate with this amount counted. Refuses MANDATE_EXCEEDED."""
    number = max(0, context.now - milliseconds(mandate.granted_at)) // (mandate.period * 1000)
    # A transaction's time may lie before another's: an earlier period is never opened again.
    number = max(number, mandate.number)
    collected = (int(mandate.collected) if number == mandate.number else 0) + amount
    if collected > int(mandate.maximum):
        raise Refusal(
            Code.MANDATE_EXCEEDED,
            f"That would be {shown(collected, mandate.currency)} in this period, and "
            f"{shown(mandate.maximum, mandate.currency)} are allowed.",
            "amount",
        )
    return replace(mandate, number=number, collected=str(collected))


@operation("mandates:Revoke", RevokeMandate, MandateReply)
def revoke(command: RevokeMandate, context: Context) -> Steps:
    """Ends the mandate."""
    mandate = yield from _load(command.mandate)
    if context.caller.msp_id not in (organisation(mandate.payer), organisation(mandate.payee)):
        raise Refusal(Code.NOT_PERMITTED, "Only payer and payee may revoke a mandate.")
    if mandate.status != "active":
        raise Refusal(Code.MANDATE_STATE, f"The mandate was revoked at {mandate.revoked_at}.", "mandate")
    ended = replace(mandate, status="revoked", revoked_at=context.at)
    event = MandateRevoked(
        mandate=mandate.id, by=context.caller.msp_id, payer=mandate.payer, payee=mandate.payee, at=context.at
    )
    writes: dict[Key, Record | None] = {(Mandate.NOUN, mandate.id): ended}
    return Decision(reply=MandateReply(mandate=ended), writes=writes, events=(event,))


@operation("mandates:Get", GetMandate, MandateReply)
def get(command: GetMandate, context: Context) -> Steps:
    """One mandate."""
    return Decision(reply=MandateReply(mandate=(yield from _load(command.mandate))))


@operation("mandates:List", ListMandates, MandatesReply)
def list_mandates(command: ListMandates, context: Context) -> Steps:
    """A page of them."""
    scan = Scan((Mandate.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    found = [decode_record(value, Mandate) for _, value in page.items]
    return Decision(reply=MandatesReply(mandates=found, bookmark=page.bookmark))


def _load(mandate: str) -> Generator[Fetch, Records, Mandate]:
    records = yield Fetch(keys=((Mandate.NOUN, mandate),))
    return records.get(Mandate, mandate, refuse=Code.MANDATE_NOT_FOUND, where="mandate")
