"""Anti-counterfeit: reports that contradict one another raise alerts; honest ones in any order, none."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest

from hansa_domain.alerts.distance import metres_at_most, metres_between
from hansa_domain.alerts.watching import vagueness
from hansa_domain.goods.epcis.values import milliseconds
from tests.support.epcis import aggregation_event, object_event, transformation_event
from tests.support.goods import CARRIER, OTHER_GTIN, PRODUCER, REGULATOR, RETAILER, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
EPC = "https://id.gs1.org/01/09521321000018/21/1"
AMSTERDAM, BERLIN, SHANGHAI, NEXT_DOOR = "9521321000018", "9521321000025", "9521321000032", "9521321000049"
PLACES = {
    AMSTERDAM: (52_370_000, 4_900_000),
    BERLIN: (52_520_000, 13_405_000),
    SHANGHAI: (31_230_000, 121_474_000),
}


@pytest.fixture
def ledger() -> GoodsLedger:
    """The producer owns a product; three places have coordinates."""
    ledger = GoodsLedger()
    ledger.register()
    for gln, (latitude, longitude) in PLACES.items():
        fields = {"gln": gln, "name": "Hall", "country": "NL", "latitude": latitude, "longitude": longitude}
        ledger.command("places:Register", PRODUCER, **fields)
    return ledger


def report(time: str, place: str, step: str = "inspecting", *serials: int, **changes: Any) -> dict[str, Any]:
    """An observation of item 1, or of these, at a time of March 2026 (``04T10:12:13``) and a place."""
    return object_event(
        **{
            "eventTime": f"2026-03-{time}Z",
            "eventTimeZoneOffset": "+00:00",
            "bizStep": step,
            "epcList": [ITEM.format(each) for each in serials or (1,)],
            "readPoint": {"id": f"https://id.gs1.org/414/{place}"},
        }
        | changes
    )


def made(time: str = "01T08:03:07", place: str = AMSTERDAM, *serials: int, **changes: Any) -> dict[str, Any]:
    return report(time, place, "commissioning", *serials, **{"action": "ADD"} | changes)


def raised(ledger: GoodsLedger) -> list[tuple[str, str]]:
    """Code and severity of what the last command raised."""
    found = [event for event in ledger.events if event["type"] == "alert.raised"]
    return [(event["code"], event["severity"]) for event in found]


def alerts(ledger: GoodsLedger, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ledger.world.ask(REGULATOR, "alerts:List", **asked)["alerts"]
    return found


def test_a_serial_seen_where_it_cannot_be_raises_an_alert_with_its_evidence(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made(eventID="urn:uuid:1"))
    ledger.capture(PRODUCER, report("04T10:12:13", AMSTERDAM, eventID="urn:uuid:2"))
    assert raised(ledger) == []
    (result,) = ledger.capture(
        RETAILER, report("04T11:31:00", SHANGHAI, "retail_selling", eventID="urn:uuid:3")
    )
    assert (result["status"], result["reason"]) == ("claim", "not_a_party")
    assert raised(ledger) == [("impossible_places", "critical")]
    (alert,) = alerts(ledger, epc=ITEM.format(1))
    assert alert["id"].startswith("RetailerMSP.")
    assert alert["id"].endswith(".0")
    assert (alert["owner"], alert["reporter"], alert["status"]) == (PRODUCER, RETAILER, "open")
    assert [(each["event"], each["reporter"]) for each in alert["evidence"]] == [
        ("urn:uuid:2", PRODUCER),
        ("urn:uuid:3", RETAILER),
    ]
    assert alert["detail"] == "Seen at least 8173 km apart within 79 minutes."


def test_the_same_contradiction_is_told_once_while_it_is_open(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made(), report("04T10:12:13", AMSTERDAM))
    for minute in range(5):
        ledger.capture(RETAILER, report(f"04T11:3{minute}:01", SHANGHAI))
    assert len(alerts(ledger)) == 1
    alert = alerts(ledger)[0]["id"]
    ledger.command("alerts:Close", PRODUCER, alert=alert, outcome="confirmed", remark="A forgery.")
    ledger.capture(RETAILER, report("04T11:39:01", SHANGHAI))
    assert raised(ledger) == [("impossible_places", "critical")]


def test_what_goods_can_do_raises_nothing(ledger: GoodsLedger) -> None:
    """Flown to Shanghai, seen by both sides of a handover at one dock, and times that are rounded."""
    ledger.capture(PRODUCER, made())
    ledger.capture(PRODUCER, report("04T10:12:13", AMSTERDAM, "shipping"))
    ledger.capture(CARRIER, report("04T10:12:14", NEXT_DOOR, "loading"))
    ledger.capture(CARRIER, report("05T03:00:00", SHANGHAI, "arriving"))
    ledger.capture(RETAILER, report("06T00:00:00", BERLIN, "receiving"))
    ledger.capture(RETAILER, report("05T22:00:00", AMSTERDAM, "inspecting"))
    assert alerts(ledger) == []


def test_honest_reports_raise_nothing_in_whatever_order_they_arrive(ledger: GoodsLedger) -> None:
    """An item's life, told late and out of order by three members."""
    life = [
        (PRODUCER, made("01T08:03:07")),
        (PRODUCER, report("01T09:10:00", AMSTERDAM, "packing")),
        (CARRIER, report("02T07:20:00", AMSTERDAM, "loading")),
        (CARRIER, report("02T15:45:00", BERLIN, "arriving")),
        (RETAILER, report("02T16:05:00", BERLIN, "receiving")),
        (PRODUCER, report("05T10:00:30", BERLIN, "destroying", action="DELETE")),
    ]
    for order in itertools.islice(itertools.permutations(life), 0, 720, 31):
        fresh = GoodsLedger()
        fresh.register()
        for gln, (latitude, longitude) in PLACES.items():
            fields = {
                "gln": gln,
                "name": "Hall",
                "country": "NL",
                "latitude": latitude,
                "longitude": longitude,
            }
            fresh.command("places:Register", PRODUCER, **fields)
        for reporter, event in order:
            fresh.capture(reporter, event)
        for reporter, event in life:
            fresh.capture(reporter, event)  # claims sent again count now
        assert alerts(fresh) == []


