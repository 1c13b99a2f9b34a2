"""Goods leave in parts, each with its own carrier, and nothing leaves twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.deliveries import (
    BUYER,
    CARRIER,
    OTHER,
    RAIL,
    SELLER,
    SERIALS,
    TERMS_OF_DELIVERY,
    accepted,
    commissioned,
    despatched,
    ordered,
    units,
)
from tests.support.domain import World, ulid

AT = "2027-01-15T08:00:00.000Z"
SSCC = "095060001343520000"


def holders(world: World, epcs: list[str]) -> list[str]:
    return [world.ask("BankMSP", "goods:Unit", epc=epc)["unit"]["custodian"] for epc in epcs]


def test_a_despatch_takes_units_of_lines_and_one_carriage() -> None:
    world, order = accepted()
    fields = {"order": order, "lines": units((0, 6), (1, 4)), "carriage": 1, "expected_within": 50}
    result = world.do(SELLER, "despatches:Despatch", **fields)
    despatch = result.reply["despatch"]
    assert despatch == {
        "v": 1,
        "id": f"{SELLER}.{result.command_id}",
        "order": order,
        "number": 1,
        "status": "despatched",
        "lines": [{"line": 0, "quantity": 6, "first": 0}, {"line": 1, "quantity": 4, "first": 0}],
        "carriage": 1,
        "carrier": RAIL,
        "freight": "50",
        **{name: [] for name in ("epcs", "units")},
        "expected_at": "2027-01-15T08:00:50.000Z",
        "due": "2027-01-15T08:03:00.000Z",
        "despatched_at": AT,
        **dict.fromkeys(["sscc", "delivered_at", "received_at", "closed_at", "invoice", "cause"]),
    }
    assert set(result.writes) == {("order", order), ("fulfilment", order), ("despatch", despatch["id"])}
    assert result.event_types == ["despatch.sent", "order.progressed"]
    found = world.record("order", order)
    assert (found["status"], found["shipped_at"]) == ("shipped", AT)
    # The next deadline is that of what is not despatched yet.
    assert found["due"] == "2027-01-15T08:02:00.000Z"
    other = despatched(world, order, (0, 4), carriage=0)
    assert world.record("despatch", other)["lines"] == [{"line": 0, "quantity": 4, "first": 6}]
    assert world.record("order", order)["due"] == "2027-01-15T08:03:00.000Z"
    asked = world.ask(BUYER, "deliveries:Get", order=order)
    assert [each["number"] for each in asked["despatches"]] == [1, 2]
    assert world.ask(BUYER, "despatches:Get", despatch=other)["receipt"] is None


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"lines": units((0, 11))}, "PART_LINES_INVALID", "lines[0].quantity"),
        ({"lines": units((2, 1))}, "PART_LINES_INVALID", "lines[0].line"),
        ({"lines": units((0, 1), (0, 1))}, "PART_LINES_INVALID", "lines[1].line"),
        ({"lines": []}, "FIELD_INVALID", "lines"),
        ({"carriage": 2}, "CARRIAGE_INVALID", "carriage"),
        ({"epcs": [SERIALS[0], SERIALS[0]]}, "EPC_REPEATED", "epcs[1]"),
        ({"epcs": [SERIALS[0]]}, "UNIT_NOT_FOUND", "epcs[0]"),
        ({"sscc": "1"}, "SSCC_INVALID", "sscc"),
        ({"order": f"{BUYER}.{'0' * 26}"}, "ORDER_NOT_FOUND", "order"),
    ],
)
def test_despatches_that_cannot_be(changes: dict[str, Any], code: str, field: str) -> None:
    world, order = accepted()
    fields = {"order": order, "lines": units((0, 1)), **changes}
    assert world.refused(SELLER, "despatches:Despatch", **fields) == (code, field)


def test_who_despatches_and_when() -> None:
    world, order = ordered()
    fields = {"order": order, "lines": units((0, 1))}
    assert world.refused(SELLER, "despatches:Despatch", **fields) == ("ORDER_STATE", "order")
    world.do(SELLER, "orders:Accept", order=order)
    assert world.refused(CARRIER, "despatches:Despatch", **fields) == ("NOT_PERMITTED", None)


def test_a_carriage_serves_one_despatch() -> None:
    world, order = accepted()
    despatched(world, order, (0, 1), carriage=0)
    fields = {"order": order, "lines": units((0, 1)), "carriage": 0}
    assert world.refused(SELLER, "despatches:Despatch", **fields) == ("CARRIAGE_INVALID", "carriage")


def test_an_order_has_so_many_despatches() -> None:
    world, order = accepted(amount="2860", freight="0", deliveries={**TERMS_OF_DELIVERY, "carriages": []})
    record = world.record("fulfilment", order)
    record["despatches"] = [f"{SELLER}.{ulid(each)}" for each in range(20)]
    world.state["fulfilment", order] = json.dumps(record).encode()
    refused = world.refused(SELLER, "despatches:Despatch", order=order, lines=units((0, 1)))
    assert refused == ("DESPATCH_STATE", "order")


def test_only_ordered_goods_leave_and_pass_to_the_despatchs_carrier() -> None:
    world, order = accepted()
    commissioned(world, SERIALS)
    refused = world.refused(
        SELLER, "despatches:Despatch", order=order, lines=units((0, 2), (1, 4)), epcs=SERIALS[:3]
    )
    assert refused == ("UNIT_NOT_ORDERED", "epcs")
    first = despatched(world, order, (0, 3), epcs=SERIALS[:3], carriage=0, sscc=SSCC)
    despatched(world, order, (0, 2), epcs=SERIALS[3:5], carriage=1)
    despatched(world, order, (0, 1), epcs=SERIALS[5:6])
    assert holders(world, SERIALS[:7]) == [CARRIER] * 3 + [RAIL] * 2 + [SELLER] * 2
    assert len(world.record("despatch", first)["units"]) == 4
    fields = {"order": order, "lines": units((0, 1)), "epcs": SERIALS[:1]}
    assert world.refused(SELLER, "despatches:Despatch", **fields) == ("UNIT_NOT_AVAILABLE", "epcs")


def test_recalled_goods_do_not_leave_and_others_do() -> None:
    world, order = accepted()
    world.do(SELLER, "recalls:Open", gtin=OTHER, reason="Mould")
    fields = {"order": order, "lines": units((0, 1), (1, 1))}
    assert world.refused(SELLER, "despatches:Despatch", **fields) == ("GOODS_RECALLED", "lines")
    despatched(world, order, (0, 1))


def test_each_despatch_is_delivered_by_its_carriers_word() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 6), carriage=1)
    own = despatched(world, order, (0, 4))
    for caller in (CARRIER, SELLER, BUYER):
        refused = world.refused(caller, "despatches:Deliver", despatch=despatch)
        assert refused == ("NOT_PERMITTED", None)
    result = world.do(RAIL, "despatches:Deliver", despatch=despatch)
    assert result.event_types == ["despatch.delivered", "order.progressed"]
    assert result.reply["despatch"]["status"] == "delivered"
    assert result.reply["despatch"]["due"] == "2027-01-15T08:04:00.000Z"
    refused = world.refused(RAIL, "despatches:Deliver", despatch=despatch)
    assert refused == ("DESPATCH_STATE", "despatch")
    world.do(SELLER, "despatches:Deliver", despatch=own)
    missing = f"{SELLER}.{'0' * 26}"
    refused = world.refused(RAIL, "despatches:Deliver", despatch=missing)
    assert refused == ("DESPATCH_NOT_FOUND", "despatch")
    refused = world.refusal(RAIL, "despatches:Get", {"despatch": missing})
    assert refused == ("DESPATCH_NOT_FOUND", "despatch")


def test_nothing_goes_on_during_a_dispute() -> None:
    world, order = accepted()
    despatch = despatched(world, order, (0, 6), carriage=1)
    record = world.record("order", order)
    record["dispute"] = BUYER
    world.state["order", order] = json.dumps(record).encode()
    world.pass_time(1000)
    report = {"despatch": despatch, "lines": [{"line": 0, "accepted": 6}]}
    for caller, name, fields in (
        (RAIL, "despatches:Deliver", {"despatch": despatch}),
        (BUYER, "receipts:Report", report),
        (BUYER, "orders:CancelRest", {"order": order}),
    ):
        assert world.refused(caller, name, **fields) == ("ORDER_DISPUTED", "order")
