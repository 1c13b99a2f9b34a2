"""Invoice financing: proceeds offered, sold, and paid to who bought them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import TERMS, World, advance, mint, placed, ulid

OFFER = {"financier": "BankMSP", "price": "900", "expires_within": 60, "account": "ProducerMSP/cash"}


def accepted() -> tuple[World, str]:
    world, order = placed()
    advance(world, order, "accepted")
    return world, order


def deliver(world: World, order: str) -> None:
    world.do("ProducerMSP", "orders:Ship", order=order, epcs=[])
    world.do("CarrierMSP", "orders:Deliver", order=order)


def offered() -> tuple[World, str]:
    world, order = accepted()
    world.do("ProducerMSP", "receivables:Offer", order=order, **OFFER)
    return world, order


def assigned() -> tuple[World, str]:
    world, order = offered()
    note = mint(world, "1000", "BankMSP/factoring")
    fields = {"order": order, "price": "900", "notes": [note], "account": "BankMSP/factoring"}
    result = world.do("BankMSP", "receivables:Assign", **fields)
    assert result.event_types == ["receivable.assigned", "money.moved"]
    assert (world.balance("ProducerMSP/cash"), world.balance("BankMSP/factoring")) == (900, 100)
    return world, order


def test_settlement_pays_who_bought_the_proceeds() -> None:
    world, order = assigned()
    deliver(world, order)
    before = world.balance("ProducerMSP")
    proceeds = int(world.record("order", order)["proceeds"])
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert world.balance("ProducerMSP") == before
    assert world.balance("BankMSP/factoring") == 100 + proceeds
    assert world.balance("CarrierMSP") == 100


@pytest.mark.parametrize("taken", [False, True])
def test_what_is_only_offered_or_withdrawn_is_the_seller_s(taken: bool) -> None:
    world, order = offered()
    if taken:
        ended = world.do("ProducerMSP", "receivables:Withdraw", order=order)
        assert ended.event_types == ["receivable.withdrawn"]
    deliver(world, order)
    world.do("RetailerMSP", "orders:Confirm", order=order)
    assert world.balance("ProducerMSP") == int(world.record("order", order)["proceeds"])


def test_a_refund_is_the_buyer_s_whoever_bought_the_proceeds() -> None:
    world, order = assigned()
    before = world.balance("RetailerMSP")
    world.pass_time(TERMS["ship_within"])
    world.do("CarrierMSP", "orders:Default", order=order)
    assert world.balance("RetailerMSP") == before + 1100
    assert world.balance("BankMSP/factoring") == 100


def test_who_sold_the_proceeds_does_not_give_them_back_alone() -> None:
    world, order = assigned()
    assert world.refused("ProducerMSP", "orders:Cancel", order=order) == ("RECEIVABLE_STATE", "order")
    deliver(world, order)
    back = {"restocking_fee": "0", "receive_within": 60}
    world.do("RetailerMSP", "returns:Propose", order=order, **back)
    refused = world.refused("ProducerMSP", "returns:Accept", order=order, restocking_fee="0")
    assert refused == ("RECEIVABLE_STATE", "order")


def test_goods_on_their_way_back_bring_no_proceeds_to_buy() -> None:
    world, order = offered()
    deliver(world, order)
    world.do("RetailerMSP", "returns:Propose", order=order, restocking_fee="0", receive_within=60)
    world.do("ProducerMSP", "returns:Accept", order=order, restocking_fee="0")
    note = mint(world, "900", "BankMSP")
    fields = {"order": order, "price": "900", "notes": [note]}
    assert world.refused("BankMSP", "receivables:Assign", **fields) == ("RETURN_STATE", "order")


def test_an_offer_is_written() -> None:
    world, order = accepted()
    result = world.do("ProducerMSP", "receivables:Offer", order=order, **OFFER)
    record = {
        "v": 1,
        "order": order,
        "status": "offered",
        "seller": "ProducerMSP",
        "financier": "BankMSP",
        "currency": "EUR",
        "proceeds": world.record("order", order)["proceeds"],
        "price": "900",
        "account": "ProducerMSP/cash",
        "assignee": None,
        "offered_at": "2027-01-15T08:00:00.000Z",
        "expires_at": "2027-01-15T08:01:00.000Z",
        "assigned_at": None,
    }
    assert result.writes == {("receivable", order): record}
    assert result.event_types == ["receivable.offered"]
    assert world.ask("BankMSP", "receivables:Get", order=order) == {"receivable": record}
    again = world.do("ProducerMSP", "receivables:Offer", order=order, **{**OFFER, "price": "800"})
    assert again.reply["receivable"]["price"] == "800"


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("RetailerMSP", {}, "NOT_PERMITTED", None),
        ("ProducerMSP", {"price": "0"}, "AMOUNT_ZERO", "price"),
        ("ProducerMSP", {"financier": "ElseMSP"}, "MEMBER_NOT_FOUND", "financier"),
        ("ProducerMSP", {"financier": "RetailerMSP"}, "NOT_PERMITTED", "financier"),
        ("ProducerMSP", {"account": "BankMSP"}, "NOT_PERMITTED", "account"),
        ("ProducerMSP", {"order": f"RetailerMSP.{ulid('gone')}"}, "ORDER_NOT_FOUND", "order"),
    ],
)
def test_offer_refusals(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    world, order = accepted()
    fields = {"order": order, **OFFER, **changes}
    assert world.refused(caller, "receivables:Offer", **fields) == (code, field)


def test_an_order_not_accepted_or_ended_has_nothing_to_sell() -> None:
    world, order = placed()
    refused = world.refused("ProducerMSP", "receivables:Offer", order=order, **OFFER)
    assert refused == ("ORDER_STATE", "order")


def test_assign_refusals() -> None:
    world, order = offered()
    note = mint(world, "899", "BankMSP")

    def refused(caller: str = "BankMSP", **changes: Any) -> tuple[str, str | None]:
        fields = {"order": order, "price": "900", "notes": [note], **changes}
        return world.refused(caller, "receivables:Assign", **fields)

    assert refused() == ("FUNDS_INSUFFICIENT", "notes")
    assert refused("CarrierMSP") == ("NOT_PERMITTED", None)
    assert refused(price="899") == ("PRICE_MISMATCH", "price")
    assert refused(account="CarrierMSP") == ("NOT_PERMITTED", "account")
    gone = f"RetailerMSP.{ulid('gone')}"
    assert refused(order=gone) == ("RECEIVABLE_NOT_FOUND", "order")
    assert world.refused("BankMSP", "receivables:Withdraw", order=order) == ("NOT_PERMITTED", None)
    world.pass_time(60)
    assert refused() == ("RECEIVABLE_STATE", "order")
    world.do("ProducerMSP", "orders:Cancel", order=order)
    assert refused() == ("ORDER_STATE", "order")


def test_it_is_sold_once() -> None:
    world, order = assigned()
    assert world.refused("ProducerMSP", "receivables:Withdraw", order=order) == ("RECEIVABLE_STATE", "order")
    refused = world.refused("ProducerMSP", "receivables:Offer", order=order, **OFFER)
    assert refused == ("RECEIVABLE_STATE", "order")


def test_nobody_buys_what_would_come_into_a_frozen_account() -> None:
    world, order = offered()
    world.do("RegulatorMSP", "currencies:Freeze", account="ProducerMSP", reason="Doubt")
    fields = {"order": order, "price": "900", "notes": [mint(world, "900", "BankMSP")]}
    refused = world.refused("BankMSP", "receivables:Assign", **fields)
    assert refused == ("ACCOUNT_FROZEN", "order")
    world.do("RegulatorMSP", "currencies:Unfreeze", account="ProducerMSP", reason="Cleared")
    world.do("BankMSP", "receivables:Assign", **fields)


def test_what_is_sold_is_what_is_left() -> None:
    world, order = accepted()
    part = {"order": order, "split": {"to_buyer": "0", "to_seller": "500"}, "valid_for": 60}
    world.do("ProducerMSP", "settlements:Propose", **part)
    world.do("ProducerMSP", "receivables:Offer", order=order, **OFFER)
    world.do("RetailerMSP", "settlements:Accept", order=order, number=1)
    fields = {"order": order, "price": "900", "notes": [mint(world, "1000", "BankMSP")]}
    assert world.refused("BankMSP", "receivables:Assign", **fields) == ("RECEIVABLE_STATE", "order")
    again = world.do("ProducerMSP", "receivables:Offer", order=order, **OFFER)
    left = world.record("order", order)["left"]["proceeds"]
    assert again.reply["receivable"]["proceeds"] == left == "498"
    world.do("BankMSP", "receivables:Assign", **fields)


def test_nobody_buys_what_is_in_dispute() -> None:
    world, order = offered()
    world.do("RetailerMSP", "disputes:Open", order=order, reason="late")
    fields = {"order": order, "price": "900", "notes": [mint(world, "900", "BankMSP")]}
    assert world.refused("BankMSP", "receivables:Assign", **fields) == ("ORDER_DISPUTED", "order")


def test_who_bought_the_proceeds_does_not_decide_about_them() -> None:
    world, order = assigned()
    world.do("RetailerMSP", "disputes:Open", order=order, reason="late")
    parts = {"to_buyer": "0", "to_seller": "1100"}
    fields = {"order": order, "split": parts, "goods": "buyer"}
    assert world.refused("BankMSP", "disputes:Decide", **fields) == ("NOT_PERMITTED", None)
