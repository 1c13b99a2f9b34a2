"""Transactions for the differential test, drawn from a seed: what they do, who endorses, what is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.differential_network import MEMBERS

Step = list[str]
IMPLICIT = "_implicit_org_"
# Who holds the data of a collection: these can endorse what reads it.
HOLDERS = {
    "ab": ("AMSP", "BMSP"),
    "everybody": MEMBERS,
    "onlyb": ("BMSP",),
    f"{IMPLICIT}AMSP": ("AMSP",),
    f"{IMPLICIT}CMSP": ("CMSP",),
}
HONEST = "honest"
MANY = 70


@dataclass(frozen=True)
class Plan:
    """One transaction to be.

    Args:
        chaincode: its name.
        steps: functions of the chaincode with their arguments, carried out in one batch.
        creator: MSP id of the client.
        endorsers: MSP ids of those asked.
        treatment: what becomes of it on its way; see ``differential_treatments``.
        rounds: how many rounds it is held back after it was endorsed.
    """

    chaincode: str
    steps: tuple[Step, ...]
    creator: str
    endorsers: tuple[str, ...]
    treatment: str = HONEST
    rounds: int = 0

    @property
    def sets_policies(self) -> bool:
        """Whether it states the policy of a key.

        If such a transaction is refused before its endorsements are looked at (it was in a block before, its
        creator is unknown, its proposal is another), and a later one of the block writes the key, Fabric
        3.1.5's peers wait for ever, and again after a restart: no run may have that.
        """
        return any(step[0].endswith("_policy") and step[0] != "get_policy" for step in self.steps)


class Planner:
    """Draws plans. Keys carry the seed, so that runs on one network do not meet.

    Args:
        seed: what is drawn depends on it alone.
        treatments: names and weights of what may be wrong with a transaction.
    """

    def __init__(self, seed: int, treatments: dict[str, float]) -> None:
        self.random = random.Random(seed)
        self.seed = seed
        self._treatments = treatments
        self._serial = 0

    # Keys. Those named "stays" are never deleted: a policy may be set on them without reading or writing them
    # (see docs/reference/devnode.md on what peers do where such a key is gone).

    def key(self) -> str:
        """A public key that may come and go."""
        return f"s{self.seed}.k{self.random.randrange(10)}"

    def staying(self) -> str:
        """A public key that is never deleted."""
        return f"s{self.seed}.stays{self.random.randrange(3)}"

    def item(self) -> str:
        """A composite key."""
        return f'["item","s{self.seed}","{self.random.choice("xyz")}"]'

    def private_key(self) -> str:
        """A private key that may come and go."""
        return f"s{self.seed}.p{self.random.randrange(4)}"

    def value(self) -> str:
        """A value that nobody wrote before."""
        self._serial += 1
        return f"v{self.seed}.{self._serial}"

    def universe(self) -> tuple[list[str], list[str]]:
        """All public keys and all private keys that any plan can name."""
        public = [f"s{self.seed}.k{n}" for n in range(10)] + [f"s{self.seed}.stays{n}" for n in range(3)]
        public += [f'["item","s{self.seed}","{letter}"]' for letter in "xyz"]
        public += [f"s{self.seed}.m{n:04}" for n in range(0, MANY, 7)] + [f"s{self.seed}.called"]
        private = [f"s{self.seed}.p{n}" for n in range(4)] + [f"s{self.seed}.pstays"]
        return public, private

    def beginning(self) -> list[Plan]:
        """What is there before the rest: values that stay, and a long range."""
        steps = [["put", f"s{self.seed}.stays{n}", self.value()] for n in range(3)]
        many = [["put", f"s{self.seed}.m{n:04}", "x"] for n in range(MANY)]
        private = [["pput", name, f"s{self.seed}.pstays", self.value()] for name in ("ab", "everybody")]
        return [
            Plan("all", tuple(steps), "AMSP", MEMBERS),
            Plan("all", tuple(many), "BMSP", MEMBERS),
            Plan("all", tuple(private), "AMSP", MEMBERS),
            Plan("other", (["put", f"s{self.seed}.k0", self.value()],), "CMSP", ("AMSP", "BMSP")),
        ]

    def plan(self) -> Plan:
        """The next transaction."""
        draw = self.random
        kinds: list[tuple[Callable[[], Plan], int]] = [
            (self._public, 40),
            (self._ranges, 16),
            (self._policies, 16),
            (self._private, 28),
            (self._mixed, 8),
        ]
        found = draw.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]()
        names = list(self._treatments)
        treatment = draw.choices(names, [self._treatments[name] for name in names])[0]
        held = draw.choices((0, 1, 2), (75, 20, 5))[0]
        return Plan(found.chaincode, found.steps, found.creator, found.endorsers, treatment, held)

    def padding(self) -> Plan:
        """A transaction that fills a block."""
        return Plan("all", (["put", f"s{self.seed}.called", self.value()],), "AMSP", ("AMSP", "BMSP"))

    def _endorsers(self) -> tuple[str, ...]:
        count = self.random.choices((1, 2, 3), (12, 58, 30))[0]
        return tuple(self.random.sample(MEMBERS, count))

    def _plan(self, *steps: Step, chaincode: str = "", endorsers: tuple[str, ...] = ()) -> Plan:
        name = chaincode or self.random.choices(("all", "other"), (85, 15))[0]
        return Plan(name, steps, self.random.choice(MEMBERS), endorsers or self._endorsers())

    def _public(self) -> Plan:
        key, value = self.key(), self.value()
        steps: list[list[Step]] = [
            [["put", key, value]],
            [["add", f"s{self.seed}.k{self.random.randrange(2, 4)}", "5"]]
            if False
            else [["put", key, value]],
            [["get", key], ["put", key, value]],
            [["get", key], ["put", self.key(), value]],
            [["get", key], ["del", key]],
            [["del", key]],
            [["put", key, value], ["del", self.key()], ["put", self.staying(), value]],
            [["multi_get", key, self.key(), self.item()], ["put", self.item(), value]],
            [["get", key]],
            [["put", key, value], ["event", "happened", value]],
            [["history", key], ["put", key, value]],
            [["put", key, value], ["del", key]],
            [["del", key], ["put", key, value]],
            [["del", self.item()]],
        ]
        return self._plan(*self.random.choice(steps))

    def _ranges(self) -> Plan:
        start, end = sorted(self.random.sample(range(10), 2))
        low, high, all_of = f"s{self.seed}.k{start}", f"s{self.seed}.k{end}", f"s{self.seed}."
        many = [f"s{self.seed}.m", f"s{self.seed}.n"]
        position = self.random.randrange(MANY)
        steps: list[list[Step]] = [
            [["range", low, high], ["put", self.staying(), self.value()]],
            [["range_first", low, all_of + "~", str(self.random.randrange(1, 5))],
             ["put", self.staying(), self.value()]],
            [["range_then_put", low, high, self.key()]],
            [["range", low, high]],
            [["range_page", low, all_of + "~", "3"]],
            [["range", *many], ["put", self.staying(), self.value()]],
            [["range_first", *many, str(self.random.choice((49, 50, 51, 60)))],
             ["put", self.key(), self.value()]],
            [["put", f"s{self.seed}.m{position:04}", self.value()]],
            [["del", f"s{self.seed}.m{position:04}"]],
            [["put", f"s{self.seed}.m{position:04}x", self.value()]],
            [["partial_composite", "item", f"s{self.seed}"], ["put", self.key(), self.value()]],
            [["range", low, high], ["range", high, all_of + "~"], ["get", self.key()],
             ["put", self.item(), self.value()]],
        ]  # fmt: skip
        return self._plan(*self.random.choice(steps))

    def _policy(self) -> list[str]:
        kind = self.random.choice(("all", "any"))
        role = self.random.choices(("peer", "member", "client"), (8, 2, 0))[0]
        return [kind, role, *self.random.sample(MEMBERS, self.random.choice((1, 1, 2, 3)))]

    def _policies(self) -> Plan:
        key, policy = self.key(), self._policy()
        steps: list[list[Step]] = [
            [["renew_policy", key, *policy]],
            [["put", key, self.value()], ["set_policy", key, *policy]],
            [["set_policy", self.staying(), *policy]],
            [["set_policy", self.staying(), *policy], ["put", self.key(), self.value()]],
            [["put", self.staying(), self.value()]],
            [["get", key], ["clear_policy", key]],
            [["clear_policy", self.staying()]],
            [["del", key], ["set_policy", key, *policy]],
            [["get_policy", key], ["put", key, self.value()]],
            [["put", key, self.value()], ["set_policy", self.staying(), *policy]],
        ]
        return self._plan(*self.random.choice(steps), chaincode=self.random.choice(("all", "all", "other")))

    def _private(self) -> Plan:
        name = self.random.choice(list(HOLDERS))
        key, value = self.private_key(), self.value()
        stays = f"s{self.seed}.pstays"
        steps: list[list[Step]] = [
            [["pput", name, key, value]],
            [["pput", name, key, value]],
            [["pget", name, key], ["pput", name, key, value]],
            [["phash", name, key], ["put", self.key(), value]],
            [["pdel", name, key]],
            [["ppurge", name, key]],
            [["pput", name, key, value], ["pput", name, self.private_key(), value],
             ["put", self.key(), value]],
            [["phash", name, key], ["pset_policy", name, key, *self._policy()]],
            [["pput", name, key, value], ["pset_policy", name, key, *self._policy()]],
            [["pput", name, stays, value]],
            [["pset_policy", name, stays, *self._policy()]],
            [["prange", name, f"s{self.seed}.", f"s{self.seed}.z"]],
            [["ppurge", name, key], ["put", self.key(), value]],
            [["pput", name, key, value], ["pput", "everybody", key, value], ["ppurge", name, key]],
        ]  # fmt: skip
        holders = HOLDERS[name]
        chosen = self.random.choice(steps)
        endorsers = holders if self.random.random() < 0.6 else self._endorsers()
        if any(step[0] == "pset_policy" for step in chosen):
            # Who holds the data and misses such a set does not tell the value of the key until it comes.
            endorsers = tuple(dict.fromkeys((*holders, *endorsers)))
        creator = "BMSP" if name == "onlyb" else self.random.choice(MEMBERS)
        return Plan("all", tuple(chosen), creator, endorsers)

    def _mixed(self) -> Plan:
        called = f"s{self.seed}.called"
        steps: list[list[Step]] = [
            [["invoke", "other", "", "put", called, self.value()], ["put", self.key(), self.value()]],
            [["invoke", "other", "", "get", called], ["put", self.key(), self.value()]],
            [["invoke", "other", "", "put", called, self.value()]],
            [["put", self.key(), self.value()], ["get", self.key()], ["pput", "ab", self.private_key(), "w"],
             ["range", f"s{self.seed}.k", f"s{self.seed}.l"], ["ppurge", "ab", self.private_key()]],
            [["get", self.key()], ["phash", "ab", self.private_key()], ["range", f"s{self.seed}.k", ""]],
        ]  # fmt: skip
        return self._plan(*self.random.choice(steps), chaincode="all")
