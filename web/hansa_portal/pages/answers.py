"""Answers that many pages give: a form with problems, an outcome nobody could tell, a page of a long list."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from hansa_portal.entry import Entry

PAGE = 25
"""Rows on one page of a list."""
_WHOLE = re.compile(r"[0-9]{1,9}")


def with_problems(template: str, entry: Entry, **values: Any) -> ResponseReturnValue:
    """The form again, with what was typed and what is wrong; or the unknown outcome, to be checked again."""
    if entry.unknown is not None:
        return unknown(entry)
    return render_template(template, entry=entry, **values), 422


def unknown(entry: Entry, **more: str) -> ResponseReturnValue:
    """Says that nobody knows yet, and offers to send the very same form again.

    Args:
        entry: the form; its command id goes with it, so that it takes effect once at most.
        more: fields that the browser would not send again (a file's content).
    """
    fields = [(name, value) for name in request.form for value in request.form.getlist(name)]
    fields = [(n, v) for n, v in fields if n not in {"csrf_token", "command_id", *more}]
    page = render_template("unknown.html", entry=entry, fields=[*fields, *more.items()], error=entry.unknown)
    return page, 503


def page_number() -> int:
    """Which page of a list is asked for, from 0."""
    return whole(request.args.get("page", ""))


def whole(text: str) -> int:
    """A number that the address names; 0 for anything else, and for what no database counts to."""
    return int(text) if _WHOLE.fullmatch(text) else 0


def cut(rows: list[Any]) -> tuple[list[Any], bool]:
    """The rows of a page, and whether there are more; ask for PAGE + 1."""
    return rows[:PAGE], len(rows) > PAGE