@pytest.mark.parametrize("late", [False, True])
def test_seen_or_sold_before_it_was_made(ledger: GoodsLedger, late: bool) -> None:
    told = [(PRODUCER, made("04T10:12:13")), (RETAILER, report("03T16:31:00", BERLIN, "retail_selling"))]
    for reporter, event in reversed(told) if late else told:
        ledger.capture(reporter, event)
    assert raised(ledger) == [("seen_before_made", "critical")]


@pytest.mark.parametrize("late", [False, True])
def test_seen_after_it_was_destroyed(ledger: GoodsLedger, late: bool) -> None:
    ledger.capture(PRODUCER, made())
    told = [
        (PRODUCER, report("04T10:12:13", AMSTERDAM, "destroying", action="DELETE")),
        (RETAILER, report("06T16:31:00", BERLIN, "retail_selling")),
    ]
    for reporter, event in reversed(told) if late else told:
        ledger.capture(reporter, event)
    assert raised(ledger) == [("seen_after_end", "critical")]


def test_seen_after_it_was_used_up(ledger: GoodsLedger) -> None:
    ledger.register(OTHER_GTIN)
    ledger.capture(PRODUCER, made())
    used = transformation_event(
        inputEPCList=[ITEM.format(1)],
        outputEPCList=["urn:epc:id:sgtin:9521321.000002.5"],
        eventTime="2026-03-04T10:12:13Z",
        readPoint=None,
    )
    assert [each["status"] for each in ledger.capture(PRODUCER, used)] == ["accepted"]
    ledger.capture(RETAILER, report("06T16:31:00", BERLIN, "stocking"))
    assert raised(ledger) == [("seen_after_end", "critical")]
    # What is told of its end later, or of a sensor, is no contradiction; nor are goods given back.
    ledger.capture(CARRIER, report("07T16:31:00", BERLIN, "destroying", disposition="disposed"))
    ledger.capture(CARRIER, report("07T17:31:00", BERLIN, "receiving", disposition="returned"))
    assert raised(ledger) == []


