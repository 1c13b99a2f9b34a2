"""Signing in and out."""

from __future__ import annotations

import structlog
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from hansa.errors import ConnectionProfileError
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.viewer import SESSION_KEY, portal
from hansa_portal.words import _

blueprint = Blueprint("signing_in", __name__)

log = structlog.get_logger("hansa.portal")


@blueprint.get("/sign-in")
def show() -> ResponseReturnValue:
    """The form."""
    return render_template("sign_in.html", entry=Entry(), back=_back(request.args.get("next", "")))


@blueprint.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Opens the user's key; the same answer for a wrong name and a wrong password."""
    user = request.form.get("user", "").strip()
    back = _back(request.form.get("next", ""))
    try:
        client = portal().office.sign_in(user, request.form.get("password", ""))
    except ConnectionProfileError:
        log.warning("sign-in failed", member=portal().office.msp_id, address=request.remote_addr)
        entry = Entry({"user": user})
        entry.refuse(
            GENERAL,
            _("User name and password do not fit."),
            "SIGN_IN_FAILED",
            _("Your administrator has them; capital letters matter."),
        )
        return render_template("sign_in.html", entry=entry, back=back), 401
    session.clear()
    session[SESSION_KEY] = portal().sessions.begin(user, client)
    log.info("signed in", member=portal().office.msp_id, user=user)
    return redirect(back or url_for("home.show"))


@blueprint.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Forgets the session and its key."""
    portal().sessions.end(str(session.get(SESSION_KEY, "")))
    session.clear()
    flash(_("You are signed out."), "done")
    return redirect(url_for("signing_in.show"))


def _back(path: str) -> str:
    """Only pages of this portal are gone back to, never another host."""
    good = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if good and path.isprintable() else ""
