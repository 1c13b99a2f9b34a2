"""Milestones: each releases its share by its event, or by silence what was agreed; the sums are exact."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.deliveries import commissioned
from tests.support.domain import World, market, mint, order_fields
from tests.support.escrow import BAD_PLANS, DOCUMENT, PLAN, balances, by_milestones, milestone

EPC = "urn:epc:id:sgtin:9506000.013435.7"


def attest(world: World, order: str) -> Any:
    fields = {"order": order, "milestone": "attested", "document": DOCUMENT}
    return world.do("RegulatorMSP", "milestones:Report", **fields)


def test_an_order_says_what_it_is_paid_by() -> None:
    world, order = by_milestones()
    plan = world.record("milestones", order)
    assert [each["weight"] for each in plan["milestones"]] == ["2000", "3000", "2500", "1500", "1000"]
    assert {each["status"] for each in plan["milestones"]} == {"pending"}
    assert world.record("order", order)["due"] == "2027-01-15T08:01:40.000Z"
    assert world.ask("BankMSP", "milestones:Get", order=order) == {"plan": plan}


def test_every_event_releases_its_share_and_the_last_cent_goes_out() -> None:
    world, order = by_milestones()
    result = attest(world, order)
    assert result.event_types == ["milestone.paid", "money.moved"]
    at = "2027-01-15T08:00:00.000Z"
    assert result.events[0] == {
        "type": "milestone.paid",
        "v": 1,
        "order": order,
        "place": 0,
        "name": "attested",
        "cause": "reported",
        "by": "RegulatorMSP",
        "document": DOCUMENT,
        "currency": "EUR",
        "proceeds": "199",
        "freight": "20",
        "fee": "1",
        "due": "2027-01-15T08:01:40.000Z",
        "at": at,
    }
    assert set(result.writes) >= {("order", order), ("milestones", order), ("escrow", order)}
    assert world.record("escrow", order)["amount"] == "880"
    assert world.record("order", order)["left"] == {"proceeds": "796", "freight": "80", "fee": "4"}
    assert balances(world) == [0, 199, 20, 1]
    shipped = world.do("ProducerMSP", "orders:Ship", order=order)
    assert shipped.event_types == ["order.shipped", "milestone.paid", "money.moved"]
    assert balances(world) == [0, 497, 50, 2]
    delivered = world.do("CarrierMSP", "orders:Deliver", order=order)
    assert delivered.event_types == ["order.delivered", "milestone.paid", "money.moved"]
    accepted = world.do("RetailerMSP", "milestones:Report", order=order, milestone="accepted")
    assert accepted.reply["order"]["status"] == "delivered"
    assert accepted.reply["plan"]["milestones"][3]["reported_by"] == "RetailerMSP"
    world.pass_time(500)
    last = world.do("BankMSP", "orders:Default", order=order)
    assert last.event_types == ["milestone.paid", "order.settled", "money.moved"]
    assert (last.events[0]["cause"], last.events[1]["cause"]) == ("silence", "milestones")
    assert (last.reply["order"]["status"], last.reply["order"]["released"]) == ("settled", "1100")
    assert ("escrow", order) not in world.state
    assert balances(world) == [0, 995, 100, 5]


def test_amounts_in_minor_units_are_paid_to_the_cent() -> None:
    plan = [milestone("delivered", amount="333"), milestone("accepted", amount="662", otherwise="pay")]
    world, order = by_milestones(plan)
    world.do("ProducerMSP", "orders:Ship", order=order)
    world.do("CarrierMSP", "orders:Deliver", order=order)
    assert balances(world) == [0, 333, 33, 1]
    world.do("RetailerMSP", "milestones:Report", order=order, milestone="accepted")
    assert balances(world) == [0, 995, 100, 5]


def test_the_goods_are_the_buyers_once_only_the_warranty_is_left() -> None:
    plan = [milestone("delivered", 9000), milestone("warranty", 1000, otherwise="pay")]
    world, order = by_milestones(plan)
    commission(world)
    world.do("ProducerMSP", "orders:Ship", order=order, epcs=[EPC])
    unit = ("unit", "https://id.gs1.org/01/09506000134352/21/7")
    assert world.record(*unit)["custodian"] == "CarrierMSP"
    world.do("CarrierMSP", "orders:Deliver", order=order)
    taken = world.record(*unit)
    assert (taken["owner"], taken["custodian"], taken["order"]) == ("RetailerMSP", "RetailerMSP", None)
    world.do("RetailerMSP", "milestones:Report", order=order, milestone="warranty")
    assert world.record("order", order)["status"] == "settled"
    assert world.record(*unit) == taken


def commission(world: World) -> None:
    event = (
        '{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],'
        '"type": "ObjectEvent", "eventTime": "2026-03-02T09:00:00.000Z", "eventTimeZoneOffset": "+01:00",'
        f'"action": "ADD", "bizStep": "commissioning", "epcList": ["{EPC}"]}}'
    )
    world.do("ProducerMSP", "goods:Capture", events=[{"event": event, "context": ""}])


def test_a_missed_milestone_gives_back_what_is_left_and_the_goods() -> None:
    world, order = by_milestones([*PLAN[1:-1], milestone("inspected", 3000)])
    commission(world)
    world.do("ProducerMSP", "orders:Ship", order=order, epcs=[EPC])
    assert world.refused("BankMSP", "orders:Default", order=order) == ("ORDER_NOT_DUE", "order")
    world.pass_time(100)
    ended = world.do("BankMSP", "orders:Default", order=order)
    assert ended.event_types == ["order.refunded", "custody.moved", "money.moved"]
    assert ended.reply["order"]["cause"] == "milestone_missed"
    assert balances(world) == [771, 298, 30, 1]
    assert world.record("unit", "https://id.gs1.org/01/09506000134352/21/7")["custodian"] == "ProducerMSP"


def test_silence_pays_nobody_for_goods_that_never_left() -> None:
    world, order = by_milestones([milestone("accepted", 10000, otherwise="pay")])
    world.pass_time(100)
    ended = world.do("BankMSP", "orders:Default", order=order)
    assert ended.event_types == ["order.refunded", "stock.changed", "money.moved"]
    assert balances(world) == [1100, 0, 0, 0]


def test_the_buyer_confirms_all_that_is_left() -> None:
    world, order = by_milestones()
    attest(world, order)
    world.do("ProducerMSP", "orders:Ship", order=order)
    confirmed = world.do("RetailerMSP", "orders:Confirm", order=order)
    assert confirmed.reply["order"]["status"] == "settled"
    assert {each["status"] for each in world.record("milestones", order)["milestones"]} == {"paid"}
    assert confirmed.event_types == [*["milestone.paid"] * 3, "order.settled", "money.moved"]
    parts = [
        sum(int(event[part]) for part in ("proceeds", "freight", "fee")) for event in confirmed.events[:3]
    ]
    assert parts == [275, 165, 111]
    assert sum(parts) == sum(int(confirmed.events[3][share]) for share in ("proceeds", "freight", "fee"))
    assert balances(world) == [0, 995, 100, 5]


def test_the_buyer_lets_go_what_others_would_report() -> None:
    world, order = by_milestones()
    result = world.do("RetailerMSP", "milestones:Report", order=order, milestone="attested")
    assert result.events[0]["cause"] == "conceded"
    result = world.do("RetailerMSP", "milestones:Report", order=order, milestone="shipped")
    assert balances(world) == [0, 497, 50, 2]
    # Shipping afterwards reaches nothing, and starts no other clock.
    shipped = world.do("ProducerMSP", "orders:Ship", order=order)
    assert shipped.event_types == ["order.shipped"]


def test_the_seller_cancels_while_nothing_was_paid() -> None:
    world, order = by_milestones()
    attest(world, order)
    assert world.refused("ProducerMSP", "orders:Cancel", order=order) == ("ORDER_STATE", "order")
    world, order = by_milestones()
    world.do("ProducerMSP", "orders:Cancel", order=order)
    assert balances(world) == [1100, 0, 0, 0]


def test_who_bought_the_proceeds_gets_the_sellers_shares() -> None:
    world, order = by_milestones()
    offer = {"order": order, "financier": "BankMSP", "price": "900", "expires_within": 60}
    world.do("ProducerMSP", "receivables:Offer", **offer)
    note = mint(world, "900", "BankMSP")
    world.do("BankMSP", "receivables:Assign", order=order, price="900", notes=[note])
    attest(world, order)
    assert (world.balance("BankMSP"), world.balance("ProducerMSP")) == (199, 900)


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("ProducerMSP", {}, "NOT_PERMITTED", None),
        ("CarrierMSP", {}, "NOT_PERMITTED", None),
        ("RegulatorMSP", {"document": None}, "MILESTONE_STATE", "document"),
        ("RegulatorMSP", {"milestone": "shipped"}, "MILESTONE_STATE", "milestone"),
        ("RegulatorMSP", {"order": f"RetailerMSP.{'0' * 26}"}, "ORDER_NOT_FOUND", "order"),
    ],
)
def test_reports_that_are_refused(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    world, order = by_milestones()
    fields = {"order": order, "milestone": "attested", "document": DOCUMENT, **changes}
    assert world.refused(caller, "milestones:Report", **fields) == (code, field)


def test_milestones_are_reached_one_after_the_other() -> None:
    world, order = by_milestones()
    assert world.refused("ProducerMSP", "orders:Ship", order=order) == ("MILESTONE_STATE", "order")
    attest(world, order)
    report = {"order": order, "milestone": "shipped"}
    for caller in ("ProducerMSP", "RegulatorMSP", "CarrierMSP"):
        assert world.refused(caller, "milestones:Report", **report) == ("NOT_PERMITTED", None)


def test_an_order_as_a_whole_has_no_milestones() -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1100")])
    order = world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"]
    report = {"order": order, "milestone": "x"}
    assert world.refused("RetailerMSP", "milestones:Report", **report) == ("ORDER_SETTLEMENT", "order")
    asked = {"order": order}
    assert world.refusal("RetailerMSP", "milestones:Get", asked) == ("ORDER_SETTLEMENT", "order")


def test_an_order_by_milestones_is_not_returned() -> None:
    world, order = by_milestones()
    fields = {"order": order, "restocking_fee": "0", "receive_within": 9}
    assert world.refused("RetailerMSP", "returns:Propose", **fields) == ("ORDER_SETTLEMENT", "order")


@pytest.mark.parametrize(
    ("milestones", "code", "field"), [(None, "MILESTONES_INVALID", "milestones"), *BAD_PLANS]
)
def test_plans_that_are_refused(
    milestones: list[dict[str, Any]] | None, code: str, field: str | None
) -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1100")], settlement="milestones", milestones=milestones)
    assert world.refused("RetailerMSP", "orders:Place", **fields) == (code, field)


def test_only_an_order_by_milestones_names_them() -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1100")], milestones=PLAN)
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("MILESTONES_INVALID", "milestones")


def test_goods_shipped_after_the_work_was_paid_are_the_buyers_in_the_end() -> None:
    plan = [
        milestone("attested", 9000, inspector="RegulatorMSP"),
        milestone("warranty", 1000, within=500, otherwise="pay"),
    ]
    world, order = by_milestones(plan)
    commissioned(world, [EPC])
    attest(world, order)
    world.do("ProducerMSP", "orders:Ship", order=order, epcs=[EPC])
    world.pass_time(500)
    world.do("BankMSP", "orders:Default", order=order)
    unit = world.record("unit", "https://id.gs1.org/01/09506000134352/21/7")
    assert (unit["owner"], unit["custodian"], unit["order"]) == ("RetailerMSP", "RetailerMSP", None)
