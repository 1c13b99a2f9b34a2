"""Custody and ownership pass by offer and acceptance of both sides."""

from __future__ import annotations

import pytest

from hansa_domain.times import rfc3339
from tests.support.epcis import aggregation_event, object_event
from tests.support.goods import CARRIER, GTIN, PRODUCER, RETAILER, GoodsLedger

ITEM = "https://id.gs1.org/01/09521321000018/21/{}"
PALLET = "https://id.gs1.org/00/095213210000000018"


@pytest.fixture
def ledger() -> GoodsLedger:
    """The producer made items 1 to 3, and packed 1 and 2 on a pallet."""
    ledger = GoodsLedger()
    ledger.register()
    items = [ITEM.format(serial) for serial in (1, 2, 3)]
    made = object_event(action="ADD", bizStep="commissioning", epcList=items)
    results = ledger.capture(PRODUCER, made, aggregation_event(parentID=PALLET, childEPCs=items[:2]))
    assert [each["status"] for each in results] == ["accepted", "accepted"]
    return ledger


def offer(ledger: GoodsLedger, *epcs: str, giver: str = PRODUCER, taker: str = CARRIER, **more: str) -> str:
    fields = {"taker": taker, "epcs": list(epcs), **more}
    return str(ledger.command("handovers:Offer", giver, **fields)["handover"]["id"])


def parties(ledger: GoodsLedger, epc: str) -> tuple[str, str]:
    unit = ledger.unit(epc)
    return unit["owner"], unit["custodian"]


def test_an_offer_writes_exactly_this_and_moves_nothing(ledger: GoodsLedger) -> None:
    before = ledger.units()
    result = ledger.world.do(PRODUCER, "handovers:Offer", taker=CARRIER, epcs=[PALLET])
    at, name = rfc3339(ledger.world.now), result.reply["handover"]["id"]
    handover = {
        "v": 1, "id": name, "giver": PRODUCER, "taker": CARRIER, "passes": "custody", "epcs": [PALLET],
        "status": "offered", "offered_at": at, "closed_at": None,
    }  # fmt: skip
    assert result.writes == {("handover", name): handover}
    assert result.events == [
        {
            "type": "handover.offered", "v": 1, "handover": name, "giver": PRODUCER, "taker": CARRIER,
            "passes": "custody", "epcs": [PALLET], "at": at,
        }
    ]  # fmt: skip
    assert ledger.units() == before


def test_custody_passes_with_everything_packed_inside(ledger: GoodsLedger) -> None:
    name = offer(ledger, PALLET)
    accepted = ledger.command("handovers:Accept", CARRIER, handover=name)["handover"]
    assert (accepted["status"], accepted["closed_at"]) == ("accepted", rfc3339(ledger.world.now))
    assert [event["type"] for event in ledger.events] == ["handover.closed", "custody.moved"]
    moved = {change["epc"]: (change["giver"], change["holder"]) for change in ledger.events[1]["changes"]}
    assert moved == dict.fromkeys((PALLET, ITEM.format(1), ITEM.format(2)), (PRODUCER, CARRIER))
    assert parties(ledger, ITEM.format(1)) == (PRODUCER, CARRIER)
    assert ledger.world.ask(RETAILER, "handovers:Get", handover=name)["handover"] == accepted


def test_ownership_passes_while_another_holds_the_goods(ledger: GoodsLedger) -> None:
    ledger.command("handovers:Accept", CARRIER, handover=offer(ledger, ITEM.format(3)))
    sold = offer(ledger, ITEM.format(3), taker=RETAILER, passes="ownership")
    ledger.command("handovers:Accept", RETAILER, handover=sold)
    assert [event["type"] for event in ledger.events] == ["handover.closed"]
    assert parties(ledger, ITEM.format(3)) == (RETAILER, CARRIER)
    kept = {"taker": RETAILER, "epcs": [ITEM.format(3)], "passes": "both"}
    assert ledger.world.refused(CARRIER, "handovers:Offer", **kept) == ("UNIT_NOT_AVAILABLE", "epcs")


