"""The schedule of fees: published, agreed to by a majority, in force from a time on, and what it comes to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.fees.schedule import FeeBounds, FeeRule, arbitration_fee, fee_keys
from hansa_domain.operation import Caller, Fetch
from tests.support.domain import World, consortium, market, mint, order_fields, ulid
from tests.support.offers import offered

AT = "2027-01-15T08:00:00.000Z"
LATER = "2027-01-15T08:01:00.000Z"
RULES: dict[str, Any] = {
    "order": {"basis_points": 100, "bounds": [{"currency": "EUR", "minimum": "5", "maximum": "20"}]},
    "arbitration": {"basis_points": 200, "bounds": [{"currency": "EUR", "minimum": "10"}]},
    "exchange": {"basis_points": 30},
    "account": "BankMSP/fees",
}


def admin(name: str) -> Caller:
    return Caller(f"{name}MSP", "admin", admin=True)


def publish(world: World, *approving: str, **changes: Any) -> str:
    """A schedule published by the producer and approved by others; its id."""
    reply = world.do(admin("Producer"), "fees:Publish", **{**RULES, **changes}).reply
    schedule = str(reply["schedule"]["id"])
    for name in approving:
        world.do(admin(name), "fees:Approve", schedule=schedule)
    return schedule


def fee_of_an_order(world: World, listing: str, **more: Any) -> dict[str, Any]:
    """The order over 1100 as placed now."""
    order = world.do("RetailerMSP", "orders:Place", **order_fields(listing, [mint(world, "1500")], **more))
    placed: dict[str, Any] = order.reply["order"]
    return placed


def test_a_schedule_is_published_and_approved_by_who_publishes_it() -> None:
    world = consortium()
    result = world.do(admin("Producer"), "fees:Publish", **RULES, document="d0" * 32, id=ulid(1))
    name = f"ProducerMSP.{ulid(1)}"
    schedule = {
        "v": 1,
        "id": name,
        "follows": 0,
        "version": None,
        "order": RULES["order"],
        "arbitration": {
            "basis_points": 200,
            "bounds": [{"currency": "EUR", "minimum": "10", "maximum": None}],
        },
        "exchange": {"basis_points": 30, "bounds": []},
        "account": "BankMSP/fees",
        "document": "d0" * 32,
        "effective_from": AT,
        "published_by": "ProducerMSP",
        "published_at": AT,
        "in_force_from": None,
    }
    approval = {"v": 1, "schedule": name, "member": "ProducerMSP", "approved_by": "admin", "approved_at": AT}
    assert result.writes == {
        ("fee-schedule", name): schedule,
        ("fee-approval", name, "ProducerMSP"): approval,
    }
    assert result.event_types == ["fees.published", "fees.approved"]
    assert result.events[0]["order"] == {
        "basis_points": 100,
        "minimum": {"EUR": "5"},
        "maximum": {"EUR": "20"},
    }
    assert result.reply == {"schedule": schedule, "approved_by": ["ProducerMSP"], "needed": 3}


def test_it_holds_once_a_majority_agreed() -> None:
    world, listing = market()
    assert fee_of_an_order(world, listing)["fee"] == "5"
    schedule = publish(world)
    world.do(admin("Retailer"), "fees:Approve", schedule=schedule)
    world.do(admin("Retailer"), "fees:Approve", schedule=schedule)  # says it twice, counts once
    assert fee_of_an_order(world, listing)["fee"] == "5"
    result = world.do(admin("Carrier"), "fees:Approve", schedule=schedule)
    assert set(result.writes) == {
        ("fee-approval", schedule, "CarrierMSP"),
        ("fee-schedule", schedule),
        ("fees",),
    }
    told = {"type": "fees.in_force", "v": 1, "schedule": schedule, "version": 1, "begins": AT, "at": AT}
    assert result.events[1] == told
    order = fee_of_an_order(world, listing)
    assert (order["fee"], order["fee_account"]) == ("11", "BankMSP/fees")
    assert int(order["proceeds"]) == 1100 - 100 - 11
    late = world.refused(admin("Bank"), "fees:Approve", schedule=schedule)
    assert late == ("FEE_SCHEDULE_STATE", "schedule")


def test_it_begins_when_it_says_and_ends_when_a_later_one_begins() -> None:
    world, listing = market()
    first = publish(world, "Bank", "Carrier", effective_from=LATER)
    assert fee_of_an_order(world, listing)["fee"] == "5"
    assert world.ask("RetailerMSP", "fees:Quote", currency="EUR", amount="1100")["schedule"] is None
    world.pass_time(60)
    assert fee_of_an_order(world, listing)["fee"] == "11"
    dear = {"order": {"basis_points": 150}}
    second = publish(world, "Bank", "Carrier", **dear, effective_from="2027-01-15T08:02:00.000Z")
    assert [each["version"] for each in world.record("fees")["schedules"]] == [1, 2]
    assert fee_of_an_order(world, listing)["fee"] == "11"
    quoted = world.ask("RetailerMSP", "fees:Quote", currency="EUR", amount="1100")
    assert (quoted["schedule"], [each["id"] for each in quoted["coming"]]) == (first, [second])
    world.pass_time(60)
    assert fee_of_an_order(world, listing)["fee"] == "16"
    third = publish(world, "Bank", "Carrier")
    assert [each["id"] for each in world.record("fees")["schedules"]] == [third]
    listed = world.ask("RetailerMSP", "fees:List")
    assert ([each["version"] for each in listed["schedules"]], listed["in_force"]) == ([1, 2, 3], third)
    assert len(listed["approvals"]) == 9
    assert world.ask("RetailerMSP", "fees:Get")["schedule"]["version"] == 3
    assert world.ask("RetailerMSP", "fees:Get", schedule=first)["schedule"]["order"] == RULES["order"]


def test_an_older_schedule_does_not_come_back_by_a_late_approval() -> None:
    world = consortium()
    first = publish(world, "Retailer")
    publish(world, "Retailer", "Carrier")
    late = world.refused(admin("Bank"), "fees:Approve", schedule=first)
    assert late == ("FEE_SCHEDULE_STATE", "schedule")


def test_members_that_left_do_not_count() -> None:
    world = consortium()
    schedule = publish(world, "Retailer")
    roster = ["BankMSP", "CarrierMSP", "ProducerMSP", "RegulatorMSP"]
    world.state["roster",] = json.dumps({"v": 1, "members": roster}).encode()
    reply = world.do(admin("Carrier"), "fees:Approve", schedule=schedule).reply
    assert (reply["approved_by"], reply["needed"]) == (["CarrierMSP", "ProducerMSP"], 3)
    assert reply["schedule"]["in_force_from"] is None
    assert world.do(admin("Bank"), "fees:Approve", schedule=schedule).reply["schedule"]["in_force_from"] == AT


def test_at_most_so_many_wait_for_their_time() -> None:
    world = consortium()
    for _ in range(10):
        publish(world, "Bank", "Carrier", effective_from=LATER)
    schedule = publish(world, "Bank", effective_from=LATER)
    refused = world.refused(admin("Carrier"), "fees:Approve", schedule=schedule)
    assert refused == ("FEE_SCHEDULE_STATE", "schedule")


def _with_bounds(*bounds: dict[str, str]) -> dict[str, Any]:
    return {"arbitration": {"basis_points": 1, "bounds": list(bounds)}}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (_with_bounds({"currency": "ABC"}), "arbitration.bounds[0].currency"),
        (_with_bounds({"currency": "EUR"}, {"currency": "EUR"}), "arbitration.bounds[1].currency"),
        (_with_bounds({"currency": "EUR", "minimum": "2", "maximum": "1"}), "arbitration.bounds[0].maximum"),
        ({"order": {"basis_points": 10_001}}, "order.basis_points"),
        ({"account": "ElseMSP"}, "account"),
        ({"effective_from": "2027-02-30T00:00:00.000Z"}, "effective_from"),
        ({"effective_from": "tomorrow"}, "effective_from"),
    ],
)
def test_publish_refusals(changes: dict[str, Any], field: str) -> None:
    code = {"account": "MEMBER_NOT_FOUND", "arbitration.bounds[0].currency": "CURRENCY_UNKNOWN"}
    refused = consortium().refused(admin("Bank"), "fees:Publish", **{**RULES, **changes})
    assert refused == (code.get(field, "FIELD_INVALID"), field)


def test_only_administrators_of_members_publish_and_approve() -> None:
    world = consortium()
    schedule = publish(world)
    assert world.refused("BankMSP", "fees:Publish", **RULES) == ("NOT_PERMITTED", None)
    assert world.refused("BankMSP", "fees:Approve", schedule=schedule) == ("NOT_PERMITTED", None)
    assert world.refused(admin("Else"), "fees:Approve", schedule=schedule) == ("NOT_A_MEMBER", None)
    refused = world.refused(admin("Bank"), "fees:Approve", schedule=f"BankMSP.{ulid(0)}")
    assert refused == ("FEE_SCHEDULE_NOT_FOUND", "schedule")


def test_an_order_is_refused_where_the_fee_became_higher() -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1500")], max_fee="5")
    publish(world, "Bank", "Carrier")
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("FEE_CHANGED", "max_fee")
    world.do("RetailerMSP", "orders:Place", **{**fields, "max_fee": "11"})
    offer = {"offer": offered(world), "version": 1, "notes": [mint(world, "9000")]}
    refused = world.refused("RetailerMSP", "offers:Accept", **offer, max_fee="19")
    assert refused == ("FEE_CHANGED", "max_fee")
    world.do("RetailerMSP", "offers:Accept", **offer, max_fee="20")


def test_fees_are_seen_before_they_are_paid() -> None:
    world = consortium()
    before = world.ask("RetailerMSP", "fees:Quote", currency="EUR", amount="1100")
    assert before == {
        "currency": "EUR",
        "amount": "1100",
        "order": {"fee": "5", "recipient": "BankMSP/consortium-fees"},
        "arbitration": {"fee": "0", "recipient": "BankMSP"},
        "exchange": {"fee": "0", "recipient": "BankMSP/consortium-fees"},
        "schedule": None,
        "coming": [],
    }
    publish(world, "Bank", "Carrier")
    asked = {"currency": "EUR", "amount": "1100", "arbitrator": "RegulatorMSP"}
    after = world.ask("RetailerMSP", "fees:Quote", **asked)
    assert after["order"] == {"fee": "11", "recipient": "BankMSP/fees"}
    assert after["arbitration"] == {"fee": "22", "recipient": "RegulatorMSP"}
    assert after["exchange"] == {"fee": "3", "recipient": "BankMSP/fees"}
    refused = world.refusal("RetailerMSP", "fees:Quote", {"currency": "ABC", "amount": "1"})
    assert refused == ("CURRENCY_UNKNOWN", "currency")
    nothing = consortium().refusal("RetailerMSP", "fees:Get", {})
    assert nothing == ("FEE_SCHEDULE_NOT_FOUND", "schedule")


@pytest.mark.parametrize(
    ("amount", "fee"), [(0, 0), (3, 3), (499, 5), (599, 5), (699, 6), (2000, 20), (10**18 - 1, 20)]
)
def test_a_fee_keeps_its_bounds_rounds_down_and_fits_into_the_amount(amount: int, fee: int) -> None:
    rule = FeeRule(basis_points=100, bounds=[FeeBounds(currency="EUR", minimum="5", maximum="20")])
    assert rule.fee("EUR", amount) == fee
    assert rule.fee("CNY", amount) == amount // 100


def test_arbitration_costs_what_held_when_the_order_was_placed() -> None:
    world = consortium()
    first = publish(world, "Bank", "Carrier")
    publish(world, "Bank", "Carrier", arbitration={"basis_points": 900})
    records = world.fetch(Fetch(keys=fee_keys(first)))
    assert arbitration_fee(records, "EUR", 1000, schedule=first) == 20
    assert arbitration_fee(records, "EUR", 100, schedule=first) == 10
    assert arbitration_fee(world.fetch(Fetch(keys=fee_keys(None))), "EUR", 1000, schedule=None) == 0
