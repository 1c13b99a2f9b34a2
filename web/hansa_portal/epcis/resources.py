"""What there is to look at: event types, goods, steps, dispositions and places, and the events of each."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request

from hansa_domain.goods.epcis.rules import EVENT_TYPES
from hansa_portal.epcis.answers import (
    CONTEXT,
    Problem,
    answer,
    collection,
    first_page_of,
    page_token,
    per_page,
)
from hansa_portal.epcis.events import document, of_id, page
from hansa_portal.epcis.parameters import from_url
from hansa_portal.viewer import portal
from hansa_readmodel.queries.epcis import Column

TOP = (
    "capture",
    "events",
    "eventTypes",
    "epcs",
    "bizSteps",
    "bizLocations",
    "readPoints",
    "dispositions",
    "queries",
)
_PARAMETERS: Mapping[str, str] = {
    "eventTypes": "eventType",
    "epcs": "MATCH_anyEPC",
    "bizSteps": "EQ_bizStep",
    "bizLocations": "EQ_bizLocation",
    "readPoints": "EQ_readPoint",
    "dispositions": "EQ_disposition",
}
_COLUMNS: Mapping[str, Column] = {
    "bizSteps": "biz_step",
    "bizLocations": "biz_location",
    "readPoints": "read_point",
    "dispositions": "disposition",
}
RESOURCES = tuple(_PARAMETERS)


def top() -> Response:
    """``GET /``."""
    return answer(collection(list(TOP)))


def events() -> Response:
    """``GET /events`` with the standard's query parameters."""
    return page(from_url(request.args))


def event(event_id: str) -> Response:
    """``GET /events/{eventID}``: the event, each member's report of it, and error declarations."""
    return answer(document(of_id(event_id), "SimpleEventQuery"))


def listed(resource: str) -> Response:
    """``GET /bizSteps`` and its like: what stands in events, in order."""
    if resource == "eventTypes":
        return answer(collection(sorted(EVENT_TYPES)))
    token = page_token(str)
    after, most = "" if token is None else str(token[0]), per_page() + 1
    queries = portal().queries.epcis
    if resource == "epcs":
        found = queries.goods(after=after, limit=most)
    else:
        found = queries.values(_COLUMNS[resource], after=after, limit=most)
    shown, headers = first_page_of(found)
    return answer(collection(shown), headers=headers)


def one(resource: str, value: str) -> Response:
    """``GET /bizSteps/{bizStep}`` and its like: that its events can be asked for."""
    if resource == "eventTypes" and value not in EVENT_TYPES:
        raise Problem(404, "NoSuchResourceException", f"EPCIS 2.0 has no event type {value[:60]}.")
    return answer({"@context": CONTEXT, "type": "Collection", "member": ["events"]})


def events_of(resource: str, value: str) -> Response:
    """``GET /bizSteps/{bizStep}/events`` and its like; further parameters narrow it."""
    return page(from_url(request.args, **{_PARAMETERS[resource]: [value]}))