def test_made_by_two_reports(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made())
    ledger.capture(PRODUCER, made())
    assert raised(ledger) == []
    ledger.capture(PRODUCER, made("01T08:03:07", eventID="urn:uuid:again"))
    assert raised(ledger) == [], "the same event under another id is the same event"
    ledger.capture(PRODUCER, made("01T09:03:07"))
    assert raised(ledger) == [("commissioned_twice", "warning")]
    ledger.capture(RETAILER, made("01T08:40:07", BERLIN))
    assert ("commissioned_twice", "critical") in raised(ledger)


def test_at_rest_with_two_members_in_the_same_minute(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made())
    ledger.capture(PRODUCER, report("04T10:12:13", AMSTERDAM, "storing"))
    ledger.capture(RETAILER, report("04T10:12:50", NEXT_DOOR, "stocking"))
    assert raised(ledger) == [("two_holders", "critical")]
    ledger.capture(CARRIER, report("04T10:12:40", NEXT_DOOR, "loading"))
    assert raised(ledger) == []


def test_nobody_makes_alerts_of_his_own_claims_nor_pushes_out_what_others_saw(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made())
    ledger.capture(PRODUCER, report("04T10:12:13", AMSTERDAM))
    for minute in range(10, 40):
        ledger.capture(CARRIER, report(f"20T10:{minute}:00", (BERLIN, SHANGHAI)[minute % 2]))
    assert alerts(ledger) == []
    watch = ledger.world.record("watch", EPC)
    assert len(watch["claimed"]) == 2
    ledger.capture(RETAILER, report("04T11:00:01", SHANGHAI))
    assert raised(ledger) == [("impossible_places", "critical")]


def test_a_watch_stays_small(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made())
    for day in range(2, 29):
        ledger.capture(PRODUCER, report(f"{day:02d}T10:12:13", AMSTERDAM))
    watch = ledger.world.record("watch", EPC)
    assert [each["time"][8:10] for each in watch["seen"]] == [str(day) for day in range(21, 29)]


def test_goods_that_no_product_is_known_of_are_not_watched(ledger: GoodsLedger) -> None:
    ledger.capture(CARRIER, report("04T10:12:13", AMSTERDAM, epcList=["urn:epc:id:sgtin:0614141.107346.1"]))
    ledger.capture(CARRIER, aggregation_event(action="OBSERVE"))
    assert [key for key in ledger.world.state if key[0] == "watch" and "0614141" in key[1]] == []


def test_an_alert_is_acknowledged_and_closed_by_who_answers_for_the_goods(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made())
    ledger.capture(RETAILER, made("01T08:40:07", BERLIN))
    alert = next(each["id"] for each in alerts(ledger) if each["code"] == "commissioned_twice")
    closing = {"alert": alert, "outcome": "explained", "remark": "A test print."}
    for stranger in (RETAILER, CARRIER):
        assert ledger.world.refused(stranger, "alerts:Acknowledge", alert=alert) == ("NOT_PERMITTED", None)
        assert ledger.world.refused(stranger, "alerts:Close", **closing) == ("NOT_PERMITTED", None)
    ledger.command("alerts:Acknowledge", PRODUCER, alert=alert)
    assert ledger.world.refused(PRODUCER, "alerts:Acknowledge", alert=alert) == ("ALERT_STATE", "alert")
    assert ledger.world.refused(PRODUCER, "alerts:Close", **closing | {"remark": " "})[0] == "FIELD_INVALID"
    ledger.command("alerts:Close", REGULATOR, **closing)
    assert [event["type"] for event in ledger.events] == ["alert.closed"]
    assert ledger.world.refused(PRODUCER, "alerts:Close", **closing) == ("ALERT_STATE", "alert")
    closed = ledger.world.ask(CARRIER, "alerts:Get", alert=alert)["alert"]
    assert (closed["outcome"], closed["closed_by"], closed["acknowledged_by"]) == (
        "explained",
        REGULATOR,
        PRODUCER,
    )
    unknown = f"RetailerMSP.{'0' * 26}.0"
    assert ledger.world.refusal(CARRIER, "alerts:Get", {"alert": unknown}) == ("ALERT_NOT_FOUND", "alert")
    assert ledger.world.refused(PRODUCER, "alerts:Acknowledge", alert=unknown) == ("ALERT_NOT_FOUND", "alert")


