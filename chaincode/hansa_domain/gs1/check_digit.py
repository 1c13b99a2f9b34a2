"""Check digits of GS1 keys (General Specifications, 7.9.1)."""

from __future__ import annotations

import re

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal

_DIGITS = re.compile(r"[0-9]+")
_GTIN_LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> str:
    """The check digit that goes after ``digits``: weights 3 and 1 in turn, counted from the right.

    Raises:
        ValueError: ``digits`` is empty or holds something other than ASCII digits.
    """
    if not _DIGITS.fullmatch(digits):
        raise ValueError("a check digit is computed over ASCII digits only")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def has_valid_check_digit(digits: str) -> bool:
    """Whether the last of ``digits`` is the check digit of those before it."""
    return len(digits) > 1 and bool(_DIGITS.fullmatch(digits)) and check_digit(digits[:-1]) == digits[-1]


def gtin14(text: str, field: str | None = None) -> str:
    """A GTIN-8, -12, -13 or -14 as 14 digits, zeros in front.

    Raises:
        Refusal: GTIN_INVALID at ``field``: wrong length, not digits, or a wrong check digit.
    """
    if len(text) not in _GTIN_LENGTHS or not _DIGITS.fullmatch(text):
        raise Refusal(Code.GTIN_INVALID, f"{text[:40]!r} is not a GTIN of 8, 12, 13 or 14 digits.", field)
    if not has_valid_check_digit(text):
        raise Refusal(Code.GTIN_INVALID, f"The check digit of GTIN {text} is wrong.", field)
    return text.zfill(14)


def gln13(text: str, field: str | None = None) -> str:
    """A GLN of 13 digits, unchanged.

    Raises:
        Refusal: GLN_INVALID at ``field``: wrong length, not digits, or a wrong check digit.
    """
    return _fixed(text, 13, "GLN", Code.GLN_INVALID, field)


def sscc18(text: str, field: str | None = None) -> str:
    """An SSCC of 18 digits, unchanged.

    Raises:
        Refusal: SSCC_INVALID at ``field``: wrong length, not digits, or a wrong check digit.
    """
    return _fixed(text, 18, "SSCC", Code.SSCC_INVALID, field)


def _fixed(text: str, length: int, name: str, code: Code, field: str | None) -> str:
    if len(text) != length or not _DIGITS.fullmatch(text):
        raise Refusal(code, f"{text[:40]!r} is not {_article(name)} {name} of {length} digits.", field)
    if not has_valid_check_digit(text):
        raise Refusal(code, f"The check digit of {name} {text} is wrong.", field)
    return text


def _article(name: str) -> str:
    return "an" if name.startswith("SSCC") else "a"
