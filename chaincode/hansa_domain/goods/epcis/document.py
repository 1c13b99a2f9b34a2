"""EPCIS documents taken apart: each event as its own JSON text, untouched, beside the document's context."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis.json_text import JsonObject, parse_json
from hansa_domain.goods.epcis.jsonld_context import check_context
from hansa_domain.goods.epcis.rules import EVENT_TYPES
from hansa_domain.goods.epcis.values import (
    Check,
    check_fields,
    check_string,
    check_time,
    check_uri,
    invalid,
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
    """Parts of a document that events do not depend on; they are not kept."""


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
    "epcisHeader": _accept,
    "epcisBody": _accept,
}
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
    check_fields(value, _DOCUMENT, required=_REQUIRED[kind], extensible=True, field="")
    path = _EVENTS_AT[kind]
    _check_path(value, path)
    context = _text(_member(raw, "@context"))
    for name in path:
        raw = _member(raw, name)
    events = msgspec.json.decode(raw, type=list[msgspec.Raw])
    return tuple(EventSource(event=_text(event), context=context) for event in events)


def _check_path(value: JsonObject, path: tuple[str, ...]) -> None:
    here: Any = value
    walked = ""
    for name in path:
        walked = f"{walked}.{name}" if walked else name
        if not isinstance(here, dict) or name not in here:
            raise Refusal(Code.EPCIS_FIELD_MISSING, f"{name} is required here.", walked)
        here = here[name]
    if not isinstance(here, list):
        raise invalid(walked, "The events are a list.")


def _member(raw: msgspec.Raw, name: str) -> msgspec.Raw:
    return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[name]


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()
