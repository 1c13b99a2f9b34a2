"""Recalls: what is named and what was made of it is blocked, holders acknowledge, the recall is closed."""

from __future__ import annotations

from typing import Any

import pytest

from hansa_domain.recalls import following
from hansa_domain.times import rfc3339
from tests.support.domain import TERMS
from tests.support.epcis import aggregation_event, object_event, transformation_event
from tests.support.goods import CARRIER, GTIN, OTHER_GTIN, PRODUCER, REGULATOR, RETAILER, GoodsLedger

BEAN = "https://id.gs1.org/01/09521321000018/21/{}"
BEANS = "https://id.gs1.org/01/09521321000018"
LOT = "https://id.gs1.org/01/09521321000018/10/{}"
BLEND = "https://id.gs1.org/01/09521321000025/21/{}"
PALLET = "urn:epc:id:sscc:9521321.0000000001"


@pytest.fixture
def ledger() -> GoodsLedger:
    """Beans 1 and 2 of lot L1, 3 of lot L2; blend 1 was made of bean 1, blend 9 of bean 3."""
    ledger = GoodsLedger()
    ledger.register()
    ledger.register(OTHER_GTIN)
    commission(ledger, "L1", 1, 2)
    commission(ledger, "L2", 3)
    blend(ledger, 1, into=1)
    blend(ledger, 3, into=9)
    return ledger


def commission(ledger: GoodsLedger, lot: str | None, *serials: int, gtin: str = BEAN) -> None:
    epcs = [gtin.format(serial) for serial in serials]
    ilmd = None if lot is None else {"cbvmda:lotNumber": lot}
    assert accepted(ledger, object_event(action="ADD", epcList=epcs, ilmd=ilmd))


def blend(ledger: GoodsLedger, bean: int, *, into: int) -> dict[str, Any]:
    event = transformation_event(inputEPCList=[BEAN.format(bean)], outputEPCList=[BLEND.format(into)])
    (result,) = ledger.capture(PRODUCER, event)
    return result


def accepted(ledger: GoodsLedger, event: dict[str, Any]) -> bool:
    (result,) = ledger.capture(PRODUCER, event)
    return bool(result["status"] == "accepted")


def recall(ledger: GoodsLedger, caller: str = PRODUCER, **named: Any) -> dict[str, Any]:
    reply: dict[str, Any] = ledger.command(
        "recalls:Open", caller, gtin=GTIN, reason="Salmonella found.", **named
    )["recall"]
    return reply


def blocked(ledger: GoodsLedger, epc: str) -> str | None:
    found: str | None = ledger.world.ask(RETAILER, "recalls:Check", epc=epc)["blocked_by"]
    return found


def test_recalling_a_lot_writes_exactly_this(ledger: GoodsLedger) -> None:
    result = ledger.world.do(PRODUCER, "recalls:Open", gtin=GTIN, reason="Salmonella found.", lots=["L1"])
    name, lot = result.reply["recall"]["id"], LOT.format("L1")
    marked = [lot, BEAN.format(1), BEAN.format(2), BLEND.format(1)]
    # Bean 1 was used up: who made the blend holds that and bean 2.
    holders = [{"member": PRODUCER, "units": 2}]
    recall = {
        "v": 1,
        "id": name,
        "opener": PRODUCER,
        "owner": PRODUCER,
        "gtin": GTIN,
        "lots": [lot],
        "serials": [],
        "reason": "Salmonella found.",
        "status": "open",
        "marked": 4,
        "holders": holders,
        "first": 0,
        "next": 0,
        "opened_at": rfc3339(ledger.world.now),
        "closed_at": None,
        "closed_by": None,
    }
    assert result.reply == {"recall": recall, "followed": True}
    assert result.writes == {
        ("recall", name): recall,
        **{("recall-mark", each): {"v": 1, "subject": each, "recalls": [name]} for each in marked},
    }
    at = rfc3339(ledger.world.now)
    opened, extended = result.events
    assert opened == {
        "type": "recall.opened", "v": 1, "recall": name, "opener": PRODUCER, "gtin": GTIN, "lots": [lot],
        "serials": [], "reason": "Salmonella found.", "at": at,
    }  # fmt: skip
    assert extended == {
        "type": "recall.extended", "v": 1, "recall": name, "marked": marked, "holders": holders,
        "followed": True, "at": at,
    }  # fmt: skip


