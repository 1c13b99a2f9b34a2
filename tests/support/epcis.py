"""EPCIS events to test with, and where GS1's own examples are found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"example": "http://ns.example.com/epcis/"},
]


def shared_data() -> Path:
    """The folder of reference data: ``$HANSA_SHARED_DATA``, else beside the repository."""
    named = os.environ.get("HANSA_SHARED_DATA")
    return Path(named) if named else REPOSITORY.parent / "shared" / "data"


def gs1_examples() -> dict[str, str]:
    """GS1's published EPCIS documents by file name; skips the test where the folder is absent."""
    folder = shared_data() / "epcis" / "examples"
    if not folder.is_dir():
        pytest.skip("GS1's EPCIS examples are not here; set HANSA_SHARED_DATA to the folder that has them")
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.jsonld"))}


def epcis_schema() -> Path:
    """GS1's JSON Schema of EPCIS 2.0; skips the test where it is absent."""
    path = shared_data() / "epcis" / "schema" / "EPCIS-JSON-Schema.json"
    if not path.is_file():
        pytest.skip("GS1's EPCIS JSON Schema is not here; set HANSA_SHARED_DATA to the folder that has it")
    return path


def object_event(**changes: Any) -> dict[str, Any]:
    """A right ObjectEvent that stands alone; a change of None removes the field."""
    event = {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "eventTime": "2026-03-02T09:00:00.000Z",
        "eventTimeZoneOffset": "+01:00",
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "epcList": ["urn:epc:id:sgtin:9521321.000001.1001"],
        "readPoint": {"id": "urn:epc:id:sgln:9521321.00001.0"},
    }
    return _changed(event, changes)


def aggregation_event(**changes: Any) -> dict[str, Any]:
    """A right AggregationEvent that stands alone: a serialised item packed into a logistic unit."""
    event = object_event(
        type="AggregationEvent",
        action="ADD",
        bizStep="packing",
        epcList=None,
        parentID="urn:epc:id:sscc:9521321.0000000001",
        childEPCs=["urn:epc:id:sgtin:9521321.000001.1001"],
    )
    return _changed(event, changes)


def transformation_event(**changes: Any) -> dict[str, Any]:
    """A right TransformationEvent that stands alone: one item becomes another."""
    event = object_event(
        type="TransformationEvent",
        action=None,
        bizStep="commissioning",
        epcList=None,
        inputEPCList=["urn:epc:id:sgtin:9521321.000001.1001"],
        outputEPCList=["urn:epc:id:sgtin:9521321.000002.5001"],
    )
    return _changed(event, changes)


def transaction_event(**changes: Any) -> dict[str, Any]:
    """A right TransactionEvent that stands alone."""
    transactions = [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521321000003:PO-1"}]
    return _changed(object_event(type="TransactionEvent", bizTransactionList=transactions), changes)


def association_event(**changes: Any) -> dict[str, Any]:
    """A right AssociationEvent that stands alone: a sensor fixed to a returnable asset."""
    event = object_event(
        type="AssociationEvent",
        action="ADD",
        bizStep="installing",
        epcList=None,
        parentID="urn:epc:id:grai:9521321.00007.1",
        childEPCs=["urn:epc:id:giai:9521321.sensor-1"],
    )
    return _changed(event, changes)


def _changed(event: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (event | changes).items() if value is not None}
