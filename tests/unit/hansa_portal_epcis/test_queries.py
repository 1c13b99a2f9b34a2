"""Named queries, and subscriptions to them: signed, sent again, given up, never where they must not go."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hansa_portal.epcis import notifier
from hansa_portal.epcis.notifier import WAITS_S, Notifier
from hansa_portal.epcis.webhook import Destination, DestinationError, signature
from tests.support.epcis import object_event
from tests.support.epcis_api import Caller, conforms
from tests.support.portal import Consortium, MemoryOffice
from tests.support.webhook_receiver import Receiver, receiving

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
TOKEN = "13df38d8275b13f05704629e5f1cf3d45d6132d5"
SHIPPING = {
    "name": "shipped",
    "query": {"EQ_bizStep": ["shipping", "departing"], "eventType": ["ObjectEvent"]},
}


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Setting:
    """A portal whose subscribers may be on this machine, and its notifier, under a clock of ours."""

    trade: Consortium
    caller: Caller
    notifier: Notifier
    clock: Clock
    made: int = 0

    def report(self, step: str = "shipping") -> None:
        self.made += 1
        event = object_event(epcList=[ITEM.format(self.made)], bizStep=step)
        assert self.caller.post("/events", event).status_code == 201

    def subscribe(self, url: str, **more: Any) -> str:
        answer = self.caller.post(
            "/queries/shipped/subscriptions", {"dest": url, "signatureToken": TOKEN, "stream": True} | more
        )
        assert answer.status_code == 201, answer.text
        assert TOKEN not in answer.text
        return str(answer.headers["Location"].removeprefix("/epcis/v2"))


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    trade = Consortium(tmp_path, lambda settings: replace(settings, private_webhooks=True))
    app, clock = trade.app("Producer"), Clock()
    office: Any = MemoryOffice(trade.ledger, "ProducerMSP", tmp_path / "Producer")
    serving = notifier(app, office, trade.ledger.queries)
    serving._now = clock
    caller = Caller(trade, "Producer")
    assert caller.post("/queries", SHIPPING).status_code == 201
    return Setting(trade, caller, serving, clock)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def steps(body: bytes) -> list[str]:
    document = json.loads(body)
    conforms(document)
    return [event["bizStep"] for event in document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]


def test_a_named_query_is_kept_shown_answered_and_deleted(setting: Setting) -> None:
    caller = setting.caller
    for step in ("shipping", "receiving", "departing"):
        setting.report(step)
    assert caller.get("/queries/shipped").json["query"] == SHIPPING["query"]
    assert [one["name"] for one in caller.get("/queries").json] == ["shipped"]
    answer = caller.get("/queries/shipped/events")
    assert sorted(steps(answer.data)) == ["departing", "shipping"]
    assert answer.json["epcisBody"]["queryResults"]["queryName"] == "shipped"
    twice = caller.post("/queries", SHIPPING)
    assert (twice.status_code, twice.json["type"]) == (409, "epcisException:ResourceAlreadyExistsException")
    assert Caller(setting.trade, "Producer", "other").delete("/queries/shipped").status_code == 403
    assert Caller(setting.trade, "Producer", "admin").delete("/queries/shipped").status_code == 204
    gone = caller.get("/queries/shipped/events")
    assert (gone.status_code, gone.json["type"]) == (404, "epcisException:NoSuchNameException")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "../up", "query": {}}, "name"),
        ({"name": "a"}, "query"),
        ({"name": "a", "query": {"EQ_nothing": "x"}}, "EQ_nothing"),
        ({"name": "a", "query": {"eventType": [{}]}}, "eventType"),
    ],
)
def test_a_query_that_is_not_right_is_not_kept(setting: Setting, given: dict[str, Any], field: str) -> None:
    answer = setting.caller.post("/queries", given)
    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert len(setting.caller.get("/queries").json) == 1


def test_a_subscriber_gets_what_is_new_once_and_signed(setting: Setting, receiver: Receiver) -> None:
    setting.report()
    path = setting.subscribe(receiver.url)
    assert setting.notifier.look() == 0, "what was there before is not new"
    setting.report()
    setting.report("receiving")
    setting.report("departing")
    assert setting.notifier.look() == 1
    assert setting.notifier.look() == 0
    ((headers, body),) = receiver.got
    assert steps(body) == ["shipping", "departing"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = base64.b64encode(hmac.digest(TOKEN.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == headers["gs1-signature"] == f"v1,{right}"
    shown = setting.caller.get(path).json
    assert (shown["active"], shown["failures"], "lastNotifiedAt" in shown) == (True, 0, True)


def test_standard_webhooks_own_library_takes_the_signature() -> None:
    library = pytest.importorskip("standardwebhooks", reason="standardwebhooks is not installed")
    import time

    token, now, body = "whsec_" + base64.b64encode(b"k" * 24).decode(), int(time.time()), b'{"a": 1}'
    signed = signature(token, "message", now, body)
    headers = {"webhook-id": "message", "webhook-timestamp": str(now), "webhook-signature": signed}
    assert library.Webhook(token).verify(body, headers) == {"a": 1}
    with pytest.raises(Exception, match="No matching signature"):
        library.Webhook(token).verify(b'{"a": 2}', headers)


def test_a_subscriber_may_begin_in_the_past(setting: Setting, receiver: Receiver) -> None:
    setting.report()
    setting.subscribe(receiver.url, initialRecordTime="2020-01-01T00:00:00Z")
    assert setting.notifier.look() == 1
    assert steps(receiver.got[0][1]) == ["shipping"]


def test_what_did_not_arrive_is_sent_again_later_under_the_same_id(
    setting: Setting, receiver: Receiver
) -> None:
    path = setting.subscribe(receiver.url)
    receiver.answers = [500, 302]
    setting.report()
    assert setting.notifier.look() == 0
    assert setting.notifier.look() == 0, "not before its time"
    assert len(receiver.got) == 1
    for wait in WAITS_S[:2]:
        setting.clock.now += wait
        setting.notifier.look()
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [receiver.got[0][0]["webhook-id"]] * 3
    assert setting.caller.get(path).json["failures"] == 0


def test_a_subscription_ends_when_nobody_answers_or_wants_it(setting: Setting, receiver: Receiver) -> None:
    silent = setting.subscribe("http://127.0.0.1:1/")
    gone = setting.subscribe(receiver.url)
    receiver.answers = [410]
    setting.report()
    for wait in (0, *WAITS_S, 10**7):
        setting.clock.now += wait
        setting.notifier.look()
    assert len(receiver.got) == 1
    for path, error in ((silent, "ConnectionRefusedError"), (gone, "410 Gone")):
        shown = setting.caller.get(path).json
        assert not shown["active"]
        assert error in shown["error"]


def test_ending_a_subscription_or_its_query_ends_the_messages(setting: Setting, receiver: Receiver) -> None:
    first, second = setting.subscribe(receiver.url), setting.subscribe(receiver.url)
    listed = setting.caller.get("/queries/shipped/subscriptions").json
    assert {one["subscriptionID"] for one in listed} == {first[-26:], second[-26:]}
    assert setting.caller.delete(first).status_code == 204
    assert setting.caller.get(first).status_code == 404
    assert setting.caller.delete("/queries/shipped").status_code == 204
    setting.report()
    assert setting.notifier.look() == 0
    assert receiver.got == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stream": False}, "stream"),
        ({"schedule": {"hour": "1"}}, "stream"),
        ({"signatureToken": "short"}, "signatureToken"),
        ({"dest": "ftp://example.com/"}, "dest"),
        ({"dest": "https://user@example.com/"}, "dest"),
        ({"dest": None}, "dest"),
        ({"initialRecordTime": "now"}, "initialRecordTime"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_subscription_that_is_not_possible_is_refused(
    setting: Setting, changes: dict[str, Any], field: str
) -> None:
    given = {"dest": "https://example.com/hook", "signatureToken": TOKEN, "stream": True} | changes
    answer = setting.caller.post("/queries/shipped/subscriptions", given)
    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert answer.json["type"] == "epcisException:SubscriptionControlsException"


def test_messages_go_to_public_addresses_only() -> None:
    with pytest.raises(DestinationError, match="https"):
        Destination.of("http://example.com/", private=False)
    for host in ("127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254"):
        with pytest.raises(DestinationError, match="no public address"):
            Destination.of(f"https://{host}/", private=False).send(b"{}", {})
