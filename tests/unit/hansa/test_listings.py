"""Into which buckets the SDK puts stock, and out of which it takes it."""

from __future__ import annotations

import pytest

from hansa.discounts import new_code
from hansa.errors import RefusedError
from hansa.listings import filling, taking
from hansa_domain.events import StockView
from hansa_domain.listings.commands import StockReply


def stock(*quantities: int) -> StockReply:
    buckets = [StockView(bucket=number, quantity=each) for number, each in enumerate(quantities)]
    return StockReply(listing="P.1", total=sum(quantities), buckets=buckets)


@pytest.mark.parametrize(
    ("held", "more", "after"),
    [
        ((0, 0, 0), 7, [3, 2, 2]),
        ((5, 0, 1), 3, [5, 3, 1]),
        ((5, 0, 1), 6, [5, 4, 3]),
        ((9, 0), 1, [9, 1]),
        ((3,), 4, [7]),
    ],
)
def test_restocking_levels_the_buckets(held: tuple[int, ...], more: int, after: list[int]) -> None:
    parts = {part.bucket: part.quantity for part in filling(stock(*held), more)}
    assert sum(parts.values()) == more
    level = [quantity + parts.get(number, 0) for number, quantity in enumerate(held)]
    assert sorted(level) == sorted(after)


def test_reducing_takes_from_the_fullest() -> None:
    parts = [(part.bucket, part.quantity) for part in taking(stock(1, 5, 3), 6)]
    assert parts == [(1, 5), (2, 1)]
    with pytest.raises(RefusedError) as refused:
        taking(stock(1, 5, 3), 10)
    assert refused.value.code == "STOCK_INSUFFICIENT"


def test_codes_are_long_and_never_the_same() -> None:
    codes = {new_code() for _ in range(50)}
    assert len(codes) == 50
    assert all(len(code) == 19 and code.count("-") == 3 for code in codes)
