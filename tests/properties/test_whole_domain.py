"""One machine over every command of the catalogue: whatever members do in whatever order, the rules hold.

``HANSA_STEPS=200000 pytest tests/properties/test_whole_domain.py`` runs longer, from another seed each
time, and makes the shortest example of what it finds.
"""

from __future__ import annotations

import json
import os
from collections import Counter, deque
from random import Random
from typing import Any, get_args

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from hansa_domain.catalogue import OPERATIONS
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.operation import Caller
from hansa_domain.orders.order import Settlement
from tests.support.domain import INIT, World, ulid
from tests.support.epcis import object_event
from tests.support.whole_domain import (
    moves_accounts,
    moves_claims,
    moves_deliveries,
    moves_escrow,
    moves_exchange,
    moves_goods,
    moves_market,
    moves_money,
    moves_rules,
    moves_trade,
)
from tests.support.whole_domain.checks import Checks
from tests.support.whole_domain.draw import CURRENCIES, EPCS, GTINS, MSPS, Draw, about
from tests.support.whole_domain.moves import MOVES, Move
from tests.support.whole_domain.moves_accounts import COLD_ACCOUNT, HOT_ACCOUNT
from tests.support.whole_domain.rights import RIGHTS, allowed
from tests.support.whole_domain.view import View, record_kinds

COMMANDS = sorted(name for name, each in OPERATIONS.items() if not each.query)
ONCE = {"members:Init"}
"""Carried out when a ledger begins, and never again."""

REFERS = {name: about(OPERATIONS[name], record_kinds()) for name in COMMANDS}
OFTEN = (
    *("orders:Place",) * 12,
    *("goods:Capture",) * 4,
    *("offers:Propose", "tenders:Open", "money:Mint") * 2,
    # Late in a long life; where nothing has come so far, another command is drawn.
    *("returns:Accept", "returns:Receive", "receivables:Assign", "tenders:Award") * 4,
    *("despatches:Despatch", "receipts:Report", "invoices:Issue", "invoices:Pay") * 4,
    *("rates:Approve", "rates:Approve", "rates:Publish", "facilities:Open", "facilities:Exchange") * 4,
    *("claims:Open", "obligations:Register", "obligations:Confirm", "netting:Open", "netting:Fund") * 3,
    *("netting:Close", "claims:Replace", "claims:Lapse", "hashlocks:Refund") * 2,
    *("settlements:Accept", "disputes:Decide", "disputes:Answer", "milestones:Report") * 3,
)
NEXT = (
    *("orders:Accept", "orders:Ship", "orders:Deliver", "orders:Confirm") * 5,
    *("returns:Propose", "returns:Accept", "returns:Receive", "receivables:Assign") * 3,
    *("configUpdates:Sign",) * 4,
    *("offers:Accept", "offers:Agree") * 4,
    *("obligations:Confirm", "netting:Open", "netting:Fund", "netting:Close") * 3,
)
BEGINNING = [*(name for name in COMMANDS if name in MOVES or not REFERS[name]), *OFTEN]
"""What needs nothing on the ledger to refer to; what everything else hangs on comes more often."""

ALWAYS = ("goods", "listings", "money", "orders")

_PARTS = ("despatches", "invoices", "receipts")
WITH = {"facilities": ("rates",), "tenders": ("offers",), "netting": ("obligations",)} | dict.fromkeys(
    _PARTS, _PARTS
)
"""Nouns that lead nowhere without others."""


def _noun(name: str) -> str:
    return name.partition(":")[0]


NOUNS = sorted({_noun(name) for name in COMMANDS} - set(ALWAYS))
FOLLOWING: dict[str, list[str]] = {
    noun: [name for name in (*COMMANDS, *NEXT) if noun in REFERS[name]] for noun in record_kinds()
}
"""By noun, the commands that refer to a record of it."""

