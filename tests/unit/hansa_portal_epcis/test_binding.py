"""The REST binding of EPCIS 2.0: in and out, who may, what is refused, and how pages follow one another."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.epcis import aggregation_event, gs1_examples, object_event, transformation_event
from tests.support.epcis_api import Caller, conforms
from tests.support.portal import Consortium

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    found = Consortium(tmp_path)
    found.sdk("Producer").products.register("09521321000018", "Beans")
    return found


@pytest.fixture
def producer(trade: Consortium) -> Caller:
    return Caller(trade, "Producer")


def at(day: int) -> str:
    return f"2026-03-{day:02d}T09:00:00.000Z"


def life() -> list[dict[str, Any]]:
    """Two items made, packed, seen, and one made into another."""
    first, second, third = ITEM.format(1), ITEM.format(2), ITEM.format(3)
    return [
        object_event(action="ADD", bizStep="commissioning", epcList=[first, second], eventTime=at(1)),
        aggregation_event(parentID=PALLET, childEPCs=[first], eventTime=at(2)),
        object_event(epcList=[PALLET], bizStep="shipping", disposition="in_transit", eventTime=at(3)),
        aggregation_event(action="DELETE", parentID=PALLET, childEPCs=[first], eventTime=at(4)),
        transformation_event(inputEPCList=[second], outputEPCList=[third], eventTime=at(5)),
    ]


def document(*events: dict[str, Any]) -> dict[str, Any]:
    bare = [{name: value for name, value in event.items() if name != "@context"} for event in events]
    return {
        "@context": events[0]["@context"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": at(9),
        "epcisBody": {"eventList": bare},
    }


def events(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    conforms(answer.json)
    found: list[dict[str, Any]] = answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return found


def days(answer: Any) -> list[int]:
    return [int(event["eventTime"][8:10]) for event in events(answer)]


def next_path(answer: Any) -> str | None:
    link = re.fullmatch(r'<http://localhost/epcis/v2(.*)>; rel="next"', answer.headers.get("Link", ""))
    return link[1] if link else None


def test_a_document_is_captured_as_a_job_with_a_result_for_each_event(producer: Caller) -> None:
    wrong = object_event(bizStep="no such step", eventTime=at(6))
    answer = producer.post("/capture", document(*life(), wrong))
    assert answer.status_code == 202
    job = producer.job(answer.headers["Location"])
    assert (job["success"], job["captureErrorBehaviour"], job["user"]) == (False, "proceed", "user")
    assert [result["status"] for result in job["results"]] == ["accepted"] * 5 + ["refused"]
    (error,) = job["errors"]
    assert (error["type"], error["event"], error["field"]) == (
        "epcisException:ValidationException",
        5,
        "bizStep",
    )
    again = producer.job(producer.post("/capture", document(*life())).headers["Location"])
    assert [result["status"] for result in again["results"]] == ["already_captured"] * 5
    assert again["success"]
    assert [one["captureID"] for one in producer.get("/capture").json] == [
        again["captureID"],
        job["captureID"],
    ]
    first = producer.get("/capture?perPage=1")
    assert [one["captureID"] for one in producer.get(next_path(first) or "").json] == [job["captureID"]]
    assert producer.get("/capture/none").status_code == 404


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("orderBy=eventTime&orderDirection=ASC", [1, 2, 3, 4, 5]),
        ("orderBy=recordTime&orderDirection=DESC&eventCountLimit=2", [5, 4]),
        ("eventType=ObjectEvent|TransformationEvent", [5, 3, 1]),
        ("GE_eventTime=2026-03-02T09:00:00Z&LT_eventTime=2026-03-04T10:00:00%2B01:00", [3, 2]),
        ("EQ_bizStep=https://ref.gs1.org/cbv/BizStep-shipping", [3]),
        ("EQ_disposition=in_transit", [3]),
        ("EQ_action=ADD|DELETE", [4, 2, 1]),
        ("EQ_readPoint=https://id.gs1.org/414/9521321000018", [5, 4, 3, 2, 1]),
        ("EQ_bizLocation=https://id.gs1.org/414/9521321000018", []),
        ("MATCH_epc=https://id.gs1.org/01/09521321000018/21/1", [4, 2, 1]),
        (f"MATCH_parentID={PALLET}", [4, 2]),
        (f"MATCH_anyEPC={PALLET}", [4, 3, 2]),
        (f"MATCH_inputEPC={ITEM.format(2)}", [5]),
        (f"MATCH_outputEPC={ITEM.format(2)}", []),
        ("EXISTS_errorDeclaration=true", []),
        ("GE_recordTime=2100-01-01T00:00:00Z", []),
    ],
)
def test_events_are_found_by_the_standards_parameters(
    producer: Caller, asked: str, wanted: list[int]
) -> None:
    producer.job(producer.post("/capture", document(*life())).headers["Location"])
    assert days(producer.get(f"/events?{asked}")) == wanted


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("EQ_nonsense=1", "EQ_nonsense"),
        ("eventType=PartyEvent", "eventType"),
        ("GE_eventTime=yesterday", "GE_eventTime"),
        ("perPage=0", "perPage"),
        ("nextPageToken=xyz", "nextPageToken"),
        ("orderBy=colour", "orderBy"),
        ("eventCountLimit=3", "eventCountLimit"),
        ("MATCH_epc=urn:epc:idpat:sgtin:9521321.*.*", "MATCH_epc"),
    ],
)
def test_a_parameter_that_is_not_right_is_named(producer: Caller, asked: str, name: str) -> None:
    answer = producer.get(f"/events?{asked}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert (answer.json["type"], answer.json["field"]) == ("epcisException:QueryParameterException", name)


def test_pages_follow_one_another_and_a_limit_holds_over_all_of_them(producer: Caller) -> None:
    producer.job(producer.post("/capture", document(*life())).headers["Location"])
    found: list[int] = []
    path: str | None = "/events?perPage=2&orderBy=eventTime&orderDirection=DESC&eventCountLimit=4"
    while path is not None:
        answer = producer.get(path)
        found += days(answer)
        path = next_path(answer)
    assert found == [5, 4, 3, 2]
    too_many = producer.get("/events?maxEventCount=3")
    assert (too_many.status_code, too_many.json["type"]) == (413, "epcisException:QueryTooLargeException")
    assert days(producer.get("/events?maxEventCount=5")) == [5, 4, 3, 2, 1]


def test_a_single_event_comes_back_whole_with_its_id_and_record_time(producer: Caller) -> None:
    event = object_event(action="ADD", epcList=[ITEM.format(7)]) | {"example:note": 1.50}
    created = producer.post("/events", event)
    assert created.status_code == 201, created.text
    assert created.headers["Location"].startswith("/epcis/v2/events/ni:///sha-256;")
    assert '"example:note":1.5' in created.text.replace(" ", "")
    assert "?" not in created.headers["Location"]
    read = events(producer.get(created.headers["Location"].removeprefix("/epcis/v2")))
    assert [one["eventID"] for one in read] == [created.json["eventID"]]
    assert read[0] == created.json
    assert {name: read[0][name] for name in event if name != "@context"} == {
        name: value for name, value in event.items() if name != "@context"
    }
    again = producer.post("/events", event)
    assert (again.status_code, again.json["type"]) == (409, "epcisException:ResourceAlreadyExistsException")
    wrong = producer.post("/events", event | {"action": "MAKE"})
    assert (wrong.status_code, wrong.json["field"]) == (400, "action")
    assert producer.get("/events/urn:uuid:0").status_code == 404


def test_everything_gs1_published_goes_in_and_comes_out_by_its_schema(trade: Consortium) -> None:
    caller = Caller(trade, "Carrier")
    captured = 0
    sent: list[dict[str, Any]] = []
    for text in gs1_examples().values():
        job = caller.job(caller.post("/capture", text).headers["Location"])
        captured += sum(result["status"] in ("claim", "accepted") for result in job["results"])
        body = json.loads(text)["epcisBody"]
        sent += (body if "eventList" in body else body["queryResults"]["resultsBody"])["eventList"]
    found: list[dict[str, Any]] = []
    path: str | None = "/events?perPage=100"
    while path is not None:
        answer = caller.get(path)
        found += events(answer)
        path = next_path(answer)
    assert len(found) == captured > 30
    for event in sent:
        # The binding adds what a capture makes (recordTime, an id where there was none), and changes nothing.
        assert any(_holds(one, event) for one in found), event


def _holds(found: dict[str, Any], sent: dict[str, Any]) -> bool:
    return all(found.get(name) == value for name, value in sent.items() if name != "recordTime")


def test_resources_list_what_stands_in_events(producer: Caller) -> None:
    producer.job(producer.post("/capture", document(*life())).headers["Location"])
    assert set(producer.get("/").json["member"]) >= {"events", "capture", "epcs"}
    assert len(producer.get("/eventTypes").json["member"]) == 5
    assert "shipping" in producer.get("/bizSteps").json["member"]
    assert producer.get("/dispositions").json["member"] == ["in_transit"]
    first = producer.get("/epcs?perPage=3")
    rest = producer.get(next_path(first) or "")
    assert len({*first.json["member"], *rest.json["member"]}) == 4
    assert producer.get("/bizSteps/shipping").json["member"] == ["events"]
    assert days(producer.get("/bizSteps/shipping/events")) == [3]
    assert days(producer.get("/eventTypes/TransformationEvent/events")) == [5]
    assert days(producer.get("/epcs/https%3A%2F%2Fid.gs1.org%2F01%2F09521321000018%2F21%2F3/events")) == [5]
    assert producer.get("/nothing").json["type"] == "epcisException:NoSuchResourceException"
    assert producer.get("/eventTypes/Nothing").status_code == 404


def test_only_users_of_the_member_are_let_in_and_only_who_reports_may_capture(trade: Consortium) -> None:
    assert Caller(trade, "Producer").client.get("/epcis/v2/events").status_code == 401
    answer = Caller(trade, "Producer", password="wrong").get("/events")
    assert (answer.status_code, answer.json["type"]) == (401, "epcisException:SecurityException")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    refused = Caller(trade, "Bank").post("/events", object_event())
    assert (refused.status_code, refused.json["code"]) == (403, "NOT_PERMITTED")
    assert Caller(trade, "Regulator").get("/events").status_code == 200


def test_a_page_of_another_site_cannot_send_anything(trade: Consortium) -> None:
    caller = Caller(trade, "Producer")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = caller.post("/events", object_event(), **{"Content-Type": kind})
        assert (answer.status_code, answer.json["type"]) == (
            415,
            "epcisException:UnsupportedMediaTypeException",
        )
    assert "Access-Control-Allow-Origin" not in caller.get("/").headers


def test_versions_and_forms_are_told_and_kept_to(producer: Caller) -> None:
    answer = producer.get("/events")
    assert answer.headers["GS1-EPCIS-Version"] == answer.headers["GS1-CBV-Version"] == "2.0.0"
    assert producer.get("/events", **{"GS1-EPCIS-Version": "3.0.0"}).status_code == 406
    assert producer.get("/events", **{"GS1-EPCIS-Min": "1.2"}).status_code == 200
    assert producer.get("/events", Accept="application/xml").status_code == 406
    options = producer.client.options("/epcis/v2/capture", headers=producer.headers)
    assert options.status_code == 204
    assert {"GET", "POST", "OPTIONS"} <= set(options.headers["Allow"].split(", "))
    assert options.headers["GS1-Capture-Error-Behaviour"] == "proceed"
    rollback = producer.post("/capture", document(*life()), **{"GS1-Capture-Error-Behaviour": "rollback"})
    assert (rollback.status_code, rollback.json["field"]) == (400, "GS1-Capture-Error-Behaviour")


@pytest.mark.parametrize(
    "body", ["", "{", "[1]", '{"type": "Nothing"}', json.dumps({"type": "EPCISDocument"})]
)
def test_what_is_no_document_is_refused_at_once(producer: Caller, body: str) -> None:
    answer = producer.post("/capture", body)
    location = answer.headers.get("Location")
    if location is not None:
        assert not producer.job(location)["success"]
        return
    assert (answer.status_code, answer.json["type"]) == (400, "epcisException:ValidationException")
    assert answer.json["code"]


def test_passwords_cannot_be_tried_out(tmp_path: Path) -> None:
    trade = Consortium(tmp_path, lambda settings: replace(settings, sign_ins_per_minute=3))
    right, wrong = Caller(trade, "Producer"), Caller(trade, "Producer", password="wrong")
    assert [right.get("/events").status_code for _ in range(5)] == [200] * 5, "only failures count"
    assert [wrong.get("/events").status_code for _ in range(5)] == [401] * 3 + [429] * 2
    assert right.get("/events").mimetype == "application/problem+json"
