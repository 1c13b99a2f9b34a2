"""Reporting on behalf of another: only what was delegated, as long, and never more than the grantor may."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.times import rfc3339
from tests.support.epcis import object_event
from tests.support.goods import CARRIER, OTHER_GTIN, PRODUCER, RETAILER, GoodsLedger

ITEM = "https://id.gs1.org/01/09521321000018/21/{}"
PRODUCT = "https://id.gs1.org/01/09521321000018"


@pytest.fixture
def ledger() -> GoodsLedger:
    """The producer owns two products; nothing is made."""
    ledger = GoodsLedger()
    ledger.register()
    ledger.register(OTHER_GTIN)
    return ledger


def grant(ledger: GoodsLedger, *actions: str, subject: str = PRODUCT, within: int = 3600) -> None:
    fields = {"reporter": CARRIER, "subject": subject, "actions": list(actions), "within": within}
    ledger.command("delegations:Grant", PRODUCER, **fields)


def report(ledger: GoodsLedger, event: dict[str, Any], reporter: str = CARRIER) -> tuple[str, str | None]:
    (result,) = ledger.capture(reporter, event)
    return result["status"], result.get("reason")


def make(*serials: int) -> dict[str, Any]:
    return object_event(
        action="ADD", bizStep="commissioning", epcList=[ITEM.format(each) for each in serials]
    )


def test_granting_writes_exactly_this(ledger: GoodsLedger) -> None:
    fields = {"reporter": CARRIER, "subject": PRODUCT, "actions": ["pack", "make"], "within": 60}
    result = ledger.world.do(PRODUCER, "delegations:Grant", **fields)
    made = {
        "v": 1, "grantor": PRODUCER, "reporter": CARRIER, "subject": PRODUCT, "actions": ["make", "pack"],
        "until": rfc3339(ledger.world.now + 60_000),
    }  # fmt: skip
    assert result.writes == {("delegation", PRODUCER, CARRIER, PRODUCT): made}
    told = {"type": "delegation.granted", "at": rfc3339(ledger.world.now), **made}
    assert result.events == [told]


def test_a_delegate_makes_goods_that_are_the_grantors(ledger: GoodsLedger) -> None:
    assert report(ledger, make(1)) == ("claim", "not_a_party")
    grant(ledger, "make")
    assert report(ledger, make(1)) == ("accepted", None)
    unit = ledger.unit(ITEM.format(1))
    assert (unit["owner"], unit["custodian"]) == (PRODUCER, PRODUCER)
    (record,) = [
        ledger.world.record(*key) for key in ledger.world.state if key[0] == "epcis-event" and CARRIER in key
    ]
    assert (record["reporter"], record["on_behalf_of"]) == (CARRIER, PRODUCER)


def test_it_holds_for_these_actions_goods_and_reporters_only(ledger: GoodsLedger) -> None:
    assert report(ledger, make(1), PRODUCER) == ("accepted", None)
    seen = object_event(epcList=[ITEM.format(1)], bizStep="inspecting")
    grant(ledger, "make", "retire")
    assert report(ledger, seen) == ("claim", "not_a_party")
    grant(ledger, "observe", subject=ITEM.format(2))
    assert report(ledger, seen) == ("already_captured", "not_a_party")
    grant(ledger, "observe", subject=ITEM.format(1))
    assert report(ledger, seen, RETAILER) == ("claim", "not_a_party")
    assert report(ledger, seen) == ("accepted", None)


def test_it_ends_with_its_time_or_when_it_is_revoked(ledger: GoodsLedger) -> None:
    grant(ledger, "make", within=10)
    assert report(ledger, make(1)) == ("accepted", None)
    ledger.world.pass_time(10)
    assert report(ledger, make(2)) == ("claim", "not_a_party")
    grant(ledger, "make")
    assert report(ledger, make(3)) == ("accepted", None)
    ledger.command("delegations:Revoke", PRODUCER, reporter=CARRIER, subject=PRODUCT)
    assert [event["type"] for event in ledger.events] == ["delegation.revoked"]
    assert report(ledger, make(4)) == ("claim", "not_a_party")
    absent = {"reporter": CARRIER, "subject": PRODUCT}
    refused = ledger.world.refused(PRODUCER, "delegations:Revoke", **absent)
    assert refused == ("DELEGATION_NOT_FOUND", "subject")


def test_nobody_delegates_what_he_may_not_do_himself(ledger: GoodsLedger) -> None:
    fields = {"reporter": CARRIER, "subject": PRODUCT, "actions": ["make"], "within": 60}
    ledger.command("delegations:Grant", RETAILER, **fields)
    assert report(ledger, make(1)) == ("claim", "not_a_party")
    refused = ledger.world.refused
    assert refused(PRODUCER, "delegations:Grant", **{**fields, "reporter": PRODUCER}) == (
        "FIELD_INVALID",
        "reporter",
    )
    nobody = {**fields, "reporter": "NobodyMSP"}
    assert refused(PRODUCER, "delegations:Grant", **nobody) == ("MEMBER_NOT_FOUND", "reporter")
    nothing = {**fields, "subject": "https://example.com/"}
    assert refused(PRODUCER, "delegations:Grant", **nothing) == ("EPC_INVALID", "subject")
