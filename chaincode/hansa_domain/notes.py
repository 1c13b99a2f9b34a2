"""Notes: money on the ledger. A payment consumes notes and creates notes of the same total (rule 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NoteView
from hansa_domain.operation import Context, Key, Record, Records

MAX_MINOR = 10**18 - 1
"""The largest amount a document can hold: 18 digits."""


class Note(Record, frozen=True, kw_only=True):
    """An amount that belongs to an account until it is spent whole; key ``("note", id)``. Never zero."""

    NOUN: ClassVar[str] = "note"
    id: str
    owner: str
    currency: str
    amount: str

    @property
    def guardian(self) -> str:
        """Its owner's organisation."""
        return organisation(self.owner)

    @property
    def holding(self) -> tuple[str, int]:
        """All of it."""
        return self.currency, self.minor

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return int(self.amount)

    @property
    def view(self) -> NoteView:
        """The note as events and replies show it."""
        return NoteView(id=self.id, owner=self.owner, currency=self.currency, amount=self.amount)


class Owned(Record, frozen=True, kw_only=True):
    """Index of notes by owner; key ``("owned", owner, currency, note id)``. Lives with the note."""

    NOUN: ClassVar[str] = "owned"
    note: str
    amount: str


def organisation(account: str) -> str:
    """The MSP id of an account."""
    return account.partition("/")[0]


def note_keys(ids: Sequence[str]) -> tuple[Key, ...]:
    """The keys of the notes a payment names.

    Raises:
        Refusal: NOTE_REPEATED: a note counted twice would be money from nowhere.
    """
    seen: set[str] = set()
    for place, note in enumerate(ids):
        if note in seen:
            raise Refusal(Code.NOTE_REPEATED, f"The note {note} is named twice.", f"notes[{place}]")
        seen.add(note)
    return tuple((Note.NOUN, note) for note in ids)


def spendable(
    records: Records,
    ids: Sequence[str],
    context: Context,
    currency: str | None,
    *,
    holder: str | None = None,
) -> list[Note]:
    """The notes named, read from the ledger, each of one holder and all of one currency.

    Args:
        records: holds the keys that ``note_keys`` gave.
        ids: notes as the command names them, in its field ``notes``.
        context: whose organisation must own them, unless it is another.
        currency: which one is expected; None takes the first note's.
        holder: MSP id of that other, who let the caller spend them.

    Raises:
        Refusal: NOTE_NOT_FOUND, NOTE_NOT_YOURS or CURRENCY_MISMATCH.
    """
    found: list[Note] = []
    holder = holder or context.caller.msp_id
    for place, note_id in enumerate(ids):
        where = f"notes[{place}]"
        note = records.find(Note, note_id)
        if note is None:
            raise Refusal(Code.NOTE_NOT_FOUND, f"There is no unspent note {note_id}.", where)
        if organisation(note.owner) != holder:
            raise Refusal(Code.NOTE_NOT_YOURS, f"The note {note_id} does not belong to {holder}.", where)
        currency = currency or note.currency
        if note.currency != currency:
            raise Refusal(
                Code.CURRENCY_MISMATCH, f"The note {note_id} is in {note.currency}, not {currency}.", where
            )
        found.append(note)
    return found


def new_notes(
    reference: str, currency: str, outputs: Iterable[tuple[str, int]], *, first: int = 0
) -> list[Note]:
    """Notes ``<reference>.0``, ``.1``, … for (account, minor units); a zero makes no note.

    ``first`` is the number to begin with, where the command makes notes of another currency too.

    Raises:
        Refusal: AMOUNT_TOO_LARGE, where a document could not hold the amount.
    """
    made: list[Note] = []
    for owner, minor in outputs:
        if minor > MAX_MINOR:
            raise Refusal(
                Code.AMOUNT_TOO_LARGE, f"A note of {minor} minor units is beyond 18 digits.", "notes"
            )
        if minor > 0:
            made.append(
                Note(id=f"{reference}.{first + len(made)}", owner=owner, currency=currency, amount=str(minor))
            )
    return made


def change_of(consumed: Sequence[Note], amount: int, account: str, reference: str) -> list[Note]:
    """What notes hold beyond ``amount``, as a note ``<reference>.0`` for the account; none where they fit.

    Raises:
        Refusal: FUNDS_INSUFFICIENT.
    """
    return new_notes(reference, consumed[0].currency, [(account, _rest(consumed, amount))])


@dataclass(frozen=True)
class Payment:
    """So much out of notes to one payee, and the rest to the payer: what moved, and what to write of it."""

    consumed: list[Note]
    paid: Note
    change: list[Note]

    @property
    def created(self) -> list[Note]:
        """The payee's note, and the change where there is some."""
        return [self.paid, *self.change]

    @property
    def change_view(self) -> NoteView | None:
        """The change as replies show it, if there is some."""
        return self.change[0].view if self.change else None

    @property
    def writes(self) -> dict[Key, Record | None]:
        """The writes that carry it out."""
        return note_writes(self.consumed, self.created)


def pay_out(consumed: list[Note], amount: int, *, payee: str, account: str, reference: str) -> Payment:
    """Pays out of notes of one currency: note ``<reference>.0`` to the payee, ``.1`` what is over.

    Args:
        consumed: as ``spendable`` found them.
        amount: minor units, above zero.
        payee: the account that is paid.
        account: where the rest goes.
        reference: of the command, which begins the new notes' ids.

    Raises:
        Refusal: FUNDS_INSUFFICIENT.
    """
    rest = _rest(consumed, amount)
    paid, *change = new_notes(reference, consumed[0].currency, [(payee, amount), (account, rest)])
    return Payment(consumed, paid, change)


def _rest(consumed: Sequence[Note], amount: int) -> int:
    """What notes hold beyond an amount, in minor units. Refuses FUNDS_INSUFFICIENT."""
    held = sum(note.minor for note in consumed)
    if held < amount:
        raise Refusal(Code.FUNDS_INSUFFICIENT, f"The notes hold {held}, and {amount} are needed.", "notes")
    return held - amount


def own_account(account: str | None, context: Context, where: str) -> str:
    """The account named, or the caller's main one. Refuses NOT_PERMITTED at ``where`` for another's."""
    chosen = account or context.caller.msp_id
    if organisation(chosen) != context.caller.msp_id:
        raise Refusal(Code.NOT_PERMITTED, f"Name an account of {context.caller.msp_id}.", where)
    return chosen


def note_writes(consumed: Iterable[Note], created: Iterable[Note]) -> dict[Key, Record | None]:
    """The writes that consume and create notes, index included."""
    writes: dict[Key, Record | None] = {}
    for note in consumed:
        writes[Note.NOUN, note.id] = None
        writes[Owned.NOUN, note.owner, note.currency, note.id] = None
    for note in created:
        writes[Note.NOUN, note.id] = note
        writes[Owned.NOUN, note.owner, note.currency, note.id] = Owned(note=note.id, amount=note.amount)
    return writes
