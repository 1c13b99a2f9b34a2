"""Commands of several members in one block, each decided without the others: money and goods stay whole."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.domain import GTIN, TERMS, World, consortium, mint
from tests.support.one_block import Call, commit_block

PIECES = 40
SERIALS = [f"urn:epc:id:sgtin:9506000.013435.{serial}" for serial in range(4)]
SSCC = "095060001343520000"
OPEN = ("placed", "accepted", "shipped", "delivered")
BOUND = ("shipped", "delivered")
STEPS = {
    "Accept": ("seller",),
    "Ship": ("seller",),
    "Deliver": ("carrier",),
    "Confirm": ("buyer",),
    "Cancel": ("buyer", "seller"),
    "Default": ("buyer", "seller", "carrier"),
}
PICK = st.integers(0, 1000)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["transfer", "burn", "mint", "place", "place", "step", "step", "step", "capture"]),
        st.tuples(PICK, PICK, PICK, PICK),
    ),
    min_size=2,
    max_size=5,
)


def told(epcs: list[str], action: str, **more: Any) -> dict[str, str]:
    """An EPCIS event about these goods."""
    event = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "ObjectEvent",
        "eventTime": "2026-03-02T09:00:00Z",
        "eventTimeZoneOffset": "+01:00",
        "action": action,
        "epcList": epcs,
    }
    return {"event": json.dumps(event | more)}


class OneBlock(RuleBasedStateMachine):
    """Each rule is a block of a few commands, chosen so that they often want the same thing."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.blocks = 0
        self.issued = 0
        self.notes_ever: set[str] = set()
        self.ended: Counter[str] = Counter()

    @initialize()
    def open_market(self) -> None:
        self.world = consortium()
        self.world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Oil")
        offer = {"gtin": GTIN, "unit_price": "7", "currency": "EUR", "quantity": PIECES, "buckets": 1}
        self.listing = self.world.do("ProducerMSP", "listings:Create", **offer).reply["listing"]["id"]
        for amount in ("40", "25", "14"):
            mint(self.world, amount)
            self.issued += int(amount)
        self.notes_ever = {key[1] for key in self.world.state if key[0] == "note"}

    def records(self, noun: str) -> list[dict[str, Any]]:
        return [self.world.record(*key) for key in sorted(self.world.state) if key[0] == noun]

    def call(self, act: str, picks: tuple[int, int, int, int]) -> Call | None:
        """A command that might be allowed on the state before the block, if there is one."""
        if act == "capture":
            return self.capture(picks)
        if act == "mint":
            return "BankMSP", "money:Mint", {"currency": "EUR", "amount": "9", "owner": "BankMSP"}
        if act == "step":
            return self.step(picks)
        notes = self.records("note")
        if not notes:
            return None
        note = notes[picks[0] % len(notes)]
        owner = note["owner"].partition("/")[0]
        if act == "burn":
            return "BankMSP", "money:Burn", {"notes": [note["id"]]}
        if act == "transfer":
            to = ("RetailerMSP", "BankMSP", owner)[picks[1] % 3]
            return (
                owner,
                "money:Transfer",
                {"notes": [note["id"]], "outputs": [{"owner": to, "amount": note["amount"]}]},
            )
        return "RetailerMSP", "orders:Place", self.order(picks)

    def order(self, picks: tuple[int, int, int, int]) -> dict[str, Any]:
        mine = [note for note in self.records("note") if note["owner"] == "RetailerMSP"]
        first = picks[0] % len(mine) if mine else 0
        quantity = 1 + picks[1] % 2
        return {
            "lines": [
                {
                    "listing": self.listing,
                    "quantity": quantity,
                    "take": [{"bucket": 0, "quantity": quantity}],
                }
            ],
            "amount": str(7 * quantity),
            "notes": [note["id"] for note in mine[first : first + 2]],
            "terms": TERMS,
            "carrier": "CarrierMSP" if picks[2] % 4 else None,
        }

    def step(self, picks: tuple[int, int, int, int]) -> Call | None:
        orders = [order for order in self.records("order") if order["status"] in OPEN]
        if not orders:
            return None
        order = orders[picks[0] % len(orders)]
        likely = {
            "placed": ("Accept", "Accept", "Cancel", "Default"),
            "accepted": ("Ship", "Ship", "Cancel", "Default"),
            "shipped": ("Deliver", "Confirm", "Default", "Deliver"),
            "delivered": ("Confirm", "Default", "Confirm", "Default"),
        }[order["status"]]
        name = likely[picks[1] % 4]
        roles = STEPS[name]
        caller = order[roles[picks[2] % len(roles)]] or order["seller"]
        fields: dict[str, Any] = {"order": order["id"]}
        if name == "Ship":
            fields["epcs"] = [SERIALS[picks[3] % len(SERIALS)]] if picks[3] % 3 else []
            fields["sscc"] = SSCC if picks[2] % 3 == 0 else None
        return caller, f"orders:{name}", fields

    def capture(self, picks: tuple[int, int, int, int]) -> Call:
        epcs = [SERIALS[picks[1] % len(SERIALS)]]
        action = ("ADD", "ADD", "OBSERVE", "DELETE")[picks[0] % 4]
        caller = ("ProducerMSP", "ProducerMSP", "CarrierMSP", "RetailerMSP")[picks[2] % 4]
        more = {"bizStep": "receiving"} if action == "OBSERVE" else {}
        return caller, "goods:Capture", {"events": [told(epcs, action, **more)]}

    @rule(acts=ACTS, seconds=st.sampled_from([0, 1, 30, 120, 300]))
    def block(self, acts: list[tuple[str, tuple[int, int, int, int]]], seconds: int) -> None:
        self.world.pass_time(seconds)
        self.blocks += 1
        open_before = {order["id"] for order in self.records("order") if order["status"] in OPEN}
        calls = [call for act, picks in acts if (call := self.call(act, picks)) is not None]
        for one in commit_block(self.world, calls, self.blocks):
            self.count(one.outcome.event, open_before)

    def count(self, event: bytes | None, open_before: set[str]) -> None:
        for told_ in json.loads(event or b'{"events": []}')["events"]:
            if told_["type"] == "money.moved":
                created = {note["id"] for note in told_["created"]}
                assert not created & self.notes_ever, "a note's id was used twice"
                self.notes_ever |= created
                sign = {"mint": 1, "burn": -1}.get(told_["reason"], 0)
                self.issued += sign * sum(
                    int(note["amount"]) for note in (*told_["created"], *told_["consumed"])
                )
            elif told_["type"] in ("order.settled", "order.cancelled", "order.refunded"):
                self.ended[told_["order"]] += 1
                assert told_["order"] in open_before

    @invariant()
    def money_is_whole(self) -> None:
        notes = sum(int(note["amount"]) for note in self.records("note"))
        escrow = sum(int(held["amount"]) for held in self.records("escrow"))
        assert notes + escrow == self.issued
        index = {key[3]: self.world.record(*key)["amount"] for key in self.world.state if key[0] == "owned"}
        assert index == {note["id"]: note["amount"] for note in self.records("note")}

    @invariant()
    def each_order_ends_once(self) -> None:
        held = {escrow["order"]: escrow["amount"] for escrow in self.records("escrow")}
        orders = self.records("order")
        assert held == {order["id"]: order["amount"] for order in orders if order["status"] in OPEN}
        closed = {order["id"] for order in orders if order["status"] not in OPEN}
        assert self.ended == Counter(closed)

    @invariant()
    def stock_is_whole(self) -> None:
        left = sum(stock["quantity"] for stock in self.records("stock"))
        away = sum(
            line["quantity"]
            for order in self.records("order")
            if order["status"] in (*OPEN, "settled") or order["cause"] == "not_delivered"
            for line in order["lines"]
        )
        assert left + away == (PIECES if self.blocks or self.records("listing") else 0)

    @invariant()
    def goods_are_in_one_order(self) -> None:
        orders = {order["id"]: order for order in self.records("order")}
        carried = {unit["epc"]: unit["order"] for unit in self.records("unit") if unit["order"] is not None}
        bound = [
            (epc, shipment["order"])
            for shipment in self.records("shipment")
            if orders[shipment["order"]]["status"] in BOUND
            for epc in shipment["units"]
        ]
        assert len(bound) == len(dict(bound)), "one thing is in two shipments"
        assert dict(bound) == carried


TestOneBlock = OneBlock.TestCase
TestOneBlock.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
