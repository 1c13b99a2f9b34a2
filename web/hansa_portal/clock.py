"""The time of day, as documents write it."""

from __future__ import annotations

from datetime import UTC, datetime

from hansa_domain.times import rfc3339


def utc_now() -> str:
    """Now: RFC 3339, UTC, milliseconds."""
    return rfc3339(int(datetime.now(UTC).timestamp() * 1000))
