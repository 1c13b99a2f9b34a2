"""Reports made to hurt: floods of claims, packing without end, things that are none."""

from __future__ import annotations

import pytest

from hansa_domain.goods import trace
from hansa_domain.operation import Fetch, Records
from tests.support.epcis import aggregation_event, object_event
from tests.support.goods import CARRIER, PRODUCER, REGULATOR, GoodsLedger

ITEM = "urn:epc:id:sgtin:9521321.000001.{}"
PALLET = "urn:epc:id:sscc:9521321.{:010d}"


@pytest.fixture
def ledger() -> GoodsLedger:
    ledger = GoodsLedger()
    ledger.register()
    ledger.capture(PRODUCER, object_event(action="ADD", bizStep="commissioning", epcList=[ITEM.format(1)]))
    return ledger


def test_a_flood_of_claims_hides_no_fact(ledger: GoodsLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claims are said to be older, so that by time they would come first."""
    monkeypatch.setattr(trace, "MAX_EVENTS", 30)
    monkeypatch.setattr(trace, "_BATCH", 10)
    flood = [
        object_event(epcList=[ITEM.format(1)], eventTime=f"2020-01-01T00:00:{second:02d}Z")
        for second in range(40)
    ]
    assert {result["status"] for result in ledger.capture(CARRIER, *flood)} == {"claim"}
    reply = ledger.world.ask(REGULATOR, "goods:Trace", epc=ITEM.format(1))
    assert reply["truncated"]
    assert [step["report"]["status"] for step in reply["steps"]].count("accepted") == 1
    assert len(reply["steps"]) <= 30


def test_packing_to_and_fro_ends(ledger: GoodsLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "MAX_WORK", 500)
    to_and_fro = [
        aggregation_event(
            action="DELETE" if second % 2 else "ADD",
            parentID=PALLET.format(1 + second % 3),
            childEPCs=[PALLET.format(1 + (second + 1) % 3), ITEM.format(1)],
            eventTime=f"2026-04-01T00:00:{second:02d}Z",
        )
        for second in range(50)
    ]
    ledger.capture(CARRIER, *to_and_fro)
    assert ledger.world.ask(REGULATOR, "goods:Trace", epc=ITEM.format(1))["truncated"]


def test_nothing_is_packed_in_what_is_no_more(ledger: GoodsLedger) -> None:
    ledger.capture(PRODUCER, object_event(action="ADD", bizStep="commissioning", epcList=[ITEM.format(2)]))
    pallet = PALLET.format(1)
    ledger.capture(PRODUCER, aggregation_event(parentID=pallet, childEPCs=[ITEM.format(1)]))
    ledger.capture(PRODUCER, object_event(action="DELETE", bizStep="destroying", epcList=[pallet]))
    (result,) = ledger.capture(PRODUCER, aggregation_event(parentID=pallet, childEPCs=[ITEM.format(2)]))
    assert (result["status"], result["reason"]) == ("claim", "ended")


@pytest.mark.parametrize(
    "kind", ["urn:epc:class:lgtin:9521321.000001.L1", "urn:epc:idpat:sgtin:9521321.000001.*"]
)
def test_a_kind_of_goods_is_no_unit(ledger: GoodsLedger, kind: str) -> None:
    (result,) = ledger.capture(PRODUCER, object_event(action="ADD", bizStep="commissioning", epcList=[kind]))
    assert (result["status"], result["reason"]) == ("claim", "goods_unknown")
    assert len(ledger.units()) == 1


def test_a_report_reads_what_is_around_goods_but_not_what_else_is_in_there(
    ledger: GoodsLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [ITEM.format(serial) for serial in range(2, 30)]
    ledger.capture(PRODUCER, object_event(action="ADD", bizStep="commissioning", epcList=others))
    everything = [ITEM.format(1), *others]
    ledger.capture(PRODUCER, aggregation_event(parentID=PALLET.format(1), childEPCs=everything))
    read: list[str] = []
    fetch = type(ledger.world).fetch

    def watched(world: object, wanted: Fetch) -> Records:
        read.extend(key[1] for key in wanted.keys if key[0] == "unit")
        return fetch(ledger.world, wanted)

    monkeypatch.setattr(type(ledger.world), "fetch", watched)
    (result,) = ledger.capture(PRODUCER, object_event(epcList=[ITEM.format(1)]))
    assert result["status"] == "accepted"
    assert len(read) == 2
