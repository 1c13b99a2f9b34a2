"""Money from a cold account into the hot one that it refills: with signatures, and a delay to stop it in."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from hansa_domain.accounts.agreement import agreed, instruction_key, stopping_signer
from hansa_domain.accounts.authority import (
    PaymentInstruction,
    Signature,
    Signatures,
    StopNotice,
    SubAccount,
)
from hansa_domain.accounts.records import (
    Account,
    Allowance,
    Refill,
    Refilled,
    account_key,
    check_due,
    ruled,
    today,
)
from hansa_domain.accounts.rules import own
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NoteView, RefillCompleted, RefillProposed, RefillStopped
from hansa_domain.fields import EntityId
from hansa_domain.iso4217 import shown
from hansa_domain.money import NoteIds, money_moved
from hansa_domain.notes import Note, new_notes, note_keys, note_writes
from hansa_domain.operation import Command, Context, Decision, Fetch, Key, Record, Records, Steps, operation
from hansa_domain.times import rfc3339

_COMPLETE = "accounts:CompleteRefill"
_MOST_READS = 1024
"""How many allowance slices a refill reads at most; what is older is counted by the next one."""


class ProposeRefill(Command["RefillReply"], frozen=True, kw_only=True):
    """``accounts:ProposeRefill``, by a user of the owner: the cold account's signers agreed to refill this.

    The instruction is the cold account's, for ``accounts:CompleteRefill``, with the hot account as its only
    output. The money stays where it is until the refill is completed.
    """

    account: SubAccount
    instruction: PaymentInstruction
    signatures: Signatures


class StopRefill(Command["RefillReply"], frozen=True, kw_only=True):
    """``accounts:StopRefill``, by any signer of the hot or the cold account, while the refill waits.

    ``signature`` is over a notice {v, operation, subject}; without one, the caller's certificate has a
    signer's key.
    """

    refill: EntityId
    signature: Signature | None = None


class CompleteRefill(Command["RefillCompletedReply"], frozen=True, kw_only=True):
    """``accounts:CompleteRefill``, by any member once the delay is over; ``notes`` are the cold account's."""

    refill: EntityId
    notes: NoteIds


class Sweep(Command["SweptReply"], frozen=True, kw_only=True):
    """``accounts:Sweep``, by any user of the owner at any time: a hot account's notes go to its cold one."""

    account: SubAccount
    notes: NoteIds


class RefillReply(msgspec.Struct, frozen=True, kw_only=True):
    """The refill as it is now."""

    refill: Refill


class RefillCompletedReply(msgspec.Struct, frozen=True, kw_only=True):
    """The refill, and the notes it made: the hot account's, and the cold account's change."""

    refill: Refill
    notes: list[NoteView]


class SweptReply(msgspec.Struct, frozen=True, kw_only=True):
    """The cold account's new note."""

    notes: list[NoteView]


@operation("accounts:ProposeRefill", ProposeRefill, RefillReply)
def propose_refill(command: ProposeRefill, context: Context) -> Steps:
    """Begins the delay."""
    own(context, command.account, "account")
    instruction = command.instruction
    records = yield Fetch(
        keys=tuple(
            dict.fromkeys(
                (account_key(command.account), account_key(instruction.account), instruction_key(instruction))
            )
        )
    )
    hot = ruled(records, command.account, "account")
    if hot.rules.cold is None:
        raise Refusal(Code.ACCOUNT_RULES_INVALID, f"{hot.owner} names no cold account.", "account")
    if instruction.account != hot.rules.cold:
        raise Refusal(
            Code.INSTRUCTION_MISMATCH,
            f"{hot.owner} is refilled from {hot.rules.cold}.",
            "instruction.account",
        )
    cold = ruled(records, instruction.account, "instruction.account")
    used = agreed(
        cold,
        instruction,
        command.signatures,
        records,
        context,
        operation=_COMPLETE,
        reference=context.reference(command),
    )
    _check_refill(instruction, hot)
    refill = Refill(
        id=context.reference(command),
        hot=hot.owner,
        cold=cold.owner,
        currency=instruction.currency,
        amount=instruction.amount,
        status="waiting",
        signed_by=used.signed_by,
        due=rfc3339(context.now + cold.rules.delay * 1000),
        proposed_at=context.at,
    )
    event = RefillProposed(
        refill=refill.id,
        hot=refill.hot,
        cold=refill.cold,
        currency=refill.currency,
        amount=refill.amount,
        signed_by=refill.signed_by,
        due=refill.due,
        at=context.at,
    )
    return Decision(
        reply=RefillReply(refill=refill),
        writes={(Refill.NOUN, refill.id): refill, instruction_key(instruction): used},
        events=(event,),
    )


