"""Goods: the trail of an EPC, and the documents its events came in."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from hansa.errors import RefusedError
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis import EpcisEvent, read_event
from hansa_domain.goods.queries import EventView
from hansa_domain.gs1 import parse
from hansa_portal.entry import Entry, Problem
from hansa_portal.pages.answers import PAGE
from hansa_portal.viewer import portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import AlertFilter

blueprint = Blueprint("goods", __name__, url_prefix="/goods")


@blueprint.get("/trace")
@signed_in
def trace() -> ResponseReturnValue:
    """The goods' events from the first one on, through packing and transformation, claims marked."""
    epc = request.args.get("epc", "").strip()
    entry = Entry({"epc": epc})
    if not epc:
        return render_template("trace.html", entry=entry, trail=None)
    try:
        trail = viewer().client.goods.trace(epc)
    except RefusedError as error:
        entry.problems["epc"] = Problem(error.code, error.message, error.hint)
        return render_template("trace.html", entry=entry, trail=None), 422
    events = {step.report.hash: _event(step.report) for step in trail.steps}
    order = trail.unit.order if trail.unit else None
    queries = portal().queries
    unit = queries.goods.unit(epc)
    goods = [trail.epc, *(trail.unit.contents if trail.unit else ())]
    key = parse(trail.epc)
    return render_template(
        "trace.html",
        entry=entry,
        trail=trail,
        events=events,
        order=order or (unit.order_id if unit else None),
        dispositions=queries.alerts.dispositions(goods),
        limits=queries.cold_chain.limits(key.gtin) if key is not None and key.gtin else [],
        excursions=queries.cold_chain.excursions(epcs=goods, limit=PAGE),
        alerts=queries.alerts.list(AlertFilter(epcs=goods), limit=PAGE),
    )


@blueprint.get("/event")
@signed_in
def event() -> ResponseReturnValue:
    """Every report of one event."""
    reports = _reports(request.args.get("id", ""))
    return render_template(
        "event.html",
        reports=[(report, _event(report)) for report in reports],
        alerts=portal().queries.alerts.list(AlertFilter(resting_on=request.args.get("id", "")), limit=PAGE),
    )


@blueprint.get("/event/document")
@signed_in
def document() -> ResponseReturnValue:
    """An event as received. What came in a document with a context of its own goes out in one, verbatim."""
    reporter = request.args.get("reporter", "")
    found = [r for r in _reports(request.args.get("id", "")) if not reporter or r.reporter == reporter]
    if not found:
        abort(404, _("This member did not report that event."))
    report = found[0]
    name = f"event-{report.hash.rpartition(';')[2][:16]}.jsonld"
    return Response(
        as_document(report),
        mimetype="application/ld+json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def as_document(report: EventView) -> str:
    """JSON-LD that can be read alone: the event as received, in an EPCISDocument where it came in one."""
    if not report.context:
        return report.event
    return (
        f'{{"@context": {report.context}, "type": "EPCISDocument", "schemaVersion": "2.0", '
        f'"creationDate": "{report.captured_at}", "epcisBody": {{"eventList": [{report.event}]}}}}'
    )


def _reports(event_id: str) -> list[EventView]:
    try:
        return viewer().client.goods.event(event_id)
    except RefusedError as error:
        abort(404, error.message)


def _event(report: EventView) -> EpcisEvent | None:
    try:
        return read_event(report.event, report.context)
    except Refusal:
        # Rules may have become stricter since it was captured; its document can still be read.
        return None
