"""GS1's own example documents: each event is captured, comes back equal, and is found by all it names."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema

from hansa_domain.goods.epcis import read_event, split_document
from tests.support.epcis import epcis_schema, gs1_examples
from tests.support.goods import CARRIER, GoodsLedger


def _events(document: str) -> list[dict[str, Any]]:
    value = json.loads(document, parse_float=Decimal)
    body = value["epcisBody"]
    if "queryResults" in body:
        body = body["queryResults"]["resultsBody"]
    events: list[dict[str, Any]] = body["eventList"]
    return events


def _named(event: dict[str, Any]) -> list[str]:
    found = [
        epc
        for name in ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
        for epc in event.get(name, ())
    ]
    for name in ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"):
        found.extend(element["epcClass"] for element in event.get(name, ()))
    return found + ([event["parentID"]] if "parentID" in event else [])


def test_there_are_thirty_documents() -> None:
    assert len(gs1_examples()) == 30


def test_every_document_is_captured_and_every_event_comes_back_and_is_found() -> None:
    ledger = GoodsLedger()
    captured = 0
    for name, document in gs1_examples().items():
        events = _events(document)
        results = ledger.capture_document(CARRIER, document)
        assert len(results) == len(events), name
        for event, result in zip(events, results, strict=True):
            assert result["status"] in ("claim", "already_captured"), (name, result)
            captured += result["status"] == "claim"
            reports = ledger.reports(result["event_id"])
            texts = [json.loads(report["event"], parse_float=Decimal) for report in reports]
            assert event in texts, name
            assert result["event_id"] in {step["report"]["event_id"] for step in _own_trail(ledger, event)}
            for epc in _named(event):
                found = {step["report"]["event_id"] for step in ledger.trace(epc, depth=0)}
                assert result["event_id"] in found, (name, epc)
            assert result["hash"] in {report["hash"] for report in ledger.reports(result["hash"])}
    assert captured > 30


def _own_trail(ledger: GoodsLedger, event: dict[str, Any]) -> list[dict[str, Any]]:
    named = _named(event)
    if named:
        return ledger.trace(named[0], depth=0)
    # An event about a place alone is found by its id only.
    return [{"report": report} for report in ledger.reports(event["eventID"])]


def test_the_documents_conform_to_the_schema_that_our_rules_are_compared_with() -> None:
    validator = jsonschema.Draft7Validator(json.loads(epcis_schema().read_text("utf-8")))
    for name, document in gs1_examples().items():
        assert validator.is_valid(json.loads(document)), name
        for source in split_document(document):
            assert read_event(source.event, source.context).kind in source.event, name
