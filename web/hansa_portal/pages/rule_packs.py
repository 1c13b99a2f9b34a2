"""Rule packs: which there are, what a version says, and what another changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from hansa_portal.pages.answers import whole
from hansa_portal.viewer import portal, signed_in
from hansa_portal.words import _
from hansa_readmodel.queries import PackRow

blueprint = Blueprint("rule_packs", __name__, url_prefix="/rule-packs")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Every pack with its versions, and which of them is in force."""
    rows = portal().queries.compliance.packs()
    now = portal().now()
    packs = {row.pack: [each for each in rows if each.pack == row.pack] for row in rows}
    return render_template("rule_packs.html", packs=packs, current=_current(rows, now), now=now)


def _current(rows: list[PackRow], now: str) -> dict[str, int]:
    """The version of each pack in force: of those begun, the latest."""
    found: dict[str, int] = {}
    for row in rows:
        if row.valid_from <= now:
            found[row.pack] = max(row.version, found.get(row.pack, 0))
    return found


@blueprint.get("/<pack>/<int(max=999999):version>")
@signed_in
def show(pack: str, version: int) -> ResponseReturnValue:
    """One version with its rules."""
    row = _pack(pack, version)
    others = portal().queries.compliance.packs(pack)
    return render_template("rule_pack.html", row=row, others=others, current=_current(others, portal().now()))


@blueprint.get("/<pack>/changes")
@signed_in
def changes(pack: str) -> ResponseReturnValue:
    """What a version says otherwise than another."""
    later = _pack(pack, whole(request.args.get("to", "")))
    earlier = _pack(pack, whole(request.args.get("from", "")))
    return render_template(
        "rule_pack_changes.html", earlier=earlier, later=later, changes=difference(earlier.rules, later.rules)
    )


def _pack(pack: str, version: int) -> PackRow:
    found = portal().queries.compliance.pack(pack, version)
    if found is None:
        abort(404, _("There is no such version of a rule pack."))
    return found


Change = tuple[str, dict[str, Any], list[tuple[str, Any, Any]]]


def difference(earlier: list[dict[str, Any]], later: list[dict[str, Any]]) -> list[Change]:
    """(kind of change, rule, fields with their values before and after) for each rule that differs.

    Args:
        earlier: rules of the version before, as events have them.
        later: of the version after; a rule is the same one where its id is.
    """
    before, after = ({rule["id"]: rule for rule in rules} for rules in (earlier, later))
    found: list[Change] = []
    for rule in later:
        old = before.get(rule["id"])
        if old is None:
            found.append(("added", rule, []))
        elif old != rule:
            names = sorted(dict.fromkeys((*old, *rule)))
            fields = [
                (name, old.get(name), rule.get(name)) for name in names if old.get(name) != rule.get(name)
            ]
            found.append(("changed", rule, fields))
    return [*found, *(("removed", rule, []) for rule in earlier if rule["id"] not in after)]
