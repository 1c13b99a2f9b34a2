"""A statement of an account: what came and went in a period, from the ledger's own events."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from hansa.errors import RefusedError, hint
from hansa_domain.error_codes import Code
from hansa_domain.events import MoneyMoved
from hansa_domain.notes import organisation
from hansa_domain.times import rfc3339


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One payment of an entry, in minor units above 0.

    ``counterparty`` is the other account, None where money came out of or went into something else than an
    account (an escrow, a lock, its issue), or where several paid together.
    """

    amount: int
    counterparty: str | None = None
    reference: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What one event did to the account: ``amount`` in minor units, below 0 where money went out.

    ``block``, ``position`` and ``number`` are its place on the ledger; ``command`` the id of the command that
    made the notes, ``<MSP>.<ULID>``; ``document`` the hash of the payment order that was carried out.
    """

    at: str
    block: int
    position: int
    number: int
    transaction_id: str
    reason: str
    amount: int
    parts: tuple[Part, ...]
    order: str | None = None
    command: str | None = None
    document: str | None = None

    @property
    def reference(self) -> str:
        """Its place on the ledger as one short text, unique on the ledger."""
        return f"{self.block}-{self.position}-{self.number}"


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An account in one currency from ``start`` on, until before ``end`` (RFC 3339, UTC); minor units."""

    account: str
    currency: str
    start: str
    end: str
    opening: int
    closing: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Movement:
    """An event of money, and where it stands."""

    event: MoneyMoved
    block: int
    position: int
    number: int
    transaction_id: str


def statement(movements: Iterable[Movement], account: str, currency: str, start: str, end: str) -> Statement:
    """The statement that follows from every movement of the account, in the ledger's order.

    A transaction's time is its client's, so that a block may hold a time that is before an earlier block's.
    Entries stand in the ledger's order; which of them are in the period, their times decide.

    Args:
        movements: all since the account began; those of other accounts and currencies are left aside.
        account: ``MSP`` or ``MSP/name``.
        currency: ISO 4217 code.
        start: RFC 3339 in UTC with milliseconds, the period's first moment.
        end: the first moment after it.
    """
    opening, entries = 0, []
    for movement in movements:
        if movement.event.currency != currency:
            continue
        found = entry_of(movement, account)
        if found is None:
            continue
        if found.at < start:
            opening += found.amount
        elif found.at < end:
            entries.append(found)
    return Statement(
        account=account,
        currency=currency,
        start=start,
        end=end,
        opening=opening,
        closing=opening + sum(entry.amount for entry in entries),
        entries=tuple(entries),
    )


def entry_of(movement: Movement, account: str) -> Entry | None:
    """What a movement did to an account; None where its sum there is as before, as when notes are split."""
    event = movement.event
    before = sum(int(note.amount) for note in event.consumed if note.owner == account)
    after = sum(int(note.amount) for note in event.created if note.owner == account)
    amount = after - before
    if amount == 0:
        return None
    # Notes made are named after the command that made them.
    commands = dict.fromkeys(note.id.rpartition(".")[0] for note in event.created)
    return Entry(
        at=event.at,
        block=movement.block,
        position=movement.position,
        number=movement.number,
        transaction_id=movement.transaction_id,
        reason=event.reason,
        amount=amount,
        parts=_paid(event, account, -amount) if amount < 0 else _received(event, account, amount),
        order=event.order,
        command=next(iter(commands), None),
        document=event.document,
    )


def _paid(event: MoneyMoved, account: str, amount: int) -> tuple[Part, ...]:
    payers = {note.owner for note in event.consumed}
    parts = [
        Part(
            amount=int(note.amount),
            counterparty=note.owner,
            reference=event.references.get(note.id),
        )
        for note in event.created
        if note.owner != account
    ]
    if payers == {account} and sum(part.amount for part in parts) == amount:
        return tuple(parts)
    return (Part(amount=amount),)


def _received(event: MoneyMoved, account: str, amount: int) -> tuple[Part, ...]:
    payers = {note.owner for note in event.consumed}
    payer = payers.pop() if len(payers) == 1 else None
    made = [note for note in event.created if note.owner == account]
    if payer != account and sum(int(note.amount) for note in made) == amount:
        return tuple(
            Part(amount=int(note.amount), counterparty=payer, reference=event.references.get(note.id))
            for note in made
        )
    return (Part(amount=amount),)


def period(first: str, last: str | None = None) -> tuple[str, str]:
    """The moments between which days lie: ``2026-11-01`` to ``2026-11-30``, both whole, in UTC.

    Args:
        first: the first day.
        last: the last day; None takes the first one alone.

    Raises:
        RefusedError: FIELD_INVALID, where one is no day or the last is before the first.
    """
    began, ended = _day(first, "from"), _day(first if last is None else last, "to")
    if ended < began:
        raise _invalid(f"{last} is before {first}.", "to")
    if ended == datetime.date.max:
        raise _invalid(f"{last} is too late.", "to")
    return _midnight(began), _midnight(ended + datetime.timedelta(days=1))


def _day(text: str, field: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise _invalid(f"{text!r} is no day such as 2026-11-28.", field) from None


def _midnight(day: datetime.date) -> str:
    moment = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    return rfc3339(int(moment.timestamp()) * 1000)


def _invalid(message: str, field: str) -> RefusedError:
    code = Code.FIELD_INVALID.value
    return RefusedError(code, message, hint(code), field=field)


def names_of(entries: Iterable[Entry], names: Mapping[str, str]) -> dict[str, str]:
    """Names by account of everybody that entries name, for people; ``names`` by MSP id."""
    accounts = {
        part.counterparty for entry in entries for part in entry.parts if part.counterparty is not None
    }
    return {
        account: names[organisation(account)]
        for account in sorted(accounts)
        if organisation(account) in names
    }
