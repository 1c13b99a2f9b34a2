"""Money and goods are conserved, whatever members do in whatever order, allowed or not."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hansa_domain.errors import Refusal
from tests.support.domain import GTIN, MEMBERS, TERMS, World, consortium

CURRENCIES = ("EUR", "CNY")
MSPS = [member["msp_id"] for member in MEMBERS]
OWNERS = [*MSPS, "RetailerMSP/till", "BankMSP/consortium-fees"]
OPEN = {"placed", "accepted", "shipped", "delivered"}
STEPS = ("Accept", "Ship", "Deliver", "Confirm", "Cancel", "Default")
RIGHT_CALLER = {
    "Accept": "seller",
    "Ship": "seller",
    "Deliver": "carrier",
    "Confirm": "buyer",
    "Cancel": "buyer",
}
PLENTY = 1000
SECRETS = ("5e", "5e" * 32)
AMOUNTS = st.integers(min_value=0, max_value=2000)
PICK = st.integers(min_value=0, max_value=10_000)


class Trade(RuleBasedStateMachine):
    """Members act at random; the ledger refuses or carries out."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.minted: Counter[str] = Counter()
        self.burned: Counter[str] = Counter()
        self.escrows_ended: set[str] = set()
        self.notes_ever: set[str] = set()

    @initialize()
    def open_market(self) -> None:
        self.world = consortium()
        self.world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Oil")
        self.listings = [
            self.world.do(
                "ProducerMSP",
                "listings:Create",
                gtin=GTIN,
                unit_price=price,
                currency=currency,
                quantity=PLENTY,
                buckets=2,
            ).reply["listing"]
            for price, currency in (("7", "EUR"), (None, "CNY"))
        ]
        for currency in CURRENCIES:
            self.mint("BankMSP", "RetailerMSP", currency, 2000)
            self.mint("BankMSP", "RetailerMSP", currency, 300)

    def attempt(self, caller: str, name: str, **fields: Any) -> Any:
        """Carries out the command, or sees to it that its refusal changed nothing."""
        before = dict(self.world.state)
        try:
            result = self.world.do(caller, name, **fields)
        except Refusal:
            assert self.world.state == before
            return None
        frozen = json.loads(before.get(("frozen",), b'{"accounts": []}'))["accounts"]
        spent = [key for key, value in result.outcome.writes.items() if key[0] == "note" and value is None]
        assert not {json.loads(before[key])["owner"] for key in spent} & set(frozen)
        created = {key[1] for key, value in result.outcome.writes.items() if key[0] == "note" and value}
        assert not created & self.notes_ever, "a note's id was used twice"
        self.notes_ever |= created
        self.check_replay(caller, name, {"id": result.command_id, **fields}, result)
        return result

    def check_replay(self, caller: str, name: str, fields: dict[str, Any], result: Any) -> None:
        before = dict(self.world.state)
        again = self.world.call(caller, name, fields)
        assert again.outcome.reply == result.outcome.reply
        assert self.world.state == before

    def notes(self, msp_id: str | None = None, currency: str | None = None) -> list[dict[str, Any]]:
        found = [self.world.record(*key) for key in sorted(self.world.state) if key[0] == "note"]
        return [
            note
            for note in found
            if (msp_id is None or note["owner"].partition("/")[0] == msp_id)
            and (currency is None or note["currency"] == currency)
        ]

    def hashlocks(self) -> list[dict[str, Any]]:
        return [self.world.record(*key) for key in sorted(self.world.state) if key[0] == "hashlock"]

    def orders(self) -> list[dict[str, Any]]:
        return [self.world.record(*key) for key in sorted(self.world.state) if key[0] == "order"]

    @rule(
        caller=st.sampled_from(["BankMSP", "BankMSP", "RetailerMSP"]),
        owner=st.sampled_from(OWNERS),
        currency=st.sampled_from(CURRENCIES),
        amount=AMOUNTS,
    )
    def mint(self, caller: str, owner: str, currency: str, amount: int) -> None:
        if self.attempt(caller, "money:Mint", currency=currency, amount=str(amount), owner=owner):
            assert caller == "BankMSP"
            self.minted[currency] += amount

    @rule(
        caller=st.sampled_from(MSPS),
        picks=st.lists(PICK, min_size=1, max_size=4),
        owner=st.sampled_from(OWNERS),
        share=st.integers(0, 100),
        lie=st.sampled_from([0, 0, 0, 1, -1]),
    )
    def transfer(self, caller: str, picks: list[int], owner: str, share: int, lie: int) -> None:
        held = self.notes(caller) or self.notes()
        if not held:
            return
        chosen = [held[pick % len(held)] for pick in picks]
        total = sum(int(note["amount"]) for note in chosen) + lie
        part = total * share // 100
        outputs = [{"owner": owner, "amount": str(part)}, {"owner": caller, "amount": str(total - part)}]
        outputs = [output for output in outputs if output["amount"] != "0"]
        ids = [note["id"] for note in chosen]
        if self.attempt(caller, "money:Transfer", notes=ids, outputs=outputs):
            assert lie == 0
            assert len(set(ids)) == len(ids)

    @rule(caller=st.sampled_from(["BankMSP", "RetailerMSP"]), pick=PICK)
    def burn(self, caller: str, pick: int) -> None:
        held = self.notes(caller)
        if held:
            note = held[pick % len(held)]
            if self.attempt(caller, "money:Burn", notes=[note["id"]]):
                self.burned[note["currency"]] += int(note["amount"])

    @rule(
        buyer=st.sampled_from(["RetailerMSP", "RetailerMSP", "CarrierMSP", "ProducerMSP"]),
        which=st.integers(0, 1),
        quantity=st.integers(1, 60),
        bucket=st.integers(0, 2),
        freight=st.integers(0, 50),
        paid=AMOUNTS,
        carried=st.booleans(),
        more=PICK,
    )
    def place(
        self,
        buyer: str,
        which: int,
        quantity: int,
        bucket: int,
        freight: int,
        paid: int,
        carried: bool,
        more: int,
    ) -> None:
        listing = self.listings[which]
        amount = paid if listing["unit_price"] is None else 7 * quantity + freight
        notes: list[str] = []
        held = 0
        for note in self.notes(buyer, listing["currency"]):
            if held < amount or (more % 7 == 0 and len(notes) < 16):
                notes.append(note["id"])
                held += int(note["amount"])
        self.attempt(
            buyer,
            "orders:Place",
            lines=[
                {
                    "listing": listing["id"],
                    "quantity": quantity,
                    "take": [{"bucket": bucket, "quantity": quantity}],
                }
            ],
            amount=str(amount),
            freight=str(freight if carried else 0),
            carrier="CarrierMSP" if carried else None,
            notes=notes[:16],
            terms=TERMS,
        )

    @rule(step=st.sampled_from(STEPS), pick=PICK, right=st.integers(0, 4), caller=st.sampled_from(MSPS))
    def advance(self, step: str, pick: int, right: int, caller: str) -> None:
        orders = self.orders()
        if not orders:
            return
        order = orders[pick % len(orders)]
        if right:
            caller = order[RIGHT_CALLER.get(step, "buyer")] or order["seller"]
        self.attempt(caller, f"orders:{step}", order=order["id"])

    @rule(pick=PICK, end=st.sampled_from(["Confirm", "Cancel", "Default", "none"]), steps=st.integers(0, 3))
    def carry(self, pick: int, end: str, steps: int) -> None:
        """An order on its proper way, so that ends are reached as often as refusals."""
        going = [order for order in self.orders() if order["status"] in OPEN]
        if not going:
            return
        order = going[pick % len(going)]
        for step in STEPS[:steps]:
            self.attempt(order[RIGHT_CALLER[step]] or order["seller"], f"orders:{step}", order=order["id"])
        if end == "Default":
            self.world.pass_time(TERMS["inspect_within"])
        if end != "none":
            caller = order["seller"] if end == "Cancel" and steps == 1 else order["buyer"]
            self.attempt(caller, f"orders:{end}", order=order["id"])

    @rule(
        payer=st.sampled_from(MSPS),
        recipient=st.sampled_from(OWNERS),
        picks=st.lists(PICK, min_size=1, max_size=2),
        amount=AMOUNTS,
        secret=st.sampled_from(SECRETS),
    )
    def lock(self, payer: str, recipient: str, picks: list[int], amount: int, secret: str) -> None:
        held = self.notes(payer)
        if held:
            chosen = [held[pick % len(held)] for pick in picks]
            self.attempt(
                payer,
                "hashlocks:Lock",
                notes=[note["id"] for note in chosen],
                amount=str(amount),
                currency=chosen[0]["currency"],
                recipient=recipient,
                hash=sha256(bytes.fromhex(secret)).hexdigest(),
                expires_within=60,
            )

    @rule(
        pick=PICK,
        claims=st.booleans(),
        caller=st.sampled_from(MSPS),
        right=st.booleans(),
        secret=st.sampled_from(SECRETS),
    )
    def unlock(self, pick: int, claims: bool, caller: str, right: bool, secret: str) -> None:
        locks = self.hashlocks()
        if not locks:
            return
        found = locks[pick % len(locks)]
        if not claims:
            self.attempt(caller, "hashlocks:Refund", hashlock=found["id"])
            return
        caller = found["recipient"].partition("/")[0] if right else caller
        if self.attempt(caller, "hashlocks:Claim", hashlock=found["id"], preimage=secret):
            assert caller == found["recipient"].partition("/")[0]
            assert sha256(bytes.fromhex(secret)).hexdigest() == found["hash"]

    @rule(payer=st.sampled_from(OWNERS), payee=st.sampled_from(OWNERS), maximum=AMOUNTS)
    def grant(self, payer: str, payee: str, maximum: int) -> None:
        terms = {"currency": "EUR", "maximum": str(maximum), "period": 60, "expires_within": 240}
        self.attempt(payer.partition("/")[0], "mandates:Grant", payee=payee, account=payer, **terms)

    @rule(
        pick=PICK, picks=st.lists(PICK, min_size=1, max_size=2), caller=st.sampled_from(MSPS), amount=AMOUNTS
    )
    def collect(self, pick: int, picks: list[int], caller: str, amount: int) -> None:
        mandates = [self.world.record(*key) for key in sorted(self.world.state) if key[0] == "mandate"]
        held = self.notes()
        if not mandates or not held:
            return
        mandate = mandates[pick % len(mandates)]
        own = [note for note in held if note["owner"] == mandate["payer"]] if pick % 3 else held
        notes = [(own or held)[each % len(own or held)]["id"] for each in picks]
        caller = mandate["payee"].partition("/")[0] if pick % 5 else caller
        fields = {"mandate": mandate["id"], "amount": str(amount), "notes": notes}
        result = self.attempt(caller, "mandates:Collect", **fields)
        if result:
            assert caller == mandate["payee"].partition("/")[0]
            assert result.reply["paid"]["owner"] == mandate["payee"]
            after = result.reply["mandate"]
            assert int(after["collected"]) <= int(mandate["maximum"])
            moved = result.events[1]
            assert {note["owner"] for note in moved["consumed"]} == {mandate["payer"]}

    @rule(account=st.sampled_from(OWNERS), frozen=st.booleans())
    def freeze(self, account: str, frozen: bool) -> None:
        verb = "Freeze" if frozen else "Unfreeze"
        self.attempt("RegulatorMSP", f"currencies:{verb}", account=account, reason="Doubt")

    @rule(seconds=st.sampled_from([1, 60, 240]))
    def pass_time(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @invariant()
    def money_is_conserved(self) -> None:
        for currency in CURRENCIES:
            notes = sum(int(note["amount"]) for note in self.notes(currency=currency))
            escrow = sum(
                int(self.world.record(*key)["amount"])
                for key in self.world.state
                if key[0] == "escrow" and self.world.record(*key)["currency"] == currency
            )
            locked = sum(
                int(lock["amount"])
                for lock in self.hashlocks()
                if lock["status"] == "locked" and lock["currency"] == currency
            )
            assert self.minted[currency] == notes + escrow + locked + self.burned[currency]

    @invariant()
    def notes_are_positive_and_indexed(self) -> None:
        notes = self.notes()
        assert all(int(note["amount"]) > 0 for note in notes)
        indexed = {key[1:]: self.world.record(*key) for key in self.world.state if key[0] == "owned"}
        expected = {
            (note["owner"], note["currency"], note["id"]): {
                "v": 1,
                "note": note["id"],
                "amount": note["amount"],
            }
            for note in notes
        }
        assert indexed == expected

    @invariant()
    def escrow_ends_once(self) -> None:
        for order in self.orders():
            shares = [int(order[share]) for share in ("proceeds", "freight", "fee")]
            assert sum(shares) == int(order["amount"])
            assert min(shares) >= 0
            held = ("escrow", order["id"]) in self.world.state
            assert held == (order["status"] in OPEN and order["amount"] != "0")
            assert (order["due"] is None) == (order["status"] not in OPEN)
            if order["status"] not in OPEN:
                self.escrows_ended.add(order["id"])
            else:
                assert order["id"] not in self.escrows_ended

    @invariant()
    def goods_are_conserved(self) -> None:
        for listing in getattr(self, "listings", []):
            left = sum(
                self.world.record(*key)["quantity"]
                for key in self.world.state
                if key[:2] == ("stock", listing["id"])
            )
            out = sum(
                order["lines"][0]["quantity"]
                for order in self.orders()
                if order["lines"][0]["listing"] == listing["id"]
                and (order["status"] in OPEN | {"settled"} or order["shipped_at"] is not None)
            )
            assert left + out == PLENTY
            assert left >= 0


TestTrade = Trade.TestCase
TestTrade.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_the_machine_reaches_every_end() -> None:
    """A guard against a machine that proves nothing: a fixed walk through it settles, cancels and refunds."""
    machine = Trade()
    machine.open_market()
    machine.transfer("RetailerMSP", [0], "RetailerMSP", 50, 0)
    for _ in range(3):
        machine.place("RetailerMSP", 0, 60, 0, 50, 0, True, 1)
    ids = [order["id"] for order in machine.orders()]
    for step in ("Accept", "Ship", "Deliver", "Confirm"):
        machine.advance(step, 0, 1, "")
    machine.advance("Cancel", 1, 1, "")
    machine.pass_time(60)
    machine.advance("Default", 2, 1, "")
    found = {order["id"]: order["status"] for order in machine.orders()}
    assert [found[order] for order in ids] == ["settled", "cancelled", "refunded"]
    machine.lock("RetailerMSP", "ProducerMSP", [0], 1, SECRETS[0])
    machine.lock("RetailerMSP", "CarrierMSP", [0], 1, SECRETS[1])
    for number, lock in enumerate(machine.hashlocks()):
        machine.pass_time(60 * number)
        machine.unlock(number, number == 0, "BankMSP", True, SECRETS[lock["recipient"] == "CarrierMSP"])
    assert {lock["status"] for lock in machine.hashlocks()} == {"claimed", "refunded"}
    machine.mint("BankMSP", "RetailerMSP/till", "EUR", 50)
    machine.grant("RetailerMSP/till", "ProducerMSP", 40)
    machine.freeze("RetailerMSP/till", True)
    machine.collect(1, [0], "ProducerMSP", 30)
    assert machine.world.balance("RetailerMSP/till") == 50
    machine.freeze("RetailerMSP/till", False)
    machine.collect(1, [0], "ProducerMSP", 30)
    assert machine.world.balance("RetailerMSP/till") == 20
    machine.money_is_conserved()
    machine.goods_are_conserved()
