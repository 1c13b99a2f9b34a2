"""Guards: whose peer must have executed a change of a record besides the majority (rule 5 of the ledger).

A majority of members executes every transaction. Over some records one member has a say of his own: over
notes their owner, over an escrow the buyer whose money it is, over goods who holds them. A change of such a
record needs that member's peer among the majority, or so many members that no single one holds up the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hansa_domain.operation import Key, Record


class Roster(Record, frozen=True, kw_only=True):
    """The MSP ids of all present members, in order; key ``("roster",)``.

    One record, so that a command can count the members without a scan. Every command reads it; it changes
    when somebody joins or leaves.
    """

    NOUN: ClassVar[str] = "roster"
    members: list[str]

    @property
    def majority(self) -> int:
        """More than half of the members: what every transaction needs."""
        return len(self.members) // 2 + 1


ROSTER: Key = (Roster.NOUN,)
"""Where it stands."""


@dataclass(frozen=True)
class Guard:
    """Who must endorse a change of one record.

    Args:
        members: MSP ids of all members, in order.
        owner: the member with a say of his own; None where he is a member no longer.
    """

    members: tuple[str, ...]
    owner: str | None

    @property
    def others(self) -> tuple[str, ...]:
        """The members besides the owner."""
        return tuple(each for each in self.members if each != self.owner)

    @property
    def beside_owner(self) -> int:
        """How many others, with the owner, make a majority."""
        return len(self.members) // 2

    @property
    def without_owner(self) -> int:
        """How many members decide against the owner, or while he is silent.

        Two thirds, rounded up, and one more than a majority, as far as one silent member does not stop all.
        """
        count = len(self.members)
        majority = count // 2 + 1
        wanted = max(-(-2 * count // 3), majority + 1)
        return max(majority, min(wanted, count - 1))


def guard_of(record: Record, roster: Roster) -> Guard | None:
    """The guard a record gets when it is written now; None where the majority alone decides over it."""
    owner = record.guardian
    if owner is None:
        return None
    return Guard(tuple(roster.members), owner if owner in roster.members else None)