def test_both_pass_at_once(ledger: GoodsLedger) -> None:
    name = offer(ledger, ITEM.format(3), taker=RETAILER, passes="both")
    ledger.command("handovers:Accept", RETAILER, handover=name)
    assert parties(ledger, ITEM.format(3)) == (RETAILER, RETAILER)


def test_nothing_moves_where_it_is_declined_or_withdrawn(ledger: GoodsLedger) -> None:
    before = ledger.units()
    for act, by, outcome in (("Decline", CARRIER, "declined"), ("Withdraw", PRODUCER, "withdrawn")):
        name = offer(ledger, PALLET)
        assert ledger.command(f"handovers:{act}", by, handover=name)["handover"]["status"] == outcome
        for late in ("Accept", "Decline"):
            refused = ledger.world.refused(CARRIER, f"handovers:{late}", handover=name)
            assert refused == ("HANDOVER_STATE", "handover")
    assert ledger.units() == before


def test_each_step_belongs_to_its_side(ledger: GoodsLedger) -> None:
    name = offer(ledger, PALLET)
    for act, caller in (
        ("Accept", PRODUCER),
        ("Accept", RETAILER),
        ("Decline", PRODUCER),
        ("Withdraw", CARRIER),
    ):
        assert ledger.world.refused(caller, f"handovers:{act}", handover=name) == ("NOT_PERMITTED", None)
    absent = {"handover": f"ProducerMSP.{'0' * 26}"}
    assert ledger.world.refused(CARRIER, "handovers:Accept", **absent) == ("HANDOVER_NOT_FOUND", "handover")


def test_what_is_not_the_givers_to_give(ledger: GoodsLedger) -> None:
    def refused(caller: str, *epcs: str, taker: str = RETAILER) -> tuple[str, str | None]:
        return ledger.world.refused(caller, "handovers:Offer", taker=taker, epcs=list(epcs))

    assert refused(CARRIER, ITEM.format(3)) == ("UNIT_NOT_AVAILABLE", "epcs")
    assert refused(PRODUCER, ITEM.format(9)) == ("UNIT_NOT_FOUND", "epcs")
    assert refused(PRODUCER, ITEM.format(1)) == ("UNIT_NOT_AVAILABLE", "epcs")
    assert refused(PRODUCER, PALLET, PALLET) == ("EPC_REPEATED", "epcs[1]")
    assert refused(PRODUCER, PALLET, taker=PRODUCER) == ("FIELD_INVALID", "taker")
    assert refused(PRODUCER, PALLET, taker="NobodyMSP") == ("MEMBER_NOT_FOUND", "taker")
    assert refused(PRODUCER) == ("FIELD_INVALID", "epcs")
    order = ledger.order(4)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[ITEM.format(3)])
    assert refused(CARRIER, ITEM.format(3)) == ("UNIT_NOT_AVAILABLE", "epcs")


def test_an_old_offer_does_not_take_what_has_gone_elsewhere(ledger: GoodsLedger) -> None:
    name = offer(ledger, ITEM.format(3))
    ledger.command("handovers:Accept", RETAILER, handover=offer(ledger, ITEM.format(3), taker=RETAILER))
    refused = ledger.world.refused(CARRIER, "handovers:Accept", handover=name)
    assert refused == ("UNIT_NOT_AVAILABLE", "handover")


def test_recalled_goods_only_go_back_to_the_products_owner(ledger: GoodsLedger) -> None:
    name = offer(ledger, ITEM.format(3))
    ledger.command("handovers:Accept", CARRIER, handover=offer(ledger, PALLET))
    ledger.command("recalls:Open", PRODUCER, gtin=GTIN, reason="Glass.")
    assert ledger.world.refused(CARRIER, "handovers:Accept", handover=name) == ("GOODS_RECALLED", "handover")
    onward = {"taker": RETAILER, "epcs": [PALLET]}
    assert ledger.world.refused(CARRIER, "handovers:Offer", **onward) == ("GOODS_RECALLED", "epcs")
    back = offer(ledger, PALLET, giver=CARRIER, taker=PRODUCER)
    ledger.command("handovers:Accept", PRODUCER, handover=back)
    assert parties(ledger, ITEM.format(1)) == (PRODUCER, PRODUCER)
