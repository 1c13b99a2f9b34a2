"""The read model tells the same trail as the ledger, event for event, and long chains whole."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from hansa.goods import Trail
from hansa_domain.goods.trace import MAX_EPCS
from hansa_readmodel.queries import trace
from hansa_readmodel.queries.trace import TraceRows
from tests.support.epcis import aggregation_event, association_event, object_event, transformation_event
from tests.support.portal import Consortium

BEAN = "urn:epc:id:sgtin:9521321.000001.{}"
CUP = "urn:epc:class:lgtin:9521321.000002.L{}"
PALLET = "urn:epc:id:sscc:9521321.000000000{}"
TRUCK = "urn:epc:id:grai:9521321.00007.1"
STEP = "urn:uuid:6b2a1f4e-7d0c-4b8e-9f65-2f1f6f1a0c11"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    found = Consortium(tmp_path)
    found.sdk("Producer").products.register("09521321000018", "Beans")
    found.sdk("Producer").products.register("09521321000025", "Coffee")
    return found


def told(trail: Trail | TraceRows) -> list[tuple[str, str, str, int]]:
    """(event, reporter, relation, depth) of each step, from either."""
    if isinstance(trail, TraceRows):
        return [(step.hash, step.reporter, step.relation, step.depth) for step in trail.steps]
    return [(step.report.hash, step.report.reporter, step.relation, step.depth) for step in trail.steps]


def quantity(*classes: str) -> list[dict[str, Any]]:
    return [{"epcClass": name, "quantity": 1, "uom": "KGM"} for name in classes]


class Reports:
    """Events about a few goods, made by chance from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.goods = [BEAN.format(n) for n in range(4)] + [PALLET.format(n) for n in (1, 2)] + [TRUCK]

    def some(self, most: int = 2) -> list[str]:
        return self.chance.sample(self.goods, self.chance.randint(1, most))

    def event(self) -> dict[str, Any]:
        moment = {"eventTime": f"2026-03-{self.chance.randint(1, 9):02d}T09:00:00Z"}
        match self.chance.randint(0, 5):
            case 0:
                return object_event(action="ADD", bizStep="commissioning", epcList=self.some(), **moment)
            case 1:
                return object_event(epcList=self.some(), **moment)
            case 2 | 3:
                make = self.chance.choice([aggregation_event, association_event])
                action = self.chance.choice(["ADD", "ADD", "DELETE", "OBSERVE"])
                children = None if action == "DELETE" and self.chance.random() < 0.4 else self.some(3)
                return make(
                    parentID=self.chance.choice(self.goods), childEPCs=children, action=action, **moment
                )
            case _:
                lots = [CUP.format(self.chance.randint(1, 3)) for _ in range(2)]
                return transformation_event(
                    inputEPCList=self.some(),
                    outputEPCList=self.some(),
                    inputQuantityList=quantity(lots[0]),
                    outputQuantityList=quantity(lots[1]),
                    transformationID=STEP if self.chance.random() < 0.3 else None,
                    **moment,
                )


@pytest.mark.parametrize("seed", range(12))
def test_ledger_and_read_model_tell_the_same_trail(trade: Consortium, seed: int) -> None:
    reports = Reports(seed)
    for _ in range(14):
        who = reports.chance.choice(["Producer", "Producer", "Retailer", "Carrier"])
        trade.sdk(who).goods.capture(json.dumps(reports.event()))
    asked = trade.sdk("Regulator").goods
    for goods in [*reports.goods, CUP.format(1), STEP]:
        for depth in (0, 1, 2, 50):
            ledger = asked.trace(goods, depth=depth)
            rows = trade.ledger.queries.goods.trace(goods, depth=depth)
            assert sorted(told(rows)) == sorted(told(ledger)), (goods, depth)
            assert [step.time for step in rows.steps] == [step.report.time for step in ledger.steps]
            assert rows.truncated == ledger.truncated, (goods, depth)


def chain(trade: Consortium, length: int) -> list[str]:
    """Beans made into one another, ``length`` times; all of them, first to last."""
    goods = [BEAN.format(f"C{n}") for n in range(length + 1)]
    events = [object_event(action="ADD", bizStep="commissioning", epcList=goods[:1])]
    for number in range(length):
        moment = f"2026-04-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
        inputs, outputs = [goods[number]], [goods[number + 1]]
        events.append(transformation_event(inputEPCList=inputs, outputEPCList=outputs, eventTime=moment))
    captured = trade.sdk("Producer").goods.capture(json.dumps(events))
    assert {result.status for result in captured.results} == {"accepted"}
    return goods


def test_a_long_chain_is_whole_from_both_ends_and_the_middle(trade: Consortium) -> None:
    goods = chain(trade, 300)
    for place, relations in ((0, {"goods", "downstream"}), (300, {"goods", "upstream"})):
        found = trade.ledger.queries.goods.trace(goods[place])
        assert (len(found.steps), found.truncated) == (301, False)
        assert {step.relation for step in found.steps} == relations
    middle = trade.ledger.queries.goods.trace(goods[150])
    assert len(middle.steps) == 301
    assert [step.relation for step in middle.steps[149:152]] == ["upstream", "goods", "goods"]
    assert max(step.depth for step in middle.steps) == 150
    ledger = trade.sdk("Regulator").goods.trace(goods[150], depth=300)
    assert sorted(told(ledger)) == sorted(told(middle))
    assert MAX_EPCS > 1001, "the ledger follows a chain of a thousand, too"


def test_a_claim_that_comes_to_count_stands_on_the_trail_once(trade: Consortium) -> None:
    event = json.dumps(object_event(action="ADD", epcList=["urn:epc:id:sgtin:9521321.000003.1"]))
    goods = trade.ledger.queries.goods
    trade.sdk("Producer").goods.capture(event)
    assert [step.status for step in goods.trace("urn:epc:id:sgtin:9521321.000003.1").steps] == ["claim"]
    trade.sdk("Producer").products.register("09521321000032", "Tea")
    trade.sdk("Producer").goods.capture(event)
    assert [step.status for step in goods.trace("urn:epc:id:sgtin:9521321.000003.1").steps] == ["accepted"]
    assert [row.status for row in goods.events(epc="urn:epc:id:sgtin:9521321.000003.1")] == ["accepted"]


def test_a_trail_too_large_says_so(trade: Consortium, monkeypatch: pytest.MonkeyPatch) -> None:
    goods = chain(trade, 20)
    monkeypatch.setattr(trace, "MAX_WORK", 12)
    found = trade.ledger.queries.goods.trace(goods[0])
    assert found.truncated
    assert 0 < len(found.steps) < 21
    monkeypatch.undo()
    assert not trade.ledger.queries.goods.trace(goods[0]).truncated
    monkeypatch.setattr(trace, "MAX_GOODS", 10)
    found = trade.ledger.queries.goods.trace(goods[0])
    assert found.truncated
    assert 0 < len(found.steps) < 21
    monkeypatch.undo()
    monkeypatch.setattr(trace, "MAX_NAMES", 5)
    assert trade.ledger.queries.goods.trace(goods[0]).truncated
