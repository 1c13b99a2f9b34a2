"""The binding's addresses, and what each answers."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from hansa.errors import HansaError
from hansa_domain.errors import Refusal
from hansa_portal.epcis import access, capture, named_queries, resources, subscriptions
from hansa_portal.epcis.answers import HEADERS, Problem, answer
from hansa_portal.epcis.documents import Documents
from hansa_portal.epcis.notifier import Notifier
from hansa_portal.office import Office
from hansa_readmodel.queries import Queries

PREFIX = "/epcis/v2"


def install(
    app: Flask, office: Office, csrf: CSRFProtect, limiter: Limiter, *, sign_ins: str, private: bool
) -> None:
    """Adds the binding to a member's portal.

    Args:
        app: the portal.
        office: the member; what is kept goes into its folder, under ``epcis``.
        csrf: leaves the binding alone, which takes no cookies and no forms.
        limiter: counts failed sign-ins.
        sign_ins: how many of these an address may make, as ``10/minute``.
        private: subscribers may be on private networks, and on this machine.
    """
    folder = office.folder / "epcis"
    app.extensions[access.EXTENSION] = access.SignIns()
    app.extensions[capture.EXTENSION] = capture.Captures(Documents(folder / "captures", capture.Job))
    app.extensions[named_queries.EXTENSION] = Documents(folder / "queries", named_queries.NamedQuery)
    kept = Documents(folder / "subscriptions", subscriptions.Subscription)
    app.extensions[subscriptions.EXTENSION] = kept
    app.extensions[subscriptions.PRIVATE] = private
    blueprint = Blueprint("epcis", __name__, url_prefix=PREFIX)
    _route(blueprint)
    blueprint.before_request(_check)
    blueprint.after_request(_head)
    blueprint.register_error_handler(Problem, lambda problem: problem.answer())
    blueprint.register_error_handler(HTTPException, _not_answered)
    blueprint.register_error_handler(HansaError, _no_ledger)
    blueprint.register_error_handler(Refusal, _not_right)
    csrf.exempt(blueprint)
    limiter.limit(sign_ins, deduct_when=lambda response: response.status_code == 401)(blueprint)
    app.register_blueprint(blueprint)


def _route(to: Blueprint) -> None:
    listed = f"any({', '.join(resources.RESOURCES)}):resource"
    to.add_url_rule("/", "top", resources.top)
    to.add_url_rule("/capture", "capture", capture.capture, methods=["POST"])
    to.add_url_rule("/capture", "jobs", capture.jobs)
    to.add_url_rule("/capture/<capture_id>", "job", capture.job)
    to.add_url_rule("/events", "create_event", capture.create_event, methods=["POST"])
    to.add_url_rule("/events", "events", resources.events)
    to.add_url_rule("/events/<path:event_id>", "event", resources.event)
    to.add_url_rule(f"/<{listed}>", "listed", resources.listed)
    to.add_url_rule(f"/<{listed}>/<path:value>", "one", resources.one)
    to.add_url_rule(f"/<{listed}>/<path:value>/events", "events_of", resources.events_of)
    _route_queries(to)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    to.add_url_rule("/<path:_>", "nothing", _nothing, methods=methods)


def _route_queries(to: Blueprint) -> None:
    one, subscribed = "/queries/<name>", "/queries/<name>/subscriptions"
    to.add_url_rule("/queries", "create_query", named_queries.create, methods=["POST"])
    to.add_url_rule("/queries", "queries", named_queries.listed)
    to.add_url_rule(one, "query", named_queries.show)
    to.add_url_rule(one, "delete_query", subscriptions.delete_query, methods=["DELETE"])
    to.add_url_rule(f"{one}/events", "query_events", named_queries.events)
    to.add_url_rule(subscribed, "subscribe", subscriptions.create, methods=["POST"])
    to.add_url_rule(subscribed, "subscriptions", subscriptions.listed)
    to.add_url_rule(f"{subscribed}/<subscription_id>", "subscription", subscriptions.show)
    to.add_url_rule(
        f"{subscribed}/<subscription_id>", "unsubscribe", subscriptions.delete, methods=["DELETE"]
    )


def notifier(app: Flask, office: Office, queries: Queries) -> Notifier:
    """What serves the subscriptions of a portal that has the binding."""
    return Notifier(
        office,
        queries,
        app.extensions[subscriptions.EXTENSION],
        app.extensions[named_queries.EXTENSION],
        private=app.extensions[subscriptions.PRIVATE],
    )


def _check() -> Response | None:
    access.check()
    if request.method == "OPTIONS" and request.url_rule is not None:
        answered = answer("", 204)
        same = [rule for rule in current_app.url_map.iter_rules() if rule.rule == request.url_rule.rule]
        methods = sorted({method for rule in same for method in rule.methods or ()})
        answered.headers["Allow"] = ", ".join(methods)
        return answered
    return None


def _head(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith((f"{PREFIX}/capture", f"{PREFIX}/events")):
        response.headers["GS1-Capture-Error-Behaviour"] = capture.BEHAVIOUR
        response.headers["GS1-EPCIS-Capture-Limit"] = str(capture.MOST_EVENTS)
        response.headers["GS1-EPCIS-Capture-File-Size-Limit"] = str(current_app.config["MAX_CONTENT_LENGTH"])
    return response


def _nothing(_: str) -> Response:
    raise Problem(404, "NoSuchResourceException", "Nothing of EPCIS is at this address.")


def _not_answered(error: HTTPException) -> Response:
    kinds = {401: "SecurityException", 404: "NoSuchResourceException", 413: "CaptureLimitExceededException"}
    code = error.code or 500
    default = "ImplementationException" if code >= 500 else "ValidationException"
    return Problem(code, kinds.get(code, default), error.description or error.name).answer()


def _no_ledger(error: HansaError) -> Response:
    return Problem(500, "ImplementationException", error.message, code=error.code, hint=error.hint).answer()


def _not_right(refusal: Refusal) -> Response:
    return Problem(
        400, "ValidationException", refusal.message, code=refusal.code.value, field=refusal.field
    ).answer()