LONGER = int(os.environ.get("HANSA_STEPS", "0"))
STEPS = 200
EXAMPLES = max(100, LONGER // STEPS)

succeeded: Counter[str] = Counter()
refused: Counter[str] = Counter()
negotiated: Counter[str] = Counter()
"""Orders made of offers, by how they are settled."""


class WholeDomain(RuleBasedStateMachine):
    """Members send any command at random; the ledger refuses or carries out."""

    tell = staticmethod(note)

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.view = View()
        self.checks = Checks(self.view)
        self.touched: deque[Any] = deque(maxlen=6)
        self.commands = COMMANDS

    @initialize(guarded=st.booleans(), about_what=st.binary(min_size=8, max_size=8))
    def open_market(self, guarded: bool, about_what: bytes) -> None:
        """Members, products, accounts with rules, and money to begin with; and what this run is about.

        That is a third of all nouns, besides those that the rest hangs on: so lives go on to their ends.
        """
        self.be_about(Random(about_what).sample(NOUNS, len(NOUNS) // 3))
        self.send("members:Init", Move(Caller("BankMSP", "admin", admin=True), dict(INIT)))
        for gtin in GTINS:
            fields = {"gtin": gtin, "name": "Thing"}
            self.send("products:Register", Move(Caller("ProducerMSP", "sales"), fields))
        for currency in sorted(set(CURRENCIES)):
            for owner in (
                "RetailerMSP",
                "RetailerMSP",
                COLD_ACCOUNT[0],
                HOT_ACCOUNT[0],
                "CarrierMSP",
                "BankMSP",
                "ProducerMSP",
            ):
                fields = {"currency": currency, "amount": "9000", "owner": owner}
                self.send("money:Mint", Move(Caller("BankMSP", "treasurer"), fields))
        for account, kind, rules_ in (COLD_ACCOUNT, HOT_ACCOUNT) if guarded else ():
            opened = {"account": account, "kind": kind, "rules": rules_, "slices": 2}
            self.send("accounts:Open", Move(Caller("RetailerMSP", "admin", admin=True), opened))
        for seed in range(4):
            self.act("listings:Create", seed)
        event = object_event(action="ADD", bizStep="commissioning", epcList=[*EPCS[:8], *EPCS[12:14]])
        reported = {"events": [{"event": json.dumps(event), "context": ""}]}
        self.send("goods:Capture", Move(Caller("ProducerMSP", "warehouse"), reported))

    def be_about(self, nouns: list[str]) -> None:
        """Keeps to the commands of these nouns, and of those that they hang on."""
        nouns = [*ALWAYS, *nouns, *(other for noun in nouns for other in WITH.get(noun, ()))]
        self.commands = [name for name in COMMANDS if _noun(name) in nouns]

    @rule(drawn=st.binary(min_size=8, max_size=8))
    def step(self, drawn: bytes) -> None:
        """Time passes, or something is begun, or what was begun lately goes on."""
        random = Random(drawn)
        turn = random.randrange(100)
        if turn < 9:  # most of the domain hangs on orders
            self.act("orders:Place", random.randrange(2**32))
        elif turn < 12:
            self.world.pass_time(random.choice((1, 60, 240, 3600)))
        else:
            self.go_on(random)

    def go_on(self, random: Random) -> None:
        """Something else begins, or what was begun lately goes on."""
        for _ in range(12):  # until there is something to make a command of
            record = random.choice(self.touched) if self.touched and random.randrange(100) < 55 else None
            name = random.choice(self.commands if record is None else FOLLOWING[record.NOUN])
            if any(not self.view.nouns[noun] for noun in REFERS[name]) and random.randrange(16):
                name = random.choice(BEGINNING)
            if name in self.commands and self.act(name, random.randrange(2**32), record):
                return

    def act(self, name: str, seed: int, record: Any = None) -> bool:
        """One command, by the move it has or from its schema alone; whether there was one to send."""
        draw = Draw(self.view, seed, record)
        made = MOVES[name](draw) if name in MOVES else None
        if name in MOVES and made is None and draw.chance(90):
            return False
        if made is None or draw.chance(8):
            fields = draw.command(OPERATIONS[name])
            entitled = [each for each in MSPS if self.entitled(name, fields, each)]
            if entitled and draw.chance(80):
                draw.caller = draw.pick(entitled)
            made = Move(draw.who(admin=True if draw.chance(60) else None), fields)
        self.send(name, made)
        return True

    def entitled(self, name: str, fields: dict[str, Any], msp_id: str) -> bool:
        """Whether the oracle would let a member's administrator do it."""
        try:
            return allowed(name, self.view, fields, Caller(msp_id, "user", admin=True))
        except (AttributeError, KeyError):
            return False  # what it is about is not there, or the operation is too new for the oracle

    def send(self, name: str, move: Move) -> None:
        """Carries it out and judges it, or sees to it that a refusal changed nothing."""
        document = {"id": ulid(self.world.calls), **move.fields}
        self.tell(f"{move.caller.msp_id} {name} {json.dumps(document)}")
        before = dict(self.world.state), dict(self.world.private)
        try:
            result = self.world.call(move.caller, name, document, move.transient)
        except Refusal as refusal:
            assert (self.world.state, self.world.private) == before
            assert refusal.code is not Code.LEDGER_INCONSISTENT, refusal
            refused[refusal.code.value] += 1
            return
        succeeded[name] += 1
        if name not in ONCE:
            assert allowed(name, self.view, move.fields, move.caller), f"{move.caller} had no right to {name}"
        self.checks.transaction(name, move.fields, move.caller.msp_id, result.outcome)
        self.view.keep(result.outcome.writes)
        for key in result.outcome.writes:
            if FOLLOWING.get(key[0]) and (record := self.view.get(*key)) is not None:
                self.touched.append(record)
        self.replay(name, move, document, result.outcome.reply)

    def replay(self, name: str, move: Move, document: dict[str, Any], reply: bytes) -> None:
        """The same again has the same answer and no effect."""
        if OPERATIONS[name].private:
            return  # told apart by content, not by id: the unit tests see to it
        before = dict(self.world.state), dict(self.world.private)
        again = self.world.call(move.caller, name, document, move.transient)
        assert again.outcome.replayed
        assert again.outcome.reply == reply
        assert (self.world.state, self.world.private) == before

    def teardown(self) -> None:
        self.checks.whole_ledger(self.world.state)
        negotiated.update(self.checks.negotiated)


def test_the_rules_hold_whatever_members_do() -> None:
    succeeded.clear()
    refused.clear()
    run_state_machine_as_test(
        WholeDomain,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=not LONGER,
            database=None,
            deadline=None,
            # To shrink a failure may take minutes: that is for whoever looks for its cause.
            phases=(Phase.generate, Phase.shrink) if LONGER else (Phase.generate,),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert succeeded.total() + refused.total() >= 10_000


class Walk(WholeDomain):
    """The same machine, driven from seeds alone."""

    tell = staticmethod(lambda _: None)

    def run(self, seed: int, nouns: list[str]) -> None:
        """As many steps as Hypothesis takes, about a few of these nouns."""
        random = Random(seed)
        self.open_market(bool(seed % 2), random.randbytes(8))
        self.be_about(random.sample(nouns, min(len(nouns), 4)))
        for _ in range(STEPS):
            self.step(random.randbytes(8))
        self.teardown()


def test_every_move_leads_somewhere() -> None:
    """A guard against a machine that proves nothing: every command of the catalogue succeeds now and then.

    So does every way to settle what was negotiated. What Hypothesis draws depends on the modules that are
    loaded, so the machine above promises neither.
    """
    succeeded.clear()
    negotiated.clear()
    missing, ways = set(COMMANDS), set(get_args(Settlement))
    for seed in range(400):
        nouns = {_noun(name) for name in missing} or {"tenders", "offers", "members"}
        Walk().run(seed, sorted(nouns))
        missing = set(COMMANDS) - set(succeeded)
        if not missing and set(negotiated) == ways:
            break
    assert not missing
    assert set(negotiated) == ways


def test_every_command_has_a_right_of_its_own() -> None:
    assert sorted(RIGHTS) == COMMANDS, "tests/support/whole_domain/rights.py says who may do what"
    assert set(MOVES) <= set(COMMANDS)


MODULES = (
    moves_accounts,
    moves_claims,
    moves_deliveries,
    moves_escrow,
    moves_exchange,
    moves_goods,
    moves_market,
    moves_money,
    moves_rules,
    moves_trade,
)
"""Imported for the moves that they register."""
