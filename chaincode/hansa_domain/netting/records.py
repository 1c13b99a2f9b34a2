"""Obligations, cycles in which they are netted, and the money that net debtors put in."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Annotated, ClassVar, Literal

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import NettingPosition
from hansa_domain.fields import Timestamp, form
from hansa_domain.notes import MAX_MINOR, organisation
from hansa_domain.operation import Fetch, Key, Record, Records

ObligationStatus = Literal["proposed", "confirmed", "netted", "paid", "withdrawn"]
PotId = Annotated[
    str,
    form(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\.[0-7][0-9A-HJKMNP-TV-Z]{25}/[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
        "a netting cycle's id, a slash, and the MSP id of a net debtor",
    ),
]
MAX_OBLIGATIONS = 64
"""How many obligations one cycle nets: closing it writes them all."""


class Obligation(Record, frozen=True, kw_only=True):
    """A member owes another; key ``("obligation", id)``. Both have agreed to it once it is confirmed.

    ``account`` is the creditor's. ``cycle`` is the open cycle that it is in: meanwhile nothing else happens
    to it.
    """

    NOUN: ClassVar[str] = "obligation"
    id: str
    status: ObligationStatus
    debtor: str
    creditor: str
    account: str
    currency: str
    amount: str
    reference: str | None
    registered_by: str
    registered_at: Timestamp
    cycle: str | None = None
    closed_at: Timestamp | None = None


class NettingCycle(Record, frozen=True, kw_only=True):
    """Obligations that are set off together; key ``("netting", id)``.

    ``positions`` are what each member owes or receives on balance, in order of MSP id.
    """

    NOUN: ClassVar[str] = "netting"
    id: str
    status: Literal["open", "closed", "dissolved"]
    currency: str
    obligations: list[str]
    positions: list[NettingPosition]
    opened_by: str
    opened_at: Timestamp
    due: Timestamp
    closed_at: Timestamp | None = None

    @property
    def debtors(self) -> list[NettingPosition]:
        """Those who owe on balance."""
        return [each for each in self.positions if each.owes != "0"]


class NettingPot(Record, frozen=True, kw_only=True):
    """What a net debtor put into a cycle; key ``("netting-pot", cycle, debtor)``. Gone with the cycle."""

    NOUN: ClassVar[str] = "netting-pot"
    cycle: str
    account: str
    currency: str
    amount: str

    @property
    def guardian(self) -> str:
        """The debtor, whose money it is until the cycle closes."""
        return organisation(self.account)

    @property
    def holding(self) -> tuple[str, int]:
        """All of it."""
        return self.currency, int(self.amount)


def net(obligations: Sequence[Obligation]) -> list[NettingPosition]:
    """What each member owes or receives on balance, in order of MSP id; the sums of both are equal.

    A net creditor is paid into the account of the first obligation, in order of id, in which he is creditor.
    """
    balance: dict[str, int] = {}
    account: dict[str, str] = {}
    for each in sorted(obligations, key=lambda found: found.id):
        amount = int(each.amount)
        balance[each.debtor] = balance.get(each.debtor, 0) - amount
        balance[each.creditor] = balance.get(each.creditor, 0) + amount
        account.setdefault(each.creditor, each.account)
    if any(abs(amount) > MAX_MINOR for amount in balance.values()):
        raise Refusal(Code.AMOUNT_TOO_LARGE, "A position is beyond 18 digits.", "obligations")
    return [
        NettingPosition(
            member=member,
            account=account.get(member, member),
            owes=str(max(-balance[member], 0)),
            receives=str(max(balance[member], 0)),
        )
        for member in sorted(balance)
    ]


def pot_key(cycle: str, debtor: str) -> Key:
    """Where a net debtor's money stands."""
    return (NettingPot.NOUN, cycle, debtor)


def load_obligation(obligation: str) -> Generator[Fetch, Records, Obligation]:
    """An obligation, or OBLIGATION_NOT_FOUND; ``yield from`` it."""
    records = yield Fetch(keys=((Obligation.NOUN, obligation),))
    return records.get(Obligation, obligation, refuse=Code.OBLIGATION_NOT_FOUND, where="obligation")


def load_cycle(cycle: str) -> Generator[Fetch, Records, NettingCycle]:
    """A cycle, or NETTING_NOT_FOUND; ``yield from`` it."""
    records = yield Fetch(keys=((NettingCycle.NOUN, cycle),))
    return records.get(NettingCycle, cycle, refuse=Code.NETTING_NOT_FOUND, where="cycle")


def load_pots(cycle: NettingCycle) -> Generator[Fetch, Records, dict[str, NettingPot | None]]:
    """What each net debtor put in, by MSP id, None for who has not; ``yield from`` it."""
    keys = {each.member: pot_key(cycle.id, each.member) for each in cycle.debtors}
    records = yield Fetch(keys=tuple(keys.values()))
    return {member: records.find(NettingPot, *key[1:]) for member, key in keys.items()}


class ObligationReply(msgspec.Struct, frozen=True, kw_only=True):
    """An obligation as it stands."""

    obligation: Obligation


class NettingReply(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle as it stands, and who of the net debtors has put his part in, by MSP id."""

    cycle: NettingCycle
    funded: list[str]
