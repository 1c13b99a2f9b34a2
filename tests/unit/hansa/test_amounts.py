"""Amounts as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hansa import RefusedError, parse_amount, show_amount
from hansa.amounts import LARGEST


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("0", "EUR", 0),
        ("0.00", "EUR", 0),
        ("007", "EUR", 700),
        ("1250", "JPY", 1250),
        ("1.234", "BHD", 1234),
        ("9999999999999999.99", "EUR", LARGEST),
        ("999999999999999999", "JPY", LARGEST),
    ],
)
def test_what_people_write_is_read(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-5", "+5", "5-", "1e3", "1E3", "NaN", "Infinity", "-0", "1,50", "1 000", "1_000", "0x10",
        ".5", "5.", "1.2.3", "twelve", " 5", "5\n", "\u0661\u0662", "\uff15", "\u00bd", "1" * 41,
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_amount(text, "EUR", "price")
    assert (refused.value.code, refused.value.field) == ("FIELD_INVALID", "price")
    assert refused.value.hint


@pytest.mark.parametrize(
    ("text", "currency"), [("1.5", "JPY"), ("1.0", "JPY"), ("1.500", "EUR"), ("1.2345", "BHD")]
)
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    with pytest.raises(RefusedError, match="more decimals"):
        parse_amount(text, currency)


@pytest.mark.parametrize(("text", "currency"), [("1" + "0" * 18, "JPY"), ("10000000000000000.00", "EUR")])
def test_nineteen_digits_are_too_many(text: str, currency: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_amount(text, currency)
    assert refused.value.code == "AMOUNT_TOO_LARGE"


@pytest.mark.parametrize("currency", ["EURO", "eur", "", "XXZ"])
def test_a_currency_that_is_none_is_refused(currency: str) -> None:
    for ask in (lambda: parse_amount("1", currency), lambda: show_amount(1, currency)):
        with pytest.raises(RefusedError) as refused:
            ask()
        assert (refused.value.code, refused.value.field) == ("CURRENCY_UNKNOWN", "currency")


@given(st.integers(min_value=0, max_value=LARGEST), st.sampled_from(["EUR", "JPY", "BHD"]))
def test_what_is_shown_is_read_back(minor: int, currency: str) -> None:
    amount, _, shown_currency = show_amount(minor, currency).partition(" ")
    assert (parse_amount(amount, currency), shown_currency) == (minor, currency)
