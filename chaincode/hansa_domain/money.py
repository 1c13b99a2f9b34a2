"""Money: a bank issues it, members transfer it, the issuer takes it back."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from hansa_domain.accounts.authority import Spending
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import CurrencyDefined, Event, MoneyMoved, MoneyReason, NoteView
from hansa_domain.fields import (
    Amount,
    Bookmark,
    CurrencyCode,
    NoteId,
    Owner,
    PageLimit,
    Reference,
    Sha256Hex,
    Timestamp,
)
from hansa_domain.iso4217 import minor_units
from hansa_domain.issuing import require_approved
from hansa_domain.members import known_member, member_key, require_role
from hansa_domain.notes import Note, new_notes, note_keys, note_writes, organisation, spendable
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Query,
    Record,
    Steps,
    operation,
)

MAX_NOTES = 16
MAX_OUTPUTS = 64
NoteIds = Annotated[list[NoteId], msgspec.Meta(min_length=1, max_length=MAX_NOTES)]


class Currency(Record, frozen=True, kw_only=True):
    """A currency in use; key ``("currency", code)``. Its first mint names the issuing bank for good."""

    NOUN: ClassVar[str] = "currency"
    code: str
    issuer: str
    minor_units: int
    defined_at: Timestamp


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A note to be made. ``reference`` is the payer's, for the payee's books; public, so never a name."""

    owner: Owner
    amount: Amount
    reference: Reference | None = None


class Mint(Command["NotesCreatedReply"], frozen=True, kw_only=True):
    """``money:Mint``, by the currency's issuing bank; a currency's first mint makes the caller its issuer.

    A bank that did not found the consortium needs approval for that (``currencies:Approve``).
    """

    currency: CurrencyCode
    amount: Amount
    owner: Owner


class Transfer(Spending["NotesCreatedReply"], frozen=True, kw_only=True):
    """``money:Transfer``: the caller's notes become the outputs, of one currency and the same total.

    Change is an output to oneself. Output ``n`` is the note ``<MSP>.<command id>.<n>``. ``document`` is the
    hash of the payment order that it carries out, where there is one: what tells that order from another.
    """

    notes: NoteIds
    outputs: Annotated[list[Output], msgspec.Meta(min_length=1, max_length=MAX_OUTPUTS)]
    document: Sha256Hex | None = None


class Burn(Spending["BurnReply"], frozen=True, kw_only=True):
    """``money:Burn``: the issuing bank takes its own notes out of the world, whole."""

    notes: NoteIds


class ListNotes(Query["NotesReply"], frozen=True, kw_only=True):
    """``money:Notes``: the unspent notes of one account in one currency, in order of id."""

    owner: Owner
    currency: CurrencyCode
    limit: PageLimit = 100
    bookmark: Bookmark = ""


class GetBalance(Query["BalanceReply"], frozen=True, kw_only=True):
    """``money:Balance``: the sum of an account's notes; every currency where none is named."""

    owner: Owner
    currency: CurrencyCode | None = None


class ListCurrencies(Query["CurrenciesReply"], frozen=True, kw_only=True):
    """``money:Currencies``: the currencies in use and their issuers."""


class NotesCreatedReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The notes a mint or transfer made, in the order asked for; the rest as ``MoneyMoved`` has it."""

    notes: list[NoteView]
    references: dict[str, str] = msgspec.field(default_factory=dict)
    document: str | None = None


class BurnReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was burned."""

    currency: str
    amount: str


class NotesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of notes; ``bookmark`` is empty on the last page."""

    notes: list[NoteView]
    bookmark: str


class CurrencyBalance(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds of one currency; ``amount`` may pass 18 digits."""

    currency: str
    amount: str
    notes: int


class BalanceReply(msgspec.Struct, frozen=True, kw_only=True):
    """An account's holdings in order of currency; a currency it does not hold is absent unless asked for."""

    owner: str
    balances: list[CurrencyBalance]


class CurrenciesReply(msgspec.Struct, frozen=True, kw_only=True):
    """Currencies in order of code."""

    currencies: list[Currency]


def money_moved(
    reason: MoneyReason,
    consumed: list[Note],
    created: list[Note],
    context: Context,
    *,
    currency: str,
    order: str | None = None,
    references: dict[str, str] | None = None,
    document: str | None = None,
) -> MoneyMoved:
    """The event of notes consumed and created; ``references`` by note created."""
    return MoneyMoved(
        reason=reason,
        currency=currency,
        consumed=[note.view for note in consumed],
        created=[note.view for note in created],
        order=order,
        at=context.at,
        references=references or {},
        document=document,
    )