def _check_refill(instruction: PaymentInstruction, hot: Account) -> None:
    if instruction.amount == "0":
        raise Refusal(Code.AMOUNT_ZERO, "A refill needs an amount.", "instruction.amount")
    outputs = [(output.owner, output.amount) for output in instruction.outputs]
    if outputs != [(hot.owner, instruction.amount)]:
        raise Refusal(
            Code.INSTRUCTION_MISMATCH, f"A refill goes to {hot.owner}, whole.", "instruction.outputs"
        )
    if int(instruction.amount) > hot.cap(instruction.currency):
        raise _above_cap(hot, instruction.currency, "instruction.amount")


@operation("accounts:StopRefill", StopRefill, RefillReply)
def stop_refill(command: StopRefill, context: Context) -> Steps:
    """Ends a refill before any money moved."""
    records = yield Fetch(keys=((Refill.NOUN, command.refill),))
    refill = records.get(Refill, command.refill, refuse=Code.REFILL_NOT_FOUND, where="refill")
    records = yield Fetch(keys=(account_key(refill.hot), account_key(refill.cold)))
    accounts = [ruled(records, each, "refill") for each in (refill.cold, refill.hot)]
    notice = StopNotice(v=1, operation="accounts:StopRefill", subject=refill.id)
    signer = stopping_signer(accounts, notice, command.signature, context)
    if refill.status != "waiting":
        raise Refusal(Code.REFILL_STATE, f"The refill is {refill.status}.", "refill")
    stopped = replace(refill, status="stopped", closed_at=context.at, stopped_by=signer)
    event = RefillStopped(
        refill=refill.id, hot=refill.hot, cold=refill.cold, stopped_by=signer, at=context.at
    )
    return Decision(
        reply=RefillReply(refill=stopped), writes={(Refill.NOUN, refill.id): stopped}, events=(event,)
    )


@operation("accounts:CompleteRefill", CompleteRefill, RefillCompletedReply)
def complete_refill(command: CompleteRefill, context: Context) -> Steps:
    """Moves the money, within the hot account's cap."""
    records = yield Fetch(keys=((Refill.NOUN, command.refill), *note_keys(command.notes)))
    refill = records.get(Refill, command.refill, refuse=Code.REFILL_NOT_FOUND, where="refill")
    check_due(refill, context, Code.REFILL_STATE, "refill")
    notes = _notes_of(refill.cold, refill.currency, command.notes, records)
    counter = (refill.hot, refill.currency)
    records = yield Fetch(keys=(account_key(refill.hot), (Refilled.NOUN, *counter)))
    hot = ruled(records, refill.hot, "refill")
    if hot.rules.cold != refill.cold:
        raise Refusal(Code.REFILL_STATE, f"{hot.owner} is refilled from elsewhere by now.", "refill")
    before = records.find(Refilled, *counter)
    days = _days_to_count(before, hot, context)
    records = yield Fetch(keys=tuple(_slices(hot, refill.currency, days)))
    refilled = _counted(before, hot, refill, days, records, context)
    if int(refilled.amount) > hot.cap(refill.currency):
        raise _above_cap(hot, refill.currency, "refill")
    held = sum(note.minor for note in notes)
    amount = int(refill.amount)
    if held < amount:
        raise Refusal(Code.FUNDS_INSUFFICIENT, f"The notes hold {held}, the refill is {amount}.", "notes")
    made = new_notes(
        context.reference(command), refill.currency, [(hot.owner, amount), (refill.cold, held - amount)]
    )
    completed = replace(refill, status="completed", closed_at=context.at)
    return Decision(
        reply=RefillCompletedReply(refill=completed, notes=[note.view for note in made]),
        writes={
            (Refill.NOUN, refill.id): completed,
            (Refilled.NOUN, *counter): refilled,
            **note_writes(notes, made),
        },
        events=(
            RefillCompleted(refill=refill.id, hot=refill.hot, cold=refill.cold, at=context.at),
            money_moved("refill", notes, made, context, currency=refill.currency),
        ),
        released=(refill.cold,),
    )


