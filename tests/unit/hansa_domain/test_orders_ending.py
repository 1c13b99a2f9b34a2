"""How orders end: settled, cancelled, refunded; and nobody is paid twice."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.errors import Refusal
from tests.support.domain import World, advance, market, mint, order_fields, placed, ulid

AT = "2027-01-15T08:00:00.000Z"
OPEN = ["placed", "accepted", "shipped", "delivered"]


def note_of(place: int, owner: str, amount: str, seed: str, caller: str = "RetailerMSP") -> dict[str, str]:
    return {"id": f"{caller}.{ulid(seed)}.{place}", "owner": owner, "currency": "EUR", "amount": amount}


def money_writes(notes: list[dict[str, str]]) -> dict[tuple[str, ...], Any]:
    writes: dict[tuple[str, ...], Any] = {}
    for note in notes:
        writes["note", note["id"]] = {"v": 1, **note}
        writes["owned", note["owner"], "EUR", note["id"]] = {
            "v": 1,
            "note": note["id"],
            "amount": note["amount"],
        }
    return writes


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_confirm_pays_everybody_out_of_escrow(status: str) -> None:
    world, order = placed()
    advance(world, order, status)
    before = world.record("order", order)
    result = world.do("RetailerMSP", "orders:Confirm", order=order, id=ulid("c"))
    notes = [
        note_of(0, "ProducerMSP", "995", "c"),
        note_of(1, "CarrierMSP", "100", "c"),
        note_of(2, "BankMSP/consortium-fees", "5", "c"),
    ]
    closed = {
        **before,
        "status": "settled",
        "due": None,
        "closed_at": AT,
        "closed_by": "RetailerMSP",
        "cause": "confirmed",
        "released": "1100",
    }
    assert result.writes == {
        ("order", order): closed,
        ("escrow", order): None,
        **money_writes(notes),
    }
    assert result.reply == {"order": closed, "notes": notes}
    assert result.events == [
        {
            "type": "order.settled",
            "v": 1,
            "order": order,
            "cause": "confirmed",
            "by": "RetailerMSP",
            "currency": "EUR",
            "proceeds": "995",
            "freight": "100",
            "fee": "5",
            "at": AT,
        },
        {
            "type": "money.moved",
            "v": 2,
            "reason": "release",
            "currency": "EUR",
            "consumed": [],
            "created": notes,
            "order": order,
            "at": AT,
            "references": {},
            "document": None,
        },
    ]


@pytest.mark.parametrize(
    ("status", "caller"), [("placed", "RetailerMSP"), ("placed", "ProducerMSP"), ("accepted", "ProducerMSP")]
)
def test_cancel_gives_money_and_goods_back(status: str, caller: str) -> None:
    world, order = placed()
    advance(world, order, status)
    before = world.record("order", order)
    result = world.do(caller, "orders:Cancel", order=order, id=ulid("x"))
    notes = [note_of(0, "RetailerMSP", "1100", "x", caller)]
    closed = {
        **before,
        "status": "cancelled",
        "due": None,
        "closed_at": AT,
        "closed_by": caller,
        "released": "1100",
    }
    listing = before["lines"][0]["listing"]
    stock = {"v": 1, "listing": listing, "bucket": 0, "quantity": 25}
    assert result.writes == {
        ("order", order): closed,
        ("escrow", order): None,
        ("stock", listing, "000"): stock,
        **money_writes(notes),
    }
    assert result.reply == {"order": closed, "notes": notes}
    assert result.event_types == ["order.cancelled", "stock.changed", "money.moved"]
    assert result.events[0] == {"type": "order.cancelled", "v": 1, "order": order, "by": caller, "at": AT}
    assert result.events[2]["reason"] == "refund"


@pytest.mark.parametrize(
    ("status", "seconds", "cause", "restocked"),
    [
        ("placed", 60, "not_accepted", 25),
        ("accepted", 120, "not_shipped", 25),
        ("shipped", 180, "not_delivered", 21),
    ],
)
def test_default_refunds_what_was_not_done(status: str, seconds: int, cause: str, restocked: int) -> None:
    world, order = placed()
    advance(world, order, status)
    before = world.record("order", order)
    listing = before["lines"][0]["listing"]
    world.pass_time(seconds)
    result = world.do("RegulatorMSP", "orders:Default", order=order, id=ulid("d"))
    at = result.events[0]["at"]
    notes = [note_of(0, "RetailerMSP", "1100", "d", "RegulatorMSP")]
    closed = {
        **before,
        "status": "refunded",
        "due": None,
        "closed_at": at,
        "closed_by": "RegulatorMSP",
        "cause": cause,
        "released": "1100",
    }
    stock: dict[tuple[str, ...], Any] = {}
    if status != "shipped":
        stock["stock", listing, "000"] = {"v": 1, "listing": listing, "bucket": 0, "quantity": 25}
    assert result.writes == {
        ("order", order): closed,
        ("escrow", order): None,
        **stock,
        **money_writes(notes),
    }
    assert result.events[0] == {
        "type": "order.refunded",
        "v": 1,
        "order": order,
        "cause": cause,
        "by": "RegulatorMSP",
        "at": at,
    }
    assert world.record("stock", listing, "000")["quantity"] == restocked
    assert world.balance("RetailerMSP") == 1500


def test_default_pays_when_the_buyer_is_silent_past_the_inspection() -> None:
    world, order = placed()
    advance(world, order, "delivered")
    world.pass_time(240)
    result = world.do("CarrierMSP", "orders:Default", order=order)
    assert result.reply["order"]["status"] == "settled"
    assert result.reply["order"]["cause"] == "not_inspected"
    paid = [world.balance(owner) for owner in ("ProducerMSP", "CarrierMSP", "BankMSP/consortium-fees")]
    assert paid == [995, 100, 5]


@pytest.mark.parametrize(("status", "seconds"), list(zip(OPEN, [60, 120, 180, 240], strict=True)))
def test_default_waits_for_the_due_time(status: str, seconds: int) -> None:
    world, order = placed()
    advance(world, order, status)
    world.now += seconds * 1000 - 1
    assert world.refused("BankMSP", "orders:Default", order=order) == ("ORDER_NOT_DUE", "order")


def ended(how: str) -> tuple[World, str]:
    world, order = placed()
    if how == "settled":
        advance(world, order, "shipped")
        world.do("RetailerMSP", "orders:Confirm", order=order)
    elif how == "cancelled":
        world.do("RetailerMSP", "orders:Cancel", order=order)
    else:
        world.pass_time(60)
        world.do("BankMSP", "orders:Default", order=order)
    assert world.record("order", order)["status"] == how
    return world, order


@pytest.mark.parametrize("how", ["settled", "cancelled", "refunded"])
@pytest.mark.parametrize(
    ("caller", "name"),
    [
        ("ProducerMSP", "orders:Accept"),
        ("ProducerMSP", "orders:Ship"),
        ("CarrierMSP", "orders:Deliver"),
        ("RetailerMSP", "orders:Confirm"),
        ("RetailerMSP", "orders:Cancel"),
        ("ProducerMSP", "orders:Cancel"),
        ("BankMSP", "orders:Default"),
    ],
)
def test_an_ended_order_stays_ended(how: str, caller: str, name: str) -> None:
    world, order = ended(how)
    world.pass_time(10_000)
    assert world.refused(caller, name, order=order) == ("ORDER_STATE", "order")


@pytest.mark.parametrize(
    ("caller", "name", "status", "code"),
    [
        ("RetailerMSP", "orders:Confirm", "placed", "ORDER_STATE"),
        ("RetailerMSP", "orders:Confirm", "accepted", "ORDER_STATE"),
        ("ProducerMSP", "orders:Confirm", "delivered", "NOT_PERMITTED"),
        ("RetailerMSP", "orders:Cancel", "accepted", "ORDER_STATE"),
        ("ProducerMSP", "orders:Cancel", "shipped", "ORDER_STATE"),
        ("CarrierMSP", "orders:Cancel", "placed", "NOT_PERMITTED"),
    ],
)
def test_who_may_end_an_order_and_when(caller: str, name: str, status: str, code: str) -> None:
    world, order = placed()
    advance(world, order, status)
    assert world.refused(caller, name, order=order)[0] == code


def test_who_may_cancel_is_said_whole() -> None:
    world, order = placed()
    with pytest.raises(Refusal, match="Only RetailerMSP and ProducerMSP may cancel this order"):
        world.call("CarrierMSP", "orders:Cancel", {"id": ulid("x"), "order": order})


@pytest.mark.parametrize("name", ["orders:Confirm", "orders:Cancel", "orders:Default", "orders:Get"])
def test_unknown_orders_are_refused(name: str) -> None:
    world, _ = placed()
    missing = {"order": f"RetailerMSP.{ulid('no')}"}
    refused = (
        world.refusal("RetailerMSP", name, missing)
        if name.endswith("Get")
        else world.refused("RetailerMSP", name, **missing)
    )
    assert refused == ("ORDER_NOT_FOUND", "order")


def test_an_order_over_nothing_settles_without_notes() -> None:
    world, listing = market(unit_price=None)
    fields = order_fields(listing, [], amount="0", freight="0", carrier=None)
    order = world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"]
    advance(world, order, "shipped")
    result = world.do("RetailerMSP", "orders:Confirm", order=order)
    assert result.reply["notes"] == []
    assert result.event_types == ["order.settled"]
    assert set(result.writes) == {("order", order)}


@pytest.mark.parametrize("name", ["orders:Confirm", "orders:Default"])
def test_money_missing_from_escrow_stops_everything(name: str) -> None:
    world, order = placed()
    advance(world, order, "shipped")
    world.pass_time(180)
    del world.state["escrow", order]
    assert world.refused("RetailerMSP", name, order=order) == ("LEDGER_INCONSISTENT", "order")


def test_cancelling_uses_the_refund_account() -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1100")], change="RetailerMSP/till")
    order = world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"]
    world.do("RetailerMSP", "orders:Cancel", order=order)
    assert world.balance("RetailerMSP/till") == 1100


def test_parties_list_their_orders() -> None:
    world, order = placed()
    mint(world, "1")
    for party in ("RetailerMSP", "ProducerMSP", "CarrierMSP"):
        reply = world.ask(party, "orders:List")
        assert [entry["id"] for entry in reply["orders"]] == [order]
    assert world.ask("BankMSP", "orders:List")["orders"] == []
    assert len(world.ask("BankMSP", "orders:List", party="RetailerMSP", status="placed")["orders"]) == 1
    assert world.ask("BankMSP", "orders:List", party="RetailerMSP", status="settled")["orders"] == []
    del world.state["order", order]
    assert world.refusal("RetailerMSP", "orders:List", {}) == ("LEDGER_INCONSISTENT", None)
