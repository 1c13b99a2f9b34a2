"""A submitter over a ledger of notes and stock in memory, for what the SDK reserves."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hansa.errors import RefusedError
from hansa.submission import Receipt
from hansa_domain.events import NoteView, StockView
from hansa_domain.listings.commands import StockReply
from hansa_domain.money import ListNotes, NotesCreatedReply, NotesReply, Transfer

OWNER = "RetailerMSP"


@dataclass
class NotesLedger:
    """Notes of one account in euros; a note that is spent twice fails the test that did it."""

    notes: dict[str, int] = field(default_factory=dict)
    stock: dict[int, int] = field(default_factory=dict)
    queries: int = 0
    transfers: list[Transfer] = field(default_factory=list)
    before_query: Callable[[], None] = lambda: None
    lock: threading.RLock = field(default_factory=threading.RLock)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def put(self, amount: int) -> NoteView:
        """A new note of the account."""
        with self.lock:
            name = f"note-{next(self.numbers):06d}"
            self.notes[name] = amount
            return NoteView(id=name, owner=OWNER, currency="EUR", amount=str(amount))

    def spend(self, notes: list[str], paid: int) -> list[NoteView]:
        """Consumes notes; what is above ``paid`` comes back as change."""
        with self.lock:
            missing = [note for note in notes if note not in self.notes]
            if missing:
                raise RefusedError("NOTE_NOT_FOUND", f"{missing} are spent.", transaction_id="t")
            total = sum(self.notes.pop(note) for note in notes)
            assert total >= paid
            return [self.put(total - paid)] if total > paid else []

    def evaluate(self, function: str, query: msgspec.Struct, kind: type[Any]) -> Any:
        """Answers ``money:Notes`` in pages, and ``listings:Stock``."""
        with self.lock:
            self.queries += 1
            if isinstance(query, ListNotes):
                names = sorted(name for name in self.notes if name >= query.bookmark)
                page, rest = names[: query.limit], names[query.limit :]
                views = [NoteView(id=n, owner=OWNER, currency="EUR", amount=str(self.notes[n])) for n in page]
                answer: Any = NotesReply(notes=views, bookmark=rest[0] if rest else "")
            else:
                buckets = [StockView(bucket=n, quantity=left) for n, left in sorted(self.stock.items())]
                answer = StockReply(listing="l", buckets=buckets, total=sum(self.stock.values()))
        self.before_query()
        return answer

    def submit(self, function: str, command: Any, kind: type[Any]) -> Receipt[Any]:
        """Carries out a transfer of the account to itself."""
        assert isinstance(command, Transfer)
        assert all(output.owner == OWNER for output in command.outputs)
        with self.lock:
            self.transfers.append(command)
            self.spend(command.notes, sum(self.notes.get(note, 0) for note in command.notes))
            made = [self.put(int(output.amount)) for output in command.outputs]
        return Receipt(NotesCreatedReply(notes=made), command.id, "t", 1, 1)
