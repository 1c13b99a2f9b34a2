"""Returns: an agreed fee stays with the seller, and silence cannot keep the buyer's money."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import TERMS, World, advance, placed

AT = "2027-01-15T08:00:00.000Z"


def on_its_way(status: str = "delivered") -> tuple[World, str]:
    """An order over 1100, freight 100, that is so far; the buyer has 400 left."""
    world, order = placed()
    advance(world, order, status)
    return world, order


def proposed(status: str = "delivered", fee: str = "150") -> tuple[World, str]:
    world, order = on_its_way(status)
    world.do("RetailerMSP", "returns:Propose", order=order, restocking_fee=fee, receive_within=90)
    return world, order


def accepted(status: str = "delivered") -> tuple[World, str]:
    world, order = proposed(status)
    world.do("ProducerMSP", "returns:Accept", order=order, restocking_fee="150")
    return world, order


def balances(world: World) -> list[int]:
    owners = ("RetailerMSP", "ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees")
    return [world.balance(owner) for owner in owners]


def test_a_proposal_moves_nothing() -> None:
    world, order = on_its_way()
    fields = {"order": order, "restocking_fee": "150", "receive_within": 90}
    result = world.do("RetailerMSP", "returns:Propose", **fields)
    record = {"v": 2, "status": "proposed", **fields, "proposed_at": AT, "exchange": False}
    record |= dict.fromkeys(["accepted_at", "closed_at"])
    assert result.writes == {("return", order): record}
    event = {"type": "return.proposed", "v": 1, "currency": "EUR", **fields}
    assert result.events == [{**event, "at": AT}]
    assert world.ask("BankMSP", "returns:Get", order=order) == {"returned": record}


def test_the_agreed_fee_stays_and_the_rest_goes_back() -> None:
    world, order = proposed()
    result = world.do("ProducerMSP", "returns:Accept", order=order, restocking_fee="150")
    assert set(result.writes) == {("return", order), ("order", order)}
    assert result.events == [
        {"type": "return.accepted", "v": 1, "order": order, "due": "2027-01-15T08:01:30.000Z", "at": AT}
    ]
    ended = world.do("ProducerMSP", "returns:Receive", order=order)
    assert ended.event_types == ["return.received", "order.refunded", "money.moved"]
    assert (ended.reply["order"]["status"], ended.reply["order"]["cause"]) == ("refunded", "returned")
    assert ("escrow", order) not in world.state
    assert balances(world) == [400 + 850, 150, 100, 0]
    assert world.record("return", order)["status"] == "received"
    fields = {"order": order, "restocking_fee": "0", "receive_within": 1}
    assert world.refused("RetailerMSP", "returns:Propose", **fields) == ("ORDER_STATE", "order")


def test_an_order_on_its_way_is_cancelled_for_a_fee() -> None:
    world, order = accepted("shipped")
    world.do("ProducerMSP", "returns:Receive", order=order)
    assert balances(world) == [1250, 150, 100, 0]


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_a_silent_seller_keeps_no_more_than_the_fee(status: str) -> None:
    world, order = accepted(status)
    assert world.refused("BankMSP", "orders:Default", order=order) == ("ORDER_NOT_DUE", "order")
    world.pass_time(90)
    ended = world.do("BankMSP", "orders:Default", order=order)
    assert ended.event_types == ["return.received", "order.refunded", "money.moved"]
    assert balances(world) == [1250, 150, 100, 0]


def test_a_refused_return_leaves_the_order_as_it_was() -> None:
    world, order = proposed()
    due = world.record("order", order)["due"]
    result = world.do("ProducerMSP", "returns:Refuse", order=order)
    assert set(result.writes) == {("return", order)}
    assert result.events[0]["due"] == due
    # Another proposal may follow; without one, silence settles the order as ever.
    world.do("RetailerMSP", "returns:Propose", order=order, restocking_fee="300", receive_within=90)
    world.pass_time(TERMS["inspect_within"])
    assert world.do("BankMSP", "orders:Default", order=order).reply["order"]["status"] == "settled"


def test_goods_that_did_not_come_back_are_inspected_anew() -> None:
    world, order = accepted()
    world.pass_time(80)
    result = world.do("ProducerMSP", "returns:Refuse", order=order)
    assert result.event_types == ["return.refused"]
    assert world.record("order", order)["due"] == "2027-01-15T08:05:20.000Z"
    assert world.refused("ProducerMSP", "returns:Receive", order=order) == ("RETURN_STATE", "order")
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert balances(world) == [400, 995, 100, 5]


def test_goods_go_back_to_the_seller_whole() -> None:
    world, order = on_its_way()
    world.do("RetailerMSP", "returns:Propose", order=order, restocking_fee="1000", receive_within=90)
    world.do("ProducerMSP", "returns:Accept", order=order, restocking_fee="1000")
    world.do("ProducerMSP", "returns:Receive", order=order)
    assert balances(world) == [400, 1000, 100, 0]


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("ProducerMSP", {}, "NOT_PERMITTED", None),
        ("RetailerMSP", {"restocking_fee": "1001"}, "SHARES_EXCEED_AMOUNT", "restocking_fee"),
        ("RetailerMSP", {"receive_within": 0}, "FIELD_INVALID", "receive_within"),
        ("RetailerMSP", {"order": f"RetailerMSP.{'0' * 26}"}, "ORDER_NOT_FOUND", "order"),
    ],
)
def test_propose_refusals(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    world, order = on_its_way()
    fields = {"order": order, "restocking_fee": "150", "receive_within": 90, **changes}
    assert world.refused(caller, "returns:Propose", **fields) == (code, field)


def test_each_step_is_somebodys_and_in_turn() -> None:
    world, order = placed()
    fields = {"order": order, "restocking_fee": "1", "receive_within": 90}
    assert world.refused("RetailerMSP", "returns:Propose", **fields) == ("ORDER_STATE", "order")
    advance(world, order, "shipped")
    refused = world.refusal("BankMSP", "returns:Get", {"order": order})
    assert refused == ("RETURN_NOT_FOUND", "order")
    answer = {"order": order, "restocking_fee": "1"}
    assert world.refused("ProducerMSP", "returns:Accept", **answer) == ("RETURN_NOT_FOUND", "order")
    world.do("RetailerMSP", "returns:Propose", **fields)
    assert world.refused("RetailerMSP", "returns:Accept", **answer) == ("NOT_PERMITTED", None)
    refused = world.refused("ProducerMSP", "returns:Accept", **{**answer, "restocking_fee": "2"})
    assert refused == ("RETURN_STATE", "restocking_fee")
    assert world.refused("ProducerMSP", "returns:Receive", order=order) == ("RETURN_STATE", "order")
    world.do("ProducerMSP", "returns:Accept", **answer)
    assert world.refused("RetailerMSP", "returns:Propose", **fields) == ("RETURN_STATE", "order")
    for name in ("returns:Receive", "returns:Refuse"):
        assert world.refused("RetailerMSP", name, order=order) == ("NOT_PERMITTED", None)


def exchanging(status: str = "delivered") -> tuple[World, str]:
    world, order = on_its_way(status)
    fields = {"order": order, "restocking_fee": "0", "receive_within": 90, "exchange": True}
    proposed_ = world.do("RetailerMSP", "returns:Propose", **fields)
    assert proposed_.event_types == ["return.proposed", "return.exchange"]
    world.do("ProducerMSP", "returns:Accept", order=order, restocking_fee="0", exchange=True)
    return world, order


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_an_exchange_ships_other_goods_for_the_same_money(status: str) -> None:
    world, order = exchanging(status)
    received = world.do("ProducerMSP", "returns:Receive", order=order)
    assert received.event_types == ["return.received", "order.reopened"]
    again = received.reply["order"]
    assert (again["status"], again["shipped_at"], again["released"]) == ("accepted", None, "0")
    assert again["due"] == "2027-01-15T08:02:00.000Z"
    assert world.record("escrow", order)["amount"] == "1100"
    world.do("ProducerMSP", "orders:Ship", order=order, sscc="395060000000000016")
    world.do("CarrierMSP", "orders:Deliver", order=order)
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert balances(world) == [400, 995, 100, 5]


def test_a_seller_who_is_silent_about_an_exchange_ships_or_pays_back() -> None:
    world, order = exchanging()
    world.pass_time(90)
    world.do("BankMSP", "orders:Default", order=order)
    assert world.record("order", order)["status"] == "accepted"
    world.pass_time(TERMS["ship_within"])
    world.do("BankMSP", "orders:Default", order=order)
    assert balances(world) == [1500, 0, 0, 0]


def test_an_exchange_is_agreed_to_as_one_and_leaves_no_fee() -> None:
    world, order = on_its_way()
    fields = {"order": order, "restocking_fee": "1", "receive_within": 90, "exchange": True}
    assert world.refused("RetailerMSP", "returns:Propose", **fields) == ("FIELD_INVALID", "restocking_fee")
    world.do("RetailerMSP", "returns:Propose", **{**fields, "restocking_fee": "0"})
    accept = {"order": order, "restocking_fee": "0"}
    assert world.refused("ProducerMSP", "returns:Accept", **accept) == ("RETURN_STATE", "exchange")
    world.do("RetailerMSP", "returns:Propose", **{**fields, "restocking_fee": "0", "exchange": False})
    accept["exchange"] = True
    assert world.refused("ProducerMSP", "returns:Accept", **accept) == ("RETURN_STATE", "exchange")


def test_a_fee_beyond_what_a_split_left_takes_what_is_left() -> None:
    world, order = on_its_way()
    fee = {"order": order, "restocking_fee": "900"}
    world.do("RetailerMSP", "returns:Propose", **fee, receive_within=90)
    world.do("ProducerMSP", "returns:Accept", **fee)
    part = {"order": order, "split": {"to_buyer": "500", "to_seller": "0"}, "valid_for": 60}
    world.do("RetailerMSP", "settlements:Propose", **part)
    world.do("ProducerMSP", "settlements:Accept", order=order, number=1)
    world.pass_time(90)
    ended = world.do("BankMSP", "orders:Default", order=order)
    assert ended.events[0]["restocking_fee"] == "500"
    assert balances(world) == [400 + 500, 500, 100, 0]


def test_delivery_does_not_shorten_the_time_for_the_way_back() -> None:
    world, order = accepted("shipped")
    due = world.record("order", order)["due"]
    told = world.do("CarrierMSP", "orders:Deliver", order=order)
    assert told.event_types == ["order.delivered"]
    assert told.events[0]["due"] == world.record("order", order)["due"] == due
    assert world.record("order", order)["status"] == "delivered"
    world.do("ProducerMSP", "returns:Receive", order=order)
