"""Escrow ends once and pays what it held; only the arbitrator decides; and nobody locks money for ever."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hansa_domain.errors import Refusal
from tests.support.domain import MEMBERS, World, market, mint, order_fields
from tests.support.escrow import PLAN, milestone, split

MSPS = [member["msp_id"] for member in MEMBERS]
ENDED = {"settled", "cancelled", "refunded"}
TERMS = {"accept_within": 40, "ship_within": 50, "deliver_within": 60, "inspect_within": 70}
PICK = st.integers(0, 10_000)
AMOUNTS = st.integers(0, 700)
ANY = st.sampled_from(MSPS)
PLANS: list[list[dict[str, Any]]] = [
    PLAN,
    [milestone("delivered", amount="333"), milestone("accepted", amount="662", otherwise="pay")],
    [milestone("inspected", 3333, otherwise="pay"), milestone("shipped", 3333), milestone("accepted", 3334)],
]
PARTS: dict[str, Any] = {
    "settlement": "deliveries",
    "carrier": None,
    "deliveries": {
        "answer_within": 30,
        "invoice_within": 40,
        "carriages": [{"carrier": "CarrierMSP", "freight": "100"}],
        "cancellation_fee": 1000,
        "return_fee": 2000,
        "damage_discount": 4000,
        "tolerance": 100,
    },
}
LONGEST = 20
"""How many deadlines can stand between an order and its end: a return, three disputes before two arbitrators
each, and the milestones, or the parts with theirs."""
HOLDERS = ("RetailerMSP", "ProducerMSP", "CarrierMSP", "BankMSP", "RegulatorMSP", "BankMSP/consortium-fees")


class EscrowMachine(RuleBasedStateMachine):
    """Parties, arbitrators and strangers act at random on orders of every kind."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.orders: list[str] = []
        self.minted = 0
        self.ended: dict[str, dict[str, Any]] = {}

    @initialize()
    def open_market(self) -> None:
        self.world, self.listing = market(quantity=1000, buckets=1)
        for plan in (None, *PLANS):
            self.place(plan, True)
        self.place(None, True, PARTS)

    def place(
        self, plan: list[dict[str, Any]] | None, second: bool, parts: dict[str, Any] | None = None
    ) -> None:
        more: dict[str, Any] = {"terms": {**TERMS, "decide_within": 80}, **(parts or {})}
        if plan is not None:
            more |= {"settlement": "milestones", "milestones": plan}
        if second:
            more["second_arbitrator"] = "RegulatorMSP"
        fields = order_fields(self.listing, [mint(self.world, "1100")], **more)
        self.minted += 1100
        self.orders.append(self.world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["id"])

    def attempt(self, caller: str, name: str, **fields: Any) -> Any:
        before = dict(self.world.state)
        try:
            return self.world.do(caller, name, **fields)
        except Refusal:
            assert self.world.state == before
            return None

    def order(self, pick: int) -> dict[str, Any]:
        found: dict[str, Any] = self.world.record("order", self.orders[pick % len(self.orders)])
        return found

    @rule(plan=st.sampled_from([None, *PLANS]), second=st.booleans(), parts=st.booleans())
    def order_more(self, plan: list[dict[str, Any]] | None, second: bool, parts: bool) -> None:
        if len(self.orders) < 8:
            self.place(None if parts else plan, second, PARTS if parts else None)

    @rule(pick=PICK, quantity=st.integers(1, 3), how_far=st.integers(0, 2), by_carrier=st.booleans())
    def part(self, pick: int, quantity: int, how_far: int, by_carrier: bool) -> None:
        """A part of an order by deliveries goes out, and perhaps arrives and is received."""
        order = self.order(pick)
        if order["settlement"] != "deliveries":
            return
        fields = {"order": order["id"], "lines": [{"line": 0, "quantity": quantity}]}
        more = {"carriage": 0} if by_carrier else {}
        sent = self.attempt("ProducerMSP", "despatches:Despatch", **fields, **more)
        if sent is None or how_far == 0:
            return
        despatch = {"despatch": sent.reply["despatch"]["id"]}
        self.attempt("CarrierMSP" if by_carrier else "ProducerMSP", "despatches:Deliver", **despatch)
        if how_far == 2:
            lines = [{"line": 0, "accepted": quantity}]
            self.attempt("RetailerMSP", "receipts:Report", **despatch, lines=lines)

    @rule(pick=PICK, steps=st.integers(1, 4))
    def on_its_way(self, pick: int, steps: int) -> None:
        """An order goes its proper way, attested where it must be."""
        order = self.order(pick)["id"]
        name = {"order": order, "milestone": "attested", "document": "d0" * 32}
        for caller, step in [
            ("ProducerMSP", "orders:Accept"),
            ("RegulatorMSP", "milestones:Report"),
            ("ProducerMSP", "orders:Ship"),
            ("CarrierMSP", "orders:Deliver"),
        ][:steps]:
            self.attempt(caller, step, **(name if step == "milestones:Report" else {"order": order}))

    @rule(pick=PICK, caller=ANY, step=st.sampled_from(["Accept", "Ship", "Deliver", "Confirm", "Cancel"]))
    def step(self, pick: int, caller: str, step: str) -> None:
        self.attempt(caller, f"orders:{step}", order=self.order(pick)["id"])

    @rule(pick=PICK, caller=ANY)
    def default(self, pick: int, caller: str) -> None:
        before = self.order(pick)
        done = self.attempt(caller, "orders:Default", order=before["id"])
        if done and before["dispute"] is not None:
            assert done.reply["notes"] == [], "a deadline paid during a dispute"

    @rule(pick=PICK, caller=ANY)
    def report(self, pick: int, caller: str) -> None:
        before = self.order(pick)
        plan = self.world.record("milestones", before["id"])
        if plan is None:
            return
        names = [each["name"] for each in plan["milestones"] if each["status"] == "pending"]
        fields = {"order": before["id"], "milestone": (names or ["none"])[0], "document": "d0" * 32}
        if self.attempt(caller, "milestones:Report", **fields):
            assert before["dispute"] is None
            assert caller in ("RetailerMSP", "RegulatorMSP")

    @rule(pick=PICK, caller=st.sampled_from(MSPS[:3]))
    def dispute(self, pick: int, caller: str) -> None:
        self.attempt(caller, "disputes:Open", order=self.order(pick)["id"], reason="other")

    @rule(pick=PICK, caller=ANY)
    def withdraw(self, pick: int, caller: str) -> None:
        before = self.order(pick)
        if self.attempt(caller, "disputes:Withdraw", order=before["id"]):
            assert before["dispute"] == caller

    @rule(pick=PICK, caller=ANY, share=st.integers(0, 100), freight=st.integers(0, 100), goods=st.booleans())
    def decide(self, pick: int, caller: str, share: int, freight: int, goods: bool) -> None:
        before = self.order(pick)
        held = int(before["amount"]) - int(before["released"])
        carrier = min(held, freight)
        buyer = (held - carrier) * share // 100
        fields = {
            "split": split(buyer, held - carrier - buyer, carrier),
            "goods": "buyer" if goods else "seller",
        }
        dispute = before["dispute"] and self.world.record("dispute", before["id"], before["dispute"])
        if self.attempt(caller, "disputes:Decide", order=before["id"], **fields):
            assert dispute["arbitrator"] == caller
            assert caller in (before["arbitrator"], before["second_arbitrator"])
            assert self.order(pick)["status"] in ENDED

    @rule(
        pick=PICK, caller=st.sampled_from(MSPS[:3]), parts=st.tuples(*[st.integers(0, 700)] * 3), whole=PICK
    )
    def propose(self, pick: int, caller: str, parts: tuple[int, int, int], whole: int) -> None:
        before = self.order(pick)
        buyer, seller, carrier = parts
        fields: dict[str, Any] = {"split": split(buyer, seller, carrier), "valid_for": 90}
        if whole % 2:
            held = int(before["amount"]) - int(before["released"])
            carrier = min(held, carrier)
            buyer = min(held - carrier, buyer)
            fields["split"] = split(buyer, held - carrier - buyer, carrier)
            fields["goods"] = "seller" if whole % 3 else "buyer"
        self.attempt(caller, "settlements:Propose", order=before["id"], **fields)

    @rule(pick=PICK, callers=st.lists(ANY, min_size=1, max_size=3, unique=True), no=st.booleans())
    def agree(self, pick: int, callers: list[str], no: bool) -> None:
        before = self.order(pick)
        found = self.world.record("settlement", before["id"])
        fields = {"order": before["id"], "number": 1 if found is None else found["number"]}
        for caller in callers:
            name = "Withdraw" if no else "Accept"
            if self.attempt(caller, f"settlements:{name}", **fields) and not no:
                assert found is not None
                after = self.world.record("settlement", before["id"])
                assert caller in after["needs"]
                if after["status"] == "accepted":
                    assert {"RetailerMSP", "ProducerMSP"} <= set(after["agreed"])

    @rule(pick=PICK, fee=st.integers(0, 1000), answer=st.sampled_from(["Receive", "Refuse", "none"]))
    def give_back(self, pick: int, fee: int, answer: str) -> None:
        fields = {"order": self.order(pick)["id"], "restocking_fee": str(fee)}
        self.attempt("RetailerMSP", "returns:Propose", **fields, receive_within=60)
        self.attempt("ProducerMSP", "returns:Accept", **fields)
        if answer != "none":
            self.attempt("ProducerMSP", f"returns:{answer}", order=fields["order"])

    @rule(seconds=st.sampled_from([1, 40, 100, 600]))
    def pass_time(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @invariant()
    def escrow_holds_what_the_order_says_and_ends_once(self) -> None:
        for name in self.orders:
            order, escrow = self.world.record("order", name), self.world.record("escrow", name)
            held = int(order["amount"]) - int(order["released"])
            assert 0 <= held <= int(order["amount"])
            assert (held > 0) == (escrow is not None)
            if escrow is not None:
                assert int(escrow["amount"]) == held
                left = order["left"] or {share: order[share] for share in ("proceeds", "freight", "fee")}
                assert sum(int(part) for part in left.values()) == held
                assert min(int(part) for part in left.values()) >= 0
            if order["status"] in ENDED:
                assert held == 0
                assert (order["due"], order["dispute"]) == (None, None)
                assert self.ended.setdefault(name, order) == order, "an order ended twice"
            else:
                assert order["due"] is not None
                assert held > 0, "an order that holds nothing is still open"

    @invariant()
    def money_is_conserved(self) -> None:
        held = sum(self.world.balance(owner) for owner in HOLDERS)
        escrow = sum(int(self.world.record(*key)["amount"]) for key in self.world.state if key[0] == "escrow")
        assert held + escrow == self.minted

    @invariant()
    def a_dispute_is_open_where_the_order_says_so(self) -> None:
        open_ = {key[1:] for key in self.world.state if key[0] == "dispute" and self._open(key)}
        said = {(name, self.world.record("order", name)["dispute"]) for name in self.orders}
        assert open_ == {(name, opener) for name, opener in said if opener is not None}

    def _open(self, key: tuple[str, ...]) -> bool:
        return bool(self.world.record(*key)["status"] == "open")

    def teardown(self) -> None:
        """From wherever the machine came to, one stranger and time end every order: nobody else is needed."""
        for name in self.orders:
            assert outlast(self.world, name) <= LONGEST


def outlast(world: World, name: str) -> int:
    """How many deadlines a stranger calls until the order has ended; all others are silent for ever."""
    after = copy.copy(world)
    after.state = dict(world.state)
    for count in range(LONGEST + 1):
        order = after.record("order", name)
        if order["status"] in ENDED:
            assert ("escrow", name) not in after.state
            return count
        # No deadline is later than a year of 365 days, whatever the parties agreed.
        after.pass_time(1000)
        after.do("RegulatorMSP" if count % 2 else "BankMSP", "orders:Default", order=name)
    raise AssertionError(f"{LONGEST} deadlines passed, and the order is {after.record('order', name)}")


TestEscrow = EscrowMachine.TestCase
TestEscrow.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)


