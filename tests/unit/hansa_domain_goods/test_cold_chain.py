"""Cold chain: limits, readings converted exactly, and how long goods were outside, in whatever order told."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest

from hansa_domain.coldchain.measures import comparable, on_scale
from tests.support.epcis import aggregation_event, object_event
from tests.support.goods import CARRIER, GTIN, PRODUCER, RETAILER, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
EPC = "https://id.gs1.org/01/09521321000018/21/{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"
LOT = "urn:epc:class:lgtin:9521321.000001.L1"


@pytest.fixture
def ledger() -> GoodsLedger:
    """A product kept between 2 and 8 degrees but for half an hour; two items on a pallet, one beside."""
    ledger = GoodsLedger()
    ledger.register()
    limit(ledger)
    made = object_event(action="ADD", epcList=[ITEM.format(each) for each in (1, 2, 3)])
    ledger.capture(PRODUCER, made, aggregation_event(childEPCs=[ITEM.format(1), ITEM.format(2)]))
    return ledger


def limit(ledger: GoodsLedger, seconds: int = 1800, **changes: Any) -> dict[str, Any]:
    cool = {
        "measures": "Temperature",
        "uom": "CEL",
        "minimum": "2",
        "maximum": "8",
        "allowed_seconds": seconds,
    }
    wet = {"measures": "RelativeHumidity", "uom": "P1", "maximum": "80"}
    return ledger.command("coldChain:SetLimits", PRODUCER, **{"gtin": GTIN, "limits": [cool, wet]} | changes)


def sensed(epc: str, *reports: dict[str, Any], metadata: dict[str, Any] | None = None, **more: Any) -> Any:
    element: dict[str, Any] = {"sensorReport": list(reports)}
    if metadata:
        element["sensorMetadata"] = metadata
    return object_event(
        **{
            "epcList": [epc],
            "bizStep": "sensor_reporting",
            "eventTime": "2026-03-04T18:00:30Z",
            "sensorElementList": [element],
        }
        | more
    )


def at(minute: int, value: float, uom: str = "CEL", kind: str = "Temperature", **more: Any) -> dict[str, Any]:
    time = f"2026-03-04T{10 + minute // 60:02d}:{minute % 60:02d}:00Z"
    return {"type": kind, "value": value, "uom": uom, "time": time} | more


def outside(ledger: GoodsLedger, epc: str) -> list[tuple[str, int, bool]]:
    """Measurement, seconds, and whether that is an excursion."""
    reply = ledger.world.ask(RETAILER, "coldChain:Exposure", epc=epc)
    found = [] if reply["exposure"] is None else reply["exposure"]["kept"]
    return [(each["measures"], each["seconds"], each["since"] is not None) for each in found if each["worst"]]


def codes(ledger: GoodsLedger) -> list[str]:
    return [each["code"] for each in ledger.events if each["type"] == "alert.raised"]


def test_what_is_kept_within_its_limits_is_no_excursion(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(0, 2), at(10, 8), at(20, 5.5)))
    assert outside(ledger, ITEM.format(3)) == []
    assert [each["type"] for each in ledger.events] == ["goods.captured"]


def test_outside_for_less_than_allowed_is_counted_and_no_excursion(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(0, 5), at(10, 8.1), at(40, 7.9)))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 1800, False)]
    assert codes(ledger) == []


def test_outside_for_longer_is_an_excursion_with_an_alert(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(10, 8.1), at(20, 9.75), at(41, 7.9)))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 1860, True)]
    assert codes(ledger) == ["cold_chain"]
    told = next(each for each in ledger.events if each["type"] == "cold-chain.excursions")["excursions"]
    assert told == [
        {
            "epc": EPC.format(3),
            "gtin": GTIN,
            "measures": "Temperature",
            "device": "",
            "since": "2026-03-04T10:10:00.000Z",
            "until": "2026-03-04T10:41:00.000Z",
            "seconds": 1860,
            "worst": "9.75",
            "uom": "CEL",
        }
    ]
    (condition,) = ledger.world.ask(RETAILER, "goods:Condition", epcs=[ITEM.format(3)])["conditions"]
    assert [each["worst"] for each in condition["excursions"]] == ["9.75"]
    assert [each["code"] for each in condition["alerts"]] == ["cold_chain"]


def test_readings_count_in_whatever_order_they_arrive(ledger: GoodsLedger) -> None:
    readings = [at(0, 5), at(10, 9), at(30, 8.5), at(35, 6), at(50, 10), at(62, 4)]
    for number, order in enumerate(itertools.islice(itertools.permutations(readings), 0, 720, 71)):
        epc = f"urn:epc:id:sgtin:9521321.000001.{100 + number}"
        ledger.capture(PRODUCER, object_event(action="ADD", epcList=[epc]))
        for place, reading in enumerate(order):
            ledger.capture(PRODUCER, sensed(epc, reading, eventTime=f"2026-03-04T18:{place:02d}:30Z"))
        assert outside(ledger, epc) == [("Temperature", (25 + 12) * 60, True)]


def test_a_reading_from_before_what_was_counted_already_counts_nothing_twice(ledger: GoodsLedger) -> None:
    told = [at(place, 9) for place in range(60)]
    ledger.capture(PRODUCER, sensed(ITEM.format(3), *told))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 59 * 60, True)]
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(5, 12), eventTime="2026-03-04T19:00:30Z"))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 59 * 60, True)]


def test_a_span_of_extremes_counts_whole_and_spans_do_not_count_twice(ledger: GoodsLedger) -> None:
    span = {"startTime": "2026-03-04T10:00:00Z", "endTime": "2026-03-04T10:20:00Z"}
    warm = {"type": "gs1:Temperature", "minValue": 4, "maxValue": 8.4, "uom": "CEL"}
    ledger.capture(PRODUCER, sensed(ITEM.format(3), warm, metadata=span))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 1200, False)]
    longer = span | {"endTime": "2026-03-04T10:25:00Z"}
    ledger.capture(PRODUCER, sensed(ITEM.format(3), warm, metadata=longer, eventTime="2026-03-04T19:00:30Z"))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 1500, False)]


def test_where_nothing_is_allowed_one_reading_is_enough(ledger: GoodsLedger) -> None:
    damp = at(0, 80.1, "P1", "RelativeHumidity")
    ledger.capture(PRODUCER, sensed(ITEM.format(3), damp))
    assert outside(ledger, ITEM.format(3)) == [("RelativeHumidity", 0, True)]
    assert codes(ledger) == ["cold_chain"]


def test_what_is_packed_is_exposed_with_its_pallet(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, sensed(PALLET, at(0, 20), at(60, 5)))
    assert [outside(ledger, ITEM.format(each)) != [] for each in (1, 2, 3)] == [True, True, False]
    assert codes(ledger) == ["cold_chain", "cold_chain"]


def test_what_a_pallets_sensor_told_is_taken_back_for_what_is_on_it(ledger: GoodsLedger) -> None:
    event = sensed(PALLET, at(0, 20), at(60, 5))
    ledger.capture(PRODUCER, event)
    ledger.capture(PRODUCER, event | {"errorDeclaration": {"declarationTime": "2026-03-05T09:00:00Z"}})
    assert [outside(ledger, ITEM.format(each)) for each in (1, 2)] == [[], []]
    assert [each["type"] for each in ledger.events][-2:] == ["alert.closed", "alert.closed"]
    assert ledger.world.record("watch", EPC.format(1))["alerts"] == []


def test_what_was_known_of_packed_goods_and_of_lots_stays(ledger: GoodsLedger) -> None:
    before = ledger.world.record("watch", EPC.format(1))
    assert before["made"] is not None
    ledger.capture(PRODUCER, sensed(PALLET, at(0, 20), at(60, 5)))
    after = ledger.world.record("watch", EPC.format(1))
    assert [each["code"] for each in after["alerts"]] == ["cold_chain"]
    assert after | {"alerts": []} == before
    named = [{"epcClass": LOT, "quantity": 5, "uom": "KGM"}]
    for minute, kind in ((10, "Temperature"), (11, "RelativeHumidity")):
        told = [at(0, 95, "P1", kind) if kind != "Temperature" else at(0, 20), at(60, 5)]
        event = sensed(LOT, *told, epcList=None, quantityList=named, eventTime=f"2026-03-04T19:{minute}:00Z")
        ledger.capture(PRODUCER, event)
    assert codes(ledger) == [], "one alert of a kind is open already"


def test_lots_are_exposed_too(ledger: GoodsLedger) -> None:
    named = [{"epcClass": LOT, "quantity": 5, "uom": "KGM"}]
    ledger.capture(PRODUCER, sensed(ITEM.format(1), at(0, 20), at(60, 5), epcList=None, quantityList=named))
    assert outside(ledger, LOT) == [("Temperature", 3600, True)]


@pytest.mark.parametrize(
    ("value", "uom", "excursion"),
    [
        (46.4, "FAH", False),
        (46.5, "FAH", True),
        (281.15, "KEL", False),
        (281.16, "KEL", True),
        (99, "P1", False),
    ],
)
def test_units_are_converted_exactly(ledger: GoodsLedger, value: float, uom: str, excursion: bool) -> None:
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(0, value, uom), at(60, 5)))
    assert (outside(ledger, ITEM.format(3)) != []) == excursion


def test_what_cannot_be_judged_is_not(ledger: GoodsLedger) -> None:
    no_unit = {name: value for name, value in at(0, 30).items() if name != "uom"}
    broken = at(10, 30, exception="ERROR_CONDITION")
    nothing = {"type": "Temperature", "stringValue": "warm", "uom": "CEL"}
    ledger.capture(PRODUCER, sensed(ITEM.format(3), no_unit, broken, nothing))
    assert outside(ledger, ITEM.format(3)) == []


def test_an_alarm_of_the_device_raises_an_alert(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(10, 5, exception="ALARM_CONDITION")))
    assert codes(ledger) == ["device_alarm"]


def test_a_strangers_word_exposes_nothing(ledger: GoodsLedger) -> None:
    (result,) = ledger.capture(RETAILER, sensed(ITEM.format(3), at(0, 40), at(300, 5)))
    assert result["status"] == "claim"
    assert outside(ledger, ITEM.format(3)) == []
    assert codes(ledger) == []


def test_two_devices_are_two_series(ledger: GoodsLedger) -> None:
    front, back = {"deviceID": "urn:epc:id:giai:9521321.1"}, {"deviceID": "urn:epc:id:giai:9521321.2"}
    told = [at(0, 9, **front), at(1, 5, **back), at(20, 9, **front), at(21, 5, **back), at(40, 5, **front)]
    ledger.capture(PRODUCER, sensed(ITEM.format(3), *told))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 2400, True)]


def test_readings_without_end_stay_bounded(ledger: GoodsLedger) -> None:
    for number in range(8):
        told = [at(number * 50 + place, 9 if place % 2 else 5) for place in range(50)]
        ledger.capture(PRODUCER, sensed(ITEM.format(3), *told, eventTime=f"2026-03-04T18:{number:02d}:30Z"))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 199 * 60, True)]
    exposure = ledger.world.record("exposure", EPC.format(3))
    assert len(exposure["kept"][0]["readings"]) == 24
    assert exposure["kept"][0]["since"] == "2026-03-04T10:01:00.000Z"


def test_a_reading_taken_back_no_longer_counts(ledger: GoodsLedger) -> None:
    event = sensed(ITEM.format(3), at(0, 20), at(60, 5))
    ledger.capture(PRODUCER, event)
    ledger.capture(PRODUCER, event | {"errorDeclaration": {"declarationTime": "2026-03-05T09:00:00Z"}})
    assert outside(ledger, ITEM.format(3)) == []
    assert [each["type"] for each in ledger.events] == [
        "goods.captured",
        "event.declared-in-error",
        "cold-chain.excursions-withdrawn",
        "alert.closed",
    ]


def told_of(ledger: GoodsLedger) -> list[tuple[str, Any]]:
    """What the last capture told of excursions: goods without, and goods with series, in order."""
    found: list[tuple[str, Any]] = []
    for each in ledger.events:
        if each["type"] == "cold-chain.excursions-withdrawn":
            found.append(("none", each["epcs"]))
        if each["type"] == "cold-chain.excursions":
            found.append(("some", [(view["measures"], view["seconds"]) for view in each["excursions"]]))
    return found


def test_a_reading_that_comes_late_ends_an_excursion_for_whoever_listens(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(10, 20), at(60, 5)))
    assert told_of(ledger) == [("some", [("Temperature", 3000)])]
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(15, 5), eventTime="2026-03-04T18:01:30Z"))
    assert outside(ledger, ITEM.format(3)) == [("Temperature", 300, False)]
    assert told_of(ledger) == [("none", [EPC.format(3)])]


def test_one_of_two_excursions_taken_back_leaves_the_other(ledger: GoodsLedger) -> None:
    warm = sensed(ITEM.format(3), at(0, 20), at(60, 5))
    wet = sensed(ITEM.format(3), at(0, 95, "P1", "RelativeHumidity"), eventTime="2026-03-04T18:02:30Z")
    ledger.capture(PRODUCER, warm, wet)
    ledger.capture(PRODUCER, warm | {"errorDeclaration": {"declarationTime": "2026-03-05T09:00:00Z"}})
    assert [each for each in outside(ledger, ITEM.format(3)) if each[2]] == [("RelativeHumidity", 0, True)]
    assert told_of(ledger) == [("none", [EPC.format(3)]), ("some", [("RelativeHumidity", 0)])]


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ([{"measures": "Temperature", "uom": "CEL"}], "limits[0].maximum"),
        ([{"measures": "Temperature", "uom": "CEL", "minimum": "9", "maximum": "8"}], "limits[0].minimum"),
        ([{"measures": "Temperature", "uom": "CEL", "maximum": "8"}] * 2, "limits[1].measures"),
    ],
)
def test_limits_that_make_no_sense_are_refused(ledger: GoodsLedger, limits: Any, field: str) -> None:
    fields = {"gtin": GTIN, "limits": limits}
    assert ledger.world.refused(PRODUCER, "coldChain:SetLimits", **fields) == ("LIMIT_INVALID", field)


def test_the_products_owner_sets_its_limits_and_everybody_reads_them(ledger: GoodsLedger) -> None:
    fields = {"gtin": GTIN, "limits": []}
    assert ledger.world.refused(RETAILER, "coldChain:SetLimits", **fields) == ("NOT_PERMITTED", None)
    unknown = {"gtin": "09521321000025", "limits": []}
    assert ledger.world.refused(PRODUCER, "coldChain:SetLimits", **unknown) == ("PRODUCT_NOT_FOUND", "gtin")
    assert len(ledger.world.ask(CARRIER, "coldChain:Limits", gtin=GTIN)["limits"]["limits"]) == 2
    ledger.command("coldChain:SetLimits", PRODUCER, **fields)
    ledger.capture(PRODUCER, sensed(ITEM.format(3), at(0, 40), at(300, 5)))
    assert outside(ledger, ITEM.format(3)) == []


def test_scales() -> None:
    assert on_scale(Decimal("-40"), "CEL") == on_scale(Decimal("-40"), "FAH")
    assert on_scale(Decimal("36"), "KMH") == on_scale(Decimal("10"), "MTS")
    assert on_scale(Decimal("1"), "KMQ") == on_scale(Decimal("1000"), "A93")
    assert comparable("CEL", "FAH")
    assert not comparable("CEL", "P1")
    assert comparable("LUX", "LUX")
