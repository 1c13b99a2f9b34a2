"""Capturing events: a result each, claims beside accepted events, and what happens to the goods."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.batches import batches
from hansa_domain.goods.capture import MAX_EVENTS, MAX_INDEX_ENTRIES
from hansa_domain.goods.epcis import EventSource, read_event
from hansa_domain.times import rfc3339
from tests.support.epcis import (
    aggregation_event,
    association_event,
    object_event,
    transaction_event,
    transformation_event,
)
from tests.support.goods import BANK, CARRIER, GTIN, OTHER_GTIN, PRODUCER, REGULATOR, RETAILER, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
ITEM_LINK = "https://id.gs1.org/01/09521321000018/21/{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"


@pytest.fixture
def ledger() -> GoodsLedger:
    """A ledger where the producer owns one product and nothing was captured."""
    ledger = GoodsLedger()
    ledger.register()
    return ledger


def commission(*serials: int, **changes: Any) -> dict[str, Any]:
    """The event by which these items come into being."""
    epcs = [ITEM.format(serial) for serial in serials]
    return object_event(**{"action": "ADD", "bizStep": "commissioning", "epcList": epcs} | changes)


def pack(*serials: int, **changes: Any) -> dict[str, Any]:
    """The event by which these items are packed on the pallet."""
    epcs = [ITEM.format(serial) for serial in serials]
    return aggregation_event(**{"parentID": PALLET, "childEPCs": epcs} | changes)


def seen(epc: str, step: str, time: str = "2026-03-04T09:00:00Z") -> dict[str, Any]:
    """An observation."""
    return object_event(epcList=[epc], bizStep=step, eventTime=time)


def statuses(results: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(result["status"], result.get("reason")) for result in results]


def test_the_owner_of_a_product_commissions_units(ledger: GoodsLedger) -> None:
    assert statuses(ledger.capture(PRODUCER, commission(1, 2))) == [("accepted", None)]
    unit = ledger.unit(ITEM_LINK.format(2))
    assert unit == {
        "v": 3,
        "epc": ITEM_LINK.format(2),
        "gtin": GTIN,
        "owner": PRODUCER,
        "custodian": PRODUCER,
        "order": None,
        "parent": None,
        "contents": [],
        "ended": None,
        "lot": None,
        "made_at": rfc3339(ledger.world.now),
        "dispositions": {},
    }
    assert [event["type"] for event in ledger.events] == ["goods.captured", "custody.moved"]
    assert ledger.events[1]["changes"] == [
        {"epc": ITEM_LINK.format(serial), "giver": None, "holder": PRODUCER} for serial in (1, 2)
    ]


def test_a_captured_event_comes_back_exactly_as_received(ledger: GoodsLedger) -> None:
    text = json.dumps(commission(1), indent=3).replace('"ADD"', '"ADD"  ')
    (result,) = ledger.capture(PRODUCER, text)
    (report,) = ledger.reports(result["event_id"])
    assert report["event"] == text
    assert (report["reporter"], report["status"]) == (PRODUCER, "accepted")
    assert report["time"] == "2026-03-02T09:00:00.000Z"


def test_an_event_of_equal_content_is_captured_once(ledger: GoodsLedger) -> None:
    event = commission(1)
    (first,) = ledger.capture(PRODUCER, event)
    state = dict(ledger.world.state)
    again = dict(reversed(event.items())) | {"epcList": [ITEM_LINK.format(1)]}
    (second,) = ledger.capture(PRODUCER, json.dumps(again, indent=1))
    assert second == {"status": "already_captured", "event_id": first["event_id"], "hash": first["hash"]}
    assert {key for key in ledger.world.state.keys() - state.keys() if key[0] != "command"} == set()
    assert ledger.events == []


def test_a_capture_writes_exactly_this(ledger: GoodsLedger) -> None:
    event = seen(ITEM.format(1), "inspecting")
    result = ledger.world.do(RETAILER, "goods:Capture", events=[{"event": json.dumps(event)}])
    digest = read_event(json.dumps(event)).hash
    place = [digest, RETAILER, "event"]
    record = {
        "v": 3,
        "event_id": digest,
        "hash": digest,
        "reporter": RETAILER,
        "status": "claim",
        "reason": "goods_unknown",
        "text": json.dumps(event),
        "context": "",
        "time": "2026-03-04T09:00:00.000Z",
        "captured_at": rfc3339(ledger.world.now),
        "tx_id": f"tx{ledger.world.calls}",
        "error_declared": False,
        "on_behalf_of": None,
        "declared_in_error": False,
        "corrective_event_ids": [],
    }
    sighting = {
        "event": digest,
        "hash": digest,
        "reporter": RETAILER,
        "time": "2026-03-04T09:00:00.000Z",
        "vague": "hour",
        "step": "inspecting",
        "place": "https://id.gs1.org/414/9521321000018",
    }
    watch = {
        "v": 1,
        "epc": ITEM_LINK.format(1),
        "made": None,
        "ended": None,
        "seen": [],
        "claimed": [sighting],
        "alerts": [],
        "doubted": [],
    }
    assert result.writes == {
        ("epcis-event", *place): record,
        ("epcis-hash", digest, *place): {"v": 1, "event": place},
        ("epc-event", ITEM_LINK.format(1), "2026-03-04T09:00:00.000Z", *place): {
            "v": 1,
            "event": place,
            "claim": True,
        },
        ("watch", ITEM_LINK.format(1)): watch,
    }


def test_a_capture_tells_exactly_this(ledger: GoodsLedger) -> None:
    event = seen(ITEM.format(1), "inspecting")
    result = ledger.world.do(RETAILER, "goods:Capture", events=[{"event": json.dumps(event)}])
    digest = read_event(json.dumps(event)).hash
    view = {
        "event_id": digest,
        "hash": digest,
        "kind": "ObjectEvent",
        "status": "claim",
        "time": "2026-03-04T09:00:00.000Z",
        "action": "OBSERVE",
        "biz_step": "inspecting",
        "read_point": "https://id.gs1.org/414/9521321000018",
        "error_declared": False,
        "epcs": [ITEM_LINK.format(1)],
        "orders": [],
        "roles": [["epc"]],
        "variant": "event",
        "disposition": None,
        "biz_location": None,
        "declared_in_error": False,
    }
    assert result.events == [
        {
            "type": "goods.captured",
            "v": 1,
            "reporter": RETAILER,
            "events": [view],
            "at": rfc3339(ledger.world.now),
        }
    ]
    answer = {"status": "claim", "event_id": digest, "hash": digest, "reason": "goods_unknown"}
    assert result.reply == {"results": [answer], "alerts": []}


def test_a_claim_sent_again_counts_once_its_reporter_has_standing() -> None:
    ledger = GoodsLedger()
    assert statuses(ledger.capture(PRODUCER, commission(1))) == [("claim", "goods_unknown")]
    assert statuses(ledger.capture(PRODUCER, commission(1))) == [("already_captured", "goods_unknown")]
    ledger.register()
    assert statuses(ledger.capture(PRODUCER, commission(1))) == [("accepted", None)]
    assert ledger.unit(ITEM.format(1))["custodian"] == PRODUCER
    assert statuses(ledger.capture(PRODUCER, commission(1))) == [("already_captured", None)]
    assert [step["report"]["status"] for step in ledger.trace(ITEM.format(1))] == ["accepted"]


def test_an_event_twice_in_one_command_is_captured_once(ledger: GoodsLedger) -> None:
    results = ledger.capture(PRODUCER, commission(1), commission(1))
    assert [result["status"] for result in results] == ["accepted", "already_captured"]


def test_an_event_id_serves_one_event_of_a_reporter(ledger: GoodsLedger) -> None:
    uuid = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    ledger.capture(PRODUCER, commission(1, eventID=uuid))
    (result,) = ledger.capture(PRODUCER, commission(2, eventID=uuid))
    assert (result["status"], result["code"], result["field"]) == ("refused", "EVENT_ID_REUSED", "eventID")
    with pytest.raises(Refusal) as refused:
        ledger.unit(ITEM.format(2))
    assert (refused.value.code, refused.value.field) == (Code.UNIT_NOT_FOUND, "epc")


def test_nobody_can_occupy_the_event_ids_of_another(ledger: GoodsLedger) -> None:
    uuid = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    ledger.capture(CARRIER, commission(7, eventID=uuid))
    assert statuses(ledger.capture(PRODUCER, commission(1, eventID=uuid))) == [("accepted", None)]
    reports = ledger.reports(uuid)
    assert [(report["reporter"], report["status"]) for report in reports] == [
        (CARRIER, "claim"),
        (PRODUCER, "accepted"),
    ]


def test_an_error_declaration_stands_beside_its_event(ledger: GoodsLedger) -> None:
    uuid = "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    event = commission(1, eventID=uuid)
    declared = event | {
        "errorDeclaration": {"declarationTime": "2026-03-03T00:00:00Z", "reason": "did_not_occur"}
    }
    (first,) = ledger.capture(PRODUCER, event)
    (second,) = ledger.capture(PRODUCER, declared)
    assert first["hash"] == second["hash"], "the declaration is no part of the content"
    assert second["status"] in ("accepted", "claim")
    assert ledger.capture(PRODUCER, declared)[0]["status"] == "already_captured"
    reports = ledger.reports(uuid)
    assert sorted(report["error_declared"] for report in reports) == [False, True]


def test_one_refused_event_does_not_hold_up_the_others(ledger: GoodsLedger) -> None:
    wrong = commission(9, action="CREATE")
    results = ledger.capture(PRODUCER, commission(1), wrong, "{", pack(1))
    assert [result["status"] for result in results] == ["accepted", "refused", "refused", "accepted"]
    assert (results[1]["code"], results[1]["field"]) == ("EPCIS_FIELD_INVALID", "action")
    assert results[2]["code"] == "MALFORMED_DOCUMENT"
    assert ledger.unit(PALLET)["contents"] == [ITEM_LINK.format(1)]


@pytest.mark.parametrize(
    ("reporter", "event", "reason"),
    [
        (CARRIER, commission(5), "not_a_party"),
        (PRODUCER, commission(5, epcList=["urn:epc:id:sgtin:0614141.107346.1"]), "goods_unknown"),
        (PRODUCER, commission(5, epcList=["urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"]), "goods_unknown"),
        (PRODUCER, commission(1), "already_commissioned"),
        (PRODUCER, seen(ITEM.format(5), "inspecting"), "goods_unknown"),
        (RETAILER, seen(ITEM.format(1), "receiving"), "not_a_party"),
        (RETAILER, pack(1, 2), "not_a_party"),
        (PRODUCER, pack(1, 5), "goods_unknown"),
        (PRODUCER, aggregation_event(action="DELETE", childEPCs=None), "goods_unknown"),
        (PRODUCER, association_event(), "goods_unknown"),
        (PRODUCER, transaction_event(epcList=[ITEM.format(5)]), "goods_unknown"),
        (RETAILER, transaction_event(epcList=[ITEM.format(1)]), "not_a_party"),
        (PRODUCER, transformation_event(inputEPCList=[ITEM.format(5)]), "goods_unknown"),
        (PRODUCER, transformation_event(inputEPCList=[ITEM.format(1)]), "goods_unknown"),
        (RETAILER, seen(ITEM.format(1), "destroying") | {"action": "DELETE"}, "not_a_party"),
        (
            CARRIER,
            object_event(epcList=None, quantityList=[{"epcClass": "urn:epc:class:lgtin:9521321.000001.L1"}]),
            "not_a_party",
        ),
        (
            PRODUCER,
            object_event(epcList=None, sensorElementList=[{"sensorReport": [{"type": "Temperature"}]}]),
            "no_goods",
        ),
    ],
)
def test_events_without_standing_are_claims_and_change_nothing(
    ledger: GoodsLedger, reporter: str, event: dict[str, Any], reason: str
) -> None:
    ledger.capture(PRODUCER, commission(1, 2))
    units = ledger.units()
    # Another moment, so that an event equal to the one above is another event.
    claimed = event | {"eventTime": "2026-03-05T09:00:00Z"}
    assert statuses(ledger.capture(reporter, claimed)) == [("claim", reason)]
    assert ledger.units() == units
    alerts = ["alert.raised"] if reason == "already_commissioned" else []
    assert [found["type"] for found in ledger.events] == ["goods.captured", *alerts]
    named = (*claimed.get("epcList", ()), *claimed.get("childEPCs", ()), *claimed.get("inputEPCList", ()))
    for epc in named:
        assert [step["report"]["status"] for step in ledger.trace(epc, depth=0)][-1] == "claim"


def test_packing_makes_a_logistic_unit_and_unpacking_empties_it(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, commission(1, 2), pack(1, 2))
    pallet = ledger.unit(PALLET)
    assert (pallet["gtin"], pallet["custodian"], pallet["owner"]) == (None, PRODUCER, PRODUCER)
    assert pallet["contents"] == [ITEM_LINK.format(1), ITEM_LINK.format(2)]
    assert ledger.unit(ITEM.format(1))["parent"] == pallet["epc"]
    other = pack(1, parentID="urn:epc:id:sscc:9521321.0000000002")
    assert statuses(ledger.capture(PRODUCER, other)) == [("claim", "packed_elsewhere")]
    ledger.capture(PRODUCER, pack(1, action="DELETE", bizStep="unpacking"))
    assert ledger.unit(PALLET)["contents"] == [ITEM_LINK.format(2)]
    assert ledger.unit(ITEM.format(1))["parent"] is None
    ledger.capture(PRODUCER, aggregation_event(action="DELETE", parentID=PALLET, childEPCs=None))
    assert (ledger.unit(PALLET)["contents"], ledger.unit(ITEM.format(2))["parent"]) == ([], None)


def test_nothing_is_packed_in_itself(ledger: GoodsLedger) -> None:
    other = "urn:epc:id:sscc:9521321.0000000002"
    ledger.capture(PRODUCER, commission(1, 2), pack(1), pack(2, parentID=other))
    assert statuses(ledger.capture(PRODUCER, pack(childEPCs=[other]))) == [("accepted", None)]
    for parent, child in ((other, PALLET), (PALLET, PALLET)):
        event = pack(parentID=parent, childEPCs=[child], eventTime="2026-03-05T09:00:00Z")
        assert statuses(ledger.capture(PRODUCER, event)) == [("claim", "circular")]


def test_a_transformation_consumes_and_makes(ledger: GoodsLedger) -> None:
    ledger.register(OTHER_GTIN)
    made = "urn:epc:id:sgtin:9521321.000002.5001"
    event = transformation_event(inputEPCList=[ITEM.format(1)], outputEPCList=[made])
    assert statuses(ledger.capture(PRODUCER, commission(1), event)) == [("accepted", None)] * 2
    assert ledger.unit(ITEM.format(1))["ended"] == "consumed"
    assert (ledger.unit(made)["gtin"], ledger.unit(made)["custodian"]) == (OTHER_GTIN, PRODUCER)
    again = event | {"eventTime": "2026-03-06T09:00:00Z", "outputEPCList": [made + "x"]}
    assert statuses(ledger.capture(PRODUCER, again)) == [("claim", "ended")]


def test_goods_that_were_destroyed_are_retired(ledger: GoodsLedger) -> None:
    gone = object_event(action="DELETE", bizStep="destroying", epcList=[ITEM.format(1)])
    assert statuses(ledger.capture(PRODUCER, commission(1), pack(1), gone)) == [("accepted", None)] * 3
    assert ledger.unit(ITEM.format(1))["ended"] == "retired"
    assert ledger.unit(PALLET)["contents"] == []


def test_an_error_declaration_has_no_effect_on_goods(ledger: GoodsLedger) -> None:
    declared = commission(1, errorDeclaration={"declarationTime": "2026-03-03T00:00:00Z"})
    assert statuses(ledger.capture(PRODUCER, declared)) == [("accepted", None)]
    with pytest.raises(Refusal):
        ledger.unit(ITEM.format(1))


@pytest.mark.parametrize("reporter", [BANK, REGULATOR])
def test_who_trades_no_goods_reports_none(ledger: GoodsLedger, reporter: str) -> None:
    with pytest.raises(Refusal) as refused:
        ledger.capture(reporter, commission(1))
    assert refused.value.code is Code.NOT_PERMITTED


def test_a_capture_is_bounded(ledger: GoodsLedger) -> None:
    many = [commission(*range(number * 1500, number * 1500 + 1500)) for number in range(2)]
    with pytest.raises(Refusal) as refused:
        ledger.capture(PRODUCER, *many)
    assert (refused.value.code, refused.value.field) == (Code.CAPTURE_TOO_LARGE, "events")
    (result,) = ledger.capture(PRODUCER, commission(*range(MAX_INDEX_ENTRIES + 1)))
    assert (result["status"], result["code"]) == ("refused", "EVENT_TOO_LARGE")
    (result,) = ledger.capture(PRODUCER, commission(1, **{"example:text": "x" * 400_000}))
    assert (result["status"], result["code"]) == ("refused", "EVENT_TOO_LARGE")


def test_batches_fit_into_commands_and_keep_the_order(ledger: GoodsLedger) -> None:
    events = [commission(*range(number * 30, number * 30 + 30)) for number in range(2 * MAX_EVENTS)]
    sources = [EventSource(event=json.dumps(event)) for event in (*events, {"type": "none"})]
    cut = list(batches(sources))
    assert [source for batch in cut for source in batch] == sources
    assert len(cut) > 2
    for batch in cut:
        assert len(batch) <= MAX_EVENTS
        results = ledger.capture(PRODUCER, *(source.event for source in batch))
        assert {result["status"] for result in results} <= {"accepted", "refused"}
    assert ledger.unit(ITEM.format(2 * MAX_EVENTS * 30 - 1))["custodian"] == PRODUCER


def test_unknown_events_are_refused(ledger: GoodsLedger) -> None:
    with pytest.raises(Refusal) as refused:
        ledger.reports("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")
    assert (refused.value.code, refused.value.field) == (Code.EVENT_NOT_FOUND, "event_id")