def reference_of(note: Note, reference: str | None) -> dict[str, str]:
    """The references of an event in which one note has one, if any."""
    return {} if reference is None else {note.id: reference}


@operation("money:Mint", Mint, NotesCreatedReply)
def mint(command: Mint, context: Context) -> Steps:
    """Makes one note for an account of a member."""
    decimals = minor_units(command.currency, "currency")
    if command.amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "A mint needs an amount.", "amount")
    holder = organisation(command.owner)
    records = yield Fetch(
        keys=((Currency.NOUN, command.currency), member_key(context.caller.msp_id), member_key(holder))
    )
    bank = require_role(records, context, ("bank",), "issue money")
    known_member(records, holder, "owner")
    currency = records.find(Currency, command.currency)
    events: list[Event] = []
    writes: dict[Key, Record | None] = {}
    if currency is None:
        yield from require_approved(bank, command.currency)
        currency = Currency(
            code=command.currency, issuer=context.caller.msp_id, minor_units=decimals, defined_at=context.at
        )
        writes[Currency.NOUN, currency.code] = currency
        events.append(
            CurrencyDefined(
                currency=currency.code, issuer=currency.issuer, minor_units=decimals, at=context.at
            )
        )
    _check_issuer(currency, context)
    notes = new_notes(context.reference(command), currency.code, [(command.owner, int(command.amount))])
    events.append(money_moved("mint", [], notes, context, currency=currency.code))
    return Decision(
        reply=NotesCreatedReply(notes=[note.view for note in notes]),
        writes={**writes, **note_writes([], notes)},
        events=tuple(events),
    )


def _check_issuer(currency: Currency, context: Context) -> None:
    if currency.issuer != context.caller.msp_id:
        raise Refusal(Code.CURRENCY_NOT_YOURS, f"{currency.code} is issued by {currency.issuer}.", "currency")


@operation("money:Transfer", Transfer, NotesCreatedReply)
def transfer(command: Transfer, context: Context) -> Steps:
    """Turns the caller's notes into the outputs."""
    for place, output in enumerate(command.outputs):
        if output.amount == "0":
            raise Refusal(Code.AMOUNT_ZERO, "An output needs an amount.", f"outputs[{place}].amount")
    holders = [organisation(output.owner) for output in command.outputs]
    keys = (*note_keys(command.notes), *(member_key(holder) for holder in holders))
    records = yield Fetch(keys=tuple(dict.fromkeys(keys)))
    consumed = spendable(records, command.notes, context, None)
    for place, holder in enumerate(holders):
        known_member(records, holder, f"outputs[{place}].owner")
    held = sum(note.minor for note in consumed)
    asked = sum(int(output.amount) for output in command.outputs)
    if held != asked:
        raise Refusal(
            Code.AMOUNTS_DIFFER, f"The notes hold {held} minor units, the outputs {asked}.", "outputs"
        )
    currency = consumed[0].currency
    created = new_notes(
        context.reference(command),
        currency,
        [(output.owner, int(output.amount)) for output in command.outputs],
    )
    # Every output makes a note, in its order.
    references = {
        note.id: output.reference
        for note, output in zip(created, command.outputs, strict=True)
        if output.reference is not None
    }
    moved = money_moved(
        "transfer",
        consumed,
        created,
        context,
        currency=currency,
        references=references,
        document=command.document,
    )
    return Decision(
        reply=NotesCreatedReply(
            notes=[note.view for note in created], references=references, document=command.document
        ),
        writes=note_writes(consumed, created),
        events=(moved,),
    )


@operation("money:Burn", Burn, BurnReply)
def burn(command: Burn, context: Context) -> Steps:
    """Takes notes of the issuer out of the world, whole."""
    records = yield Fetch(keys=note_keys(command.notes))
    consumed = spendable(records, command.notes, context, None)
    code = consumed[0].currency
    records = yield Fetch(keys=((Currency.NOUN, code),))
    _check_issuer(records.get(Currency, code, refuse=Code.LEDGER_INCONSISTENT), context)
    total = sum(note.minor for note in consumed)
    return Decision(
        reply=BurnReply(currency=code, amount=str(total)),
        writes=note_writes(consumed, []),
        events=(money_moved("burn", consumed, [], context, currency=code),),
        payees=((context.caller.msp_id, total),),
    )
