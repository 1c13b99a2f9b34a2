"""What was checked against which rules: found, opened, followed, and taken away to be judged again."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from hansa.compliance import evidence
from hansa_domain.compliance.packs import PackDocument
from hansa_domain.compliance.records import ComplianceRecord
from hansa_domain.iso3166 import COUNTRIES
from hansa_portal.pages.answers import PAGE, cut, page_number, whole
from hansa_portal.viewer import portal, signed_in, viewer
from hansa_portal.words import _
from hansa_readmodel.queries import CheckFilter, CheckRow, PackRow

blueprint = Blueprint("compliance", __name__, url_prefix="/compliance")

KINDS = ("listing", "order", "shipment")
RESULTS = ("passed", "failed")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Checks that fit what is asked for; a member who is no regulator sees those of its own trade."""
    number, queries = page_number(), portal().queries
    wanted, asked = _wanted()
    rows, more = cut(queries.compliance.list(wanted, limit=PAGE + 1, offset=number * PAGE))
    return render_template(
        "compliance.html",
        rows=rows,
        more=more,
        page=number,
        asked=asked,
        counts=queries.compliance.count(wanted),
        packs=queries.compliance.packs(),
        kinds=KINDS,
        results=RESULTS,
        flags=queries.compliance.flags() if viewer().role == "regulator" else [],
    )


def _wanted() -> tuple[CheckFilter, dict[str, str]]:
    """What is asked for, and the same as the form shows it again; what is no such value counts as nothing."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    asked: dict[str, str] = {name: given[name] for name in ("party", "q", "rule") if name in given}
    choices = {"kind": KINDS, "result": RESULTS}
    asked.update({name: given[name] for name, known in choices.items() if given.get(name) in known})
    asked.update({name: given[name] for name in ("since", "until") if _DAY.fullmatch(given.get(name, ""))})
    pack, _colon, version = given.get("pack", "").partition(":")
    if pack:
        asked["pack"] = given["pack"]
    if given.get("country", "").upper() in COUNTRIES:
        asked["country"] = given["country"].upper()
    party = asked.get("party") if viewer().role == "regulator" else viewer().msp_id
    wanted = CheckFilter(
        party=party,
        subject_kind=asked.get("kind"),
        pack=pack or None,
        version=whole(version) if version else None,
        rule=asked.get("rule"),
        result=asked.get("result"),
        since=asked.get("since"),
        until=asked.get("until"),
        country=asked.get("country"),
        words=asked.get("q", ""),
    )
    return wanted, asked


@blueprint.get("/check/<check_id>")
@signed_in
def show(check_id: str) -> ResponseReturnValue:
    """One record with every rule's result, those too that did not concern it."""
    row = _check(check_id)
    return render_template("compliance_check.html", row=row, rules=_rules(row), subject=_subject(row))


@blueprint.get("/check/<check_id>/evidence")
@signed_in
def document(check_id: str) -> ResponseReturnValue:
    """The record, its packs and its place on the ledger, to be judged again by `hansa compliance verify`."""
    row = _check(check_id)
    checkpoint = portal().queries.ledger.checkpoint()
    made = evidence(_record(row), [_document(pack) for pack in _packs(row)])
    made["ledger"] = {
        "genesis_hash": checkpoint.genesis_hash if checkpoint else None,
        "block": row.block,
        "position": row.position,
        "transaction_id": row.transaction_id,
    }
    return Response(
        json.dumps(made, indent=2, ensure_ascii=False) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="check-{check_id[-26:]}.json"'},
    )


@blueprint.get("/subject/<subject>")
@signed_in
def history(subject: str) -> ResponseReturnValue:
    """Every check of a listing, an order with its shipments, or a shipment."""
    queries = portal().queries.compliance
    rows = [row for row in queries.history(subject) if _sees(row)]
    if not rows:
        abort(404, _("Nothing of yours was checked under this name."))
    return render_template(
        "compliance_history.html", subject=subject, rows=rows, flag=queries.held_back(subject)
    )


def _sees(row: CheckRow) -> bool:
    return viewer().role == "regulator" or viewer().msp_id in (*row.parties, row.by)


def _check(check_id: str) -> CheckRow:
    """A check that concerns the viewer; 404 for any other, so that nothing is learnt by trying."""
    found = portal().queries.compliance.find(check_id)
    if found is None or not _sees(found):
        abort(404, _("There is no such check among yours."))
    return found


def _packs(row: CheckRow) -> list[PackRow]:
    queries = portal().queries.compliance
    found = [queries.pack(each["pack"], each["version"]) for each in row.packs]
    return [pack for pack in found if pack is not None]


def _rules(row: CheckRow) -> list[tuple[PackRow, list[tuple[dict[str, Any], dict[str, Any] | None]]]]:
    """Each pack with its rules, and the outcome of each; None: it did not concern the subject."""
    outcomes = {(each["pack"], each["rule"]): each for each in row.outcomes}
    return [
        (pack, [(rule, outcomes.get((pack.pack, rule["id"]))) for rule in pack.rules]) for pack in _packs(row)
    ]


def _subject(row: CheckRow) -> str | None:
    """What the check's subject is called elsewhere in the portal: an order or a listing that exists."""
    queries = portal().queries
    if row.order_id is not None and queries.orders.find(row.order_id) is not None:
        return "order"
    if row.subject_kind == "listing" and queries.listings.find(row.subject) is not None:
        return "listing"
    return None


def _record(row: CheckRow) -> ComplianceRecord:
    names = ("subject_kind", "subject", "occasion", "by", "result", "packs", "facts", "outcomes", "at")
    fields = {name: getattr(row, name) for name in names}
    return msgspec.convert({"id": row.check_id, "order": row.order_id, **fields}, ComplianceRecord)


def _document(pack: PackRow) -> PackDocument:
    names = ("pack", "version", "title", "document", "valid_from", "unknown", "rules")
    return msgspec.convert({name: getattr(pack, name) for name in names}, PackDocument)