def test_what_was_made_of_recalled_goods_is_blocked_and_the_rest_is_not(ledger: GoodsLedger) -> None:
    name = recall(ledger, lots=["L1"])["id"]
    for epc in (LOT.format("L1"), BEAN.format(1), BEAN.format(2), BLEND.format(1)):
        assert blocked(ledger, epc) == name
    for epc in (LOT.format("L2"), BEAN.format(3), BLEND.format(9), BEANS):
        assert blocked(ledger, epc) is None


def test_a_whole_product_is_recalled_with_what_was_made_of_it(ledger: GoodsLedger) -> None:
    name = recall(ledger, REGULATOR)["id"]
    for epc in (BEANS, BEAN.format(3), BEAN.format(77), BLEND.format(1), BLEND.format(9)):
        assert blocked(ledger, epc) == name
    assert blocked(ledger, BLEND.format(5)) is None


def test_single_serials_are_recalled(ledger: GoodsLedger) -> None:
    name = recall(ledger, serials=["3"])["id"]
    assert blocked(ledger, BEAN.format(3)) == blocked(ledger, BLEND.format(9)) == name
    assert blocked(ledger, BEAN.format(2)) is None


def test_goods_made_by_quantity_are_followed(ledger: GoodsLedger) -> None:
    event = transformation_event(
        inputEPCList=None,
        inputQuantityList=[{"epcClass": "urn:epc:class:lgtin:9521321.000001.L7", "quantity": 5}],
        outputEPCList=None,
        outputQuantityList=[{"epcClass": "urn:epc:class:lgtin:9521321.000002.M7", "quantity": 2}],
    )
    assert accepted(ledger, event)
    name = recall(ledger, lots=["L7"])["id"]
    assert blocked(ledger, "urn:epc:class:lgtin:9521321.000002.M7") == name


def test_a_transformation_told_in_two_events_is_followed(ledger: GoodsLedger) -> None:
    together = {"transformationID": "urn:uuid:0c7e7e2e-5d3c-4a0e-8f43-3a5c1e3d2f10"}
    used = transformation_event(inputEPCList=[BEAN.format(2)], outputEPCList=None, **together)
    made = transformation_event(inputEPCList=None, outputEPCList=[BLEND.format(2)], **together)
    if not accepted(ledger, used):
        pytest.fail("a transformation may be told by its inputs first")
    assert accepted(ledger, made)
    name = recall(ledger, lots=["L1"])["id"]
    assert blocked(ledger, BLEND.format(2)) == name
    more = transformation_event(inputEPCList=None, outputEPCList=[BLEND.format(3)], **together)
    (result,) = ledger.capture(PRODUCER, more)
    assert result["reason"] == "recalled"


def test_what_is_packed_in_recalled_goods_is_recalled(ledger: GoodsLedger) -> None:
    commission(ledger, None, 20)
    assert accepted(ledger, aggregation_event(parentID=BEAN.format(20), childEPCs=[BLEND.format(9)]))
    recall(ledger, serials=["20"])
    assert blocked(ledger, BLEND.format(9)) is not None


def test_recalled_goods_are_used_up_in_nothing_and_can_be_destroyed(ledger: GoodsLedger) -> None:
    recall(ledger, lots=["L1"])
    assert blend(ledger, 2, into=50)["reason"] == "recalled"
    destroyed = object_event(action="DELETE", bizStep="destroying", epcList=[BEAN.format(2)])
    assert accepted(ledger, destroyed)


def test_goods_of_a_recalled_lot_made_later_are_blocked_too(ledger: GoodsLedger) -> None:
    name = recall(ledger, lots=["L1"])["id"]
    commission(ledger, "L1", 40)
    assert blocked(ledger, BEAN.format(40)) == name


