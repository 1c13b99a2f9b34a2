"""The documents of the default scenario, as the scenario plays them: all accepted, and the goods arrive."""

from __future__ import annotations

import json

import jsonschema

from hansa_domain.goods.epcis import read_event, split_document
from hansa_domain.gs1 import parse
from tests.support.epcis import REPOSITORY, epcis_schema
from tests.support.goods import CARRIER, GTIN, PRODUCER, RETAILER, GoodsLedger

DOCUMENTS = {
    path.stem: path.read_text("utf-8")
    for path in sorted((REPOSITORY / "examples" / "epcis").glob("*.jsonld"))
}
ITEM = "urn:epc:id:sgtin:9521321.000001.1003"
SSCC = "095213210000000018"


def test_the_delivery_is_accepted_from_the_first_event_to_the_last() -> None:
    ledger = GoodsLedger()
    ledger.register(GTIN)
    reporters = [PRODUCER, PRODUCER, PRODUCER, CARRIER, CARRIER, RETAILER]
    holders = []
    order = ""
    for number, (reporter, document) in enumerate(zip(reporters, DOCUMENTS.values(), strict=True), 1):
        if number == 3:
            order = ledger.order(4)
            ledger.command("orders:Ship", PRODUCER, order=order, sscc=SSCC)
        results = ledger.capture_document(reporter, document)
        assert {result["status"] for result in results} == {"accepted"}, results
        holders.append(ledger.unit(ITEM)["custodian"])
    assert holders == [PRODUCER, PRODUCER, CARRIER, CARRIER, CARRIER, RETAILER]
    ledger.command("orders:Confirm", RETAILER, order=order)
    assert ledger.unit(ITEM)["owner"] == RETAILER

    steps = [json.loads(step["report"]["event"])["bizStep"] for step in ledger.trace(ITEM)]
    assert steps == [
        "commissioning",
        "packing",
        "shipping",
        "departing",
        "arriving",
        "receiving",
        "unpacking",
    ]


def test_every_identifier_is_a_right_gs1_key_and_every_document_conforms() -> None:
    validator = jsonschema.Draft7Validator(json.loads(epcis_schema().read_text("utf-8")))
    assert len(DOCUMENTS) == 6
    for name, document in DOCUMENTS.items():
        validator.validate(json.loads(document))
        for source in split_document(document):
            event = read_event(source.event, source.context)
            for epc in (*event.named, event.read_point or ""):
                key = parse(epc)
                assert key is not None, (name, epc)
                assert key.check_digit_right
                assert "95213" in key.value
