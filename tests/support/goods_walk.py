"""A walk through alerts, corrections, dispositions and the cold chain; a part of ``domain_walk``."""

from __future__ import annotations

import json
from typing import Any

from tests.support.domain import GTIN, World

MADE = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    "type": "ObjectEvent",
    "eventTime": "2026-03-02T09:00:00.000Z",
    "eventTimeZoneOffset": "+01:00",
    "action": "ADD",
    "bizStep": "commissioning",
    "readPoint": {"id": "urn:epc:id:sgln:9521321.00001.0"},
}


def contradictions(world: World) -> None:
    """A serial made twice, an event taken back, goods declared damaged, and some kept too warm."""
    other, held = (f"urn:epc:id:sgtin:9506000.013435.{each}" for each in ("Y0", "10"))

    def report(by: str, **changes: Any) -> dict[str, Any]:
        event = {**MADE, "epcList": [other], **changes}
        event = {name: value for name, value in event.items() if value is not None}
        world.do(by, "goods:Capture", events=[{"event": json.dumps(event), "context": ""}])
        return event

    made = report("ProducerMSP")
    report("CarrierMSP", eventTime="2026-03-01T09:00:00.000Z")
    alert = world.ask("RegulatorMSP", "alerts:List", epc=other)["alerts"][0]["id"]
    world.do("ProducerMSP", "alerts:Acknowledge", alert=alert)
    world.do("RegulatorMSP", "alerts:Close", alert=alert, outcome="explained", remark="Çözüldü.")
    world.ask("CarrierMSP", "alerts:Get", alert=alert)
    error = {"declarationTime": "2026-03-03T09:00:00Z", "correctiveEventIDs": ["urn:uuid:1"]}
    world.do(
        "ProducerMSP",
        "goods:Capture",
        events=[{"event": json.dumps(made | {"errorDeclaration": error}), "context": ""}],
    )
    limits = [{"measures": "Temperature", "uom": "CEL", "maximum": "8", "allowed_seconds": 60}]
    world.do("ProducerMSP", "coldChain:SetLimits", gtin=GTIN, limits=limits)
    warm = {"type": "Temperature", "minValue": 46.4, "maxValue": 50, "uom": "FAH"}
    span = {"startTime": "2026-03-04T09:00:00Z", "endTime": "2026-03-04T10:00:00Z"}
    report(
        "ProducerMSP",
        action="OBSERVE",
        epcList=[held],
        sensorElementList=[{"sensorMetadata": span, "sensorReport": [warm]}],
        persistentDisposition={"set": ["damaged", "expired"]},
    )
    world.ask("CarrierMSP", "coldChain:Limits", gtin=GTIN)
    world.ask("CarrierMSP", "coldChain:Exposure", epc=held)
    world.ask("CarrierMSP", "goods:Condition", epcs=[held, other])