@operation("accounts:Sweep", Sweep, SweptReply)
def sweep(command: Sweep, context: Context) -> Steps:
    """Into the cold account money goes without anybody's signature."""
    own(context, command.account, "account")
    records = yield Fetch(keys=(account_key(command.account), *note_keys(command.notes)))
    hot = ruled(records, command.account, "account")
    cold = hot.rules.cold
    if cold is None:
        raise Refusal(Code.ACCOUNT_RULES_INVALID, f"{hot.owner} names no cold account.", "account")
    notes = _notes_of(hot.owner, None, command.notes, records)
    currency, total = notes[0].currency, sum(note.minor for note in notes)
    made = new_notes(context.reference(command), currency, [(cold, total)])
    records = yield Fetch(keys=((Refilled.NOUN, hot.owner, currency),))
    before = records.find(Refilled, hot.owner, currency)
    writes: dict[Key, Record | None] = note_writes(notes, made)
    if before is not None:
        left = max(0, int(before.amount) - total)
        writes[Refilled.NOUN, hot.owner, currency] = replace(before, amount=str(left))
    return Decision(
        reply=SweptReply(notes=[note.view for note in made]),
        writes=writes,
        events=(money_moved("sweep", notes, made, context, currency=currency),),
        released=(hot.owner,),
    )


def _notes_of(owner: str, currency: str | None, ids: list[str], records: Records) -> list[Note]:
    """The notes named, each of that account and all of one currency. Refuses as ``notes.spendable``."""
    found: list[Note] = []
    for place, note_id in enumerate(ids):
        where = f"notes[{place}]"
        note = records.find(Note, note_id)
        if note is None:
            raise Refusal(Code.NOTE_NOT_FOUND, f"There is no unspent note {note_id}.", where)
        if note.owner != owner:
            raise Refusal(Code.NOTE_NOT_YOURS, f"The note {note_id} is not in {owner}.", where)
        currency = currency or note.currency
        if note.currency != currency:
            raise Refusal(Code.CURRENCY_MISMATCH, f"The note {note_id} is in {note.currency}.", where)
        found.append(note)
    return found


def _days_to_count(before: Refilled | None, hot: Account, context: Context) -> list[str]:
    """The past days that a refill counts now: none of today, so that it conflicts with no payment."""
    if before is None:
        return []
    day, end = date.fromisoformat(before.counted_to), date.fromisoformat(today(context))
    most = _MOST_READS // (2 * hot.slices)
    return [(day + timedelta(days=ahead)).isoformat() for ahead in range(min(most, (end - day).days))]


def _slices(hot: Account, currency: str, days: list[str]) -> list[Key]:
    return [
        (Allowance.NOUN, hot.owner, currency, day, f"{kind}{number:02d}")
        for day in days
        for kind in ("", "s")
        for number in range(hot.slices)
    ]


def _counted(
    before: Refilled | None, hot: Account, refill: Refill, days: list[str], records: Records, context: Context
) -> Refilled:
    """The refilled money in the hot account as far as known, with this refill in it."""
    drawn = 0
    for key in _slices(hot, refill.currency, days):
        slice_ = records.find(Allowance, *key[1:])
        drawn += 0 if slice_ is None else int(slice_.drawn)
    held = 0 if before is None else max(0, int(before.amount) - drawn)
    counted_to = today(context)
    if before is not None:
        counted_to = (date.fromisoformat(before.counted_to) + timedelta(days=len(days))).isoformat()
    return Refilled(
        account=hot.owner,
        currency=refill.currency,
        amount=str(held + int(refill.amount)),
        counted_to=counted_to,
    )


def _above_cap(hot: Account, currency: str, where: str) -> Refusal:
    return Refusal(
        Code.CAP_EXCEEDED,
        f"{hot.owner} may hold {shown(hot.cap(currency), currency)} of refilled money.",
        where,
    )