def test_alerts_are_found_by_what_they_are_about(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made("04T08:03:07", AMSTERDAM, 1, 2))
    ledger.capture(RETAILER, report("01T10:00:00", BERLIN, "inspecting", 1, 2))
    assert {each["epc"] for each in alerts(ledger)} == {EPC, EPC[:-1] + "2"}
    assert [each["epc"] for each in alerts(ledger, epc=ITEM.format(2))] == [EPC[:-1] + "2"]
    assert (
        len(alerts(ledger, owner=PRODUCER, status="open", code="seen_before_made", severity="critical")) == 2
    )
    assert alerts(ledger, owner=RETAILER) == []
    assert alerts(ledger, severity="warning") == []


def test_a_capture_reads_as_many_keys_after_a_thousand_events_as_at_first(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, made())

    def keys_read(day: int) -> tuple[int, int]:
        counted: list[int] = []
        scanned: list[int] = []
        fetch = ledger.world.fetch

        def counting(wanted: Any) -> Any:
            counted.append(len(wanted.keys))
            scanned.append(len(wanted.scans) + len(wanted.ranges))
            return fetch(wanted)

        ledger.world.fetch = counting  # type: ignore[method-assign]
        ledger.capture(PRODUCER, report(f"{day:02d}T10:12:13", AMSTERDAM))
        ledger.world.fetch = fetch  # type: ignore[method-assign]
        return sum(counted), sum(scanned)

    first = keys_read(2)
    for day in range(3, 20):
        ledger.capture(CARRIER, report(f"{day:02d}T11:12:13", BERLIN))
    assert keys_read(21) == first
    assert first[1] == 0


@pytest.mark.parametrize(
    ("moment", "offset", "wanted"),
    [
        ("2026-03-02T00:00:00Z", "+00:00", "day"),
        ("2026-03-02T00:00:00+05:30", "+05:30", "day"),
        ("2026-03-02T09:00:00Z", "+01:00", "hour"),
        ("2026-03-02T09:30:00Z", "+05:30", "hour"),
        ("2026-03-02T09:30:00Z", "+01:00", ""),
        ("2026-03-02T09:00:00.001Z", "-05:00", ""),
    ],
)
def test_times_that_look_rounded_are_taken_as_such(moment: str, offset: str, wanted: str) -> None:
    assert vagueness(milliseconds(moment, "eventTime"), offset) == wanted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((0, 0), (0, 0)),
        ((52_370_000, 4_900_000), (52_370_000, 4_900_000)),
        ((52_370_000, 4_900_000), (52_520_000, 13_405_000)),
        ((90_000_000, 0), (-90_000_000, 180_000_000)),
        ((-33_868_800, 151_209_300), (64_146_600, -21_942_600)),
        ((10_000_000, 179_999_999), (10_000_000, -179_999_999)),
        ((52_370_000, 4_900_000), (52_370_010, 4_900_000)),
    ],
)
def test_the_distance_is_the_chord_of_the_great_circle(one: tuple[int, int], other: tuple[int, int]) -> None:
    def vector(place: tuple[int, int]) -> tuple[float, float, float]:
        latitude, longitude = (math.radians(each / 1e6) for each in place)
        level = math.cos(latitude)
        return level * math.cos(longitude), level * math.sin(longitude), math.sin(latitude)

    wanted = math.dist(vector(one), vector(other)) * 6_371_000
    assert abs(metres_between(one, other) - wanted) <= 1.5
    assert metres_between(one, other) == metres_between(other, one)
    assert metres_at_most(one, other) >= metres_between(one, other)
