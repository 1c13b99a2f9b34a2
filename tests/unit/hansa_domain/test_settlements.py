"""Splits by consent: whoever would lose by one must agree to it, and nothing else happens without that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import World, advance, mint, placed
from tests.support.escrow import balances, by_milestones, split

PARTY = {"buyer": "RetailerMSP", "seller": "ProducerMSP", "carrier": "CarrierMSP"}


def under_way(status: str = "delivered") -> tuple[World, str]:
    """An order over 1100: 995 proceeds, 100 freight, 5 fee; the buyer has 400 left."""
    world, order = placed()
    advance(world, order, status)
    return world, order


def propose(world: World, order: str, parts: dict[str, str], by: str = "RetailerMSP", **more: Any) -> Any:
    fields = {"order": order, "split": parts, "valid_for": 60, **more}
    return world.do(by, "settlements:Propose", **fields)


def test_a_partial_refund_leaves_the_rest_to_settle_as_ever() -> None:
    world, order = under_way()
    proposed = propose(world, order, split(200, 0))
    assert set(proposed.writes) == {("settlement", order)}
    assert proposed.event_types == ["settlement.proposed"]
    assert proposed.reply["settlement"]["needs"] == ["RetailerMSP", "ProducerMSP"]
    done = world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    assert done.event_types == ["settlement.accepted", "escrow.released", "money.moved"]
    assert done.events[2]["reason"] == "refund"
    assert world.record("order", order)["left"] == {"proceeds": "796", "freight": "100", "fee": "4"}
    assert balances(world) == [600, 0, 0, 0]
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert balances(world) == [600, 796, 100, 4]


def test_a_partial_release_pays_its_part_of_the_fee() -> None:
    world, order = under_way("shipped")
    propose(world, order, split(0, 500, 40), "ProducerMSP")
    done = world.do("RetailerMSP", "settlements:Accept", order=order, number=1)
    released = {key: done.events[1][key] for key in ("buyer", "seller", "carrier", "fee", "left")}
    assert released == {"buyer": "0", "seller": "498", "carrier": "40", "fee": "2", "left": "560"}
    assert world.record("order", order)["status"] == "shipped"
    world.pass_time(180)
    world.do("BankMSP", "orders:Default", order=order)
    assert balances(world) == [400 + 560, 498, 40, 2]


def test_the_whole_of_it_ends_the_order() -> None:
    world, order = under_way()
    propose(world, order, split(500, 500, 100), goods="buyer")
    done = world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    assert done.event_types == ["settlement.accepted", "order.divided", "money.moved"]
    divided = done.events[1]
    assert (divided["status"], divided["cause"], divided["goods"]) == ("settled", "agreed", "buyer")
    assert done.reply["order"]["status"] == "settled"
    assert ("escrow", order) not in world.state
    assert balances(world) == [900, 498, 100, 2]


def test_an_order_not_shipped_is_called_off_for_a_fee() -> None:
    world, order = under_way("accepted")
    listing = world.record("order", order)["lines"][0]["listing"]
    before = world.record("stock", listing, "000")["quantity"]
    propose(world, order, split(1050, 50), goods="seller")
    done = world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    assert done.event_types == ["settlement.accepted", "order.divided", "stock.changed", "money.moved"]
    assert world.record("stock", listing, "000")["quantity"] == before + 4
    assert balances(world) == [1450, 50, 0, 0]


def test_the_carrier_agrees_to_less_than_its_freight() -> None:
    world, order = under_way("shipped")
    proposed = propose(world, order, split(1050, 0, 50), goods="seller")
    assert proposed.reply["settlement"]["needs"] == list(PARTY.values())
    first = world.do("CarrierMSP", "settlements:Accept", order=order, number=1)
    assert first.event_types == ["settlement.accepted"]
    assert first.events[0]["complete"] is False
    assert first.reply["notes"] == []
    last = world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    assert last.reply["order"]["status"] == "refunded"
    assert balances(world) == [1450, 0, 50, 0]


def test_a_part_that_eats_into_the_freight_needs_the_carrier() -> None:
    world, order = under_way("shipped")
    proposed = propose(world, order, split(500, 550))
    assert proposed.reply["settlement"]["needs"] == list(PARTY.values())


def test_who_bought_the_proceeds_has_a_say_in_them() -> None:
    world, order = under_way("accepted")
    offer = {"order": order, "financier": "BankMSP", "price": "900", "expires_within": 60}
    world.do("ProducerMSP", "receivables:Offer", **offer)
    note = mint(world, "900", "BankMSP")
    propose(world, order, split(1100, 0), goods="seller")
    world.do("BankMSP", "receivables:Assign", order=order, price="900", notes=[note])
    # The proceeds were sold after the proposal: their buyer is asked all the same.
    first = world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    assert first.reply["settlement"]["needs"] == ["RetailerMSP", "ProducerMSP", "BankMSP"]
    assert first.reply["settlement"]["status"] == "proposed"
    world.do("BankMSP", "settlements:Accept", order=order, number=1)
    assert world.record("order", order)["status"] == "refunded"


def test_an_agreed_split_ends_a_dispute_with_the_order() -> None:
    world, order = under_way()
    world.do("RetailerMSP", "disputes:Open", order=order, reason="damaged")
    propose(world, order, split(400, 600, 100), goods="buyer")
    done = world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    assert done.event_types == ["settlement.accepted", "dispute.closed", "order.divided", "money.moved"]
    assert done.events[1]["end"] == "agreed"
    assert world.record("dispute", order, "RetailerMSP")["status"] == "agreed"
    assert world.record("order", order)["dispute"] is None


def test_milestones_go_on_with_what_a_partial_refund_left() -> None:
    world, order = by_milestones()
    propose(world, order, split(100, 0))
    world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    fields = {"order": order, "milestone": "attested", "document": "d0" * 32}
    world.do("RegulatorMSP", "milestones:Report", **fields)
    world.do("ProducerMSP", "orders:Ship", order=order)
    world.do("CarrierMSP", "orders:Deliver", order=order)
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert balances(world) == [100, 896, 100, 4]


def test_a_new_proposal_takes_the_place_of_the_one_before() -> None:
    world, order = under_way()
    propose(world, order, split(200, 0))
    propose(world, order, split(100, 0), "ProducerMSP")
    accept = {"order": order, "number": 1}
    assert world.refused("RetailerMSP", "settlements:Accept", **accept) == ("SETTLEMENT_STATE", "number")
    world.do("RetailerMSP", "settlements:Accept", order=order, number=2)
    found = world.ask("BankMSP", "settlements:Get", order=order)["settlement"]
    assert (found["number"], found["status"], found["agreed"]) == (
        2,
        "accepted",
        ["ProducerMSP", "RetailerMSP"],
    )


@pytest.mark.parametrize("by", ["RetailerMSP", "ProducerMSP"])
def test_author_and_other_side_call_it_off(by: str) -> None:
    world, order = under_way()
    propose(world, order, split(200, 0))
    gone = world.do(by, "settlements:Withdraw", order=order, number=1)
    assert gone.event_types == ["settlement.withdrawn"]
    accept = {"order": order, "number": 1}
    assert world.refused("ProducerMSP", "settlements:Accept", **accept) == ("SETTLEMENT_STATE", "number")


def test_nobody_else_calls_it_off_or_agrees() -> None:
    world, order = under_way()
    propose(world, order, split(200, 0))
    for name in ("settlements:Withdraw", "settlements:Accept"):
        for caller in ("BankMSP", "RegulatorMSP", "CarrierMSP"):
            assert world.refused(caller, name, order=order, number=1) == ("NOT_PERMITTED", None)
    assert world.refused("RetailerMSP", "settlements:Accept", order=order, number=1) == (
        "NOT_PERMITTED",
        None,
    )
    world.pass_time(60)
    accept = {"order": order, "number": 1}
    assert world.refused("ProducerMSP", "settlements:Accept", **accept) == ("SETTLEMENT_STATE", "number")


def test_what_is_no_longer_in_escrow_is_not_split() -> None:
    world, order = under_way()
    propose(world, order, split(600, 500), goods="buyer")
    propose_other = {"order": order, "number": 1}
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert world.refused("ProducerMSP", "settlements:Accept", **propose_other) == ("ORDER_STATE", "order")


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("BankMSP", {}, "NOT_PERMITTED", None),
        ("RetailerMSP", {"split": split(0, 0)}, "SPLIT_INVALID", "split"),
        ("RetailerMSP", {"split": split(1101, 0)}, "SPLIT_INVALID", "split"),
        ("RetailerMSP", {"split": split(1100, 0)}, "SPLIT_INVALID", "goods"),
        ("RetailerMSP", {"goods": "buyer"}, "SPLIT_INVALID", "goods"),
        ("RetailerMSP", {"order": f"RetailerMSP.{'0' * 26}"}, "ORDER_NOT_FOUND", "order"),
    ],
)
def test_proposals_that_are_refused(
    caller: str, changes: dict[str, Any], code: str, field: str | None
) -> None:
    world, order = under_way()
    fields = {"order": order, "split": split(1, 1), "valid_for": 60, **changes}
    assert world.refused(caller, "settlements:Propose", **fields) == (code, field)


def test_other_refusals() -> None:
    world, order = under_way("placed")
    fields = {"order": order, "split": split(1, 1), "valid_for": 60}
    assert world.refused("RetailerMSP", "settlements:Propose", **fields) == ("ORDER_STATE", "order")
    world, order = under_way()
    fields["order"] = order
    accept = {"order": order, "number": 1}
    assert world.refused("ProducerMSP", "settlements:Accept", **accept) == ("SETTLEMENT_NOT_FOUND", "order")
    world.do("RetailerMSP", "disputes:Open", order=order, reason="other")
    assert world.refused("RetailerMSP", "settlements:Propose", **fields) == ("SPLIT_INVALID", "split")
