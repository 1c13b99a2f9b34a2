"""Whether the portal can do its work, for those who watch it."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from hansa.errors import HansaError
from hansa_portal.viewer import portal

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def show() -> ResponseReturnValue:
    """The peer's height, the read model's, and how many blocks lie between; 503 when either is missing."""
    checkpoint = portal().queries.ledger.checkpoint()
    member = portal().office.msp_id
    try:
        height = portal().office.service().ledger.height()
    except HansaError as error:
        return jsonify(member=member, status="peer unreachable", error=str(error)), 503
    if checkpoint is None:
        return jsonify(member=member, status="read model missing", height=height), 503
    lag = max(0, height - checkpoint.next_block)
    return jsonify(member=member, status="ok", height=height, read=checkpoint.next_block, lag=lag)
