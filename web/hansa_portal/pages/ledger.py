"""The ledger as a regulator reads it: how far, which verdicts, which transactions."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")


@blueprint.get("")
@signed_in
def show() -> ResponseReturnValue:
    """Counts by validation code, and the latest transactions."""
    allowed(viewer().role == "regulator", _("The ledger's page is the regulators'."))
    queries = portal().queries
    code = request.args.get("code") or None
    return render_template(
        "ledger.html",
        checkpoint=queries.ledger.checkpoint(),
        codes=queries.ledger.by_validation_code(),
        code=code,
        transactions=queries.ledger.transactions(code=code, limit=100),
        supply=queries.money.supply(),
    )


@blueprint.get("/<transaction_id>")
@signed_in
def transaction(transaction_id: str) -> ResponseReturnValue:
    """One transaction: who signed it, its verdict and block."""
    found = portal().queries.ledger.transaction(transaction_id)
    if found is None:
        abort(404, _("No such transaction was read."))
    return render_template("transaction.html", transaction=found)
