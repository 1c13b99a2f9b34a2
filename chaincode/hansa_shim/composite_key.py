"""Composite keys: an object type and attributes in one ledger key, as every Fabric shim writes them.

The form is ``\\x00 type \\x00 attribute \\x00 ...``; the leading null keeps these keys apart from
simple ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from hansa_shim.errors import InvalidArgumentError

NAMESPACE = "\x00"
SEPARATOR = "\x00"
MAX_RUNE = "\U0010ffff"
FIRST_SIMPLE_KEY = "\x01"
"""Where a range without a start begins: behind all composite keys."""


def create_composite_key(object_type: str, attributes: Sequence[str] = ()) -> str:
    """One key from a type and its attributes, in order.

    Raises:
        InvalidArgumentError: a part holds U+0000 or U+10FFFF, is no text, or the type is empty.
    """
    if isinstance(attributes, str):
        raise InvalidArgumentError("the attributes of a composite key are a list of strings, not one string")
    if not object_type:
        raise InvalidArgumentError("the object type of a composite key must not be empty")
    for part in (object_type, *attributes):
        _check_part(part)
    return NAMESPACE + SEPARATOR.join((object_type, *attributes)) + SEPARATOR


def split_composite_key(key: str) -> tuple[str, list[str]]:
    """The object type and the attributes of a composite key.

    Raises:
        InvalidArgumentError: the key is not a composite key.
    """
    if len(key) < 3 or key[0] != NAMESPACE or key[-1] != SEPARATOR:
        raise InvalidArgumentError("the key is not a composite key")
    object_type, *attributes = key[1:-1].split(SEPARATOR)
    return object_type, attributes


def partial_composite_range(object_type: str, attributes: Sequence[str] = ()) -> tuple[str, str]:
    """Start and end of the range that holds every key with these leading parts."""
    start = create_composite_key(object_type, attributes)
    return start, start + MAX_RUNE


def simple_range(start: str, end: str) -> tuple[str, str]:
    """A range of simple keys; an empty start or end leaves that side open, composite keys stay outside.

    Raises:
        InvalidArgumentError: a bound begins with U+0000, so it belongs to composite keys.
    """
    for bound in (start, end):
        if bound.startswith(NAMESPACE):
            raise InvalidArgumentError(
                "a range of simple keys must not begin with U+0000; use a partial composite key for those"
            )
    return start or FIRST_SIMPLE_KEY, end


def check_key(key: str) -> None:
    """Refuses what is no key: nothing, something that is not text, text that UTF-8 cannot write."""
    if not isinstance(key, str):
        raise InvalidArgumentError(f"a key is text, not {type(key).__name__}")
    if not key:
        raise InvalidArgumentError("a key must not be empty")
    if not key.isascii():
        check_text(key)


def check_text(text: str) -> None:
    """Refuses text that UTF-8 cannot write (lone surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError as failure:
        raise InvalidArgumentError("a key must be valid Unicode text") from failure


def _check_part(part: str) -> None:
    if not isinstance(part, str):
        raise InvalidArgumentError(f"a part of a composite key is text, not {type(part).__name__}")
    if SEPARATOR in part or MAX_RUNE in part:
        raise InvalidArgumentError("a part of a composite key must not hold U+0000 or U+10FFFF")
    check_text(part)
