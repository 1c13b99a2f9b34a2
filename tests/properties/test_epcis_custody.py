"""Whatever members report, in any order: goods have one holder, packing is sound, claims do nothing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hansa_domain.errors import Refusal
from tests.support.epcis import aggregation_event, object_event, transformation_event
from tests.support.goods import CARRIER, OTHER_GTIN, PRODUCER, RETAILER, GoodsLedger

REPORTERS = st.sampled_from([PRODUCER, PRODUCER, RETAILER, CARRIER])
ITEMS = st.sampled_from([f"urn:epc:id:sgtin:9521321.000001.{serial}" for serial in range(1, 5)])
MADE = st.sampled_from([f"urn:epc:id:sgtin:9521321.000002.{serial}" for serial in range(1, 3)])
PALLETS = st.sampled_from([f"urn:epc:id:sscc:9521321.000000000{number}" for number in (1, 2)])
GOODS = ITEMS | MADE | PALLETS
STEPS = st.sampled_from(["arriving", "departing", "shipping", "receiving", "accepting", "inspecting"])


class Goods(RuleBasedStateMachine):
    """Three members report at random, ship, and confirm."""

    @initialize()
    def start(self) -> None:
        self.ledger = GoodsLedger()
        self.ledger.register()
        self.ledger.register(OTHER_GTIN)
        self.orders: list[str] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        items = [f"urn:epc:id:sgtin:9521321.000001.{serial}" for serial in range(1, 4)]
        pallet = "urn:epc:id:sscc:9521321.0000000001"
        self.report(PRODUCER, object_event(action="ADD", epcList=items))
        self.report(PRODUCER, aggregation_event(parentID=pallet, childEPCs=items[:2]))

    def report(self, reporter: str, event: dict[str, Any]) -> None:
        moment = f"2026-03-02T09:00:00.{self.ledger.world.calls % 1000:03d}Z"
        before = self.ledger.units()
        (result,) = self.ledger.capture(reporter, event | {"eventTime": moment})
        assert result["status"] in ("accepted", "claim")
        self.told.append((reporter, event | {"eventTime": moment}))
        if result["status"] == "claim":
            assert self.ledger.units() == before
        self.check_moves(before)

    def check_moves(self, before: dict[tuple[str, ...], bytes]) -> None:
        """The events tell every change of holder, and none that did not happen."""
        after = self.ledger.units()
        holders = {key[1]: json.loads(value)["custodian"] for key, value in after.items()}
        earlier = {key[1]: json.loads(value)["custodian"] for key, value in before.items()}
        told = {
            change["epc"]: (change["giver"], change["holder"])
            for event in self.ledger.events
            if event["type"] == "custody.moved"
            for change in event["changes"]
        }
        changed = {epc: (earlier.get(epc), held) for epc, held in holders.items() if earlier.get(epc) != held}
        assert told == changed

    @rule(reporter=REPORTERS, epcs=st.lists(ITEMS, min_size=1, max_size=3, unique=True))
    def commission(self, reporter: str, epcs: list[str]) -> None:
        self.report(reporter, object_event(action="ADD", epcList=epcs))

    @rule(
        reporter=REPORTERS,
        pallet=PALLETS,
        epcs=st.lists(GOODS, min_size=1, max_size=3, unique=True),
        action=st.sampled_from(["ADD", "OBSERVE", "DELETE"]),
    )
    def contain(self, reporter: str, pallet: str, epcs: list[str], action: str) -> None:
        self.report(reporter, aggregation_event(parentID=pallet, childEPCs=epcs, action=action))

    @rule(reporter=REPORTERS, pallet=PALLETS)
    def empty(self, reporter: str, pallet: str) -> None:
        self.report(reporter, aggregation_event(parentID=pallet, childEPCs=None, action="DELETE"))

    @rule(reporter=REPORTERS, epc=GOODS, step=STEPS)
    def observe(self, reporter: str, epc: str, step: str) -> None:
        self.report(reporter, object_event(epcList=[epc], bizStep=step))

    @rule(reporter=REPORTERS, epc=GOODS)
    def destroy(self, reporter: str, epc: str) -> None:
        self.report(reporter, object_event(action="DELETE", bizStep="destroying", epcList=[epc]))

    @rule(reporter=REPORTERS, epc=ITEMS, made=MADE)
    def transform(self, reporter: str, epc: str, made: str) -> None:
        self.report(reporter, transformation_event(inputEPCList=[epc], outputEPCList=[made]))

    @rule(place=st.integers(0, 30))
    def take_back(self, place: int) -> None:
        """Any report is declared in error: all is as before it, or nothing changes."""
        reporter, event = self.told[place % len(self.told)]
        before = self.ledger.units()
        (result,) = self.ledger.capture(
            reporter, event | {"errorDeclaration": {"declarationTime": "2026-03-05T09:00:00Z"}}
        )
        if result.get("outcome") != "undone":
            assert self.ledger.units() == before
        self.check_moves(before)

    @rule(epcs=st.lists(ITEMS | PALLETS, min_size=1, max_size=2, unique=True), carrier=st.booleans())
    def ship(self, epcs: list[str], carrier: bool) -> None:
        order = self.ledger.order(4, carrier=CARRIER if carrier else None)
        before = self.ledger.units()
        try:
            self.ledger.command("orders:Ship", PRODUCER, order=order, epcs=epcs)
        except Refusal:
            assert self.ledger.units() == before
            return
        self.check_moves(before)
        self.orders.append(order)

    @rule(refund=st.booleans())
    def end(self, refund: bool) -> None:
        if not self.orders:
            return
        order, before = self.orders.pop(), self.ledger.units()
        if refund:
            self.ledger.world.pass_time(100_000)
            self.ledger.command("orders:Default", RETAILER, order=order)
        else:
            self.ledger.command("orders:Confirm", RETAILER, order=order)
        self.check_moves(before)
        under = [json.loads(value)["order"] for value in self.ledger.units().values()]
        assert order not in under

    @invariant()
    def packing_is_consistent(self) -> None:
        units = {key[1]: json.loads(value) for key, value in self.ledger.units().items()}
        for epc, unit in units.items():
            assert unit["epc"] == epc
            assert unit["custodian"] in (PRODUCER, RETAILER, CARRIER)
            assert unit["contents"] == sorted(set(unit["contents"]))
            assert all(units[child]["parent"] == epc for child in unit["contents"])
            if unit["parent"] is not None:
                assert epc in units[unit["parent"]]["contents"]
                assert unit["ended"] is None
            around, seen = unit["parent"], {epc}
            while around is not None:
                assert around not in seen, "nothing is packed in itself"
                seen.add(around)
                around = units[around]["parent"]
            assert unit["order"] is None or unit["order"] in self.orders


Goods.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestGoods = Goods.TestCase
