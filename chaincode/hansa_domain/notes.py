"""Notes: money on the ledger. A payment consumes notes and creates notes of the same total (rule 3)."""

from __future__ import annotations

from typing import ClassVar

from hansa_domain.events import NoteView
from hansa_domain.operation import Record


class Note(Record, frozen=True, kw_only=True):
    """An amount that belongs to an account until it is spent whole; key ``("note", id)``. Never zero."""

    NOUN: ClassVar[str] = "note"
    id: str
    owner: str
    currency: str
    amount: str

    @property
    def msp_id(self) -> str:
        """The organisation whose account holds the note."""
        return self.owner.partition("/")[0]

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
