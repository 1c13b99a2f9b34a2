"""Which notes payments get: enough, never one note twice, and none is lost."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hansa.notes
from hansa import OutcomeUnknownError, RefusedError, UnreachableError
from hansa.notes import Payment, Purse
from hansa_domain.money import MAX_NOTES
from tests.support.purse import OWNER, NotesLedger


def purse_of(*amounts: int) -> tuple[NotesLedger, Purse]:
    ledger = NotesLedger()
    for amount in amounts:
        ledger.put(amount)
    submitter: Any = ledger
    return ledger, Purse(submitter)


def pay(ledger: NotesLedger, purse: Purse, amount: int) -> Payment:
    with purse.paying(OWNER, "EUR", amount) as payment:
        assert len(payment.notes) <= MAX_NOTES
        payment.settled(ledger.spend(payment.notes, amount))
    return payment


def test_the_smallest_note_that_suffices_is_taken() -> None:
    ledger, purse = purse_of(500, 100, 120)
    assert pay(ledger, purse, 110).total == 120
    assert sorted(ledger.notes.values()) == [10, 100, 500]
    assert ledger.queries == 1


def test_where_none_suffices_the_largest_go_together() -> None:
    ledger, purse = purse_of(10, 40, 30, 20)
    assert len(pay(ledger, purse, 65).notes) == 2
    assert sorted(ledger.notes.values()) == [5, 10, 20]


def test_nothing_is_held_for_nothing() -> None:
    ledger, purse = purse_of(5)
    assert pay(ledger, purse, 0).notes == []
    assert ledger.queries == 0


def test_many_small_notes_are_joined_first() -> None:
    ledger, purse = purse_of(*([1] * 100))
    pay(ledger, purse, 90)
    assert sum(ledger.notes.values()) == 10
    assert all(len(transfer.notes) == MAX_NOTES for transfer in ledger.transfers)


def test_an_account_of_more_than_a_page_is_read_whole() -> None:
    ledger, purse = purse_of(*([1] * 1500), 7)
    assert pay(ledger, purse, 7).total == 7
    assert ledger.queries == 2


def test_too_little_is_refused_after_asking_the_ledger_once_more() -> None:
    ledger, purse = purse_of(10)
    pay(ledger, purse, 4)
    with pytest.raises(RefusedError) as refused:
        pay(ledger, purse, 7)
    assert (refused.value.code, refused.value.field) == ("FUNDS_INSUFFICIENT", "amount")
    assert "0.06 EUR" in refused.value.message
    ledger.put(100)
    assert pay(ledger, purse, 7).total == 100


def test_too_little_is_refused_at_once_although_others_are_paying() -> None:
    ledger, purse = purse_of(10, 5)
    with purse.paying(OWNER, "EUR", 10), pytest.raises(RefusedError) as refused:
        pay(ledger, purse, 16)
    assert refused.value.code == "FUNDS_INSUFFICIENT"


def test_a_refusal_gives_the_notes_back() -> None:
    ledger, purse = purse_of(10)
    with pytest.raises(RefusedError, match="ORDER_STATE"), purse.paying(OWNER, "EUR", 10):
        raise RefusedError("ORDER_STATE", "No.")
    with pytest.raises(UnreachableError), purse.paying(OWNER, "EUR", 10):
        raise UnreachableError("NOT_ENDORSED", "Nobody there.")
    assert pay(ledger, purse, 10).total == 10
    assert ledger.queries == 1


@pytest.mark.parametrize(
    "error",
    [OutcomeUnknownError("?", "id", None), KeyboardInterrupt(), RefusedError("NOTE_NOT_FOUND", "Spent.")],
)
def test_after_anything_unsure_the_ledger_is_asked_again(error: BaseException) -> None:
    ledger, purse = purse_of(10, 20)
    with pytest.raises(type(error)), purse.paying(OWNER, "EUR", 10) as payment:
        ledger.spend(payment.notes, 10)
        raise error
    assert pay(ledger, purse, 10).total == 20
    assert ledger.queries == 2


def test_who_comes_second_waits_for_the_change() -> None:
    ledger, purse = purse_of(100)
    begun = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        with purse.paying(OWNER, "EUR", 60) as payment:
            second = pool.submit(lambda: (begun.set(), pay(ledger, purse, 40))[1])
            begun.wait()
            assert not second.done()
            payment.settled(ledger.spend(payment.notes, 60))
        assert second.result().total == 40
    assert ledger.notes == {}


def test_waiting_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hansa.notes, "WAIT_SECONDS", 0.01)
    ledger, purse = purse_of(100)
    with purse.paying(OWNER, "EUR", 60), pytest.raises(RefusedError) as refused:
        pay(ledger, purse, 40)
    assert refused.value.code == "FUNDS_INSUFFICIENT"


def test_one_note_is_split_ahead_of_those_who_wait() -> None:
    ledger, purse = purse_of(1000)
    with ThreadPoolExecutor(10) as pool:
        assert len(list(pool.map(lambda _: pay(ledger, purse, 100), range(10)))) == 10
    assert ledger.notes == {}


def test_change_seen_by_a_query_meanwhile_is_not_handed_out_twice() -> None:
    ledger, purse = purse_of(100, 50)
    with purse.paying(OWNER, "EUR", 100) as first:
        change = ledger.spend(first.notes, 30)
        with pytest.raises(OutcomeUnknownError), purse.paying(OWNER, "EUR", 50):
            raise OutcomeUnknownError("?", "id", None)  # so that the next one asks the ledger
        with purse.paying(OWNER, "EUR", 70) as second:
            assert second.notes == [change[0].id]
            first.settled(change)
            second.settled(ledger.spend(second.notes, 70))
    assert pay(ledger, purse, 50).total == 50
    assert ledger.notes == {}


def test_a_note_that_came_in_is_used_without_asking_unless_it_may_be_known() -> None:
    ledger, purse = purse_of(10)
    pay(ledger, purse, 10)
    moment = purse.moment()
    purse.received([ledger.put(30)], moment)
    assert (pay(ledger, purse, 30).total, ledger.queries) == (30, 1)
    moment = purse.moment()
    note = ledger.put(40)
    pay(ledger, purse, 40)  # asks, finds the note, spends it
    purse.received([note], moment)
    with pytest.raises(RefusedError, match="FUNDS_INSUFFICIENT"):
        pay(ledger, purse, 40)


@settings(max_examples=25, deadline=None)
@given(
    notes=st.lists(st.integers(1, 500), min_size=1, max_size=30),
    amounts=st.lists(st.integers(1, 300), min_size=1, max_size=30),
    seed=st.integers(0, 10**6),
)
def test_payments_side_by_side_lose_nothing_and_share_nothing(
    notes: list[int], amounts: list[int], seed: int
) -> None:
    ledger, purse = purse_of(*notes)
    ledger.before_query = lambda: time.sleep(0)
    in_use: set[str] = set()
    chance = random.Random(seed)
    fates = [
        (amount, chance.choice(["pay", "pay", "pay", "refuse", "unknown", "done but unknown"]))
        for amount in amounts
    ]

    def one(amount: int, fate: str) -> int:
        try:
            with purse.paying(OWNER, "EUR", amount) as payment:
                with ledger.lock:
                    assert not in_use & set(payment.notes), "a note was handed to two payments"
                    in_use.update(payment.notes)
                time.sleep(0)
                with ledger.lock:
                    in_use.difference_update(payment.notes)
                    if fate == "refuse":
                        raise RefusedError("ORDER_STATE", "No.")
                    if fate == "unknown":
                        raise OutcomeUnknownError("?", "id", None)
                    change = ledger.spend(payment.notes, amount)
                if fate == "done but unknown":
                    raise OutcomeUnknownError("?", "id", None)
                payment.settled(change)
        except OutcomeUnknownError:
            return amount if fate == "done but unknown" else 0
        except RefusedError as error:
            assert error.code in ("ORDER_STATE", "FUNDS_INSUFFICIENT")
            return 0
        return amount

    with ThreadPoolExecutor(8) as pool:
        paid = sum(pool.map(lambda each: one(*each), fates))
    assert paid + sum(ledger.notes.values()) == sum(notes)
    left = sum(ledger.notes.values())
    if left:
        assert pay(ledger, purse, left).total == left
