"""However an order is cut into parts, the parts add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hansa_domain.deliveries.shares import allocated, fee_step, portion, run_value

MINOR = st.integers(0, 10**18 - 1)


@given(MINOR, st.lists(MINOR, min_size=1, max_size=20).filter(any))
def test_lines_add_up_to_the_price(total: int, weights: list[int]) -> None:
    found = allocated(total, weights)
    assert sum(found) == total
    assert min(found) >= 0
    assert all(value == 0 for value, weight in zip(found, weights, strict=True) if weight == 0)


def test_public_prices_are_their_own_weights() -> None:
    assert allocated(2860, [2500, 360]) == [2500, 360]


@given(MINOR, st.lists(st.integers(1, 10**6), min_size=1, max_size=20))
def test_runs_add_up_to_their_line(value: int, runs: list[int]) -> None:
    ordered, first, found = sum(runs), 0, 0
    for run in runs:
        worth = run_value(value, ordered, first, run)
        assert worth >= 0
        first, found = first + run, found + worth
    assert found == value


@given(st.data(), MINOR, st.lists(MINOR, max_size=20))
def test_fees_add_up_and_never_pass_the_price_of_their_part(
    data: st.DataObject, last: int, parts: list[int]
) -> None:
    parts = [*parts, last]
    goods = sum(parts)
    fee = data.draw(st.integers(0, goods))
    paid = found = 0
    for part in parts:
        step = fee_step(fee, goods, paid, part)
        assert 0 <= step <= part
        paid, found = paid + part, found + step
    assert found == fee


def test_a_portion_is_rounded_down() -> None:
    assert (portion(999, 1000), portion(999, 0), portion(999, 10_000)) == (99, 0, 999)
    assert fee_step(0, 0, 0, 0) == 0
