"""Events with every field that EPCIS 2.0 gives their type, and systematic ways of breaking them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jsonschema

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"example": "http://ns.example.com/epcis/"},
]
_ITEMS = ["urn:epc:id:sgtin:9521321.000001.1001", "https://id.gs1.org/01/09521321000018/21/1002"]
_QUANTITIES = [
    {"epcClass": "urn:epc:class:lgtin:9521321.000001.L1", "quantity": 12.5, "uom": "KGM"},
    {"epcClass": "urn:epc:idpat:sgtin:9521321.000001.*", "quantity": 3},
]
_DEVICE = {
    "deviceID": "urn:epc:id:giai:9521321.sensor-1",
    "deviceMetadata": "https://example.org/devices/1",
    "rawData": "https://example.org/raw/1",
    "dataProcessingMethod": "https://example.org/methods/1",
    "bizRules": "https://example.org/rules/1",
}
_SENSORS = [
    {
        "sensorMetadata": {
            "time": "2026-03-02T09:00:00Z",
            "startTime": "2026-03-02T08:00:00Z",
            "endTime": "2026-03-02T09:00:00Z",
            **_DEVICE,
            "example:position": "front",
        },
        "sensorReport": [
            {
                "type": "Temperature",
                "exception": "ALARM_CONDITION",
                "time": "2026-03-02T08:30:00.000+01:00",
                **_DEVICE,
                "microorganism": "https://www.ncbi.nlm.nih.gov/taxonomy/1126011",
                "chemicalSubstance": "https://identifiers.org/inchikey:CZMRCDWAGMRECN-UGDNZRGBSA-N",
                "coordinateReferenceSystem": "https://gs1.org/voc/CRS-WGS84",
                "value": 8.5,
                "component": "latitude",
                "stringValue": "text",
                "booleanValue": True,
                "hexBinaryValue": "f0F0",
                "uriValue": "https://example.org/values/1",
                "minValue": -1,
                "maxValue": 9.25,
                "meanValue": 4,
                "sDev": 0.5,
                "percRank": 50,
                "percValue": 4.5,
                "uom": "CEL",
                "example:more": [1, {"example:deep": True}],
            }
        ],
        "example:batch": "7",
    }
]
COMMON: dict[str, Any] = {
    "@context": CONTEXT,
    "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    "eventTime": "2026-03-02T09:00:00.000Z",
    "recordTime": "2026-03-02T09:00:01.000Z",
    "eventTimeZoneOffset": "+01:00",
    "certificationInfo": ["https://example.org/certificates/1"],
    "errorDeclaration": {
        "declarationTime": "2026-03-03T09:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"],
        "example:by": "night shift",
    },
    "bizStep": "shipping",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:9521321.00001.0", "example:dock": 4},
    "bizLocation": {"id": "https://id.gs1.org/414/9521321000018", "example:hall": "B"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521321000003:PO-1"},
        {"bizTransaction": "https://example.org/orders/2"},
    ],
    "sourceList": [{"type": "possessing_party", "source": "urn:epc:id:pgln:9521321.00000"}],
    "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:pgln:9521321.00001"}],
    "sensorElementList": _SENSORS,
    "example:note": {"example:by": ["a", 1, None, False]},
}
_PERSISTENT = {"set": ["damaged", "completeness_inferred"], "unset": ["completeness_verified"]}
_ILMD = {"cbvmda:lotNumber": "L1", "example:vintage": {"example:year": 2025}}

SPECIMENS: dict[str, dict[str, Any]] = {
    "ObjectEvent": COMMON
    | {
        "type": "ObjectEvent",
        "action": "ADD",
        "epcList": _ITEMS,
        "quantityList": _QUANTITIES,
        "persistentDisposition": _PERSISTENT,
        "ilmd": _ILMD,
    },
    "AggregationEvent": COMMON
    | {
        "type": "AggregationEvent",
        "action": "ADD",
        "parentID": "urn:epc:id:sscc:9521321.0000000001",
        "childEPCs": _ITEMS,
        "childQuantityList": _QUANTITIES,
    },
    "AssociationEvent": COMMON
    | {
        "type": "AssociationEvent",
        "action": "ADD",
        "parentID": "urn:epc:id:grai:9521321.00007.1",
        "childEPCs": _ITEMS,
        "childQuantityList": _QUANTITIES,
    },
    "TransactionEvent": COMMON
    | {
        "type": "TransactionEvent",
        "action": "ADD",
        "parentID": "urn:epc:id:sscc:9521321.0000000001",
        "epcList": _ITEMS,
        "quantityList": _QUANTITIES,
    },
    "TransformationEvent": COMMON
    | {
        "type": "TransformationEvent",
        "inputEPCList": _ITEMS,
        "inputQuantityList": _QUANTITIES,
        "outputEPCList": ["urn:epc:id:sgtin:9521321.000002.5001"],
        "outputQuantityList": _QUANTITIES,
        "transformationID": "urn:epc:id:gdti:9521321.00001.7",
        "persistentDisposition": _PERSISTENT,
        "ilmd": _ILMD,
    },
}

_VOCABULARIES = [
    {
        "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
        "vocabularyElementList": [
            {
                "id": "urn:epc:id:sgln:9521321.00001.0",
                "attributes": [{"id": "cbvmda:site", "attribute": "9521321000018"}],
                "children": ["urn:epc:id:sgln:9521321.00001.1"],
            }
        ],
    }
]
_FRAME = {
    "@context": CONTEXT,
    "id": "https://example.org/documents/1",
    "schemaVersion": "2.0",
    "creationDate": "2026-03-02T09:00:00Z",
    "example:note": 1,
}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "EPCISDocument": _FRAME
    | {
        "type": "EPCISDocument",
        "instanceIdentifier": "1",
        "sender": "a",
        "receiver": "b",
        "epcisHeader": {"epcisMasterData": {"vocabularyList": _VOCABULARIES}, "example:more": 1},
        "epcisBody": {"eventList": []},
    },
    "EPCISQueryDocument": _FRAME
    | {
        "type": "EPCISQueryDocument",
        "epcisBody": {
            "queryResults": {
                "queryName": "q",
                "subscriptionID": "s",
                "resultsBody": {"eventList": [], "vocabularyList": _VOCABULARIES},
            }
        },
    },
}
"""Documents without events, with every field of the frame."""

WRONG_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1.5,
    "",
    "no such term",
    "nosuchterm",
    "urn:epcglobal:cbv:bizstep:shipping",
    "https://example.org/anything",
    "2026-03-02T09:00:00",
    "+15:00",
    [],
    {},
    [1],
    ["urn:epc:id:sgtin:9521321.000001.1001"] * 2,
    {"colour": 1},
)
"""Put in the place of every value in turn: most are wrong there, some are right; the schema says which."""


@dataclass(frozen=True)
class Broken:
    """An event with one change, the path of the change (``readPoint.id``), and what was done."""

    event: dict[str, Any]
    path: str
    deed: str


def broken(event: dict[str, Any], *, beside: Collection[str] = ()) -> Iterator[Broken]:
    """Every event that comes of one change: a member removed, added, or of another value.

    Args:
        event: a right one.
        beside: fields of it whose own members are left alone.
    """
    event = json.loads(json.dumps(event))
    for steps in _places(event):
        if len(steps) > 1 and steps[0] in beside:
            continue
        parent, last = _at(event, steps[:-1]), steps[-1]
        path = _path(steps)
        for value in WRONG_VALUES:
            if _same(parent[last], value):
                continue
            changed = copy.deepcopy(event)
            _at(changed, steps[:-1])[last] = copy.deepcopy(value)
            yield Broken(changed, path, f"is {value!r}")
        changed = copy.deepcopy(event)
        del _at(changed, steps[:-1])[last]
        yield Broken(changed, path, "is removed")
        if isinstance(parent[last], list) and parent[last]:
            changed = copy.deepcopy(event)
            _at(changed, steps).append(copy.deepcopy(parent[last][0]))
            yield Broken(changed, f"{path}[{len(parent[last])}]", "repeats the first")
    for steps in ((), *_places(event)):
        if isinstance(_at(event, steps), dict) and not (steps and steps[0] in beside):
            changed = copy.deepcopy(event)
            _at(changed, steps)["colour"] = "red"
            yield Broken(changed, _path((*steps, "colour")), "is added")


def _places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield (*above, name)
        if isinstance(member, dict | list):
            yield from _places(member, (*above, name))


def _at(value: Any, steps: tuple[str | int, ...]) -> Any:
    for step in steps:
        value = value[step]
    return value


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _path(steps: tuple[str | int, ...]) -> str:
    found = ""
    for step in steps:
        found += f"[{step}]" if isinstance(step, int) else f".{step}" if found else step
    return found


FORMATS = jsonschema.FormatChecker(formats=())
"""The formats that the schema names, checked apart from our own code."""


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return (
        not isinstance(value, str)
        or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", value) is not None
    )


@FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    return "T" in value and datetime.fromisoformat(value).tzinfo is not None
