"""Offers that say how the order is paid: by milestones, under a warranty, as both sides saw it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hansa_domain.operation import Caller
from tests.support.deliveries import TERMS_OF_DELIVERY
from tests.support.domain import GTIN, World, market, mint, order_fields
from tests.support.escrow import BAD_PLANS, PLAN, balances, milestone
from tests.support.offers import offered, proposal, sellers, tendered

AT = "2027-01-15T08:00:00.000Z"
BY_AMOUNT = [milestone("delivered", amount="333"), milestone("accepted", amount="662", otherwise="pay")]


def by_plan(milestones: Any = PLAN, **changes: Any) -> dict[str, Any]:
    """1100 in all: freight 100, fee 5, proceeds 995, to be paid by milestones, under a warranty."""
    fields = {"amount": "1100", "freight": "100", "lines_commitment": None, "warranty": 1000}
    return proposal(**{**fields, "milestones": milestones, **changes})


def accept(world: World, offer: str, version: int = 1, **more: Any) -> Any:
    fields = {"offer": offer, "version": version, "notes": [mint(world, "1100")], **more}
    return world.do("RetailerMSP", "offers:Accept", **fields)


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def test_a_version_says_what_the_order_is_paid_by_and_events_show_it() -> None:
    world = sellers()
    fields = {"buyer": "RetailerMSP", "seller": "ProducerMSP", "proposal": by_plan()}
    result = world.do("ProducerMSP", "offers:Propose", **fields)
    present = result.reply["present"]
    assert (present["milestones"], present["warranty"]) == (PLAN, 1000)
    assert world.record("offer-version", present["offer"], "001") == present
    terms = result.events[0]["terms"]
    assert terms["warranty"] == 1000
    assert [(each["name"], each["weight"], each["inspector"]) for each in terms["milestones"]] == [
        ("attested", "2000", "RegulatorMSP"),
        ("shipped", "3000", None),
        ("delivered", "2500", None),
        ("accepted", "1500", None),
        ("warranty", "1000", None),
    ]
    countered = world.do(
        "RetailerMSP", "offers:Counter", offer=present["offer"], version=1, proposal=by_plan(BY_AMOUNT)
    )
    assert [each["weight"] for each in countered.events[0]["terms"]["milestones"]] == ["333", "662"]


def test_who_takes_it_need_not_repeat_it() -> None:
    world = sellers()
    taken = accept(world, offered(world, proposal=by_plan()))
    order = taken.reply["order"]
    assert (order["settlement"], order["warranty"], order["proceeds"]) == ("milestones", 1000, "995")
    # The first milestone's time begins, as where a seller accepts an order from a listing.
    assert (order["status"], order["due"]) == ("accepted", "2027-01-15T08:01:40.000Z")
    assert taken.event_types == [
        "offer.accepted",
        "order.placed",
        "milestones.agreed",
        "order.accepted",
        "money.moved",
    ]
    plan = world.record("milestones", order["id"])
    assert [each["weight"] for each in plan["milestones"]] == ["2000", "3000", "2500", "1500", "1000"]
    assert {each["status"] for each in plan["milestones"]} == {"pending"}
    told = without(taken.events[2], "type", "v", "at", "order")["milestones"]
    assert [each["name"] for each in told] == [each["name"] for each in PLAN]


def test_the_same_order_comes_of_an_offer_as_of_a_listing() -> None:
    """What differs is that no stock is kept for it, and that the seller has accepted it already."""
    world = sellers()
    by_offer = accept(world, offered(world, proposal=by_plan())).reply["order"]
    other, listing = market()
    fields = order_fields(listing, [mint(other, "1100")], settlement="milestones", milestones=PLAN)
    placed = other.do("RetailerMSP", "orders:Place", **fields, warranty=1000).reply["order"]["id"]
    other.do("ProducerMSP", "orders:Accept", order=placed)
    own = ("id", "lines", "offer")
    assert without(by_offer, *own) == without(other.record("order", placed), *own)
    plans = [world.record("milestones", by_offer["id"]), other.record("milestones", placed)]
    assert plans[0]["milestones"] == plans[1]["milestones"]


def test_a_negotiated_order_goes_to_its_end_and_its_warranty_is_kept() -> None:
    world = sellers()
    offer = offered(world)
    world.do("RetailerMSP", "offers:Counter", offer=offer, version=1, proposal=by_plan(BY_AMOUNT))
    world.do("ProducerMSP", "offers:Agree", offer=offer, version=2)
    order = accept(world, offer, 2, settlement="milestones").reply["order"]["id"]
    world.do("ProducerMSP", "orders:Ship", order=order)
    world.do("CarrierMSP", "orders:Deliver", order=order)
    assert balances(world) == [0, 333, 33, 1]
    world.do("RetailerMSP", "milestones:Report", order=order, milestone="accepted")
    assert world.record("order", order)["status"] == "settled"
    assert balances(world) == [0, 995, 100, 5]
    claim = {"reason": "quality", "wanted": "payment", "amount": "300", "answer_within": 60}
    world.do("RetailerMSP", "claims:Open", order=order, **claim)
    world.pass_time(1000)
    assert world.refused("RetailerMSP", "claims:Open", order=order, **claim)[0] == "WARRANTY_OVER"


def test_a_missed_milestone_of_goods_without_stock_gives_the_money_back() -> None:
    world = sellers()
    order = accept(world, offered(world, proposal=by_plan())).reply["order"]["id"]
    assert world.refused("BankMSP", "orders:Default", order=order) == ("ORDER_NOT_DUE", "order")
    world.pass_time(100)
    ended = world.do("BankMSP", "orders:Default", order=order)
    assert ended.reply["order"]["cause"] == "milestone_missed"
    assert ended.event_types == ["order.refunded", "money.moved"]
    assert balances(world) == [1100, 0, 0, 0]


def test_a_tender_is_awarded_to_an_offer_with_milestones() -> None:
    world = sellers()
    tender = tendered(world)
    offer = offered(world, tender=tender, proposal=by_plan())
    fields = {"tender": tender, "offer": offer, "version": 1, "notes": [mint(world, "1100")]}
    order = world.do("RetailerMSP", "tenders:Award", **fields).reply["order"]
    assert (order["settlement"], order["warranty"]) == ("milestones", 1000)
    assert ("milestones", order["id"]) in world.state


@pytest.mark.parametrize(("milestones", "code", "field"), BAD_PLANS)
def test_a_plan_that_orders_would_refuse_is_not_even_proposed(
    milestones: list[dict[str, Any]], code: str, field: str
) -> None:
    world = sellers()
    parties = {"buyer": "RetailerMSP", "seller": "ProducerMSP"}
    refused = world.refused("ProducerMSP", "offers:Propose", **parties, proposal=by_plan(milestones))
    assert refused == (code, f"proposal.{field}")
    counter = {"offer": offered(world), "version": 1, "proposal": by_plan(milestones)}
    assert world.refused("RetailerMSP", "offers:Counter", **counter) == (code, f"proposal.{field}")


IN_PARTS = {**TERMS_OF_DELIVERY, "carriages": [{"carrier": "CarrierMSP", "freight": "100"}], "weights": ["1"]}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"deliveries": IN_PARTS, "carrier": None}, "MILESTONES_INVALID", "milestones"),
        ({"carrier": None}, "CARRIER_INVALID", "carrier"),
        ({"arbitrator": "ProducerMSP"}, "ARBITRATOR_INVALID", "arbitrator"),
        ({"arbitrator": "CarrierMSP"}, "ARBITRATOR_INVALID", "arbitrator"),
        ({"arbitrator": "ElseMSP"}, "MEMBER_NOT_FOUND", "arbitrator"),
        ({"second_arbitrator": "RetailerMSP"}, "ARBITRATOR_INVALID", "second_arbitrator"),
        ({"second_arbitrator": "BankMSP"}, "ARBITRATOR_INVALID", "second_arbitrator"),
        ({"second_arbitrator": "ElseMSP"}, "MEMBER_NOT_FOUND", "second_arbitrator"),
        # The fee is a cent of this, and the freight leaves none.
        ({"amount": "200", "freight": "200"}, "SHARES_EXCEED_AMOUNT", "freight"),
        ({"warranty": 0}, "FIELD_INVALID", "warranty"),
    ],
)
def test_what_orders_would_refuse_is_not_even_proposed(
    changes: dict[str, Any], code: str, field: str
) -> None:
    world = sellers()
    parties = {"buyer": "RetailerMSP", "seller": "ProducerMSP"}
    refused = world.refused("ProducerMSP", "offers:Propose", **parties, proposal=by_plan(**changes))
    assert refused == (code, f"proposal.{field}")
    # An order says the same, of its own fields.
    other, listing = market(unit_price=None)
    terms = {name: by_plan(**changes)[name] for name in changes.keys() | {"milestones"}}
    parts = changes.get("deliveries")
    placed = order_fields(listing, [mint(other, "1100")])
    placed |= {"settlement": "deliveries" if parts else "milestones", **terms}
    assert other.refused("RetailerMSP", "orders:Place", **placed) == (code, field)


def test_where_the_arbitrator_of_the_consortium_trades_another_one_is_named() -> None:
    world = sellers()
    parties = {"buyer": "BankMSP", "seller": "ProducerMSP"}
    refused = world.refused("ProducerMSP", "offers:Propose", **parties, proposal=by_plan())
    assert refused == ("ARBITRATOR_INVALID", "proposal.arbitrator")
    named = by_plan(arbitrator="RegulatorMSP")
    world.do("ProducerMSP", "offers:Propose", **parties, proposal=named)


@pytest.mark.parametrize(
    ("changes", "named"),
    [({}, "deliveries"), ({"milestones": None}, "milestones"), ({"milestones": None}, "deliveries")],
)
def test_nobody_takes_it_on_other_terms_than_both_saw(changes: dict[str, Any], named: str) -> None:
    world = sellers()
    taken = {"offer": offered(world, proposal=by_plan(**changes)), "version": 1}
    fields = {**taken, "notes": [mint(world, "1100")], "settlement": named}
    refused = world.refused("RetailerMSP", "offers:Accept", **fields)
    assert refused == ("SETTLEMENT_UNSUPPORTED", "settlement")


def test_an_inspector_who_left_since_attests_nothing() -> None:
    world = sellers()
    offer = offered(world, proposal=by_plan())
    gone = {**world.record("member", "RegulatorMSP"), "left_at": AT}
    world.state["member", "RegulatorMSP"] = json.dumps(gone).encode()
    fields = {"offer": offer, "version": 1, "notes": [mint(world, "1100")]}
    refused = world.refused("RetailerMSP", "offers:Accept", **fields)
    assert refused == ("MEMBER_NOT_FOUND", "milestones[0].inspector")


def test_shares_outlive_a_change_of_the_fee_and_amounts_do_not() -> None:
    world = sellers()
    shares, amounts = offered(world, proposal=by_plan()), offered(world, proposal=by_plan(BY_AMOUNT))
    rule = {"basis_points": 100}
    schedule = {"order": rule, "arbitration": rule, "exchange": rule, "account": "BankMSP/fees"}
    published = world.do(Caller("BankMSP", "admin", admin=True), "fees:Publish", **schedule).reply
    for name in ("Producer", "Retailer", "Farm"):
        admin = Caller(f"{name}MSP", "admin", admin=True)
        world.do(admin, "fees:Approve", schedule=published["schedule"]["id"])
    fields = {"offer": amounts, "version": 1, "notes": [mint(world, "1100")]}
    refused = world.refused("RetailerMSP", "offers:Accept", **fields)
    assert refused == ("MILESTONES_INVALID", "milestones")
    order = accept(world, shares).reply["order"]
    assert (order["fee"], order["proceeds"]) == ("11", "989")


def test_a_version_from_before_milestones_is_taken_as_it_was_meant() -> None:
    world = sellers()
    offer = offered(world, proposal=by_plan(None, warranty=None))
    key = ("offer-version", offer, "001")
    written = without(world.record(*key), "milestones", "warranty")
    world.state[key] = json.dumps({**written, "v": 2}).encode()
    order = accept(world, offer).reply["order"]
    assert (order["settlement"], order["warranty"]) == ("whole", None)
    assert order["lines"] == [{"listing": None, "gtin": GTIN, "quantity": 40, "take": []}]
