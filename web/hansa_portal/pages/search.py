"""Search: anything by what somebody has of it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hansa_portal.viewer import portal, signed_in, viewer
from hansa_readmodel.queries import Hit

blueprint = Blueprint("search", __name__, url_prefix="/search")


@blueprint.get("")
@signed_in
def show() -> ResponseReturnValue:
    """The form, and what was found."""
    words = request.args.get("q", "").strip()[:512]
    hits = [hit for hit in portal().queries.search.find(words) if _concerns(hit)]
    return render_template("search.html", words=words, hits=hits)


def _concerns(hit: Hit) -> bool:
    """Orders of others are not offered, since their pages are not shown."""
    if hit.kind == "payment":
        return viewer().role == "regulator"
    if hit.kind != "order":
        return True
    order = portal().queries.orders.find(hit.key)
    return order is not None and viewer().sees(order)
