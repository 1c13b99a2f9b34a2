"""Joining, for those who are no members yet: what is asked, their request, how far it has come."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa.consortium import ConsortiumError, JoinKit, JoinRequest, KitParts
from hansa.consortium.request import LARGEST
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.inbox import Application, InboxFullError
from hansa_portal.viewer import portal
from hansa_portal.words import _
from hansa_readmodel.queries import MemberRow

blueprint = Blueprint("joining", __name__, url_prefix="/join")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """What is asked of an applicant, and where to hand the request in."""
    return render_template("join.html", entry=Entry(), present=_present())


@blueprint.post("")
def apply() -> ResponseReturnValue:
    """Takes a join request in; the answer is the applicant's own link."""
    entry = Entry.sent()
    wanted = _request(entry)
    if wanted is not None:
        try:
            token = portal().inbox.receive(wanted, portal().now())
        except InboxFullError:
            entry.refuse(
                GENERAL,
                _("So many applications wait here that no further one is taken now."),
                "INBOX_FULL",
                _("Come back in some days, or apply at another member."),
            )
        else:
            return redirect(url_for("joining.status", token=token), 303)
    return render_template("join.html", entry=entry, present=_present()), 422


def _request(entry: Entry) -> JoinRequest | None:
    file = request.files.get("file")
    if file is None or not file.filename:
        entry.refuse("file", _("Choose the file that hansa join request wrote."))
        return None
    try:
        found = JoinRequest.from_json(file.read(LARGEST + 1))
    except ConsortiumError as error:
        field = f" ({error.field})" if error.field else ""
        entry.refuse("file", f"{error.message}{field}", error.code, error.hint)
        return None
    if found.msp_id in {member.msp_id for member in _present()}:
        entry.refuse("file", _("%(id)s is a member already.", id=found.msp_id), "ALREADY_A_MEMBER")
        return None
    return found


@blueprint.get("/<token>")
def status(token: str) -> ResponseReturnValue:
    """How far an application has come, and who must act."""
    application = _application(token)
    queries = portal().queries
    change = signatures = None
    if application.config_update is not None:
        change = queries.config_updates.find(application.config_update)
        signatures = queries.config_updates.signatures(application.config_update)
    present = _present()
    signed = {one.msp_id: one.signed_at for one in signatures or ()}
    return render_template(
        "join_status.html",
        token=token,
        application=application,
        wanted=application.join_request(),
        change=change,
        signed=[(one, signed[one.msp_id]) for one in present if one.msp_id in signed],
        missing=[one for one in present if one.msp_id not in signed],
        needed=len(present) // 2 + 1,
    )


@blueprint.get("/<token>/kit")
def kit(token: str) -> ResponseReturnValue:
    """What the newcomer needs to bring its node up, once it is in."""
    application = _application(token)
    change = portal().queries.config_updates.find(application.config_update or "")
    if change is None or change.status != "carried_out":
        abort(404, _("There is a join kit once the members have let you in."))
    office = portal().office
    made = JoinKit.make(office.service(), str(change.organization), KitParts.read(office.folder))
    return as_download(made.to_bytes(), f"join-kit-{change.organization}.zip", "application/zip")


def as_download(content: bytes, name: str, kind: str) -> Response:
    """An answer that browsers keep as a file of that name."""
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _application(token: str) -> Application:
    found = portal().inbox.by_token(token)
    if found is None:
        abort(404, _("There is no application under this link."))
    return found


def _present() -> list[MemberRow]:
    queries = portal().queries
    return queries.members.present() if queries.ledger.checkpoint() else []
