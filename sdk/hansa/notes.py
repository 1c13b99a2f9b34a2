"""Which notes a payment uses: chosen, reserved, and split ahead of payments in flight (rule 12)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from hansa.allowances import Allowances
from hansa.amounts import show_amount
from hansa.errors import HansaError, OutcomeUnknownError, RefusedError, hint
from hansa.ids import new_id
from hansa.reservations import Part, Pool
from hansa.signing import Signed
from hansa.submission import Submitter
from hansa_domain.accounts.authority import Authority
from hansa_domain.error_codes import Code
from hansa_domain.events import NoteView
from hansa_domain.money import (
    MAX_NOTES,
    MAX_OUTPUTS,
    ListNotes,
    NotesCreatedReply,
    NotesReply,
    Output,
    Transfer,
)

WAIT_SECONDS = 60.0


class Purse:
    """The notes of one organisation's accounts, as far as this process may use them.

    Args:
        submitter: for asking which notes there are, and for splitting and joining them.
        beside: another user's purse of the same accounts, whose reservations count for this one too.
    """

    def __init__(self, submitter: Submitter, beside: Purse | None = None) -> None:
        self._submitter = submitter
        self._pools: dict[tuple[str, str], Pool] = {} if beside is None else beside._pools
        self._lock: threading.Lock = threading.Lock() if beside is None else beside._lock
        self._allowances: Allowances = Allowances(submitter, None if beside is None else beside._allowances)

    @contextmanager
    def paying(
        self,
        owner: str,
        currency: str,
        amount: int,
        *,
        signed: Signed | None = None,
        by_own_rules: bool = False,
    ) -> Iterator[Payment]:
        """Holds notes of at least ``amount`` while a command that consumes them is under way.

        The command takes ``notes`` of what this yields, and ``authority`` where the account has rules: it is
        what was ``signed``, or draws on the day's allowance. ``by_own_rules`` is for refills and sweeps,
        which need none.

        Call ``settled`` on what this yields, with the notes created. Leaving by a refusal frees the
        notes; leaving by an unknown outcome lets the ledger be asked before they are used again.

        Raises:
            RefusedError: the account has not enough (FUNDS_INSUFFICIENT), or may not pay that much today
                (ALLOWANCE_EXCEEDED).
        """
        if by_own_rules:
            with self._holding(owner, currency, amount) as payment:
                yield payment
            return
        with (
            self._allowances.authority(owner, currency, amount, signed) as authority,
            self._holding(owner, currency, amount) as payment,
        ):
            payment.authority = authority
            yield payment

    @contextmanager
    def _holding(self, owner: str, currency: str, amount: int) -> Iterator[Payment]:
        pool = self._pool(owner, currency)
        payment = Payment(owner, self._take(pool, owner, currency, amount))
        with self._settling(pool, payment):
            yield payment

    @contextmanager
    def _settling(self, pool: Pool, payment: Payment) -> Iterator[None]:
        try:
            yield
        except RefusedError as error:
            # A note that is gone was spent elsewhere: what is known here is stale.
            stale = payment.consumed or error.code in {Code.NOTE_NOT_FOUND.value, Code.NOTE_NOT_YOURS.value}
            self._release(pool, payment.parts, stale=stale)
            raise
        except BaseException as error:
            # Only the SDK's own errors say that nothing was written; an interrupt says nothing.
            told = isinstance(error, HansaError) and not isinstance(error, OutcomeUnknownError)
            self._release(pool, payment.parts, stale=payment.consumed or not told)
            raise
        if payment.created is None:
            pool.forget(payment.parts)
        else:
            pool.give(payment.parts, _owned(payment.created, payment.owner))

    def moment(self) -> Mapping[tuple[str, str], int]:
        """How often each pool has asked the ledger so far; for ``received``."""
        with self._lock:
            return {key: pool.loads for key, pool in self._pools.items()}

    def received(self, notes: Iterable[NoteView], moment: Mapping[tuple[str, str], int]) -> None:
        """Notes that came in by a command of this process.

        Args:
            moment: what ``moment`` said before the command was sent. Where a pool has asked the ledger since,
                it may know the note already, and may have spent it.
        """
        for note in notes:
            pool = self._pool(note.owner, note.currency)
            with pool.condition:
                if pool.loaded and pool.loads == moment.get((note.owner, note.currency)):
                    pool.give([], {note.id: int(note.amount)})

    def _pool(self, owner: str, currency: str) -> Pool:
        with self._lock:
            return self._pools.setdefault((owner, currency), Pool())

    def _take(self, pool: Pool, owner: str, currency: str, amount: int) -> list[Part]:
        if amount == 0:
            return []
        while True:
            parts = pool.take(
                lambda free: choose(free, amount),
                lambda: self._load(owner, currency),
                lambda total: _insufficient(owner, currency, amount, total),
                WAIT_SECONDS,
            )
            total = sum(part.amount for part in parts)
            if len(parts) > MAX_NOTES:
                self._rearrange(pool, owner, parts[:MAX_NOTES], [sum(p.amount for p in parts[:MAX_NOTES])])
                pool.give(parts[MAX_NOTES:], {part.id: part.amount for part in parts[MAX_NOTES:]})
            elif pool.waiting and total >= 2 * amount:
                self._rearrange(pool, owner, parts, _split(total, amount, pool.waiting + 1))
            else:
                return parts

    @contextmanager
    def gathering(self, owner: str, currency: str, below: int | None) -> Iterator[Payment]:
        """Holds the smallest notes of an account, at most as many as one command takes, to be made one.

        Args:
            owner: the account.
            currency: ISO 4217 code.
            below: minor units; larger notes stay as they are. None takes any.

        It yields no notes where fewer than two are left.
        """
        pool = self._pool(owner, currency)
        pool.forget([])  # others pay in: what is known here may lack what they paid
        parts = pool.take(
            lambda free: smallest(free, below),
            lambda: self._load(owner, currency),
            lambda total: _insufficient(owner, currency, 1, total),
            WAIT_SECONDS,
        )
        payment = Payment(owner, parts)
        with self._settling(pool, payment):
            yield payment

    def _rearrange(self, pool: Pool, owner: str, parts: list[Part], amounts: list[int]) -> None:
        command = Transfer(
            id=new_id(),
            notes=[part.id for part in parts],
            outputs=[Output(owner=owner, amount=str(amount)) for amount in amounts],
        )
        try:
            receipt = self._submitter.submit("money:Transfer", command, NotesCreatedReply)
        except BaseException:
            pool.forget(parts)
            raise
        pool.give(parts, _owned(receipt.reply.notes, owner))

    def _load(self, owner: str, currency: str) -> dict[str, int]:
        found: dict[str, int] = {}
        bookmark = ""
        while True:
            query = ListNotes(owner=owner, currency=currency, limit=1000, bookmark=bookmark)
            page = self._submitter.evaluate("money:Notes", query, NotesReply)
            found.update({note.id: int(note.amount) for note in page.notes})
            bookmark = page.bookmark
            if not bookmark:
                return found

    @staticmethod
    def _release(pool: Pool, parts: list[Part], *, stale: bool) -> None:
        if stale:
            pool.forget(parts)
        else:
            pool.give(parts, {part.id: part.amount for part in parts})


class Payment:
    """Notes held for one command."""

    def __init__(self, owner: str, parts: list[Part]) -> None:
        self.owner = owner
        self.parts = parts
        self.authority: Authority | None = None
        self.created: list[NoteView] | None = None
        self.consumed = False  # set when a first command has consumed the notes and a second may yet fail

    @property
    def notes(self) -> list[str]:
        """Ids of the notes to consume."""
        return [part.id for part in self.parts]

    @property
    def total(self) -> int:
        """Their total, in minor units."""
        return sum(part.amount for part in self.parts)

    def settled(self, created: Iterable[NoteView]) -> None:
        """The command consumed the notes and created these."""
        self.created = list(created)


def choose(free: Mapping[str, int], amount: int) -> list[str] | None:
    """The smallest note that suffices, else the largest ones together; None where all together do not."""
    enough = [(value, name) for name, value in free.items() if value >= amount]
    if enough:
        return [min(enough)[1]]
    chosen: list[str] = []
    total = 0
    for name, value in sorted(free.items(), key=lambda item: (-item[1], item[0])):
        chosen.append(name)
        total += value
        if total >= amount:
            return chosen
    return None


def smallest(free: Mapping[str, int], below: int | None) -> list[str]:
    """The smallest notes, below an amount where one is given; none where there are fewer than two."""
    small = sorted((value, name) for name, value in free.items() if below is None or value < below)
    return [name for _, name in small[:MAX_NOTES]] if len(small) > 1 else []


def _split(total: int, amount: int, wanted: int) -> list[int]:
    """Parts for ``wanted`` payments like this one: each a multiple of ``amount``, the rest with the last."""
    count = min(wanted, MAX_OUTPUTS, total // amount)
    size = total // count // amount * amount
    return [size] * (count - 1) + [total - size * (count - 1)]


def _owned(notes: Iterable[NoteView], owner: str) -> dict[str, int]:
    return {note.id: int(note.amount) for note in notes if note.owner == owner}


def _insufficient(owner: str, currency: str, amount: int, total: int) -> RefusedError:
    code = Code.FUNDS_INSUFFICIENT.value
    return RefusedError(
        code,
        f"{owner} has {show_amount(total, currency)} free, and {show_amount(amount, currency)} are needed.",
        hint(code),
        field="amount",
    )
