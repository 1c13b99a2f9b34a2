"""Orders in parts: whatever members do in whatever order, money, goods and quantities add up."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hansa_domain.errors import Refusal
from tests.support.deliveries import (
    BUYER,
    CARRIER,
    FEES,
    OTHER,
    RAIL,
    SELLER,
    TERMS_OF_DELIVERY,
    commissioned,
    line,
    listed,
    two_carriers,
)
from tests.support.domain import GTIN, TERMS, World, mint

OPEN = {"placed", "accepted", "shipped", "delivered"}
MSPS = [BUYER, SELLER, CARRIER, RAIL, "BankMSP", "RegulatorMSP"]
PLENTY = 400
EPCS = [f"urn:epc:id:sgtin:9506000.013435.{serial}" for serial in range(20)]
PICK = st.integers(0, 10_000)
SMALL = st.integers(0, 7)
MONEY = ("proceeds", "freight", "fee", "refunded")


class Deliveries(RuleBasedStateMachine):
    """Members act at random on orders in parts; the ledger refuses or carries out."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.minted = 0
        self.closed: dict[str, dict[str, Any]] = {}
        self.settled: Counter[str] = Counter()
        self.told: dict[str, Counter[str]] = {}

    @initialize()
    def open_market(self) -> None:
        self.world = two_carriers()
        self.listings = [listed(self.world, quantity=PLENTY), listed(self.world, OTHER, "33", PLENTY)]
        self.unpriced = [listed(self.world, GTIN, None, PLENTY), listed(self.world, OTHER, None, PLENTY)]
        commissioned(self.world, EPCS)

    def attempt(self, caller: str, name: str, **fields: Any) -> Any:
        """Carries out the command, or sees to it that its refusal changed nothing; counts what is told."""
        before = dict(self.world.state)
        try:
            result = self.world.do(caller, name, **fields)
        except Refusal:
            assert self.world.state == before
            return None
        for event in result.events:
            if event["type"] == "despatch.settled":
                self.settled[event["despatch"]] += 1
            if event["type"] == "money.moved" and event["reason"] in ("release", "refund"):
                counted = self.told.setdefault(event["order"], Counter())
                for note in event["created"]:
                    counted[note["owner"]] += int(note["amount"])
        return result

    def records(self, noun: str) -> list[dict[str, Any]]:
        return [self.world.record(*key) for key in sorted(self.world.state) if key[0] == noun]

    def pick(self, noun: str, pick: int, statuses: set[str] | None = None) -> dict[str, Any] | None:
        found = [each for each in self.records(noun) if statuses is None or each["status"] in statuses]
        return found[pick % len(found)] if found else None

    @rule(
        first=st.integers(1, 12),
        second=st.integers(1, 9),
        price=st.integers(0, 3000),
        freight=st.lists(st.integers(0, 60), max_size=3),
        fees=st.lists(st.sampled_from([0, 333, 10_000]), min_size=3, max_size=3),
        weights=st.sampled_from([None, ["1", "2"], ["7", "0"]]),
    )
    def place(
        self,
        first: int,
        second: int,
        price: int,
        freight: list[int],
        fees: list[int],
        weights: list[str] | None,
    ) -> None:
        if sum(order["status"] in OPEN for order in self.records("order")) >= 3:
            return
        listings = self.listings if weights is None else self.unpriced
        goods = 250 * first + 33 * second if weights is None else price
        amount = goods + sum(freight)
        notes = []
        if amount:
            notes.append(mint(self.world, str(amount)))
            self.minted += amount
        carriers = [CARRIER, RAIL, CARRIER]
        terms = {
            **TERMS_OF_DELIVERY,
            "carriages": [
                {"carrier": carrier, "freight": str(each)}
                for carrier, each in zip(carriers, freight, strict=False)
            ],
            "cancellation_fee": fees[0],
            "return_fee": fees[1],
            "damage_discount": fees[2],
            "weights": weights,
        }
        self.attempt(
            BUYER,
            "orders:Place",
            lines=[line(listings[0], first), line(listings[1], second)],
            amount=str(amount),
            freight=str(sum(freight)),
            notes=notes,
            terms=TERMS,
            settlement="deliveries",
            deliveries=terms,
        )

    @rule(pick=PICK, some=st.lists(SMALL, min_size=4, max_size=4), whole=st.booleans())
    def accept(self, pick: int, some: list[int], whole: bool) -> None:
        order = self.pick("order", pick, {"placed"})
        if order is None:
            return
        if whole:
            self.attempt(SELLER, "orders:Accept", order=order["id"])
            return
        if pick % 8:
            ordered = [each["quantity"] for each in order["lines"]]
            some[:2] = [min(each, most) for each, most in zip(some[:2], ordered, strict=True)]
            some[2:] = [min(some[2 + place], ordered[place] - some[place]) for place in (0, 1)]
        lines = [
            {"line": place, "accepted": some[place], "back_ordered": some[2 + place]} for place in (0, 1)
        ]
        promise = 600 if some[2] or some[3] else None
        fields = {"order": order["id"], "lines": lines, "promise_within": promise}
        self.attempt(SELLER, "orders:AcceptPart", **fields)

    @rule(pick=PICK, yes=st.booleans())
    def answer(self, pick: int, yes: bool) -> None:
        order = self.pick("order", pick, OPEN)
        if order is not None:
            verb = "AcceptBackOrder" if yes else "RefuseBackOrder"
            self.attempt(BUYER, f"orders:{verb}", order=order["id"])

    @rule(pick=PICK, by=st.sampled_from(MSPS), some=st.lists(SMALL, min_size=2, max_size=2))
    def cancel(self, pick: int, by: str, some: list[int]) -> None:
        order = self.pick("order", pick, OPEN)
        if order is None or pick % 5:
            return
        lines = [{"line": place, "quantity": each} for place, each in enumerate(some) if each]
        if order["status"] == "placed":
            self.attempt(by, "orders:Cancel", order=order["id"])
        else:
            self.attempt(by, "orders:CancelRest", order=order["id"], lines=lines or None)

    @rule(
        pick=PICK,
        some=st.lists(SMALL, min_size=2, max_size=2),
        carriage=st.sampled_from([None, 0, 1, 2]),
        epcs=st.lists(st.sampled_from(EPCS), max_size=4, unique=True),
    )
    def despatch(self, pick: int, some: list[int], carriage: int | None, epcs: list[str]) -> None:
        order = self.pick("order", pick, {"accepted", "shipped"})
        if order is None:
            return
        if pick % 8:
            states = self.world.record("fulfilment", order["id"])["lines"]
            some = [min(each, state["open"]) for each, state in zip(some, states, strict=True)]
        lines = [{"line": place, "quantity": each} for place, each in enumerate(some) if each]
        fields = {"order": order["id"], "lines": lines, "carriage": carriage}
        if self.attempt(SELLER, "despatches:Despatch", **fields, epcs=epcs) is None:
            self.attempt(SELLER, "despatches:Despatch", **{**fields, "carriage": None})

    @rule(pick=PICK)
    def deliver(self, pick: int) -> None:
        despatch = self.pick("despatch", pick, {"despatched"})
        if despatch is not None:
            by = despatch["carrier"] or SELLER
            self.attempt(by, "despatches:Deliver", despatch=despatch["id"])

    @rule(pick=PICK, parts=st.lists(st.integers(0, 3), min_size=10, max_size=10), clean=st.booleans())
    def receive(self, pick: int, parts: list[int], clean: bool) -> None:
        despatch = self.pick("despatch", pick, {"despatched", "delivered"})
        if despatch is None:
            return
        lines = []
        for place, sent in enumerate(despatch["lines"]):
            short, damaged, rejected, returned, over = [0] * 5 if clean else parts[5 * place : 5 * place + 5]
            if pick % 8:
                left = sent["quantity"]
                short, damaged, rejected, returned = (
                    min(each, left // 4) for each in (short, damaged, rejected, returned)
                )
            accepted = sent["quantity"] - short - damaged - rejected - returned
            report = {"line": sent["line"], "accepted": max(accepted, 0), "short": short, "damaged": damaged}
            report |= {"damaged_kept": damaged // 2, "rejected": rejected, "returned": returned}
            report |= {"over": over, "over_accepted": over // 2}
            dirty = over or accepted != sent["quantity"]
            lines.append({**report, "reason": "ZZZ" if dirty else None})
        lost = sum(sent["quantity"] for sent in despatch["lines"]) - sum(
            each["accepted"] + each["damaged_kept"] for each in lines
        )
        fields = {"despatch": despatch["id"], "lines": lines}
        for left in (0, min(lost, len(despatch["epcs"]))):
            if self.attempt(BUYER, "receipts:Report", **fields, not_taken=despatch["epcs"][:left]):
                return

    @rule(pick=PICK, lie=st.sampled_from([0, 0, 0, 1, -1]), by=st.sampled_from([BUYER, SELLER, CARRIER]))
    def bill(self, pick: int, lie: int, by: str) -> None:
        """An invoice for what is due, or near it; then somebody tries to have it paid."""
        despatch = self.pick("despatch", pick, {"received"})
        if despatch is None:
            return
        if despatch["invoice"] is not None:
            if pick % 2:
                self.attempt(SELLER, "invoices:Credit", invoice=despatch["invoice"])
            self.attempt(by, "invoices:Pay", invoice=despatch["invoice"])
            return
        receipt = self.world.record("receipt", despatch["id"])
        state = self.world.record("fulfilment", despatch["order"])["lines"]
        asked = []
        for sent, found in zip(despatch["lines"], receipt["lines"], strict=True):
            kept = found["accepted"] + found["over_accepted"] + found["damaged_kept"]
            value, ordered = int(state[sent["line"]]["value"]), state[sent["line"]]["ordered"]
            first = sent["first"]
            amount = max(0, value * (first + kept) // ordered - value * first // ordered + lie)
            asked.append({"line": sent["line"], "quantity": kept, "amount": str(amount)})
        fields = {"despatch": despatch["id"], "lines": asked, "freight": despatch["freight"]}
        made = self.attempt(SELLER, "invoices:Issue", **fields)
        if made is not None:
            self.attempt(by, "invoices:Pay", invoice=made.reply["invoice"]["id"])

    @rule(
        pick=PICK,
        some=st.lists(SMALL, min_size=4, max_size=4),
        parts=st.lists(st.integers(0, 3), min_size=10, max_size=10),
        steps=st.sampled_from([1, 3, 4, 5, 5, 6]),
        how=st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, 0, 1])),
    )
    def carry(
        self,
        pick: int,
        some: list[int],
        parts: list[int],
        steps: int,
        how: tuple[bool, bool, int | None],
    ) -> None:
        """Orders on their proper way, so that ends are reached as often as refusals."""
        whole, clean, carriage = how
        if not any(order["status"] in OPEN for order in self.records("order")):
            weights = None if pick % 2 else ["2", "3"]
            self.place(1 + some[0], 1 + some[1], 997, [parts[0], 17], [333, 333, 333], weights)
        self.accept(pick, some, whole)
        for step in (
            lambda: self.answer(pick, not pick % 3),
            lambda: self.despatch(pick, [7, 7], carriage, EPCS[pick % 9 : pick % 9 + 3]),
            lambda: self.deliver(pick),
            lambda: self.receive(pick, parts, clean),
            lambda: self.bill(pick, 0, BUYER),
            lambda: self.fall_silent(pick, "BankMSP", 300),
        )[:steps]:
            step()

    @rule(pick=PICK, caller=st.sampled_from(MSPS), seconds=st.sampled_from([30, 120, 300]))
    def fall_silent(self, pick: int, caller: str, seconds: int) -> None:
        order = self.pick("order", pick, OPEN)
        if order is not None and pick % 2:
            self.world.pass_time(seconds)
            self.attempt(caller, "orders:Default", order=order["id"])

    @rule(
        pick=PICK,
        caller=st.sampled_from(MSPS),
        name=st.sampled_from(["orders:Ship", "orders:Confirm", "orders:Deliver", "orders:Accept"]),
    )
    def go_another_way(self, pick: int, caller: str, name: str) -> None:
        order = self.pick("order", pick, OPEN)
        if order is not None and (name != "orders:Accept" or caller != SELLER):
            assert self.attempt(caller, name, order=order["id"]) is None

    @invariant()
    def money_is_conserved(self) -> None:
        notes = sum(int(each["amount"]) for each in self.records("note"))
        assert notes + sum(int(each["amount"]) for each in self.records("escrow")) == self.minted

    @invariant()
    def every_order_adds_up(self) -> None:
        for order in self.records("order"):
            parts = self.world.record("fulfilment", order["id"])
            left = int(order["amount"]) - int(order["released"])
            assert int(order["released"]) == sum(int(parts[name]) for name in MONEY)
            escrow = self.world.record("escrow", order["id"])
            assert left == (0 if escrow is None else int(escrow["amount"]))
            if order["left"] is not None:
                assert sum(int(order["left"][name]) for name in MONEY[:3]) == left
                assert min(int(order["left"][name]) for name in MONEY[:3]) >= 0
            goods = int(order["amount"]) - int(order["freight"])
            paid = int(parts["goods_paid"])
            assert int(parts["proceeds"]) + int(parts["fee"]) == paid <= int(parts["goods_ended"]) <= goods
            assert goods == 0 or int(parts["fee"]) == int(order["fee"]) * paid // goods
            assert int(parts["freight"]) <= int(order["freight"])
            told = self.told.get(order["id"], Counter())
            assert told[SELLER] == int(parts["proceeds"])
            assert told[FEES] == int(parts["fee"])
            assert told[BUYER] == int(parts["refunded"])
            assert told[CARRIER] + told[RAIL] == int(parts["freight"])
            assert (order["due"] is None) == (order["status"] not in OPEN)

    @invariant()
    def escrow_ends_once(self) -> None:
        for order in self.records("order"):
            if order["id"] in self.closed:
                assert self.closed[order["id"]] == order
            elif order["status"] not in OPEN:
                assert order["amount"] == order["released"]
                parts = self.world.record("fulfilment", order["id"])
                price = int(order["amount"]) - int(order["freight"])
                assert int(parts["goods_ended"]) == price
                if int(parts["goods_paid"]) == price and parts["freight"] == order["freight"]:
                    assert (parts["proceeds"], parts["fee"]) == (order["proceeds"], order["fee"])
                self.closed[order["id"]] = order
        assert max(self.settled.values(), default=0) <= 1

    @invariant()
    def quantities_never_exceed_what_was_ordered(self) -> None:
        under_way: Counter[tuple[str, int]] = Counter()
        live = {"despatched", "delivered", "received"}
        for despatch in self.records("despatch"):
            if despatch["status"] in live:
                receipt = self.world.record("receipt", despatch["id"])
                beyond = {each["line"]: each["over_accepted"] for each in (receipt or {"lines": []})["lines"]}
                for sent in despatch["lines"]:
                    over = beyond.get(sent["line"], 0)
                    under_way[despatch["order"], sent["line"]] += sent["quantity"] + over
        for parts in self.records("fulfilment"):
            assert all(isinstance(each["open"], int) for each in parts["lines"])
            for place, state in enumerate(parts["lines"]):
                counts = [state[name] for name in ("open", "back", "under_way", "paid", "refunded")]
                assert sum(counts) == state["ordered"]
                assert min(*counts, state["refunded"] - state["restocked"]) >= 0
                assert state["under_way"] == under_way[parts["order"], place]

    @invariant()
    def goods_are_in_stock_or_sold(self) -> None:
        sold: Counter[str] = Counter()
        for order in self.records("order"):
            parts = self.world.record("fulfilment", order["id"])["lines"]
            for ordered, state in zip(order["lines"], parts, strict=True):
                sold[ordered["listing"]] += ordered["quantity"] - state["restocked"]
        for listing in getattr(self, "listings", []) + getattr(self, "unpriced", []):
            stock = [each for each in self.records("stock") if each["listing"] == listing]
            assert sum(each["quantity"] for each in stock) + sold[listing] == PLENTY
            assert min(each["quantity"] for each in stock) >= 0

    @invariant()
    def goods_have_one_holder_and_leave_an_order_when_their_part_ends(self) -> None:
        in_parts: Counter[str] = Counter()
        for despatch in self.records("despatch"):
            if despatch["status"] in ("despatched", "delivered", "received"):
                in_parts.update(despatch["units"])
        assert max(in_parts.values(), default=0) <= 1
        for unit in self.records("unit"):
            assert (unit["order"] is not None) == (unit["epc"] in in_parts)
            assert unit["owner"] in (BUYER, SELLER)
            if unit["order"] is None:
                assert unit["custodian"] == unit["owner"]


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
