"""Nothing leaves an account but by its rules, whatever users, signers and thieves do in whatever order."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hansa_domain.errors import Refusal
from tests.support.domain import World, mint
from tests.support.signers import COLD, HOT, accounts, name, notice, outputs, payment, refill, signed

PER_PAYMENT, PER_DAY, CAP, SLICES = 100, 402, 500, 4
PICK = st.integers(min_value=0, max_value=10_000)
SIGNERS = st.lists(st.integers(1, 5), max_size=4)
AMOUNTS = st.integers(min_value=1, max_value=400)


class Keepers(RuleBasedStateMachine):
    """Users pay, signers and others sign, refills come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.total = 0
        self.used: Counter[str] = Counter()
        self.drawn: Counter[str] = Counter()
        self.ended: dict[str, str] = {}
        self.number = 0

    @initialize()
    def open(self) -> None:
        self.world = accounts()
        for owner in (HOT, COLD):
            for amount in (1000, 300):
                mint(self.world, str(amount), owner)
                self.total += amount

    def attempt(self, name_: str, caller: str = "RetailerMSP", **fields: Any) -> Any:
        before = dict(self.world.state)
        held = {owner: self.world.balance(owner) for owner in (HOT, COLD)}
        try:
            result = self.world.do(caller, name_, **fields)
        except Refusal:
            assert self.world.state == before
            return None
        self.check(name_, fields, held)
        return result

    def check(self, name_: str, fields: dict[str, Any], held: dict[str, int]) -> None:
        """What left the accounts left by the rules."""
        left = {owner: amount - self.world.balance(owner) for owner, amount in held.items()}
        authority = fields.get("authority") or {}
        instruction = authority.get("instruction")
        if name_ in ("accounts:CompleteRefill", "accounts:Sweep"):
            assert sum(left.values()) == 0
            return
        if instruction is not None:
            assert left[instruction["account"]] == int(instruction["amount"])
            keys = {each["key"] for each in authority["signatures"]} & {name(n) for n in (1, 2, 3)}
            assert len(keys) >= 2
            self.used[instruction["id"]] += 1
            return
        assert left[COLD] <= 0
        if left[HOT] > 0:
            assert left[HOT] <= PER_PAYMENT
            self.drawn[self.day] += left[HOT]

    @property
    def day(self) -> str:
        return str(self.world.ask("BankMSP", "accounts:Allowance", account=HOT, currency="EUR")["day"])

    def notes(self, owner: str) -> list[dict[str, Any]]:
        return [
            note
            for key in sorted(self.world.state)
            if key[0] == "note" and (note := self.world.record(*key))["owner"] == owner
        ]

    def refills(self) -> list[dict[str, Any]]:
        return [self.world.record(*key) for key in sorted(self.world.state) if key[0] == "refill"]

    @rule(
        owner=st.sampled_from([HOT, HOT, COLD]),
        picks=st.lists(PICK, min_size=1, max_size=2),
        amount=st.integers(1, 120),
        to=st.sampled_from(["ProducerMSP", "RetailerMSP", HOT, COLD]),
        first=st.integers(0, SLICES),
        full=st.booleans(),
        lie=st.sampled_from([0, 0, 0, -1]),
    )
    def pay_alone(
        self, owner: str, picks: list[int], amount: int, to: str, first: int, full: bool, lie: int
    ) -> None:
        notes = self.notes(owner)
        if not notes:
            return
        chosen = [notes[pick % len(notes)] for pick in picks]
        total = sum(int(note["amount"]) for note in chosen)
        left = self.world.ask("BankMSP", "accounts:Allowance", account=HOT, currency="EUR")["slices"]
        draws, rest = [], amount + lie
        for part in sorted(left, key=lambda each: -int(each["left"])) if full else [{"slice": first}]:
            taken = min(rest, int(part.get("left", rest)))
            if taken:
                draws.append({"slice": part["slice"], "amount": str(taken)})
            rest -= taken
        back = total - amount
        self.attempt(
            "money:Transfer",
            notes=[note["id"] for note in chosen],
            outputs=outputs((to, amount), *([(owner, back)] if back > 0 else [])),
            authority={"draws": draws} if full or lie == 0 else None,
        )

    @rule(owner=st.sampled_from([HOT, COLD]), pick=PICK, amount=AMOUNTS, who=SIGNERS, again=st.booleans())
    def pay_signed(self, owner: str, pick: int, amount: int, who: list[int], again: bool) -> None:
        notes = self.notes(owner)
        if not notes:
            return
        note = notes[pick % len(notes)]
        self.number += 0 if again else 1
        document = payment(amount, owner, number=self.number)
        back = int(note["amount"]) - amount
        self.attempt(
            "money:Transfer",
            notes=[note["id"]],
            outputs=outputs(("ProducerMSP", amount), *([(owner, back)] if back > 0 else [])),
            authority=signed(document, *who),
        )

    @rule(amount=AMOUNTS, who=SIGNERS, honest=st.booleans())
    def propose(self, amount: int, who: list[int], honest: bool) -> None:
        self.number += 1
        signers = [1, 3] if honest else who
        self.attempt("accounts:ProposeRefill", account=HOT, **signed(refill(amount, self.number), *signers))

    @rule(pick=PICK, who=st.integers(1, 4))
    def stop(self, pick: int, who: int) -> None:
        waiting = self.refills()
        if waiting:
            found = waiting[pick % len(waiting)]["id"]
            stop = notice("accounts:StopRefill", found, who)
            if self.attempt("accounts:StopRefill", "CarrierMSP", refill=found, signature=stop):
                assert who <= 3

    @rule(pick=PICK, note=PICK)
    def complete(self, pick: int, note: int) -> None:
        waiting, notes = self.refills(), self.notes(COLD)
        if waiting and notes:
            found = waiting[pick % len(waiting)]
            chosen = [notes[note % len(notes)]["id"]]
            if self.attempt("accounts:CompleteRefill", "CarrierMSP", refill=found["id"], notes=chosen):
                assert int(self.world.record("refilled", HOT, "EUR")["amount"]) <= CAP

    @rule(pick=PICK)
    def sweep(self, pick: int) -> None:
        notes = self.notes(HOT)
        if notes:
            self.attempt("accounts:Sweep", account=HOT, notes=[notes[pick % len(notes)]["id"]])

    @rule(seconds=st.sampled_from([30, 60, 40_000]))
    def pass_time(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @invariant()
    def money_is_conserved(self) -> None:
        notes = [self.world.record(*key) for key in self.world.state if key[0] == "note"]
        assert sum(int(note["amount"]) for note in notes) == self.total
        assert all(int(note["amount"]) > 0 for note in notes)

    @invariant()
    def nobody_pays_beyond_the_limits(self) -> None:
        assert all(amount <= PER_DAY for amount in self.drawn.values())

    @invariant()
    def an_instruction_spends_once(self) -> None:
        assert all(count == 1 for count in self.used.values())

    @invariant()
    def a_refill_ends_once(self) -> None:
        for found in self.refills():
            if found["id"] in self.ended:
                assert found["status"] == self.ended[found["id"]]
            elif found["status"] != "waiting":
                self.ended[found["id"]] = found["status"]


TestKeepers = Keepers.TestCase
TestKeepers.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_the_machine_reaches_what_it_checks() -> None:
    """A guard against a machine that proves nothing."""
    machine = Keepers()
    machine.open()
    for _ in range(6):
        machine.pay_alone(HOT, [0], 90, "ProducerMSP", 0, True, 0)
    assert sum(machine.drawn.values()) == 360
    machine.pay_signed(HOT, 0, 150, [1, 2], False)
    machine.pay_signed(HOT, 0, 150, [1, 2], True)
    assert sum(machine.used.values()) == 1
    for _ in range(2):
        machine.propose(200, [], True)
    machine.stop(0, 2)
    machine.pass_time(60)
    for pick in (0, 1):
        machine.complete(pick, 0)
    assert sorted(found["status"] for found in machine.refills()) == ["completed", "stopped"]
    machine.sweep(0)
    machine.money_is_conserved()
