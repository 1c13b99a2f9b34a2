"""Accepting, shipping and delivering."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import World, advance, market, mint, order_fields, placed, ulid

SERIAL = "urn:epc:id:sgtin:9506000.013435.1"


def test_accept_starts_the_time_to_ship() -> None:
    world, order = placed()
    before = world.record("order", order)
    world.pass_time(7)
    result = world.do("ProducerMSP", "orders:Accept", order=order)
    at, due = "2027-01-15T08:00:07.000Z", "2027-01-15T08:02:07.000Z"
    accepted = {**before, "status": "accepted", "accepted_at": at, "due": due}
    assert result.writes == {("order", order): accepted}
    assert result.reply == {"order": accepted}
    assert result.events == [{"type": "order.accepted", "v": 1, "order": order, "due": due, "at": at}]


def test_ship_starts_the_time_to_deliver() -> None:
    world, order = placed()
    advance(world, order, "accepted")
    before = world.record("order", order)
    result = world.do("ProducerMSP", "orders:Ship", order=order, sscc="395060000000000016")
    at, due = "2027-01-15T08:00:00.000Z", "2027-01-15T08:03:00.000Z"
    shipped = {**before, "status": "shipped", "shipped_at": at, "due": due}
    pallet = "https://id.gs1.org/00/395060000000000016"
    shipment = {"v": 1, "order": order, "sscc": "395060000000000016", "epcs": [], "units": [pallet]}
    unit = {
        "v": 3,
        "epc": pallet,
        "gtin": None,
        "owner": "ProducerMSP",
        "custodian": "CarrierMSP",
        "order": order,
        "parent": None,
        "contents": [],
        "ended": None,
        "lot": None,
        "made_at": at,
        "dispositions": {},
    }
    assert result.writes == {
        ("order", order): shipped,
        ("shipment", order): shipment,
        ("unit", pallet): unit,
    }
    assert result.reply == {"order": shipped}
    assert result.events == [
        {
            "type": "order.shipped",
            "v": 1,
            "order": order,
            "sscc": "395060000000000016",
            "epcs": [],
            "due": due,
            "at": at,
        },
        {
            "type": "custody.moved",
            "v": 1,
            "order": order,
            "changes": [{"epc": pallet, "giver": None, "holder": "CarrierMSP"}],
            "at": at,
        },
    ]
    assert world.ask("RetailerMSP", "orders:Get", order=order) == {"order": shipped, "shipment": shipment}


def test_deliver_starts_the_inspection() -> None:
    world, order = placed()
    advance(world, order, "shipped")
    before = world.record("order", order)
    result = world.do("CarrierMSP", "orders:Deliver", order=order)
    at, due = "2027-01-15T08:00:00.000Z", "2027-01-15T08:04:00.000Z"
    delivered = {**before, "status": "delivered", "delivered_at": at, "due": due}
    assert result.writes == {("order", order): delivered}
    assert result.events == [{"type": "order.delivered", "v": 1, "order": order, "due": due, "at": at}]


def test_without_a_carrier_the_seller_delivers() -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1000")], amount="1000", freight="0", carrier=None)
    order = world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"]
    advance(world, order, "shipped")
    assert world.refused("CarrierMSP", "orders:Deliver", order=order) == ("NOT_PERMITTED", None)
    assert world.do("ProducerMSP", "orders:Deliver", order=order).reply["order"]["status"] == "delivered"


def test_late_steps_count_until_a_default_commits() -> None:
    world, order = placed()
    world.pass_time(10_000)
    assert world.do("ProducerMSP", "orders:Accept", order=order).reply["order"]["status"] == "accepted"


OWN = {
    "orders:Accept": ("ProducerMSP", "placed"),
    "orders:Ship": ("ProducerMSP", "accepted"),
    "orders:Deliver": ("CarrierMSP", "shipped"),
}
STATUSES = ["placed", "accepted", "shipped", "delivered"]


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("stranger", ["RetailerMSP", "BankMSP", "RegulatorMSP"])
def test_steps_belong_to_one_party(name: str, stranger: str) -> None:
    world, order = placed()
    advance(world, order, OWN[name][1])
    assert world.refused(stranger, name, order=order) == ("NOT_PERMITTED", None)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("status", STATUSES)
def test_steps_belong_to_one_status(name: str, status: str) -> None:
    caller, right = OWN[name]
    world, order = placed()
    advance(world, order, status)
    if status != right:
        assert world.refused(caller, name, order=order) == ("ORDER_STATE", "order")
    else:
        world.do(caller, name, order=order)


@pytest.mark.parametrize("name", OWN)
def test_unknown_orders_are_refused(name: str) -> None:
    world, _ = placed()
    refused = world.refused("ProducerMSP", name, order=f"RetailerMSP.{ulid('no')}")
    assert refused == ("ORDER_NOT_FOUND", "order")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"epcs": [SERIAL]}, "UNIT_NOT_FOUND", "epcs[0]"),
        ({"epcs": [SERIAL, SERIAL]}, "EPC_REPEATED", "epcs[1]"),
        ({"epcs": ["has space"]}, "FIELD_INVALID", "epcs[0]"),
        ({"epcs": [f"urn:x:{n}" for n in range(501)]}, "FIELD_INVALID", "epcs"),
        ({"sscc": "395060000000000017"}, "SSCC_INVALID", "sscc"),
        ({"sscc": "39506"}, "SSCC_INVALID", "sscc"),
    ],
)
def test_ship_refusals(fields: dict[str, Any], code: str, field: str) -> None:
    world, order = placed()
    advance(world, order, "accepted")
    assert world.refused("ProducerMSP", "orders:Ship", order=order, **fields) == (code, field)


def unit(world: World, serial: int) -> str:
    """A unit that the producer holds, as goods put it on the ledger; its EPC in normal form."""
    from hansa_domain.goods.records import Unit, unit_key
    from hansa_domain.gs1 import normal_form
    from hansa_domain.operation import canonical

    epc = normal_form(f"urn:epc:id:sgtin:9506000.013435.{serial}")
    record = Unit(epc=epc, gtin="09506000134352", owner="ProducerMSP", custodian="ProducerMSP")
    world.state[unit_key(epc)] = canonical(record)
    return epc


def holder(world: World, epc: str) -> tuple[str, str]:
    from hansa_domain.goods.records import unit_key

    record = world.record(*unit_key(epc))
    return record["owner"], record["custodian"]


def test_custody_follows_the_order_to_the_buyer() -> None:
    world, order = placed()
    epcs = [unit(world, serial) for serial in range(2)]
    advance(world, order, "accepted")
    shipped = world.do("ProducerMSP", "orders:Ship", order=order, epcs=epcs)
    assert shipped.event_types == ["order.shipped", "custody.moved"]
    assert world.record("shipment", order)["units"] == sorted(epcs)
    assert [holder(world, epc) for epc in epcs] == [("ProducerMSP", "CarrierMSP")] * 2
    settled = world.do("RetailerMSP", "orders:Confirm", order=order)
    assert settled.event_types == ["order.settled", "custody.moved", "money.moved"]
    assert [holder(world, epc) for epc in epcs] == [("RetailerMSP", "RetailerMSP")] * 2


def test_goods_of_a_refunded_shipment_are_the_sellers_again() -> None:
    world, order = placed()
    epc = unit(world, 1)
    advance(world, order, "shipped", epcs=[epc])
    world.pass_time(180)
    refunded = world.do("BankMSP", "orders:Default", order=order)
    assert refunded.event_types == ["order.refunded", "custody.moved", "money.moved"]
    assert holder(world, epc) == ("ProducerMSP", "ProducerMSP")
