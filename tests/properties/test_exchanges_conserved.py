"""Money is conserved while members exchange, net, change fees and freeze accounts, at random."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import hansa_domain.catalogue  # noqa: F401  every record's class
from hansa_domain.errors import Refusal
from hansa_domain.operation import Record, decode_record
from tests.support.domain import World, consortium, mint
from tests.support.money_walk import admin, owed, quote_rate, trust

NAMES = ("Producer", "Retailer", "Carrier", "Bank", "Regulator")
OWNERS = ("ProducerMSP", "ProducerMSP/fx", "RetailerMSP", "RetailerMSP/till", "CarrierMSP")
CURRENCIES = ("EUR", "USD")
AMOUNTS = st.integers(1, 400)
PICK = st.integers(0, 1000)


def kinds(base: type[Record] = Record) -> Iterator[type[Record]]:
    """Every record there is."""
    for kind in base.__subclasses__():
        if "NOUN" in vars(kind) and kind.__module__.startswith("hansa_domain."):
            yield kind
        yield from kinds(kind)


KINDS = {kind.NOUN: kind for kind in kinds()}


def holdings(world: World, currency: str) -> list[int]:
    """What each record on the ledger says that it holds."""
    found = (decode_record(value, KINDS[key[0]]).holding for key, value in world.state.items())
    return [each[1] for each in found if each is not None and each[0] == currency]


class Dealing(RuleBasedStateMachine):
    """Members deal with each other; ``minted`` is what the bank issued and has not taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.minted = dict.fromkeys(CURRENCIES, 0)
        self.ended: dict[tuple[str, ...], str] = {}
        self.done: set[str] = set()

    @initialize()
    def begin(self) -> None:
        self.world = consortium()
        trust(self.world, "EUR", "USD", "Bank", "Regulator")
        for oracle in ("Bank", "Regulator"):
            quote_rate(self.world, oracle, "EUR", "USD", "10800")
        for currency in CURRENCIES:
            for owner in OWNERS:
                self.mint(owner, currency, 500)

    def attempt(self, caller: str, name: str, **fields: Any) -> Any:
        """Carries it out and repeats it, or sees to it that its refusal changed nothing."""
        before = dict(self.world.state)
        who = admin(caller) if name.startswith("fees:") else f"{caller}MSP"
        try:
            result = self.world.do(who, name, **fields)
        except Refusal:
            assert self.world.state == before
            return None
        after = dict(self.world.state)
        again = self.world.call(who, name, {"id": result.command_id, **fields})
        assert (again.outcome.reply, self.world.state) == (result.outcome.reply, after)
        self.done.add(name)
        frozen = json.loads(before.get(("frozen",), b'{"accounts": []}'))["accounts"]
        spent = {key[1] for key, value in result.outcome.writes.items() if key[0] == "owned" and not value}
        assert not spent & set(frozen)
        return result

    def of(self, noun: str, pick: int, **wanted: Any) -> dict[str, Any] | None:
        """One of the records of a noun with these values, if there is any."""
        found = [self.world.record(*key) for key in sorted(self.world.state) if key[0] == noun]
        found = [each for each in found if all(each[name] == value for name, value in wanted.items())]
        return found[pick % len(found)] if found else None

    def note(self, caller: str, currency: str, pick: int) -> dict[str, Any] | None:
        found = [self.world.record(*key) for key in sorted(self.world.state) if key[0] == "note"]
        own = [
            each
            for each in found
            if each["owner"].partition("/")[0] == f"{caller}MSP" and each["currency"] == currency
        ]
        return own[pick % len(own)] if own else None

    def paying(self, caller: str, currency: str, pick: int) -> dict[str, Any] | None:
        """A note, and change to the account it is of."""
        note = self.note(caller, currency, pick)
        return None if note is None else {"notes": [note["id"]], "change": note["owner"]}

    @rule(owner=st.sampled_from(OWNERS), currency=st.sampled_from(CURRENCIES), amount=AMOUNTS)
    def mint(self, owner: str, currency: str, amount: int) -> None:
        mint(self.world, str(amount), owner, currency)
        self.minted[currency] += amount

    @rule(
        dealer=st.sampled_from(NAMES),
        taker=st.sampled_from(NAMES),
        dollars=st.booleans(),
        amount=AMOUNTS,
        price=AMOUNTS,
        pick=PICK,
    )
    def offer(self, dealer: str, taker: str, dollars: bool, amount: int, price: int, pick: int) -> None:
        currency, other = CURRENCIES if dollars else CURRENCIES[::-1]
        paid = self.paying(dealer, currency, pick)
        if paid is not None:
            terms = {
                "currency": currency,
                "amount": str(amount),
                "price_currency": other,
                "price": str(price),
            }
            fields = {"taker": f"{taker}MSP", **terms, "valid_for": 60, **paid}
            self.attempt(dealer, "exchanges:Offer", **fields)

    @rule(end=st.sampled_from(["Accept", "Accept", "Reject", "Expire"]), pick=PICK, right=st.booleans())
    def answer(self, end: str, pick: int, right: bool) -> None:
        found = self.of("exchange", pick, status="open") or self.of("exchange", pick)
        if found is None:
            return
        caller = found["taker"].removesuffix("MSP") if right else NAMES[pick % 5]
        more = self.paying(caller, found["price_currency"], pick) if end == "Accept" else {}
        if more is not None:
            self.attempt(caller, f"exchanges:{end}", exchange=found["id"], **more)

    @rule(dealer=st.sampled_from(NAMES), amount=AMOUNTS, spread=st.sampled_from([0, 50, 9000]), pick=PICK)
    def open_facility(self, dealer: str, amount: int, spread: int, pick: int) -> None:
        currency = CURRENCIES[pick % 2]
        paid = self.paying(dealer, currency, pick)
        if paid is not None:
            terms = {"base": "EUR", "quote": "USD", "currency": currency, "amount": str(amount)}
            fields = {**terms, "spread": spread, "parts": 1 + pick % 3, "max_age": 600, **paid}
            self.attempt(dealer, "facilities:Open", **fields)

    @rule(customer=st.sampled_from(NAMES), amount=AMOUNTS, least=st.sampled_from([0, 1, 100]), pick=PICK)
    def exchange(self, customer: str, amount: int, least: int, pick: int) -> None:
        found = self.of("facility", pick, status="open")
        paid = None if found is None else self.paying(customer, found["takes"], pick)
        if found is None or paid is None:
            return
        give = {"facility": found["id"], "part": pick % 3, "currency": found["takes"], "amount": str(amount)}
        result = self.attempt(customer, "facilities:Exchange", **give, least=str(least), **paid)
        if result is not None:
            assert int(result.reply["bought"]["amount"]) >= max(least, 1)

    @rule(act=st.sampled_from(["TopUp", "Withdraw", "Close"]), amount=AMOUNTS, pick=PICK, right=st.booleans())
    def tend(self, act: str, amount: int, pick: int, right: bool) -> None:
        found = self.of("facility", pick, status="open")
        if found is None:
            return
        caller = found["account"].partition("/")[0].removesuffix("MSP") if right else NAMES[pick % 5]
        fields: dict[str, Any] = {"facility": found["id"]}
        if act != "Close":
            fields |= {"part": pick % 3, "currency": found["gives"], "amount": str(amount)}
        if act == "TopUp":
            paid = self.paying(caller, found["gives"], pick)
            if paid is None:
                return
            fields |= paid
        self.attempt(caller, f"facilities:{act}", **fields)

    @rule(debtor=st.sampled_from(NAMES[:3]), creditor=st.sampled_from(NAMES[:3]), amount=AMOUNTS)
    def owe(self, debtor: str, creditor: str, amount: int) -> None:
        if debtor != creditor:
            owed(self.world, debtor, creditor, str(amount))

    @rule(opener=st.sampled_from(NAMES), picks=st.lists(PICK, min_size=2, max_size=5))
    def net(self, opener: str, picks: list[int]) -> None:
        found = [self.of("obligation", pick, status="confirmed", cycle=None) for pick in picks]
        named = list(dict.fromkeys(each["id"] for each in found if each is not None))
        self.attempt(opener, "netting:Open", obligations=named, fund_within=60)

    @rule(act=st.sampled_from(["Fund", "Fund", "Close", "Dissolve"]), pick=PICK, right=st.booleans())
    def settle(self, act: str, pick: int, right: bool) -> None:
        found = self.of("netting", pick, status="open")
        if found is None:
            return
        owing = [each["member"] for each in found["positions"] if each["owes"] != "0"]
        caller = owing[pick % len(owing)].removesuffix("MSP") if owing and right else NAMES[pick % 5]
        more = self.paying(caller, "EUR", pick) if act == "Fund" else {}
        if more is not None:
            self.attempt(caller, f"netting:{act}", cycle=found["id"], **more)

    @rule(pick=PICK, right=st.booleans())
    def pay(self, pick: int, right: bool) -> None:
        found = self.of("obligation", pick, status="confirmed")
        if found is None:
            return
        caller = found["debtor"].removesuffix("MSP") if right else NAMES[pick % 5]
        paid = self.paying(caller, "EUR", pick)
        if paid is not None:
            self.attempt(caller, "obligations:Pay", obligation=found["id"], **paid)

    @rule(points=st.integers(0, 500), least=st.integers(0, 20))
    def charge(self, points: int, least: int) -> None:
        """Another schedule of fees, agreed to by a majority at once."""
        rule_ = {"basis_points": points, "bounds": [{"currency": "EUR", "minimum": str(least)}]}
        fields = {"order": rule_, "arbitration": rule_, "exchange": rule_, "account": "BankMSP/fees"}
        made = self.attempt("Bank", "fees:Publish", **fields)
        for name in ("Producer", "Retailer"):
            self.attempt(name, "fees:Approve", schedule=made.reply["schedule"]["id"])

    @rule(oracle=st.sampled_from(["Bank", "Regulator"]), rate=st.integers(9000, 12500))
    def quote(self, oracle: str, rate: int) -> None:
        fields = {"base": "EUR", "quote": "USD", "base_amount": "10000", "quote_amount": str(rate)}
        self.attempt(oracle, "rates:Publish", **fields, source="50" * 32)

    @rule(account=st.sampled_from(OWNERS), frozen=st.booleans())
    def freeze(self, account: str, frozen: bool) -> None:
        verb = "Freeze" if frozen else "Unfreeze"
        self.attempt("Regulator", f"currencies:{verb}", account=account, reason="Doubt")

    @rule(seconds=st.sampled_from([1, 60, 600]))
    def pass_time(self, seconds: int) -> None:
        self.world.pass_time(seconds)

    @invariant()
    def money_is_conserved(self) -> None:
        for currency in CURRENCIES:
            held = holdings(self.world, currency)
            assert min(held, default=0) >= 0
            assert sum(held) == self.minted[currency]

    @invariant()
    def notes_are_positive_and_indexed(self) -> None:
        notes = [self.world.record(*key) for key in self.world.state if key[0] == "note"]
        assert all(int(note["amount"]) > 0 for note in notes)
        indexed = {key[1:] for key in self.world.state if key[0] == "owned"}
        assert indexed == {(note["owner"], note["currency"], note["id"]) for note in notes}

    @invariant()
    def what_ended_stays_as_it_ended(self) -> None:
        for key in self.world.state:
            if key[0] in ("exchange", "netting", "facility", "obligation"):
                record = self.world.record(*key)
                if record["closed_at"] is not None:
                    assert self.ended.setdefault(key, record["status"]) == record["status"]
                else:
                    assert key not in self.ended

    @invariant()
    def a_cycle_s_money_is_there_while_it_is_open(self) -> None:
        cycles = {key[1]: self.world.record(*key) for key in self.world.state if key[0] == "netting"}
        for key in self.world.state:
            if key[0] == "netting-pot":
                assert cycles[key[1]]["status"] == "open"
            if key[0] == "obligation":
                record = self.world.record(*key)
                inside = record["cycle"] is not None and cycles[record["cycle"]]
                assert not inside or (inside["status"], record["status"]) in {
                    ("open", "confirmed"),
                    ("closed", "netted"),
                }