def test_nobody_ships_recalled_goods_alone_or_on_a_pallet(ledger: GoodsLedger) -> None:
    assert accepted(ledger, aggregation_event(parentID=PALLET, childEPCs=[BEAN.format(2)]))
    order = ledger.order(4)
    recall(ledger, lots=["L1"])
    for epc in (BEAN.format(2), PALLET):
        ship = {"order": order, "epcs": [epc]}
        assert ledger.world.refused(PRODUCER, "orders:Ship", **ship) == ("GOODS_RECALLED", "epcs")


def test_a_recalled_product_is_neither_ordered_nor_shipped(ledger: GoodsLedger) -> None:
    order = ledger.order(4)
    offer = {"gtin": GTIN, "unit_price": "0", "currency": "EUR", "quantity": 4, "buckets": 1}
    listing = ledger.command("listings:Create", PRODUCER, **offer)["listing"]["id"]
    name = recall(ledger)["id"]
    assert ledger.world.refused(PRODUCER, "orders:Ship", order=order) == ("GOODS_RECALLED", "order")
    line = {"listing": listing, "quantity": 4, "take": [{"bucket": 0, "quantity": 4}]}
    place = {"lines": [line], "amount": "0", "notes": [], "terms": TERMS}
    refused = ledger.world.refused(RETAILER, "orders:Place", **place)
    assert refused == ("GOODS_RECALLED", "lines[0].listing")
    ledger.command("recalls:Close", PRODUCER, recall=name, outcome="completed", without=[PRODUCER])
    ledger.command("orders:Place", RETAILER, **place)


def test_recalled_goods_change_hands_by_no_report(ledger: GoodsLedger) -> None:
    order = ledger.order(4)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[BEAN.format(2)])
    name = recall(ledger, lots=["L1"])["id"]
    received = object_event(epcList=[BEAN.format(2)], bizStep="receiving")
    (result,) = ledger.capture(RETAILER, received)
    assert (result["status"], result["reason"]) == ("claim", "recalled")
    assert ledger.unit(BEAN.format(2))["custodian"] == CARRIER
    ledger.command("recalls:Close", PRODUCER, recall=name, outcome="unfounded")
    (result,) = ledger.capture(RETAILER, received)
    assert result["status"] == "accepted"
    assert ledger.unit(BEAN.format(2))["custodian"] == RETAILER


def test_an_order_under_way_still_ends(ledger: GoodsLedger) -> None:
    order = ledger.order(4)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[BEAN.format(2)])
    recall(ledger, lots=["L1"])
    ledger.command("orders:Confirm", RETAILER, order=order)
    assert ledger.unit(BEAN.format(2))["custodian"] == RETAILER


def test_a_recall_is_completed_when_every_holder_has_acknowledged(ledger: GoodsLedger) -> None:
    order = ledger.order(4)
    ledger.command("orders:Ship", PRODUCER, order=order, epcs=[BEAN.format(2)])
    opened = recall(ledger, lots=["L1"])
    assert opened["holders"] == [{"member": CARRIER, "units": 1}, {"member": PRODUCER, "units": 1}]
    close = {"recall": opened["id"], "outcome": "completed"}
    said = ledger.command("recalls:Acknowledge", PRODUCER, recall=opened["id"], secured=1)
    assert said["acknowledgement"]["member"] == PRODUCER
    assert [event["type"] for event in ledger.events] == ["recall.acknowledged"]
    assert ledger.world.refused(PRODUCER, "recalls:Close", **close) == ("RECALL_UNACKNOWLEDGED", "without")
    ledger.command("recalls:Acknowledge", CARRIER, recall=opened["id"], secured=0, remark="Not yet found")
    ledger.command("recalls:Acknowledge", CARRIER, recall=opened["id"], secured=1)
    closed = ledger.command("recalls:Close", PRODUCER, **close)["recall"]
    assert (closed["status"], closed["closed_by"]) == ("completed", PRODUCER)
    detail = ledger.world.ask(RETAILER, "recalls:Get", recall=opened["id"])["recall"]
    secured = [(each["member"], each["secured"]) for each in detail["acknowledgements"]]
    assert secured == [(CARRIER, 1), (PRODUCER, 1)]
    assert detail["followed"]
    assert blocked(ledger, BEAN.format(2)) == opened["id"]
    assert ledger.world.ask(RETAILER, "recalls:List")["recalls"] == [closed]


