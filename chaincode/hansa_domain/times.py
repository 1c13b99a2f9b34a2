"""Times as documents write them: RFC 3339, UTC, milliseconds. Integer arithmetic only, no local zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(milliseconds: int) -> str:
    """The instant as ``2026-01-31T08:00:00.000Z``.

    Args:
        milliseconds: Unix time in milliseconds, years 1 to 9999.

    Raises:
        OverflowError: outside those years.
    """
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z".rjust(24, "0")


def milliseconds(text: str) -> int:
    """Unix milliseconds of a time that ``rfc3339`` wrote. Raises ValueError for any other text."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def check_moment(text: str, field: str) -> None:
    """Refuses FIELD_INVALID for a time of a command that is none, such as the 30th of February."""
    try:
        milliseconds(text)
    except ValueError:
        raise Refusal(Code.FIELD_INVALID, f"{text} is no time there is.", field) from None


def check_day(text: str, field: str) -> None:
    """Refuses FIELD_INVALID for a date of a command that is none."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise Refusal(Code.FIELD_INVALID, f"{text} is no day there is.", field) from None
