"""Lots by quantity: made, used up, split and mixed, and never more out than in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.epcis import object_event, transformation_event
from tests.support.goods import OTHER_GTIN, PRODUCER, REGULATOR, RETAILER, GoodsLedger

FLOUR = "urn:epc:class:lgtin:9521321.000001.{}"
BREAD = "urn:epc:class:lgtin:9521321.000002.{}"
LOAF = "urn:epc:id:sgtin:9521321.000002.{}"
TOGETHER = {"transformationID": "urn:uuid:0c7e7e2e-5d3c-4a0e-8f43-3a5c1e3d2f10"}


@pytest.fixture
def ledger() -> GoodsLedger:
    """The producer has 100 kg of flour of lot A and 10 kg of lot B."""
    return stocked()


def stocked() -> GoodsLedger:
    ledger = GoodsLedger()
    ledger.register()
    ledger.register(OTHER_GTIN)
    assert make(ledger, some(FLOUR.format("A"), 100, "KGM"), some(FLOUR.format("B"), 10, "KGM")) is None
    return ledger


def some(epc_class: str, quantity: Any, uom: str | None = None) -> dict[str, Any]:
    named = {"epcClass": epc_class, "quantity": quantity, "uom": uom}
    return {name: value for name, value in named.items() if value is not None}


def reason(ledger: GoodsLedger, event: dict[str, Any], reporter: str = PRODUCER) -> str | None:
    (result,) = ledger.capture(reporter, event)
    found: str | None = result.get("reason")
    assert result["status"] == ("accepted" if found is None else "claim")
    return found


def make(ledger: GoodsLedger, *elements: dict[str, Any], action: str = "ADD") -> str | None:
    return reason(ledger, object_event(action=action, epcList=None, quantityList=list(elements)))


def turn(
    ledger: GoodsLedger, inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], **more: Any
) -> str | None:
    event = transformation_event(
        inputEPCList=None, outputEPCList=None, inputQuantityList=inputs or None,
        outputQuantityList=outputs or None, **more,
    )  # fmt: skip
    return reason(ledger, event)


def held(ledger: GoodsLedger, lot: str) -> dict[str, str]:
    holdings = ledger.world.ask(REGULATOR, "lots:Get", lot=lot)["holdings"]
    assert {each["member"] for each in holdings} <= {PRODUCER}
    return {each["uom"]: each["quantity"] for each in holdings}


def test_what_is_made_is_held_and_told(ledger: GoodsLedger) -> None:
    assert held(ledger, FLOUR.format("A")) == {"KGM": "100"}
    assert [event["type"] for event in ledger.events] == ["goods.captured", "lots.changed"]
    assert ledger.events[1]["changes"][0] == {
        "lot": "https://id.gs1.org/01/09521321000018/10/A",
        "member": PRODUCER,
        "uom": "KGM",
        "quantity": "100",
    }


def test_a_transformation_uses_up_and_makes(ledger: GoodsLedger) -> None:
    assert turn(ledger, [some(FLOUR.format("A"), 2500, "GRM")], [some(BREAD.format("X"), 2.4, "KGM")]) is None
    assert held(ledger, FLOUR.format("A")) == {"KGM": "97.5"}
    assert held(ledger, BREAD.format("X")) == {"KGM": "2.4"}


def test_more_out_than_in_is_a_claim_that_does_nothing(ledger: GoodsLedger) -> None:
    before = {key: value for key, value in ledger.world.state.items() if key[0] == "lot-holding"}
    made = [some(BREAD.format("X"), 10.01, "KGM")]
    assert turn(ledger, [some(FLOUR.format("B"), 10, "KGM")], made) == "mass_balance"
    after = {key: value for key, value in ledger.world.state.items() if key[0] == "lot-holding"}
    assert after == before


def test_the_owner_agrees_a_tolerance(ledger: GoodsLedger) -> None:
    refused = ledger.world.refused(RETAILER, "products:AgreeTolerance", gtin=OTHER_GTIN, basis_points=10)
    assert refused == ("NOT_PERMITTED", None)
    unknown = {"gtin": "09506000134352", "basis_points": 10}
    assert ledger.world.refused(PRODUCER, "products:AgreeTolerance", **unknown) == (
        "PRODUCT_NOT_FOUND",
        "gtin",
    )
    ledger.command("products:AgreeTolerance", PRODUCER, gtin=OTHER_GTIN, basis_points=10)
    assert ledger.events[0]["basis_points"] == 10
    flour = [some(FLOUR.format("B"), 10, "KGM")]
    assert turn(ledger, flour, [some(BREAD.format("X"), 10.011, "KGM")]) == "mass_balance"
    assert turn(ledger, flour, [some(BREAD.format("X"), 10.01, "KGM")]) is None


def test_nobody_uses_more_than_there_is(ledger: GoodsLedger) -> None:
    bread = [some(BREAD.format("X"), 1, "KGM")]
    assert turn(ledger, [some(FLOUR.format("B"), 10.000001, "KGM")], bread) == "not_held"
    assert turn(ledger, [some(FLOUR.format("B"), 10, "KGM")], bread) is None
    assert held(ledger, FLOUR.format("B")) == {"KGM": "0"}
    assert turn(ledger, [some(FLOUR.format("B"), 1, "GRM")], bread) == "not_held"
    assert make(ledger, some(FLOUR.format("A"), 101, "KGM"), action="DELETE") == "not_held"
    assert make(ledger, some(FLOUR.format("A"), 100, "KGM"), action="DELETE") is None


def test_a_lot_that_was_never_counted_is_not_bounded(ledger: GoodsLedger) -> None:
    assert turn(ledger, [some(FLOUR.format("OLD"), 5, "KGM")], [some(BREAD.format("X"), 5, "KGM")]) is None
    assert held(ledger, FLOUR.format("OLD")) == {}


def test_lots_are_split_and_mixed_by_pieces_of_one_product(ledger: GoodsLedger) -> None:
    whole, parts = BREAD.format("W"), [BREAD.format("P1"), BREAD.format("P2")]
    assert make(ledger, some(whole, 100)) is None
    too_many = [some(parts[0], 60), some(parts[1], 41)]
    assert turn(ledger, [some(whole, 100)], too_many) == "mass_balance"
    assert turn(ledger, [some(whole, 100)], [some(parts[0], 60), some(parts[1], 40)]) is None
    assert turn(ledger, [some(part, 30) for part in parts], [some(BREAD.format("M"), 60)]) is None
    lots = (whole, *parts, BREAD.format("M"))
    assert [held(ledger, lot)["EA"] for lot in lots] == ["0", "30", "10", "60"]


def test_serialised_items_count_as_pieces(ledger: GoodsLedger) -> None:
    items = {"inputEPCList": None, "outputEPCList": [LOAF.format(1), LOAF.format(2)]}
    assert make(ledger, some(BREAD.format("W"), 5)) is None
    too_few = transformation_event(inputQuantityList=[some(BREAD.format("W"), 1)], **items)
    assert reason(ledger, too_few) == "mass_balance"
    enough = transformation_event(inputQuantityList=[some(BREAD.format("W"), 2)], **items)
    assert reason(ledger, enough) is None
    assert held(ledger, BREAD.format("W")) == {"EA": "3"}


def test_a_transformation_told_in_several_events_is_balanced_as_a_whole(ledger: GoodsLedger) -> None:
    assert turn(ledger, [some(FLOUR.format("A"), 10, "KGM")], [], **TOGETHER) is None
    assert turn(ledger, [], [some(BREAD.format("X"), 6, "KGM")], **TOGETHER) is None
    assert turn(ledger, [], [some(BREAD.format("Y"), 5, "KGM")], **TOGETHER) == "mass_balance"
    assert turn(ledger, [], [some(BREAD.format("Y"), 4, "KGM")], **TOGETHER) is None


@pytest.mark.parametrize("amount", [0, 10**15, 1e-13])
def test_an_amount_beyond_measure_is_a_claim(ledger: GoodsLedger, amount: Any) -> None:
    assert make(ledger, some(FLOUR.format("Z"), amount, "KGM")) == "quantity_invalid"
    assert held(ledger, FLOUR.format("Z")) == {}


def test_an_event_sent_again_counts_once(ledger: GoodsLedger) -> None:
    event = object_event(action="ADD", epcList=None, quantityList=[some(FLOUR.format("C"), 1, "TNE")])
    assert reason(ledger, event) is None
    (again,) = ledger.capture(PRODUCER, event)
    assert again["status"] == "already_captured"
    assert held(ledger, FLOUR.format("C")) == {"KGM": "1000"}


@given(st.lists(st.integers(min_value=1, max_value=70_000_000), min_size=1, max_size=6))
def test_whatever_is_turned_into_what_mass_never_grows(milligrams: list[int]) -> None:
    ledger = stocked()
    for number, amount in enumerate(milligrams):
        out = some(BREAD.format(f"X{number}"), amount, "MGM")
        turn(ledger, [some(FLOUR.format("A"), 40, "KGM")], [out])
        flour = Decimal(held(ledger, FLOUR.format("A"))["KGM"])
        bread = [held(ledger, BREAD.format(f"X{each}")).get("KGM", "0") for each in range(number + 1)]
        assert flour >= 0
        assert flour + sum(map(Decimal, bread)) <= 100
