"""Typed access to a request's JSON body."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hansa_devnode.services.ca.refusal import BAD_BODY, EMPTY_BODY, CaRefusal

_NAME_BYTES = 256


class Body:
    """A JSON object. Absent fields have Go's zero values, as clients written in Go leave them out.

    Args:
        data: the body's bytes.
        required: whether an empty body is refused; else it counts as ``{}``.

    Raises:
        CaRefusal: empty, or no JSON object.
    """

    def __init__(self, data: bytes, *, required: bool = True) -> None:
        if not data and required:
            raise CaRefusal(400, EMPTY_BODY, "Empty request body")
        try:
            fields = json.loads(data or b"{}")
        except (ValueError, RecursionError) as error:
            raise _bad(f"not JSON: {error}") from error
        if not isinstance(fields, dict):
            raise _bad("not a JSON object")
        self._fields: dict[str, object] = fields

    def text(self, name: str) -> str:
        """A text, empty where absent. Raises CaRefusal."""
        found = self._fields.get(name)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise _bad(f"{name} is not a text")
        return found

    def short_text(self, name: str) -> str:
        """A text of at most 256 bytes without control characters, for names. Raises CaRefusal."""
        found = self.text(name)
        if len(found.encode(errors="replace")) > _NAME_BYTES or not (found.isprintable() or not found):
            raise _bad(f"{name} is too long or has characters that cannot be shown")
        return found

    def integer(self, name: str) -> int:
        """A whole number of 32 bits, 0 where absent. Raises CaRefusal."""
        found = self._fields.get(name, 0)
        if not isinstance(found, int) or isinstance(found, bool) or not -(2**31) <= found < 2**31:
            raise _bad(f"{name} is not a whole number of 32 bits")
        return found

    def flag(self, name: str) -> bool:
        """True or false, false where absent. Raises CaRefusal."""
        found = self._fields.get(name, False)
        if not isinstance(found, bool):
            raise _bad(f"{name} is not true or false")
        return found

    def moment(self, name: str) -> int | None:
        """An RFC 3339 time as seconds since 1970; None where absent or Go's zero time. Raises CaRefusal."""
        found = self.text(name)
        if not found or found.startswith("0001-01-01"):
            return None
        try:
            moment = datetime.fromisoformat(found)
        except ValueError as error:
            raise _bad(f"{name} is not a time: {error}") from error
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

    def texts(self, name: str) -> list[str] | None:
        """A list of texts; None where absent. Raises CaRefusal."""
        found = self._fields.get(name)
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise _bad(f"{name} is not a list of texts")
        return found

    def objects(self, name: str) -> list[Body] | None:
        """A list of objects; None where absent. Raises CaRefusal."""
        found = self._fields.get(name)
        if found is None:
            return None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise _bad(f"{name} is not a list of objects")
        return [Body(json.dumps(one).encode()) for one in found]


def _bad(reason: str) -> CaRefusal:
    return CaRefusal(400, BAD_BODY, f"Invalid request body: {reason}")
