"""Persistent dispositions are kept until they are unset, and goods that are not for sale are not sold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.epcis import aggregation_event, object_event
from tests.support.goods import CARRIER, PRODUCER, RETAILER, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"


@pytest.fixture
def ledger() -> GoodsLedger:
    """The producer holds three items, two of them on a pallet."""
    ledger = GoodsLedger()
    ledger.register()
    made = object_event(action="ADD", epcList=[ITEM.format(each) for each in (1, 2, 3)])
    ledger.capture(PRODUCER, made, aggregation_event(childEPCs=[ITEM.format(1), ITEM.format(2)]))
    return ledger


def said(epc: str, *, set_: str = "", unset: str = "", minute: int = 10) -> dict[str, Any]:
    persistent = {name: terms.split() for name, terms in (("set", set_), ("unset", unset)) if terms}
    time = f"2026-03-04T09:{minute:02d}:30Z"
    return object_event(epcList=[epc], eventTime=time, persistentDisposition=persistent)


def held(ledger: GoodsLedger, serial: int) -> dict[str, str]:
    found: dict[str, str] = ledger.unit(ITEM.format(serial))["dispositions"]
    return found


def test_dispositions_hold_until_they_are_unset(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, said(ITEM.format(3), set_="damaged completeness_inferred"))
    assert held(ledger, 3) == {"completeness_inferred": PRODUCER, "damaged": PRODUCER}
    assert ledger.events[-1]["changes"] == [
        {
            "epc": "https://id.gs1.org/01/09521321000018/21/3",
            "dispositions": ["completeness_inferred", "damaged"],
        }
    ]
    ledger.capture(PRODUCER, object_event(epcList=[ITEM.format(3)], disposition="available"))
    assert "damaged" in held(ledger, 3)
    ledger.capture(PRODUCER, said(ITEM.format(3), unset="damaged", minute=11))
    assert held(ledger, 3) == {"completeness_inferred": PRODUCER}


def test_what_a_pallet_is_its_contents_are(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, said(PALLET, set_="https://ref.gs1.org/cbv/Disp-expired"))
    assert held(ledger, 1) == held(ledger, 2) == {"expired": PRODUCER}
    assert held(ledger, 3) == {}


def test_a_stranger_declares_nothing(ledger: GoodsLedger) -> None:
    (result,) = ledger.capture(RETAILER, said(ITEM.format(3), set_="damaged"))
    assert result["status"] == "claim"
    assert held(ledger, 3) == {}


@pytest.mark.parametrize("term", ["recalled", "damaged", "expired", "non_sellable_other", "stolen"])
def test_what_is_not_for_sale_is_not_shipped_alone_nor_packed(ledger: GoodsLedger, term: str) -> None:
    ledger.capture(PRODUCER, said(ITEM.format(2), set_=term))
    order = ledger.order(3)
    for epcs in ([ITEM.format(2)], [PALLET], [ITEM.format(3), PALLET]):
        refused = ledger.world.refused(PRODUCER, "orders:Ship", order=order, epcs=epcs)
        assert refused == ("GOODS_NOT_SELLABLE" if epcs != [ITEM.format(2)] else refused[0], "epcs")
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[ITEM.format(3)])


def test_other_dispositions_forbid_nothing(ledger: GoodsLedger) -> None:
    ledger.capture(
        PRODUCER, said(ITEM.format(3), set_="completeness_verified conformant sellable_accessible")
    )
    ledger.command("orders:Ship", PRODUCER, order=ledger.order(1), epcs=[ITEM.format(3)])


def test_it_changes_no_owner_but_may_be_carried_away(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, said(ITEM.format(3), set_="damaged"))
    for passes in ("ownership", "both"):
        offer = {"taker": RETAILER, "epcs": [ITEM.format(3)], "passes": passes}
        assert ledger.world.refused(PRODUCER, "handovers:Offer", **offer) == ("GOODS_NOT_SELLABLE", "epcs")
    offer = {"taker": CARRIER, "epcs": [ITEM.format(3)], "passes": "custody"}
    ledger.command("handovers:Offer", PRODUCER, **offer)


def test_an_offer_made_before_is_not_accepted_after(ledger: GoodsLedger) -> None:
    offer = {"taker": RETAILER, "epcs": [ITEM.format(3)], "passes": "both"}
    name = ledger.command("handovers:Offer", PRODUCER, **offer)["handover"]["id"]
    ledger.capture(PRODUCER, said(ITEM.format(3), set_="expired"))
    assert ledger.world.refused(RETAILER, "handovers:Accept", handover=name) == (
        "GOODS_NOT_SELLABLE",
        "handover",
    )


def test_a_carrier_may_say_it_is_damaged_and_not_that_it_is_whole_again(ledger: GoodsLedger) -> None:
    order = ledger.order(1)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[ITEM.format(3)])
    ledger.capture(CARRIER, said(ITEM.format(3), set_="damaged"))
    assert held(ledger, 3) == {"damaged": CARRIER}
    ledger.capture(RETAILER, said(ITEM.format(3), unset="damaged", minute=12))
    assert held(ledger, 3) == {"damaged": CARRIER}
    ledger.capture(CARRIER, said(ITEM.format(3), unset="damaged", minute=13))
    assert held(ledger, 3) == {}


def test_a_condition_says_all_at_once(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, said(ITEM.format(3), set_="damaged"))
    ledger.command("recalls:Open", PRODUCER, gtin="09521321000018", serials=["1"], reason="Sharp edge")
    epcs = [ITEM.format(1), ITEM.format(3), ITEM.format(2), ITEM.format(9)]
    first, third, second, none = ledger.world.ask(RETAILER, "goods:Condition", epcs=epcs)["conditions"]
    assert (first["sellable"], first["blocked_by"] is None) == (False, False)
    assert (third["sellable"], third["dispositions"]) == (False, {"damaged": PRODUCER})
    assert (second["sellable"], none["known"], none["sellable"]) == (True, False, False)
