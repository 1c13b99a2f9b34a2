"""One member's portal as a Flask application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from hansa.errors import HansaError
from hansa.ids import new_id
from hansa_portal import alert_words, compliance_words, epcis, formats, metrics, words
from hansa_portal.clock import utc_now
from hansa_portal.inbox import Inbox
from hansa_portal.navigation import navigation
from hansa_portal.office import Office
from hansa_portal.pages import BLUEPRINTS, joining, signing_in
from hansa_portal.sessions import Sessions
from hansa_portal.viewer import Portal
from hansa_portal.words import _
from hansa_readmodel.queries import Queries

MAX_UPLOAD_BYTES = 16 * 1024 * 1024

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Settings:
    """How a portal runs.

    Args:
        secret: signs cookies.
        port: where it listens; cookies of portals on other ports of the host have other names.
        catch_up_seconds: how long a page waits for the read model after a commit.
        idle_seconds: a user who does nothing for so long signs in again.
        longest_seconds: so does everybody after so long.
        sign_ins_per_minute: failed attempts that one address may make.
        applications_per_hour: join requests that one address may hand in.
        behind_tls: browsers come by HTTPS, through a proxy that ends TLS.
        private_webhooks: EPCIS subscribers may be on private networks, on this machine, and without TLS.
        now: the time, RFC 3339 UTC with milliseconds.
    """

    secret: bytes
    port: int
    catch_up_seconds: float = 3.0
    idle_seconds: float = 1800.0
    longest_seconds: float = 12 * 3600.0
    sign_ins_per_minute: int = 10
    applications_per_hour: int = 20
    behind_tls: bool = False
    private_webhooks: bool = False
    now: Callable[[], str] = utc_now


def create_app(office: Office, queries: Queries, settings: Settings) -> Flask:
    """The portal of one member.

    Args:
        office: the member.
        queries: the read model.
        settings: how it runs.
    """
    app = Flask("hansa_portal")
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME=f"hansa_{settings.port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.behind_tls,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, which has limits of its own
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        RATELIMIT_STORAGE_URI="memory://",
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    sessions = Sessions(settings.idle_seconds, settings.longest_seconds)
    inbox = Inbox(office.folder / "applications")
    app.extensions["hansa"] = Portal(
        office, queries, sessions, settings.catch_up_seconds, settings.now, inbox
    )
    metrics.install(app, office.msp_id)
    csrf = CSRFProtect(app)
    words.install(app)
    formats.install(app)
    compliance_words.install(app)
    alert_words.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    limiter = Limiter(get_remote_address, app=app)
    sign_ins = f"{settings.sign_ins_per_minute}/minute"
    limit = limiter.limit(sign_ins, deduct_when=lambda response: response.status_code == 401)
    app.view_functions["signing_in.enter"] = limit(signing_in.enter)
    applying = limiter.limit(f"{settings.applications_per_hour}/hour")
    app.view_functions["joining.apply"] = applying(joining.apply)
    epcis.install(app, office, csrf, limiter, sign_ins=sign_ins, private=settings.private_webhooks)
    _add_answers(app, office, queries, settings)
    return app


def _add_answers(app: Flask, office: Office, queries: Queries, settings: Settings) -> None:
    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if settings.behind_tls:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    @app.context_processor
    def around() -> dict[str, object]:
        found = g.get("viewer")
        names = {row.msp_id: row.name for row in queries.members.all()} if found else {}
        return {
            "viewer": found,
            "organization": office.organization,
            "members": names,
            "navigation": navigation(found) if found else (),
            "new_id": new_id,
        }

    @app.errorhandler(CSRFError)
    def not_from_here(error: CSRFError) -> ResponseReturnValue:
        sentence = _(
            "This form was not sent from a page of this session, or the session ended. Open it again."
        )
        return render_template("problem.html", title=_("Not sent"), sentence=sentence, code=error.code), 400

    @app.errorhandler(HTTPException)
    def not_answered(error: HTTPException) -> ResponseReturnValue:
        code = error.code or 500
        page = render_template("problem.html", title=error.name, sentence=error.description, code=code)
        return page, code

    @app.errorhandler(HansaError)
    def no_answer(error: HansaError) -> ResponseReturnValue:
        page = render_template(
            "problem.html", title=error.code, sentence=error.message, hint=error.hint, code=502
        )
        return page, 502
