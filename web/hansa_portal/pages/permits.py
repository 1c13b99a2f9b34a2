"""Licences, and the papers of orders."""

from __future__ import annotations

from typing import get_args

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hansa_domain.compliance.rules import PaperKind
from hansa_portal.pages.answers import PAGE, cut, page_number
from hansa_portal.viewer import portal, signed_in, viewer

blueprint = Blueprint("permits", __name__)

PAPER_KINDS: tuple[str, ...] = get_args(PaperKind)


@blueprint.get("/licences")
@signed_in
def licences() -> ResponseReturnValue:
    """All licences for a regulator; for others those that they hold."""
    number, kind = page_number(), request.args.get("kind", "").strip()
    party = (request.args.get("party") or None) if viewer().role == "regulator" else viewer().msp_id
    rows, more = cut(
        portal().queries.licences.list(party=party, kind=kind or None, limit=PAGE + 1, offset=number * PAGE)
    )
    return render_template(
        "licences.html", rows=rows, more=more, page=number, kind=kind, party=party, now=portal().now()
    )


@blueprint.get("/papers")
@signed_in
def papers() -> ResponseReturnValue:
    """All papers for a regulator; for others those of their own orders."""
    number, words = page_number(), request.args.get("q", "").strip()
    kind = request.args.get("kind", "")
    rows, more = cut(
        portal().queries.papers.list(
            party=None if viewer().role == "regulator" else viewer().msp_id,
            kind=kind if kind in PAPER_KINDS else None,
            words=words,
            limit=PAGE + 1,
            offset=number * PAGE,
        )
    )
    return render_template(
        "papers.html",
        rows=rows,
        more=more,
        page=number,
        words=words,
        kind=kind,
        kinds=PAPER_KINDS,
        now=portal().now(),
    )
