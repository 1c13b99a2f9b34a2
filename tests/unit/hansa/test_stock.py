"""Which buckets orders take from: enough, never one bucket in two hands."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hansa import OutcomeUnknownError, RefusedError
from hansa.stock import Shelf
from tests.support.purse import NotesLedger


def shelf_of(*quantities: int) -> tuple[NotesLedger, Shelf]:
    ledger = NotesLedger(stock=dict(enumerate(quantities)))
    submitter: Any = ledger
    return ledger, Shelf(submitter)


def take(ledger: NotesLedger, shelf: Shelf, quantity: int) -> dict[int, int]:
    with shelf.taking("l", quantity) as takes:
        with ledger.lock:
            for one in takes:
                ledger.stock[one.bucket] -= one.quantity
                assert ledger.stock[one.bucket] >= 0
        return {one.bucket: one.quantity for one in takes}


def test_the_fullest_buckets_go_first_and_add_up() -> None:
    ledger, shelf = shelf_of(2, 5, 3)
    assert take(ledger, shelf, 4) == {1: 4}
    assert take(ledger, shelf, 4) == {2: 3, 0: 1}
    assert ledger.queries == 1


def test_too_few_are_refused_with_what_is_left() -> None:
    ledger, shelf = shelf_of(2, 1)
    with pytest.raises(RefusedError, match="3 units left, and 4") as refused:
        take(ledger, shelf, 4)
    assert (refused.value.code, refused.value.field) == ("STOCK_INSUFFICIENT", "quantity")
    assert take(ledger, shelf, 3) == {0: 2, 1: 1}


@pytest.mark.parametrize(
    ("error", "queries"),
    [
        (RefusedError("FUNDS_INSUFFICIENT", "No."), 1),
        (RefusedError("STOCK_INSUFFICIENT", "Somebody was faster."), 2),
        (OutcomeUnknownError("?", "id", None), 2),
        (KeyboardInterrupt(), 2),
    ],
)
def test_the_ledger_is_asked_again_only_where_what_is_known_may_be_wrong(
    error: BaseException, queries: int
) -> None:
    ledger, shelf = shelf_of(5)
    with pytest.raises(type(error)), shelf.taking("l", 2):
        raise error
    assert take(ledger, shelf, 5) == {0: 5}
    assert ledger.queries == queries


def test_orders_side_by_side_hold_different_buckets() -> None:
    ledger, shelf = shelf_of(*([5] * 8))
    held: Counter[int] = Counter()
    lock = threading.Lock()

    def one(_: int) -> int:
        with shelf.taking("l", 1) as takes:
            with lock:
                held.update(each.bucket for each in takes)
                assert max(held.values()) == 1
            with ledger.lock:
                for each in takes:
                    ledger.stock[each.bucket] -= each.quantity
            with lock:
                held.subtract(each.bucket for each in takes)
        return 1

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(one, range(40))) == 40
    assert set(ledger.stock.values()) == {0}
