"""Goods taken over, recalled goods sold, and recalls escaped: every way that was thought of, shut."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.epcis import aggregation_event, association_event, object_event, transformation_event
from tests.support.goods import CARRIER, GTIN, OTHER_GTIN, PRODUCER, REGULATOR, RETAILER, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
LINK = "https://id.gs1.org/01/09521321000018/21/{}"
THEIRS = "urn:epc:id:sgtin:9521321.000002.{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"
PALLET_LINK = "https://id.gs1.org/00/095213210000000010"


@pytest.fixture
def ledger() -> GoodsLedger:
    """The producer owns a product and has made three items of a lot; the retailer owns another product."""
    ledger = GoodsLedger()
    ledger.register()
    ledger.register(OTHER_GTIN, RETAILER)
    made = object_event(
        action="ADD",
        bizStep="commissioning",
        epcList=[ITEM.format(each) for each in (1, 2, 3)],
        ilmd={"cbvmda:lotNumber": "L1"},
    )
    ledger.capture(PRODUCER, made)
    return ledger


def hand_over(ledger: GoodsLedger, giver: str, taker: str, epc: str, passes: str) -> None:
    offer = {"taker": taker, "epcs": [epc], "passes": passes}
    name = ledger.command("handovers:Offer", giver, **offer)["handover"]["id"]
    ledger.command("handovers:Accept", taker, handover=name)


def pack(*serials: int, **changes: Any) -> dict[str, Any]:
    epcs = [ITEM.format(each) for each in serials]
    return aggregation_event(**{"parentID": PALLET, "childEPCs": epcs} | changes)


def turn(into: str, *inputs: str) -> dict[str, Any]:
    return transformation_event(
        inputEPCList=list(inputs), outputEPCList=[into], eventTime="2026-03-05T09:10:11Z"
    )


def reason(results: list[dict[str, Any]]) -> str | None:
    found: str | None = results[0].get("reason")
    return found


def test_who_only_holds_anothers_goods_makes_nothing_of_his_own_of_them(ledger: GoodsLedger) -> None:
    hand_over(ledger, PRODUCER, RETAILER, ITEM.format(1), "custody")
    assert reason(ledger.capture(RETAILER, turn(THEIRS.format(1), ITEM.format(1)))) == "not_owned"
    assert ledger.unit(ITEM.format(1))["ended"] is None
    hand_over(ledger, PRODUCER, RETAILER, ITEM.format(1), "ownership")
    assert reason(ledger.capture(RETAILER, turn(THEIRS.format(1), ITEM.format(1)))) is None


def test_who_holds_a_pallet_makes_nothing_of_what_others_own_on_it(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, pack(1, 2))
    hand_over(ledger, PRODUCER, RETAILER, PALLET, "custody")
    assert reason(ledger.capture(RETAILER, turn(THEIRS.format(1), PALLET))) == "not_owned"


def test_recalled_goods_are_not_used_up_hidden_on_a_pallet(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, pack(1, 2))
    hand_over(ledger, PRODUCER, RETAILER, PALLET, "both")
    ledger.command("recalls:Open", PRODUCER, gtin=GTIN, serials=["2"], reason="Glass")
    assert reason(ledger.capture(RETAILER, turn(THEIRS.format(1), PALLET))) == "recalled"


def test_what_was_made_of_a_pallet_is_found_by_the_recall_of_what_was_on_it(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, pack(1, 2))
    hand_over(ledger, PRODUCER, RETAILER, PALLET, "both")
    ledger.capture(RETAILER, turn(THEIRS.format(1), PALLET))
    assert [ledger.unit(epc)["ended"] for epc in (PALLET, ITEM.format(1), ITEM.format(2))] == ["consumed"] * 3
    ledger.command("recalls:Open", PRODUCER, gtin=GTIN, serials=["2"], reason="Glass")
    offer = {"taker": CARRIER, "epcs": [THEIRS.format(1)], "passes": "ownership"}
    assert ledger.world.refused(RETAILER, "handovers:Offer", **offer) == ("GOODS_RECALLED", "epcs")


def test_a_recalled_item_is_not_sold_repacked(ledger: GoodsLedger) -> None:
    ledger.command("recalls:Open", REGULATOR, gtin=GTIN, serials=["1"], reason="Glass")
    ledger.capture(PRODUCER, pack(1))
    outer = "urn:epc:id:sscc:9521321.0000000002"
    ledger.capture(
        PRODUCER, aggregation_event(parentID=outer, childEPCs=[PALLET], eventTime="2026-03-03T09:10:11Z")
    )
    order = ledger.order(3)
    for epc in (ITEM.format(1), PALLET, outer):
        refused = ledger.world.refused(PRODUCER, "orders:Ship", order=order, epcs=[epc])
        assert refused[0] in ("GOODS_RECALLED", "UNIT_NOT_AVAILABLE")
    offer = {"taker": RETAILER, "epcs": [outer], "passes": "both"}
    assert ledger.world.refused(PRODUCER, "handovers:Offer", **offer) == ("GOODS_RECALLED", "epcs")


def test_a_recall_is_not_escaped_by_taking_the_making_back(ledger: GoodsLedger) -> None:
    made = object_event(action="ADD", epcList=[ITEM.format(7)], ilmd={"cbvmda:lotNumber": "L7"})
    ledger.capture(PRODUCER, made)
    ledger.command("recalls:Open", REGULATOR, gtin=GTIN, lots=["L7"], reason="Glass")
    error = {"declarationTime": "2026-03-05T09:00:00Z"}
    (result,) = ledger.capture(PRODUCER, made | {"errorDeclaration": error})
    assert result["outcome"] == "doubted"
    refused = ledger.world.refused(PRODUCER, "orders:Ship", order=ledger.order(1), epcs=[ITEM.format(7)])
    assert refused == ("GOODS_RECALLED", "epcs")


def test_a_pallet_that_is_retired_leaves_its_goods_loose(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, pack(1, 2))
    gone = object_event(
        action="DELETE", bizStep="decommissioning", epcList=[PALLET], eventTime="2026-03-04T09:10:11Z"
    )
    assert reason(ledger.capture(PRODUCER, gone)) is None
    assert ledger.unit(PALLET)["contents"] == []
    assert (ledger.unit(ITEM.format(1))["parent"], ledger.unit(ITEM.format(1))["ended"]) == (None, None)
    ledger.command("orders:Ship", PRODUCER, order=ledger.order(1), epcs=[ITEM.format(1)])


def test_what_is_fixed_to_a_thing_goes_with_it(ledger: GoodsLedger) -> None:
    fixed = association_event(parentID=ITEM.format(1), childEPCs=[ITEM.format(2)])
    assert reason(ledger.capture(PRODUCER, fixed)) is None
    assert ledger.unit(ITEM.format(2))["parent"] == LINK.format(1)
    hand_over(ledger, PRODUCER, RETAILER, ITEM.format(1), "both")
    assert ledger.unit(ITEM.format(2))["owner"] == RETAILER
    loose = association_event(
        parentID=ITEM.format(1), childEPCs=[ITEM.format(2)], action="DELETE", eventTime="2026-03-04T09:10:11Z"
    )
    ledger.capture(RETAILER, loose)
    assert ledger.unit(ITEM.format(2))["parent"] is None
    circle = association_event(
        parentID=ITEM.format(1), childEPCs=[ITEM.format(1)], eventTime="2026-03-05T09:10:11Z"
    )
    assert reason(ledger.capture(RETAILER, circle)) == "circular"


def test_a_stranger_takes_back_nothing_and_revives_nothing(ledger: GoodsLedger) -> None:
    gone = object_event(
        action="DELETE", bizStep="destroying", epcList=[ITEM.format(1)], eventTime="2026-03-04T09:10:11Z"
    )
    ledger.capture(PRODUCER, gone)
    (result,) = ledger.capture(
        RETAILER, gone | {"errorDeclaration": {"declarationTime": "2026-03-05T09:00:00Z"}}
    )
    assert (result["status"], result["outcome"]) == ("claim", "nothing")
    assert ledger.unit(ITEM.format(1))["ended"] == "retired"
