"""Questions about money: who holds which notes, and what they add up to."""

from __future__ import annotations

from hansa_domain.events import NoteView
from hansa_domain.iso4217 import minor_units
from hansa_domain.money import (
    BalanceReply,
    CurrenciesReply,
    Currency,
    CurrencyBalance,
    GetBalance,
    ListCurrencies,
    ListNotes,
    NotesReply,
)
from hansa_domain.notes import Owned
from hansa_domain.operation import Context, Decision, Fetch, Key, Scan, Steps, decode_record, operation
from hansa_domain.paging import scan_all


@operation("money:Notes", ListNotes, NotesReply)
def list_notes(command: ListNotes, context: Context) -> Steps:
    """Unspent notes by the index of owners."""
    minor_units(command.currency, "currency")
    scan = Scan((Owned.NOUN, command.owner, command.currency), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    owned = [decode_record(value, Owned) for _, value in page.items]
    notes = [
        NoteView(id=entry.note, owner=command.owner, currency=command.currency, amount=entry.amount)
        for entry in owned
    ]
    return Decision(reply=NotesReply(notes=notes, bookmark=page.bookmark))


@operation("money:Balance", GetBalance, BalanceReply)
def balance(command: GetBalance, context: Context) -> Steps:
    """The sums of an account's notes."""
    prefix: Key = (Owned.NOUN, command.owner)
    sums: dict[str, tuple[int, int]] = {}
    if command.currency is not None:
        minor_units(command.currency, "currency")
        prefix = (*prefix, command.currency)
        sums[command.currency] = (0, 0)
    for key, value in (yield from scan_all(prefix)):
        total, count = sums.get(key[2], (0, 0))
        sums[key[2]] = (total + int(decode_record(value, Owned).amount), count + 1)
    balances = [
        CurrencyBalance(currency=currency, amount=str(sums[currency][0]), notes=sums[currency][1])
        for currency in sorted(sums)
    ]
    return Decision(reply=BalanceReply(owner=command.owner, balances=balances))


@operation("money:Currencies", ListCurrencies, CurrenciesReply)
def currencies(command: ListCurrencies, context: Context) -> Steps:
    """The currencies that were ever minted."""
    found = yield from scan_all((Currency.NOUN,))
    return Decision(reply=CurrenciesReply(currencies=[decode_record(value, Currency) for _, value in found]))
