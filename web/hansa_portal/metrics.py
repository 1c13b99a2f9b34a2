"""What a portal counts of its requests and commands, and a log line for each request, with its id."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Gauge, Histogram

from hansa.ids import new_id

log = structlog.get_logger("hansa.portal")

REQUESTS = Counter("hansa_portal_requests", "Requests answered.", ["member", "method", "route", "status"])
SECONDS = Histogram("hansa_portal_request_seconds", "Seconds to answer.", ["member", "route"])
IN_FLIGHT = Gauge("hansa_portal_requests_in_flight", "Requests being answered.", ["member"])
COMMANDS = Counter("hansa_portal_commands", "Commands of pages, by outcome.", ["member", "outcome"])

REQUEST_ID = "X-Request-Id"
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def install(app: Flask, msp_id: str) -> None:
    """Counts every request of an application, and gives it an id that its answer and its log lines carry.

    Args:
        msp_id: the member's.
    """

    @app.before_request
    def begin() -> None:
        g.request_began = time.perf_counter()
        g.request_id = new_id()
        structlog.contextvars.bind_contextvars(request_id=g.request_id, member=msp_id)
        IN_FLIGHT.labels(msp_id).inc()

    @app.after_request
    def name(response: Response) -> Response:
        if "request_id" in g:
            response.headers[REQUEST_ID] = g.request_id
            g.answered_with = response.status_code
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "request_id" not in g:
            return
        # The rule, not the path: a path names orders and goods, and anybody can make up new ones.
        route = request.url_rule.rule if request.url_rule is not None else "none"
        method = request.method if request.method in _METHODS else "other"
        status = g.get("answered_with", 500)
        seconds = time.perf_counter() - g.request_began
        IN_FLIGHT.labels(msp_id).dec()
        REQUESTS.labels(msp_id, method, route, str(status)).inc()
        SECONDS.labels(msp_id, route).observe(seconds)
        if request.endpoint != "static":
            log.info("answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
        structlog.contextvars.unbind_contextvars("request_id", "member")
