"""What somebody typed into a form, and what is wrong with it, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import request

from hansa.amounts import parse_amount
from hansa.errors import HansaError, RefusedError
from hansa.ids import new_id


@dataclass(frozen=True)
class Problem:
    """A refusal as a page shows it."""

    code: str
    message: str
    hint: str


DAY = 86_400
UNITS = {"days": DAY, "hours": 3600, "minutes": 60, "seconds": 1}
"""Seconds in each unit of time that forms offer."""

GENERAL = ""
"""Where a problem stands that belongs to no field of the form."""


@dataclass
class Entry:
    """The values of a form as typed, and the problems found; kept on the page until it is right.

    ``command_id`` is made when the form is first shown and sent back with it, so that a form sent twice is
    carried out once.
    """

    values: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    unknown: HansaError | None = None
    command_id: str = field(default_factory=new_id)

    @classmethod
    def sent(cls) -> Entry:
        """The form of the present request."""
        values = {name: text.strip() for name, text in request.form.items() if name != "csrf_token"}
        chosen = {name: request.form.getlist(name) for name in request.form}
        return cls(values, chosen, {}, None, values.pop("command_id", "") or new_id())

    @property
    def right(self) -> bool:
        """Whether no problem was found."""
        return not self.problems

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def refuse(self, name: str, message: str, code: str = "FIELD_INVALID", hint: str = "") -> None:
        """Notes a problem at a field, unless it has one."""
        self.problems.setdefault(name, Problem(code, message, hint))

    def required(self, name: str, sentence: str) -> str:
        """The text of a field that must not be empty."""
        if not self[name]:
            self.refuse(name, sentence)
        return self[name]

    def whole(self, name: str, sentence: str, *, least: int = 1, most: int = 1_000_000_000) -> int:
        """A whole number within bounds; ``least`` where it is not one, with a problem noted."""
        text = self[name]
        if text.isascii() and text.isdigit() and len(text) <= 12 and least <= int(text) <= most:
            return int(text)
        self.refuse(name, sentence)
        return least

    def amount(self, name: str, currency: str) -> int:
        """Minor units of an amount typed in the main unit; 0 where it is not one, with a problem noted."""
        try:
            return parse_amount(self[name].replace(" ", ""), currency, name)
        except RefusedError as error:
            at = "currency" if error.field == "currency" and "currency" in self.values else name
            self.refuse(at, error.message, error.code, error.hint)
            return 0

    def seconds(self, name: str, sentence: str) -> int | None:
        """Seconds of a time typed as a number, in the unit of ``<name>_unit``; None where it is left empty.

        At most a year; what is no such number is noted, as is a unit that is none.
        """
        if not self[name]:
            return None
        unit = UNITS.get(self[f"{name}_unit"])
        if unit is None:
            self.refuse(f"{name}_unit", sentence)
            return None
        return self.whole(name, sentence, most=365 * DAY // unit) * unit

    def time(self, name: str, sentence: str) -> datetime:
        """A time in UTC as the browser's field writes it; now where it is not one, with a problem noted."""
        try:
            return datetime.fromisoformat(self[name]).replace(tzinfo=UTC)
        except ValueError:
            self.refuse(name, sentence)
            return datetime.now(UTC)

    def refused(self, error: HansaError, fields: Mapping[str, str] | None = None) -> None:
        """Puts a refusal at the form's field that is at fault.

        Args:
            error: what the SDK raised.
            fields: path in the command (``lines[0].quantity``, or its beginning) to field of the form; a
                path that is itself a field needs no entry.
        """
        problem = Problem(error.code, error.message, error.hint)
        self.problems.setdefault(self._place(error.field, fields or {}), problem)

    def _place(self, path: str | None, fields: Mapping[str, str]) -> str:
        if path is None:
            return GENERAL
        for beginning, name in fields.items():
            if path == beginning or path.startswith((f"{beginning}[", f"{beginning}.")):
                return name
        return path if path in self.values else GENERAL
