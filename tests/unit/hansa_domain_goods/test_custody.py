"""Custody along an order: shipped, taken over, settled, refunded; always one holder."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.epcis import aggregation_event, object_event
from tests.support.goods import CARRIER, OTHER_GTIN, PRODUCER, RETAILER, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
LINK = "https://id.gs1.org/01/09521321000018/21/{}"
SSCC = "095213210000000018"
PALLET = "urn:epc:id:sscc:9521321.0000000001"


@pytest.fixture
def ledger() -> GoodsLedger:
    """Items 1 to 3 of the producer, of which 1 and 2 are packed on the pallet."""
    ledger = GoodsLedger()
    ledger.register()
    epcs = [ITEM.format(serial) for serial in (1, 2, 3)]
    commissioned = object_event(action="ADD", bizStep="commissioning", epcList=epcs)
    ledger.capture(PRODUCER, commissioned, aggregation_event(parentID=PALLET, childEPCs=epcs[:2]))
    return ledger


def seen(epc: str, step: str, minute: int = 0) -> dict[str, Any]:
    """An observation at some step."""
    return object_event(epcList=[epc], bizStep=step, eventTime=f"2026-03-04T09:{minute:02d}:00Z")


def holders(ledger: GoodsLedger) -> list[str]:
    """Who holds the pallet, item 1 on it, and item 3."""
    return [ledger.unit(epc)["custodian"] for epc in (PALLET, ITEM.format(1), ITEM.format(3))]


def ship_pallet(ledger: GoodsLedger, **more: Any) -> str:
    order = ledger.order(2, **more)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[], sscc=SSCC)
    return order


def test_a_pallet_goes_with_its_contents_and_comes_to_the_buyer(ledger: GoodsLedger) -> None:
    order = ship_pallet(ledger)
    assert holders(ledger) == [CARRIER, CARRIER, PRODUCER]
    (moved,) = [event for event in ledger.events if event["type"] == "custody.moved"]
    assert (moved["order"], len(moved["changes"])) == (order, 3)
    assert {unit["order"] for unit in (ledger.unit(PALLET), ledger.unit(ITEM.format(2)))} == {order}

    assert ledger.capture(CARRIER, seen(PALLET, "arriving"))[0]["status"] == "accepted"
    assert ledger.events[0]["events"][0]["orders"] == [order], "a timeline of the order can show it"
    assert holders(ledger) == [CARRIER, CARRIER, PRODUCER]

    assert ledger.capture(RETAILER, seen(PALLET, "receiving", 5))[0]["status"] == "accepted"
    assert holders(ledger) == [RETAILER, RETAILER, PRODUCER]
    assert ledger.unit(PALLET)["owner"] == PRODUCER, "holding is not yet owning"
    late = [seen(PALLET, "departing", 9), seen(PALLET, "receiving", 10), seen(PALLET, "accepting", 11)]
    assert {result["status"] for result in ledger.capture(CARRIER, *late)} == {"accepted"}
    assert holders(ledger) == [RETAILER, RETAILER, PRODUCER], "a carrier takes nothing from the buyer"

    ledger.command("orders:Confirm", RETAILER, order=order)
    assert [event["type"] for event in ledger.events if event["type"] == "custody.moved"] == []
    unit = ledger.unit(ITEM.format(1))
    assert (unit["custodian"], unit["owner"], unit["order"]) == (RETAILER, RETAILER, None)


def test_confirming_moves_custody_where_nobody_reported_receipt(ledger: GoodsLedger) -> None:
    order = ship_pallet(ledger)
    ledger.command("orders:Confirm", RETAILER, order=order)
    (moved,) = [event for event in ledger.events if event["type"] == "custody.moved"]
    assert {(change["giver"], change["holder"]) for change in moved["changes"]} == {(CARRIER, RETAILER)}
    assert holders(ledger) == [RETAILER, RETAILER, PRODUCER]


def test_a_refund_brings_the_goods_back_to_the_seller(ledger: GoodsLedger) -> None:
    order = ship_pallet(ledger)
    ledger.capture(RETAILER, seen(PALLET, "receiving"))
    ledger.world.pass_time(10_000)
    ledger.command("orders:Default", RETAILER, order=order)
    assert holders(ledger) == [PRODUCER, PRODUCER, PRODUCER]
    assert (ledger.unit(PALLET)["order"], ledger.unit(PALLET)["owner"]) == (None, PRODUCER)


def test_without_a_carrier_the_seller_holds_until_the_buyer_takes(ledger: GoodsLedger) -> None:
    ship_pallet(ledger, carrier=None)
    assert holders(ledger) == [PRODUCER, PRODUCER, PRODUCER]
    ledger.capture(RETAILER, seen(PALLET, "accepting"))
    assert holders(ledger) == [RETAILER, RETAILER, PRODUCER]


def test_who_is_no_party_reports_only_claims(ledger: GoodsLedger) -> None:
    ship_pallet(ledger, carrier=None)
    (result,) = ledger.capture(CARRIER, seen(PALLET, "receiving"))
    assert (result["status"], result["reason"]) == ("claim", "not_a_party")
    assert holders(ledger) == [PRODUCER, PRODUCER, PRODUCER]


def test_a_buyer_can_sell_on_what_it_got(ledger: GoodsLedger) -> None:
    ledger.command("orders:Confirm", RETAILER, order=ship_pallet(ledger))
    unpack = aggregation_event(action="DELETE", parentID=PALLET, childEPCs=None, bizStep="unpacking")
    assert ledger.capture(RETAILER, unpack)[0]["status"] == "accepted"
    assert ledger.unit(ITEM.format(1))["parent"] is None
    sold = seen(ITEM.format(1), "retail_selling", 30) | {"action": "DELETE"}
    assert ledger.capture(RETAILER, sold)[0]["status"] == "accepted"
    assert ledger.unit(ITEM.format(1))["ended"] == "retired"


@pytest.mark.parametrize(
    ("epcs", "refusal"),
    [
        ([ITEM.format(9)], ("UNIT_NOT_FOUND", "epcs[0]")),
        ([ITEM.format(3), ITEM.format(9)], ("UNIT_NOT_FOUND", "epcs[1]")),
        ([ITEM.format(1)], ("UNIT_NOT_AVAILABLE", "epcs")),
        ([LINK.format(3), PALLET], ("UNIT_NOT_ORDERED", "epcs")),
    ],
)
def test_only_goods_at_hand_and_as_ordered_are_shipped(
    ledger: GoodsLedger, epcs: list[str], refusal: tuple[str, str]
) -> None:
    order = ledger.order(2)
    assert ledger.world.refused(PRODUCER, "orders:Ship", order=order, epcs=epcs) == refusal


def test_goods_of_another_product_or_in_another_order_are_not_shipped(ledger: GoodsLedger) -> None:
    ledger.register(OTHER_GTIN)
    other = "urn:epc:id:sgtin:9521321.000002.1"
    ledger.capture(PRODUCER, object_event(action="ADD", epcList=[other]))
    order = ledger.order(2)
    ship = {"order": order, "epcs": [other]}
    assert ledger.world.refused(PRODUCER, "orders:Ship", **ship) == ("UNIT_NOT_ORDERED", "epcs")
    ship_pallet(ledger)
    ship = {"order": order, "epcs": [PALLET]}
    assert ledger.world.refused(PRODUCER, "orders:Ship", **ship) == ("UNIT_NOT_AVAILABLE", "epcs")


def test_goods_under_an_order_are_not_ended_or_packed_anew(ledger: GoodsLedger) -> None:
    ship_pallet(ledger)
    gone = seen(ITEM.format(1), "destroying") | {"action": "DELETE"}
    (result,) = ledger.capture(CARRIER, gone)
    assert (result["status"], result["reason"]) == ("claim", "not_held")
    unpack = aggregation_event(action="DELETE", parentID=PALLET, childEPCs=None, bizStep="unpacking")
    other = "urn:epc:id:sscc:9521321.0000000002"
    again = aggregation_event(parentID=other, childEPCs=[ITEM.format(1)], eventTime="2026-03-04T10:00:00Z")
    assert [result["status"] for result in ledger.capture(CARRIER, unpack, again)] == ["accepted"] * 2
    assert ledger.world.refusal("RegulatorMSP", "goods:Unit", {"epc": other}) == ("UNIT_NOT_FOUND", "epc")
    assert ledger.unit(ITEM.format(1))["custodian"] == CARRIER


def test_a_logistic_unit_that_nobody_packed_comes_into_being_when_shipped(ledger: GoodsLedger) -> None:
    order = ledger.order(2)
    unknown = "195213210000000015"
    pallet = f"https://id.gs1.org/00/{unknown}"
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[ITEM.format(3)], sscc=unknown)
    unit = ledger.unit(pallet)
    assert (unit["custodian"], unit["owner"], unit["order"]) == (CARRIER, PRODUCER, order)
    assert unit["contents"] == [LINK.format(3)]
    assert ledger.unit(ITEM.format(3))["parent"] == pallet
    (result,) = ledger.capture(RETAILER, seen(pallet, "receiving"))
    assert result["status"] == "accepted"
    assert ledger.events[0]["events"][0]["orders"] == [order]
    assert ledger.unit(ITEM.format(3))["custodian"] == RETAILER
    ledger.command("orders:Confirm", RETAILER, order=order)
    assert [ledger.unit(epc)["order"] for epc in (pallet, ITEM.format(3))] == [None, None]
