"""Alerts: reports of goods that contradict one another; found, opened, looked into and closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa_domain.events.alerts import AlertCode, AlertSeverity
from hansa_domain.gs1 import parse
from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.handover import goods_uri
from hansa_portal.pages.answers import PAGE, cut, page_number, unknown
from hansa_portal.viewer import Viewer, allowed, portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import AlertFilter, AlertRow, EventRow

blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")

CODES: tuple[str, ...] = get_args(AlertCode)
SEVERITIES: tuple[str, ...] = get_args(AlertSeverity)
STATUSES = ("open", "acknowledged", "closed", "any")
"""What may be asked for; without one, all that are not closed."""
OUTCOMES = ("explained", "confirmed")


@dataclass(frozen=True)
class Witness:
    """A report that an alert rests on: as the alert names it, and as it was captured where that is known.

    ``place`` is the name of a registered place.
    """

    evidence: dict[str, Any]
    report: EventRow | None
    place: str | None


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Alerts that fit what is asked for; they are public on the ledger, so every member sees all."""
    number, queries = page_number(), portal().queries.alerts
    asked = _asked()
    status = asked.get("status")
    wanted = AlertFilter(
        epcs=[asked["epc"]] if "epc" in asked else None,
        answers=asked.get("answers"),
        holder=asked.get("holder"),
        status=None if status == "any" else status,
        closed=None if status else False,
        code=asked.get("code"),
        severity=asked.get("severity"),
    )
    rows, more = cut(list(queries.list(wanted, limit=PAGE + 1, offset=number * PAGE)))
    return render_template(
        "alerts.html",
        rows=rows,
        more=more,
        page=number,
        asked=asked,
        count=queries.count(wanted),
        codes=CODES,
        severities=SEVERITIES,
        statuses=STATUSES,
    )


def _asked() -> dict[str, str]:
    """What is asked for, as the form shows it again; what is no such value counts as nothing."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    choices = {"code": CODES, "severity": SEVERITIES, "status": STATUSES}
    asked: dict[str, str] = {name: given[name] for name in ("answers", "holder") if name in given}
    asked.update({name: given[name] for name, known in choices.items() if given.get(name) in known})
    if "epc" in given:
        asked["epc"] = goods_uri(given["epc"])
    return asked


@blueprint.get("/<alert>")
@signed_in
def show(alert: str) -> ResponseReturnValue:
    """One alert."""
    return _page(_alert(alert), Entry())


@blueprint.post("/<alert>/acknowledge")
@signed_in
def acknowledge(alert: str) -> ResponseReturnValue:
    """Says that it is looked into."""
    row, entry = _answered(alert), Entry.sent()
    command = lambda: viewer().client.alerts.acknowledge(row.alert, command_id=entry.command_id)  # noqa: E731
    return _done(row, entry, command, _("Everybody sees now that you look into it."))


@blueprint.post("/<alert>/close")
@signed_in
def close(alert: str) -> ResponseReturnValue:
    """Says what became of it, and why."""
    row, entry = _answered(alert), Entry.sent()
    if entry["outcome"] not in OUTCOMES:
        entry.refuse("outcome", _("Choose what you found."))
    remark = entry.required("remark", _("Say why, in words for everybody."))
    if not entry.right:
        return _page(row, entry)
    outcome = cast(Literal["explained", "confirmed"], entry["outcome"])
    commands = viewer().client.alerts
    command = lambda: commands.close(row.alert, outcome, remark, command_id=entry.command_id)  # noqa: E731
    return _done(row, entry, command, _("The alert is closed."))


def _done(row: AlertRow, entry: Entry, command: Callable[[], Any], done: str) -> ResponseReturnValue:
    if carry_out(entry, command, {"alert": GENERAL}, done) is not None:
        return redirect(url_for("alerts.show", alert=row.alert), 303)
    return unknown(entry) if entry.unknown is not None else _page(row, entry)


def _alert(alert: str) -> AlertRow:
    found = portal().queries.alerts.find(alert)
    if found is None:
        abort(404, _("There is no such alert."))
    return found


def _answered(alert: str) -> AlertRow:
    """An alert that the viewer may answer."""
    row = _alert(alert)
    allowed(answers(row, viewer()), _("Only who owns the product, or a regulator, answers an alert."))
    return row


def answers(row: AlertRow, who: Viewer) -> bool:
    """Whether a member may say what became of an alert: who answers for the product, and every regulator."""
    return who.role == "regulator" or who.msp_id == row.answers


def _page(row: AlertRow, entry: Entry) -> ResponseReturnValue:
    queries = portal().queries
    dispositions = queries.alerts.dispositions([row.uri])
    others = queries.alerts.list(AlertFilter(epcs=[row.uri]), limit=PAGE)
    page = render_template(
        "alert.html",
        row=row,
        entry=entry,
        may_answer=answers(row, viewer()) and row.status != "closed",
        witnesses=_witnesses(row),
        dispositions=dispositions[0] if dispositions else None,
        excursions=queries.cold_chain.excursions(epc=row.uri),
        others=[each for each in others if each.alert != row.alert],
        steps=queries.ledger.history(row.alert),
    )
    return page, 200 if entry.right else 422


def _witnesses(row: AlertRow) -> list[Witness]:
    """The reports that contradict each other; of one that names but what the goods are in, what is known."""
    names = [each["event"] for each in row.evidence]
    reports = portal().queries.goods.reports([row.uri], event_ids=names)
    found = {(report.event_id, report.reporter): report for report in reports}
    return [
        Witness(each, found.get((each["event"], each["reporter"])), _place(each["place"]))
        for each in row.evidence
    ]


def _place(uri: str | None) -> str | None:
    key = None if uri is None else parse(uri)
    found = portal().queries.places.find(key.value) if key is not None and key.ai == "414" else None
    return None if found is None else f"{found.name}, {found.country}"