def test_an_unfounded_recall_frees_what_no_other_blocks(ledger: GoodsLedger) -> None:
    first, second = recall(ledger, lots=["L1"])["id"], recall(ledger, REGULATOR, serials=["2"])["id"]
    ledger.command("recalls:Close", REGULATOR, recall=first, outcome="unfounded")
    assert blocked(ledger, BEAN.format(1)) is None
    assert blocked(ledger, BEAN.format(2)) == second


def test_a_product_sells_again_after_its_recall_was_completed(ledger: GoodsLedger) -> None:
    name = recall(ledger)["id"]
    ledger.command("recalls:Close", PRODUCER, recall=name, outcome="completed", without=[PRODUCER])
    assert blocked(ledger, BEANS) is None
    assert blocked(ledger, BEAN.format(3)) == name
    commission(ledger, "L9", 60)
    assert blocked(ledger, BEAN.format(60)) is None


def test_a_long_recall_is_followed_in_steps(ledger: GoodsLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MAX_MARKS", 7)
    commission(ledger, "L5", *range(100, 130))
    name = recall(ledger, lots=["L5"])["id"]
    close = {"recall": name, "outcome": "completed", "without": [PRODUCER]}
    assert ledger.world.refused(PRODUCER, "recalls:Close", **close) == ("RECALL_NOT_FOLLOWED", "recall")
    steps = 0
    while not ledger.command("recalls:Extend", CARRIER, recall=name)["followed"]:
        steps += 1
        assert steps < 50
    detail = ledger.world.ask(RETAILER, "recalls:Get", recall=name)["recall"]["recall"]
    assert detail["marked"] == 31
    assert detail["holders"] == [{"member": PRODUCER, "units": 30}]
    assert all(ledger.world.record("recall-mark", BEAN.format(each)) for each in range(100, 130))
    assert not [key for key in ledger.world.state if key[0] == "recall-front"]
    assert ledger.command("recalls:Extend", CARRIER, recall=name)["followed"]
    assert ledger.events == []


def test_who_may_recall_and_close(ledger: GoodsLedger) -> None:
    opening = {"gtin": GTIN, "reason": "Glass."}
    world = ledger.world
    assert world.refused(RETAILER, "recalls:Open", **opening) == ("NOT_PERMITTED", None)
    unknown = {**opening, "gtin": "09506000134352"}
    assert world.refused(PRODUCER, "recalls:Open", **unknown) == ("PRODUCT_NOT_FOUND", "gtin")
    assert world.refused(PRODUCER, "recalls:Open", gtin="123", reason="x") == ("GTIN_INVALID", "gtin")
    assert world.refused(PRODUCER, "recalls:Open", **opening, lots=["a b"]) == ("FIELD_INVALID", "lots[0]")
    name = recall(ledger, REGULATOR)["id"]
    close = {"recall": name, "outcome": "unfounded"}
    # The owner does not end what the regulator began.
    assert world.refused(PRODUCER, "recalls:Close", **close) == ("NOT_PERMITTED", None)
    ledger.command("recalls:Close", REGULATOR, **close)
    assert world.refused(REGULATOR, "recalls:Close", **close) == ("RECALL_STATE", "recall")
    for act, more in (("Extend", {}), ("Acknowledge", {"secured": 1})):
        assert world.refused(RETAILER, f"recalls:{act}", recall=name, **more) == ("RECALL_STATE", "recall")
    absent = {"recall": f"ProducerMSP.{'0' * 26}"}
    assert world.refused(RETAILER, "recalls:Extend", **absent) == ("RECALL_NOT_FOUND", "recall")
