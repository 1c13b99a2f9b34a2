"""Amounts in the sentences of refusals."""

from __future__ import annotations

import pytest

from hansa_domain.iso4217 import shown


@pytest.mark.parametrize(
    ("minor", "code", "words"),
    [
        (1250, "EUR", "12.50 EUR"),
        ("5", "EUR", "0.05 EUR"),
        (0, "EUR", "0.00 EUR"),
        (1250, "JPY", "1250 JPY"),
        (1250, "KWD", "1.250 KWD"),
        (10**18 - 1, "EUR", "9999999999999999.99 EUR"),
        (7, "QQQ", "7 minor units of QQQ"),
    ],
)
def test_an_amount_is_told_in_the_main_unit(minor: int | str, code: str, words: str) -> None:
    assert shown(minor, code) == words
