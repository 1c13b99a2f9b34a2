"""JSON as it arrives: decimals exact, no name twice, bounded depth, only text that can be stored."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal

JsonObject = dict[str, Any]

MAX_DEPTH = 32
# Beyond these a decimal is no measurement; they bound what writing it out in full can cost.
MAX_DIGITS = 40
MAX_EXPONENT = 40

# Possessive, and content with a text that never ends: every character is looked at once.
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class _RepeatedNameError(ValueError):
    """An object names a member twice; readers would differ about which one counts."""


def parse_json(text: str, field: str | None = None) -> Any:
    """The value of a JSON text; numbers with a fraction or exponent are Decimal, others int, none is float.

    Raises:
        Refusal: MALFORMED_DOCUMENT at ``field``: not JSON (RFC 8259), nested deeper than MAX_DEPTH, a name
            twice in one object, a number out of bounds, or text that is not Unicode.
    """
    _check_depth(text, field)
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        # Python's own words differ between its releases, and a capture's results stand on the ledger.
        raise Refusal(Code.MALFORMED_DOCUMENT, "This is not JSON as RFC 8259 has it.", field) from error
    except ValueError as error:
        raise Refusal(Code.MALFORMED_DOCUMENT, f"This JSON cannot be read: {error}.", field) from error
    _check_text(value, field)
    return value


def plain_decimal(number: Decimal | int) -> str:
    """The number without exponent, without trailing zeros, zero without a sign: ``12.50`` is ``12.5``."""
    text = format(Decimal(number), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def quoted(text: str) -> str:
    """``text`` as a refusal shows it. Not ``repr``: what that escapes differs between releases of Python."""
    return json.dumps(text, ensure_ascii=False)


def _check_depth(text: str, field: str | None) -> None:
    depth = 0
    for found in _STRUCTURE.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Refusal(
                    Code.MALFORMED_DOCUMENT, f"This JSON is nested deeper than {MAX_DEPTH} levels.", field
                )
        elif mark in "]}":
            depth -= 1


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"the number {text[:60]} is out of bounds") from error
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"the number {text[:60]} is out of bounds")
    return number


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"the number {text[:60]} is out of bounds")
    return int(text)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _RepeatedNameError(f"the name {quoted(name[:60])} stands twice in one object")
            seen.add(name)
    return found


def _check_text(value: Any, field: str | None) -> None:
    if isinstance(value, str):
        # An escape such as \ud800 alone stands for no character; it could not be stored as UTF-8.
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise Refusal(Code.MALFORMED_DOCUMENT, "A text holds half of a surrogate pair.", field)
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name, field)
            _check_text(member, field)
    elif isinstance(value, list):
        for member in value:
            _check_text(member, field)
