"""The first page: who you are, what is due, what next."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hansa_portal.due import duties
from hansa_portal.viewer import portal, signed_in, viewer

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def show() -> ResponseReturnValue:
    """What waits for this member, by role."""
    queries = portal().queries
    who = viewer()
    everybody = who.role in {"bank", "regulator"}
    return render_template(
        "home.html",
        duties=duties(queries, who),
        balances=queries.money.balances(who.msp_id),
        supply=queries.money.supply() if everybody else [],
        to_sign=queries.config_updates.unsigned_by(who.msp_id) if who.administrator else [],
        applications=portal().inbox.waiting() if who.administrator else 0,
        latest=queries.ledger.latest(limit=12) if who.role == "regulator" else [],
    )
