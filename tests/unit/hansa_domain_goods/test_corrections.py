"""An event declared in error no longer counts: undone where nothing was built on it, else doubted."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.support.epcis import aggregation_event, object_event, transformation_event
from tests.support.goods import CARRIER, OTHER_GTIN, PRODUCER, REGULATOR, RETAILER, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
LINK = "https://id.gs1.org/01/09521321000018/21/{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"
RIGHT = "urn:uuid:404d95fc-9457-4a51-bd6a-0bba133845a8"
_NUMBERS = itertools.count()


@pytest.fixture
def ledger() -> GoodsLedger:
    ledger = GoodsLedger()
    ledger.register()
    ledger.register(OTHER_GTIN)
    return ledger


def made(*serials: int, **changes: Any) -> dict[str, Any]:
    epcs = [ITEM.format(each) for each in serials]
    return object_event(**{"action": "ADD", "bizStep": "commissioning", "epcList": epcs} | changes)


def pack(*serials: int, **changes: Any) -> dict[str, Any]:
    epcs = [ITEM.format(each) for each in serials]
    return aggregation_event(**{"parentID": PALLET, "childEPCs": epcs} | changes)


def seen(epc: str, step: str, **changes: Any) -> dict[str, Any]:
    return object_event(**{"epcList": [epc], "bizStep": step, "eventTime": "2026-03-04T09:10:00Z"} | changes)


def wrong(event: dict[str, Any], *corrective: str) -> dict[str, Any]:
    """The declaration that the event is in error."""
    error: dict[str, Any] = {"declarationTime": "2026-03-05T09:00:00Z", "reason": "incorrect_data"}
    if corrective:
        error["correctiveEventIDs"] = list(corrective)
    return event | {"errorDeclaration": error}


def state(ledger: GoodsLedger, *nouns: str) -> dict[tuple[str, ...], Any]:
    """Records of these nouns, without what is empty."""
    return {
        key: json.loads(value)
        for key, value in ledger.world.state.items()
        if key[0] in (nouns or ("unit", "lot-holding", "offspring", "transformation"))
    }


@pytest.mark.parametrize(
    "event",
    [
        made(7, 8),
        seen(ITEM.format(1), "destroying", action="DELETE"),
        pack(1, 2),
        pack(3, 4, action="DELETE", parentID="urn:epc:id:sscc:9521321.0000000002"),
        transformation_event(
            inputEPCList=[ITEM.format(1)], outputEPCList=["urn:epc:id:sgtin:9521321.000002.5"]
        ),
        seen(ITEM.format(1), "inspecting", persistentDisposition={"set": ["damaged"]}),
    ],
    ids=["making", "ending", "packing", "unpacking", "transformation", "disposition"],
)
def test_what_nothing_was_built_on_is_undone(ledger: GoodsLedger, event: dict[str, Any]) -> None:
    ledger.capture(PRODUCER, made(1, 2, 3, 4))
    other = pack(3, 4) | {"parentID": "urn:epc:id:sscc:9521321.0000000002"}
    ledger.capture(PRODUCER, other)
    before = state(ledger)
    assert ledger.capture(PRODUCER, event)[0]["status"] == "accepted"
    assert state(ledger) != before
    (result,) = ledger.capture(PRODUCER, wrong(event))
    assert (result["status"], result["outcome"]) == ("accepted", "undone")
    assert state(ledger) == before
    told = next(each for each in ledger.events if each["type"] == "event.declared-in-error")
    assert (told["outcome"], told["doubted"]) == ("undone", [])
    (report,) = [each for each in ledger.reports(result["event_id"]) if not each["error_declared"]]
    assert report["declared_in_error"]


def test_the_units_of_a_making_that_is_undone_are_gone_and_may_be_made_anew(ledger: GoodsLedger) -> None:
    event = made(1)
    ledger.capture(PRODUCER, event)
    ledger.capture(PRODUCER, wrong(event, RIGHT))
    assert ledger.world.refusal(PRODUCER, "goods:Unit", {"epc": ITEM.format(1)})[0] == "UNIT_NOT_FOUND"
    again = ledger.capture(PRODUCER, made(1, eventTime="2026-03-02T10:11:00Z", eventID=RIGHT))
    assert again[0]["status"] == "accepted"
    assert [each["type"] for each in ledger.events] == ["goods.captured", "custody.moved"]
    corrective = ledger.reports(RIGHT)
    (first,) = [each for each in ledger.reports(corrective[0]["corrects"][0]) if not each["error_declared"]]
    assert first["corrective_event_ids"] == [RIGHT]


def test_lots_are_taken_back_with_their_balance(ledger: GoodsLedger) -> None:
    first, second = (f"urn:epc:class:lgtin:9521321.000001.L{number}" for number in (1, 2))
    ledger.capture(
        PRODUCER,
        object_event(
            action="ADD", epcList=None, quantityList=[{"epcClass": first, "quantity": 10, "uom": "KGM"}]
        ),
    )
    before = state(ledger, "lot-holding")
    milled = transformation_event(
        inputEPCList=None,
        outputEPCList=None,
        inputQuantityList=[{"epcClass": first, "quantity": 4, "uom": "KGM"}],
        outputQuantityList=[{"epcClass": second, "quantity": 4, "uom": "KGM"}],
    )
    ledger.capture(PRODUCER, milled)
    assert ledger.capture(PRODUCER, wrong(milled))[0]["outcome"] == "undone"
    left = state(ledger, "lot-holding")
    assert [each["quantity"] for each in left.values()] == ["10", "0"]
    assert {key: left[key] for key in before} == before


def test_what_was_made_of_inputs_that_are_taken_back_stays_and_is_doubted(ledger: GoodsLedger) -> None:
    """Told in several events, the inputs alone cannot go: something would have come of nothing."""
    first, second = (f"urn:epc:class:lgtin:9521321.000001.L{number}" for number in (1, 2))
    whole = {"inputEPCList": None, "outputEPCList": None, "transformationID": "urn:uuid:mill-1"}
    inputs = transformation_event(
        **whole, inputQuantityList=[{"epcClass": first, "quantity": 4, "uom": "KGM"}]
    )
    ledger.capture(PRODUCER, inputs)
    ledger.capture(
        PRODUCER,
        transformation_event(**whole, outputQuantityList=[{"epcClass": second, "quantity": 4, "uom": "KGM"}]),
    )
    before = state(ledger)
    assert ledger.capture(PRODUCER, wrong(inputs))[0]["outcome"] == "doubted"
    assert state(ledger) == before


def test_what_others_built_on_stays_and_the_goods_are_marked(ledger: GoodsLedger) -> None:
    event = made(1, 2)
    ledger.capture(PRODUCER, event, pack(1, eventTime="2026-03-02T10:10:00Z"))
    before = state(ledger)
    (result,) = ledger.capture(PRODUCER, wrong(event))
    assert result["outcome"] == "doubted"
    assert state(ledger) == before
    types = [each["type"] for each in ledger.events]
    assert types == ["goods.captured", "event.declared-in-error", "alert.raised", "alert.raised"]
    (condition,) = ledger.world.ask(RETAILER, "goods:Condition", epcs=[ITEM.format(1)])["conditions"]
    assert [each["code"] for each in condition["alerts"]] == ["declared_in_error"]
    assert condition["doubted"] == [result["event_id"]]
    assert condition["sellable"], "a doubt is shown, and takes nobody's goods hostage"
    alert = condition["alerts"][0]["alert"]
    ledger.command("alerts:Close", REGULATOR, alert=alert, outcome="explained", remark="Looked at.")
    (condition,) = ledger.world.ask(RETAILER, "goods:Condition", epcs=[ITEM.format(1)])["conditions"]
    assert (condition["alerts"], condition["doubted"]) == ([], [])


def test_sold_goods_cannot_be_unmade_by_who_made_them(ledger: GoodsLedger) -> None:
    event = made(1)
    ledger.capture(PRODUCER, event)
    order = ledger.order(1)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[ITEM.format(1)])
    ledger.command("orders:Confirm", RETAILER, order=order)
    before = ledger.units()
    assert ledger.capture(PRODUCER, wrong(event))[0]["outcome"] == "doubted"
    assert ledger.units() == before
    offer = {"taker": CARRIER, "epcs": [ITEM.format(1)], "passes": "ownership"}
    ledger.command("handovers:Offer", RETAILER, **offer)


def test_nobody_gives_goods_back_to_another_by_his_own_word(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made(1))
    order = ledger.order(1)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[ITEM.format(1)])
    taken = seen(ITEM.format(1), "receiving")
    ledger.capture(RETAILER, taken)
    assert ledger.unit(ITEM.format(1))["custodian"] == RETAILER
    assert ledger.capture(RETAILER, wrong(taken))[0]["outcome"] == "doubted"
    assert ledger.unit(ITEM.format(1))["custodian"] == RETAILER


def test_only_the_reporter_takes_an_event_back(ledger: GoodsLedger) -> None:
    event = made(1) | {"eventID": "urn:uuid:1"}
    ledger.capture(PRODUCER, event)
    before = ledger.units()
    (result,) = ledger.capture(RETAILER, wrong(event))
    assert (result["status"], result["outcome"]) == ("claim", "nothing")
    assert ledger.units() == before
    (report,) = [each for each in ledger.reports("urn:uuid:1") if each["reporter"] == PRODUCER]
    assert not report["declared_in_error"]


def test_a_declaration_repeats_the_event_exactly(ledger: GoodsLedger) -> None:
    event = made(1) | {"eventID": "urn:uuid:1"}
    ledger.capture(PRODUCER, event)
    (result,) = ledger.capture(PRODUCER, wrong(event | {"bizStep": "other"}))
    assert (result["code"], result["field"]) == ("ERROR_DECLARATION_DIFFERS", "eventID")
    (result,) = ledger.capture(PRODUCER, wrong(event) | {"recordTime": "2026-03-05T09:00:00Z"})
    assert result["outcome"] == "undone"


def test_a_declaration_is_taken_once(ledger: GoodsLedger) -> None:
    event = made(1)
    ledger.capture(PRODUCER, event)
    assert ledger.capture(PRODUCER, wrong(event))[0]["outcome"] == "undone"
    assert ledger.capture(PRODUCER, wrong(event))[0]["status"] == "already_captured"
    assert ledger.capture(PRODUCER, wrong(event, RIGHT))[0]["outcome"] == "nothing"
    assert ledger.capture(PRODUCER, event)[0]["status"] == "already_captured"


def test_an_event_that_arrives_after_it_was_taken_back_does_not_count(ledger: GoodsLedger) -> None:
    event = made(1)
    assert ledger.capture(PRODUCER, wrong(event))[0]["status"] == "accepted"
    (result,) = ledger.capture(PRODUCER, event)
    assert (result["status"], result["reason"]) == ("claim", "declared_in_error")
    assert ledger.units() == {}
    assert [each["type"] for each in ledger.events] == ["goods.captured"]


def test_an_event_and_its_error_in_one_document(ledger: GoodsLedger) -> None:
    event = made(1)
    results = ledger.capture(PRODUCER, event, wrong(event), made(1, eventTime="2026-03-02T11:11:11Z"))
    assert [each["status"] for each in results] == ["accepted"] * 3
    assert results[1]["outcome"] == "undone"
    assert ledger.unit(ITEM.format(1))["custodian"] == PRODUCER


def test_alerts_that_rest_on_it_fall_away_and_its_sighting_is_forgotten(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made(1))
    early = seen(ITEM.format(1), "stocking", eventTime="2026-03-01T09:10:00Z")
    ledger.capture(RETAILER, early)
    (alert,) = ledger.world.ask(REGULATOR, "alerts:List")["alerts"]
    assert alert["code"] == "seen_before_made"
    ledger.capture(RETAILER, wrong(early))
    (closed,) = ledger.world.ask(REGULATOR, "alerts:List")["alerts"]
    assert (closed["status"], closed["outcome"], closed["closed_by"]) == ("closed", "withdrawn", RETAILER)
    watch = ledger.world.record("watch", LINK.format(1))
    assert (watch["claimed"], watch["alerts"]) == ([], [])


def test_a_trail_does_not_go_through_what_was_taken_back(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made(1))
    turned = transformation_event(
        inputEPCList=[ITEM.format(1)], outputEPCList=["urn:epc:id:sgtin:9521321.000002.5"]
    )
    ledger.capture(PRODUCER, turned)
    output = "urn:epc:id:sgtin:9521321.000002.5"
    assert "upstream" in {step["relation"] for step in ledger.trace(output)}
    ledger.capture(PRODUCER, wrong(turned))
    steps = ledger.trace(output)
    found = {(step["relation"], step["report"]["declared_in_error"]) for step in steps}
    assert found == {("goods", True), ("goods", False)}
    (declaration,) = [step for step in steps if not step["report"]["declared_in_error"]]
    assert declaration["report"]["error_declared"]


def test_gs1s_example_of_an_error_and_its_correction(ledger: GoodsLedger) -> None:
    """The wrong event itself is not in GS1's document; it is declared all the same."""
    from tests.support.epcis import gs1_examples

    document = gs1_examples()["ErrorDeclarationAndCorrectiveEvent.jsonld"]
    declared, corrective = ledger.capture_document(PRODUCER, document)
    assert declared["outcome"] == "nothing"
    (report,) = ledger.reports(corrective["event_id"])
    assert report["corrects"] == [declared["event_id"]]
