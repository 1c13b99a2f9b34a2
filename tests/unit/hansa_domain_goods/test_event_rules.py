"""Each way an event can break EPCIS 2.0: code and field of its refusal, beside what GS1's schema says."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from hansa_domain.error_codes import Code
from hansa_domain.error_hints import HINTS
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis import read_event
from tests.support.epcis import (
    aggregation_event,
    association_event,
    epcis_schema,
    object_event,
    transaction_event,
    transformation_event,
)

MISSING, INVALID, NOT_ALLOWED = (
    Code.EPCIS_FIELD_MISSING,
    Code.EPCIS_FIELD_INVALID,
    Code.EPCIS_FIELD_NOT_ALLOWED,
)
ITEM = "urn:epc:id:sgtin:9521321.000001.1001"
PLACE = {"id": "urn:epc:id:sgln:9521321.00001.0"}


def sensor(**report: Any) -> dict[str, Any]:
    return object_event(sensorElementList=[{"sensorReport": [{"type": "Temperature"} | report]}])


REPORT = "sensorElementList[0].sensorReport[0]"

# What GS1's JSON Schema refuses too.
WRONG: list[tuple[dict[str, Any], Code, str]] = [
    (object_event(type=None), MISSING, "type"),
    (object_event(eventTime=None), MISSING, "eventTime"),
    (object_event(eventTimeZoneOffset=None), MISSING, "eventTimeZoneOffset"),
    (object_event(action=None), MISSING, "action"),
    (aggregation_event(action=None), MISSING, "action"),
    (transaction_event(action=None), MISSING, "action"),
    (association_event(action=None), MISSING, "action"),
    (association_event(parentID=None), MISSING, "parentID"),
    (transaction_event(bizTransactionList=None), MISSING, "bizTransactionList"),
    (transaction_event(bizTransactionList=[]), INVALID, "bizTransactionList"),
    (transaction_event(epcList=None), MISSING, "epcList"),
    (object_event(epcList=None), MISSING, "epcList"),
    (object_event(epcList=None, quantityList=[]), MISSING, "epcList"),
    (object_event(epcList=None, sensorElementList=[]), MISSING, "epcList"),
    (aggregation_event(childEPCs=None), MISSING, "childEPCs"),
    (aggregation_event(childEPCs=[], action="OBSERVE"), MISSING, "childEPCs"),
    (association_event(childEPCs=None), MISSING, "childEPCs"),
    (transformation_event(outputEPCList=None), MISSING, "outputEPCList"),
    (transformation_event(inputEPCList=None), MISSING, "inputEPCList"),
    (
        transformation_event(
            inputEPCList=None, outputEPCList=[], transformationID="urn:epc:id:gdti:9521321.00001.7"
        ),
        MISSING,
        "inputEPCList",
    ),
    (object_event(eventTimeZoneOffset="+2:00"), INVALID, "eventTimeZoneOffset"),
    (object_event(eventTimeZoneOffset="+14:30"), INVALID, "eventTimeZoneOffset"),
    (object_event(eventTimeZoneOffset="Z"), INVALID, "eventTimeZoneOffset"),
    (object_event(action="CREATE"), INVALID, "action"),
    (object_event(action="add"), INVALID, "action"),
    (object_event(epcList=ITEM), INVALID, "epcList"),
    (object_event(epcList=[ITEM, ITEM]), INVALID, "epcList[1]"),
    (object_event(epcList=[7]), INVALID, "epcList[0]"),
    (transformation_event(inputEPCList=[ITEM, ITEM]), INVALID, "inputEPCList[1]"),
    (object_event(bizStep="urn:epcglobal:cbv:bizstep:shipping"), INVALID, "bizStep"),
    (object_event(bizStep="https://ns.gs1.org/cbv/BizStep-shipping"), INVALID, "bizStep"),
    (object_event(disposition="urn:epcglobal:cbv:disp:in_transit"), INVALID, "disposition"),
    (object_event(persistentDisposition={}), MISSING, "persistentDisposition.set"),
    (object_event(persistentDisposition={"set": []}), INVALID, "persistentDisposition.set"),
    (
        object_event(persistentDisposition={"set": ["recalled", "recalled"]}),
        INVALID,
        "persistentDisposition.set[1]",
    ),
    (object_event(persistentDisposition={"add": ["recalled"]}), NOT_ALLOWED, "persistentDisposition.add"),
    (object_event(persistentDisposition=["recalled"]), INVALID, "persistentDisposition"),
    (object_event(readPoint="urn:epc:id:sgln:9521321.00001.0"), INVALID, "readPoint"),
    (object_event(readPoint={}), MISSING, "readPoint.id"),
    (object_event(bizLocation={"place": "here"}), MISSING, "bizLocation.id"),
    (object_event(bizLocation={"id": 7}), INVALID, "bizLocation.id"),
    (object_event(bizTransactionList=[{"type": "po"}]), MISSING, "bizTransactionList[0].bizTransaction"),
    (
        object_event(bizTransactionList=[{"bizTransaction": "urn:x:1", "note": "x"}]),
        NOT_ALLOWED,
        "bizTransactionList[0].note",
    ),
    (
        object_event(bizTransactionList=[{"type": "urn:epcglobal:cbv:btt:po", "bizTransaction": "urn:x:1"}]),
        INVALID,
        "bizTransactionList[0].type",
    ),
    (object_event(sourceList=[{"source": PLACE["id"]}]), MISSING, "sourceList[0].type"),
    (object_event(sourceList=[{"type": "location"}]), MISSING, "sourceList[0].source"),
    (
        object_event(destinationList=[{"type": "location", "source": PLACE["id"]}]),
        MISSING,
        "destinationList[0].destination",
    ),
    (object_event(quantityList=[{"quantity": 1}]), MISSING, "quantityList[0].epcClass"),
    (
        object_event(quantityList=[{"epcClass": "urn:epc:class:lgtin:9521321.000001.L1", "quantity": "1"}]),
        INVALID,
        "quantityList[0].quantity",
    ),
    (
        object_event(quantityList=[{"epcClass": "urn:epc:class:lgtin:9521321.000001.L1", "uom": "kg"}]),
        INVALID,
        "quantityList[0].uom",
    ),
    (
        object_event(quantityList=[{"epcClass": "urn:epc:class:lgtin:9521321.000001.L1", "example:x": 1}]),
        NOT_ALLOWED,
        "quantityList[0].example:x",
    ),
    (object_event(ilmd={"cbvmda:lotNumber": "1"}), NOT_ALLOWED, "ilmd"),
    (object_event(ilmd={"cbvmda:lotNumber": "1"}, action="DELETE"), NOT_ALLOWED, "ilmd"),
    (object_event(ilmd="x", action="ADD"), INVALID, "ilmd"),
    (object_event(errorDeclaration={}), MISSING, "errorDeclaration.declarationTime"),
    (
        object_event(
            errorDeclaration={
                "declarationTime": "2026-01-01T00:00:00Z",
                "reason": "urn:epcglobal:cbv:er:did_not_occur",
            }
        ),
        INVALID,
        "errorDeclaration.reason",
    ),
    (
        object_event(
            errorDeclaration={"declarationTime": "2026-01-01T00:00:00Z", "correctiveEventIDs": "urn:x:1"}
        ),
        INVALID,
        "errorDeclaration.correctiveEventIDs",
    ),
    (object_event(certificationInfo=7), INVALID, "certificationInfo"),
    (object_event(certificationInfo=["urn:x:1", None]), INVALID, "certificationInfo[1]"),
    (object_event(sensorElementList=[{}]), MISSING, "sensorElementList[0].sensorReport"),
    (object_event(sensorElementList=[{"sensorReport": []}]), INVALID, "sensorElementList[0].sensorReport"),
    (object_event(sensorElementList=[{"sensorReport": [{}]}]), MISSING, f"{REPORT}.type"),
    (sensor(type="https://gs1.org/voc/Temperature"), INVALID, f"{REPORT}.type"),
    (sensor(value="4.5"), INVALID, f"{REPORT}.value"),
    (sensor(value=True), INVALID, f"{REPORT}.value"),
    (sensor(booleanValue="true"), INVALID, f"{REPORT}.booleanValue"),
    (sensor(hexBinaryValue="0xF0"), INVALID, f"{REPORT}.hexBinaryValue"),
    (sensor(stringValue=1), INVALID, f"{REPORT}.stringValue"),
    (sensor(component="urn:epcglobal:cbv:comp:x"), INVALID, f"{REPORT}.component"),
    (sensor(exception="https://www.gs1.org/voc/ALARM"), INVALID, f"{REPORT}.exception"),
    (object_event(eventID=7), INVALID, "eventID"),
]

# What the schema leaves to formats it does not check, or to the words of the standard.
WRONG_BY_THE_STANDARD: list[tuple[dict[str, Any], Code, str]] = [
    (object_event(type="example:QualityEvent"), Code.EPCIS_TYPE_UNKNOWN, "type"),
    (object_event(type="QuantityEvent"), Code.EPCIS_TYPE_UNKNOWN, "type"),
    (object_event(eventTime="2026-03-02T09:00:00"), INVALID, "eventTime"),
    (object_event(eventTime="2026-02-30T09:00:00Z"), INVALID, "eventTime"),
    (object_event(eventTime="0001-01-01T00:00:00+01:00"), INVALID, "eventTime"),
    (object_event(eventTime="9999-12-31T23:59:59.9999Z"), INVALID, "eventTime"),
    (object_event(eventTime="2 March 2026"), INVALID, "eventTime"),
    (object_event(eventTime="\uff12026-03-02T09:00:00Z"), INVALID, "eventTime"),
    (object_event(recordTime="yesterday"), INVALID, "recordTime"),
    (object_event(bizStep="teleporting"), INVALID, "bizStep"),
    (object_event(disposition="lost"), INVALID, "disposition"),
    (object_event(epcList=["item 7"]), INVALID, "epcList[0]"),
    (object_event(eventID="not a uri"), INVALID, "eventID"),
    (object_event(eventID="urn:x:" + "1" * 2050), INVALID, "eventID"),
    (object_event(colour="red"), NOT_ALLOWED, "colour"),
    (object_event(parentID=ITEM), NOT_ALLOWED, "parentID"),
    (aggregation_event(epcList=[ITEM]), NOT_ALLOWED, "epcList"),
    (aggregation_event(ilmd={}), NOT_ALLOWED, "ilmd"),
    (aggregation_event(parentID=None), MISSING, "parentID"),
    (transformation_event(action="ADD"), NOT_ALLOWED, "action"),
    (transaction_event(persistentDisposition={"set": ["recalled"]}), NOT_ALLOWED, "persistentDisposition"),
    (object_event(ilmd={"lot": "1"}, action="ADD"), NOT_ALLOWED, "ilmd.lot"),
    (object_event(readPoint=PLACE | {"dock": "4"}), NOT_ALLOWED, "readPoint.dock"),
    (sensor(colour="red"), NOT_ALLOWED, f"{REPORT}.colour"),
    (object_event(epcList=["urn:epc:id:sgtin:9521321.1.1001"]), Code.EPC_INVALID, "epcList[0]"),
    (object_event(epcList=["https://id.gs1.org/01/09521321000019/21/1"]), Code.EPC_INVALID, "epcList[0]"),
    (aggregation_event(parentID="https://id.gs1.org/00/095213210000000011"), Code.EPC_INVALID, "parentID"),
    (
        object_event(quantityList=[{"epcClass": "https://id.gs1.org/01/09521321000019/10/L1"}]),
        Code.EPC_INVALID,
        "quantityList[0].epcClass",
    ),
    (object_event(**{"@context": None}), MISSING, "@context"),
    (object_event(**{"@context": 7}), INVALID, "@context"),
    (object_event(**{"@context": ["urn:x:1", "urn:x:1"]}), INVALID, "@context"),
    (object_event(**{"@context": ["no uri"]}), INVALID, "@context[0]"),
]


def refusal_of(text: str, context: str = "") -> Refusal:
    with pytest.raises(Refusal) as refused:
        read_event(text, context)
    assert refused.value.code in HINTS
    assert refused.value.message.endswith(".")
    return refused.value


@pytest.mark.parametrize(("event", "code", "field"), WRONG + WRONG_BY_THE_STANDARD)
def test_a_wrong_event_is_refused_at_its_field(event: dict[str, Any], code: Code, field: str) -> None:
    refusal = refusal_of(json.dumps(event))
    assert (refusal.code, refusal.field) == (code, field)


def test_the_schema_refuses_the_same() -> None:
    validator = jsonschema.Draft7Validator(json.loads(epcis_schema().read_text("utf-8")))
    for event, _, field in WRONG:
        assert not validator.is_valid(event), field


@pytest.mark.parametrize(
    "event",
    [
        object_event(),
        object_event(bizStep="https://ref.gs1.org/cbv/BizStep-shipping"),
        object_event(bizStep="https://example.org/steps/roasting", disposition="example:odd"),
        object_event(epcList=[], quantityList=[{"epcClass": "urn:epc:class:lgtin:9521321.000001.L1"}]),
        object_event(
            epcList=None, sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": -1.5}]}]
        ),
        object_event(action="ADD", ilmd={"cbvmda:lotNumber": "1"}),
        object_event(certificationInfo="https://example.org/c/1"),
        object_event(eventTime="2026-03-02T09:00:00.123456789+05:30", eventTimeZoneOffset="-14:00"),
        object_event(readPoint=PLACE | {"example:dock": {"example:no": 4}}),
        object_event(**{"rdfs:comment": "a remark", "https://ns.example.com/epcis/more": [1, None, True]}),
        aggregation_event(),
        aggregation_event(parentID=None, action="OBSERVE"),
        aggregation_event(childEPCs=None, action="DELETE"),
        aggregation_event(
            childEPCs=None,
            childQuantityList=[
                {"epcClass": "urn:epc:idpat:sgtin:9521321.000001.*", "quantity": 10.5, "uom": "KGM"}
            ],
        ),
        association_event(),
        association_event(childEPCs=None, action="DELETE"),
        transaction_event(),
        transaction_event(epcList=None, action="DELETE"),
        transformation_event(),
        transformation_event(outputEPCList=None, transformationID="urn:epc:id:gdti:9521321.00001.7"),
        transformation_event(ilmd={"example:x": "1"}, persistentDisposition={"unset": ["recalled"]}),
    ],
)
def test_a_right_event_is_read_and_the_schema_agrees(event: dict[str, Any]) -> None:
    assert read_event(json.dumps(event)).kind == event["type"]
    validator = jsonschema.Draft7Validator(json.loads(epcis_schema().read_text("utf-8")))
    validator.validate(event)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{} {}",
        "NaN",
        '{"type": "ObjectEvent", "type": "ObjectEvent"}',
        '{"x": Infinity}',
        '{"x": 1e999999999}',
        '{"x": ' + "9" * 5000 + "}",
        '{"x": 0.' + "1" * 60 + "}",
        "[" * 40 + "]" * 40,
        "[" * 100_000,
        r'{"x": "\ud800"}',
        r'{"\udfff": 1}',
    ],
)
def test_what_is_not_sound_json_is_refused(text: str) -> None:
    assert refusal_of(text).code is Code.MALFORMED_DOCUMENT


def test_an_event_is_an_object() -> None:
    assert refusal_of("[]").code is INVALID
    assert refusal_of('"ObjectEvent"').code is INVALID


def test_an_oversized_event_is_refused() -> None:
    text = json.dumps(object_event(**{"example:x": "x" * 400_000}))
    assert refusal_of(text).code is Code.EVENT_TOO_LARGE


def test_a_wrong_context_of_the_document_is_refused_as_such() -> None:
    event = json.dumps(object_event(**{"@context": None}))
    assert refusal_of(event, "{").field == "@context"
    assert refusal_of(event, "7").code is INVALID