TestDealing = Dealing.TestCase
TestDealing.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_the_machine_reaches_every_end() -> None:
    """A guard against a machine that proves nothing."""
    machine = Dealing()
    machine.begin()
    machine.charge(100, 1)
    for end in ("Accept", "Reject", "Expire"):
        machine.offer("Producer", "Retailer", True, 50, 40, 0)
        if end == "Expire":
            machine.pass_time(60)
        machine.answer(end, 0, True)
    machine.open_facility("Producer", 300, 50, 0)
    machine.exchange("Retailer", 30, 1, 0)
    for act in ("TopUp", "Withdraw", "Close"):
        machine.tend(act, 20, 0, True)
    for end in ("Close", "Dissolve"):
        machine.owe("Producer", "Retailer", 100)
        machine.owe("Retailer", "Producer", 70)
        machine.net("Producer", [0, 1])
        machine.settle("Fund", 0, True)
        machine.settle(end, 1, False)
    for pick in range(8):
        machine.pay(pick, True)
    machine.quote("Bank", 10900)
    wanted = {"exchanges": "Offer Accept Reject Expire", "facilities": "Open Exchange TopUp Withdraw Close"}
    wanted |= {"netting": "Open Fund Close Dissolve", "obligations": "Pay", "fees": "Publish Approve"}
    wanted |= {"rates": "Publish"}
    expected = {f"{noun}:{verb}" for noun, verbs in wanted.items() for verb in verbs.split()}
    assert expected <= machine.done, expected - machine.done
    machine.money_is_conserved()
