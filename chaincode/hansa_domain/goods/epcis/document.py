"""EPCIS documents taken apart: each event as its own JSON text, untouched, beside the document's context."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis.json_text import parse_json
from hansa_domain.goods.epcis.jsonld_context import check_context
from hansa_domain.goods.epcis.rules import EVENT_TYPES
from hansa_domain.goods.epcis.values import (
    Check,
    check_fields,
    check_string,
    check_time,
    check_uri,
    invalid,
    list_of,
    object_of,
)

MAX_DOCUMENT_LENGTH = 50_000_000

_VERSION_2 = re.compile(r"2(\.[0-9]+)*")


class EventSource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event as received: its JSON text, and its document's ``@context`` as JSON text.

    ``context`` is empty where the event stands alone and carries its own.
    """

    event: str
    context: str = ""


def _accept(value: Any, field: str) -> None:
    """What stands elsewhere: events are checked where they are captured."""


def _loose(checks: dict[str, Check], required: tuple[str, ...] = ()) -> Check:
    """A check: an object of these members, and of any others."""

    def check(value: Any, field: str) -> None:
        known = value
        if isinstance(value, dict):
            known = {name: member for name, member in value.items() if name in checks}
        object_of(checks, required=required)(known, field)

    return check


def _check_attribute(value: Any, field: str) -> None:
    if value is None or isinstance(value, bool | list):
        raise invalid(field, "An attribute is a number, a text or an object.")


_element = _loose(
    {
        "id": check_uri,
        "attributes": list_of(_loose({"id": check_uri, "attribute": _check_attribute}, ("id",))),
        "children": list_of(check_uri),
    },
    ("id",),
)
_vocabularies = list_of(_loose({"type": check_uri, "vocabularyElementList": list_of(_element)}, ("type",)))
"""Master data in a document: its form is checked, and it is not kept."""


def _check_version(value: Any, field: str) -> None:
    if not isinstance(value, str) or not _VERSION_2.fullmatch(value):
        raise invalid(field, "This reads EPCIS 2: schemaVersion is 2.0.")


_DOCUMENT: dict[str, Check] = {
    "@context": check_context,
    "id": check_uri,
    "type": check_string,
    "schemaVersion": _check_version,
    "creationDate": check_time,
    "instanceIdentifier": check_string,
    "sender": check_string,
    "receiver": check_string,
    "epcisHeader": object_of({"epcisMasterData": _loose({"vocabularyList": _vocabularies})}),
    "epcisBody": _loose({"eventList": list_of(_accept)}, ("eventList",)),
}
_RESULTS = object_of(
    {"eventList": list_of(_accept), "vocabularyList": _vocabularies}, required=("eventList",)
)
_QUERY_DOCUMENT: dict[str, Check] = {
    **{name: _DOCUMENT[name] for name in ("@context", "id", "type", "schemaVersion", "creationDate")},
    "epcisBody": object_of(
        {
            "queryResults": object_of(
                {"queryName": check_string, "subscriptionID": check_string, "resultsBody": _RESULTS},
                required=("queryName", "resultsBody"),
            )
        },
        required=("queryResults",),
    ),
}
_FRAMES = {"EPCISDocument": _DOCUMENT, "EPCISQueryDocument": _QUERY_DOCUMENT}
_REQUIRED = {
    "EPCISDocument": ("@context", "schemaVersion", "creationDate", "epcisBody"),
    "EPCISQueryDocument": ("@context", "epcisBody"),
}
_EVENTS_AT = {
    "EPCISDocument": ("epcisBody", "eventList"),
    "EPCISQueryDocument": ("epcisBody", "queryResults", "resultsBody", "eventList"),
}


def split_document(text: str) -> tuple[EventSource, ...]:
    """The events of what a member sends: a document, a query document, a single event, or an array of events.

    Only the frame is checked here; each event is checked where it is captured, so that a wrong one does not
    hold up the others.

    Raises:
        Refusal: DOCUMENT_TOO_LARGE, MALFORMED_DOCUMENT, EPCIS_TYPE_UNKNOWN, or the frame's field at fault.
    """
    if len(text) > MAX_DOCUMENT_LENGTH:
        raise Refusal(Code.DOCUMENT_TOO_LARGE, f"A document has at most {MAX_DOCUMENT_LENGTH} characters.")
    value = parse_json(text.removeprefix("\ufeff"))
    raw = msgspec.Raw(text.removeprefix("\ufeff").encode())
    if isinstance(value, list):
        return tuple(
            EventSource(event=_text(event)) for event in msgspec.json.decode(raw, type=list[msgspec.Raw])
        )
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in EVENT_TYPES:
        return (EventSource(event=text.removeprefix("\ufeff")),)
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in _REQUIRED:
        raise Refusal(
            Code.EPCIS_TYPE_UNKNOWN, "This is no EPCIS document, event, or array of events.", "type"
        )
    check_fields(value, _FRAMES[kind], required=_REQUIRED[kind], extensible=True, field="")
    context = _text(_member(raw, "@context"))
    for name in _EVENTS_AT[kind]:
        raw = _member(raw, name)
    events = msgspec.json.decode(raw, type=list[msgspec.Raw])
    return tuple(EventSource(event=_text(event), context=context) for event in events)


def _member(raw: msgspec.Raw, name: str) -> msgspec.Raw:
    return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[name]


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()
