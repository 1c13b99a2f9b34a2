"""Reporting goods: an EPCIS file goes in, and every event gets a result."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hansa.goods import Captured
from hansa_portal.carrying_out import carry_out, shown
from hansa_portal.entry import Entry
from hansa_portal.pages.answers import unknown, with_problems
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("captures", __name__, url_prefix="/goods/report")


@blueprint.get("")
@signed_in
def show() -> ResponseReturnValue:
    """The form, and what we reported last."""
    allowed(viewer().reports, _("Producers, retailers and carriers report goods."))
    return render_template("capture.html", entry=Entry(), **_known())


@blueprint.post("")
@signed_in
def capture() -> ResponseReturnValue:
    """Captures a file, or what was pasted."""
    allowed(viewer().reports, _("Producers, retailers and carriers report goods."))
    entry = Entry.sent()
    document = _document(entry)
    if not entry.right:
        return with_problems("capture.html", entry, **_known())
    captured = carry_out(entry, lambda: viewer().client.goods.capture(document, command_id=entry.command_id))
    if captured is None:
        if entry.unknown is not None:
            return unknown(entry, document=document)
        for path in [path for path in entry.problems if path not in {"file", "document"}]:
            entry.problems.setdefault("document", entry.problems.pop(path))
        return with_problems("capture.html", entry, **_known())
    return _results(captured)


def _results(captured: Captured) -> ResponseReturnValue:
    for receipt in captured.receipts[-1:]:
        shown(receipt)
    return render_template("capture_results.html", captured=captured)


def _document(entry: Entry) -> str:
    file = request.files.get("file")
    if file is None or not file.filename:
        return entry.required("document", _("Choose a file, or paste its content."))
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError:
        entry.refuse("file", _("The file is not text in UTF-8."), "MALFORMED_DOCUMENT")
        return ""


def _known() -> dict[str, object]:
    return {"events": portal().queries.goods.events(reporter=viewer().msp_id, limit=20)}