def test_the_machine_reaches_decisions_splits_and_milestones() -> None:
    """A guard against a machine that proves nothing."""
    machine = EscrowMachine()
    machine.open_market()
    for number in range(5):
        machine.on_its_way(number, 4)
    machine.dispute(0, "RetailerMSP")
    machine.decide(0, "BankMSP", 50, 100, True)
    assert machine.order(0)["cause"] == "decided"
    machine.propose(1, "RetailerMSP", (10, 0, 0), 0)
    machine.agree(1, ["ProducerMSP"], False)
    assert machine.world.record("settlement", machine.orders[1])["status"] == "accepted"
    machine.report(1, "RetailerMSP")
    machine.dispute(2, "ProducerMSP")
    machine.pass_time(100)
    machine.default(2, "CarrierMSP")
    machine.decide(2, "RegulatorMSP", 0, 0, False)
    assert machine.order(2)["cause"] == "decided"
    machine.part(4, 2, 0, True)
    machine.dispute(4, "CarrierMSP")
    assert (machine.order(4)["status"], machine.order(4)["dispute"]) == ("shipped", "CarrierMSP")
    assert outlast(machine.world, machine.orders[4]) > 3
    machine.decide(4, "BankMSP", 30, 50, True)
    assert machine.order(4)["cause"] == "decided"
    machine.escrow_holds_what_the_order_says_and_ends_once()
    machine.money_is_conserved()
    machine.teardown()


def test_three_disputes_stall_an_order_no_longer_than_their_terms() -> None:
    """Whatever a party does to stall: so many disputes it may open, so long each may last, and no more."""
    machine = EscrowMachine()
    machine.open_market()
    machine.on_its_way(1, 4)
    for party in ("CarrierMSP", "ProducerMSP", "RetailerMSP"):
        machine.dispute(1, party)
        for _ in range(2):
            machine.pass_time(600)
            machine.default(1, "BankMSP")
        assert machine.order(1)["dispute"] is None
    assert not any(
        machine.attempt(party, "disputes:Open", order=machine.orders[1], reason="late") for party in MSPS
    )
    assert outlast(machine.world, machine.orders[1]) == 2
