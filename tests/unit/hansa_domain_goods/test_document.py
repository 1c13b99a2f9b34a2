"""Documents taken apart: every event's own text untouched, and each wrong frame refused at its field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis import EventSource, split_document
from tests.support.epcis import CONTEXT, object_event

EVENT = '{ "type" : "ObjectEvent",  "example:x": 1.50, "text": "\\u00e9 { ] }" }'


def document(**changes: Any) -> dict[str, Any]:
    value = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z",
        "epcisBody": {"eventList": []},
    } | changes
    return {name: member for name, member in value.items() if member is not None}


def test_events_and_context_keep_their_text() -> None:
    text = json.dumps(document()).replace('"eventList": []', f'"eventList": [\n{EVENT} ,\n {EVENT}]')
    context = json.dumps(CONTEXT)
    assert split_document(text) == (EventSource(event=EVENT, context=context),) * 2
    assert split_document("\ufeff" + text) == split_document(text)


def test_a_query_document_an_event_and_an_array_are_taken_too() -> None:
    query = document(type="EPCISQueryDocument", schemaVersion=None, creationDate=None)
    query["epcisBody"] = {"queryResults": {"queryName": "q", "resultsBody": {"eventList": []}}}
    text = json.dumps(query).replace('"eventList": []', f'"eventList": [{EVENT}]')
    assert [source.event for source in split_document(text)] == [EVENT]
    alone = json.dumps(object_event(), indent=2)
    assert split_document(alone) == (EventSource(event=alone),)
    assert [source.event for source in split_document(f"[{EVENT}, {EVENT}]")] == [EVENT, EVENT]
    assert split_document(json.dumps(document())) == ()


def test_header_and_extensions_of_a_document_are_allowed() -> None:
    extra = {
        "epcisHeader": {"epcisMasterData": {}},
        "sender": "x",
        "example:more": 1,
        "id": "https://x.example/1",
    }
    assert split_document(json.dumps(document(**extra))) == ()


@pytest.mark.parametrize(
    ("value", "code", "field"),
    [
        (document(**{"@context": None}), Code.EPCIS_FIELD_MISSING, "@context"),
        (document(**{"@context": 1}), Code.EPCIS_FIELD_INVALID, "@context"),
        (document(schemaVersion=None), Code.EPCIS_FIELD_MISSING, "schemaVersion"),
        (document(schemaVersion="1.2"), Code.EPCIS_FIELD_INVALID, "schemaVersion"),
        (document(creationDate=None), Code.EPCIS_FIELD_MISSING, "creationDate"),
        (document(creationDate="now"), Code.EPCIS_FIELD_INVALID, "creationDate"),
        (document(epcisBody=None), Code.EPCIS_FIELD_MISSING, "epcisBody"),
        (document(epcisBody={}), Code.EPCIS_FIELD_MISSING, "epcisBody.eventList"),
        (document(epcisBody={"eventList": {}}), Code.EPCIS_FIELD_INVALID, "epcisBody.eventList"),
        (document(type="EPCISQueryDocument"), Code.EPCIS_FIELD_MISSING, "epcisBody.queryResults"),
        (document(type="Invoice"), Code.EPCIS_TYPE_UNKNOWN, "type"),
        (document(type=None), Code.EPCIS_TYPE_UNKNOWN, "type"),
        (document(type=["EPCISDocument"]), Code.EPCIS_TYPE_UNKNOWN, "type"),
        (document(colour="red"), Code.EPCIS_FIELD_NOT_ALLOWED, "colour"),
        ("text", Code.EPCIS_TYPE_UNKNOWN, "type"),
    ],
)
def test_a_wrong_frame_is_refused_at_its_field(value: Any, code: Code, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        split_document(json.dumps(value))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_oversized_document_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hansa_domain.goods.epcis.document.MAX_DOCUMENT_LENGTH", 100)
    with pytest.raises(Refusal) as refused:
        split_document(json.dumps(document()))
    assert refused.value.code is Code.DOCUMENT_TOO_LARGE
