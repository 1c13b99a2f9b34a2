"""What takes the consent of more than half of the members: one record a member, counted when it matters.

Every member writes a key of its own. Who counts reads one key of each present member, and no range: of two
that approve and count in one block the later conflicts, and the SDK sends it again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.fields import Timestamp
from hansa_domain.guards import ROSTER, Roster
from hansa_domain.operation import Context, Fetch, Key, Record, Records


class MemberApproval(Record, frozen=True, kw_only=True):
    """A member approves something; key ``(NOUN, *subject, member)``. A base of such records."""

    member: str
    approved_by: str
    approved_at: Timestamp


@dataclass(frozen=True)
class Tally:
    """Who of the present members approved: MSP ids in order; and how many it takes."""

    approved: tuple[str, ...]
    members: int
    needed: int

    @property
    def reached(self) -> bool:
        """Whether more than half did."""
        return len(self.approved) >= self.needed


def tally(subject: Key, *, besides: str | None = None) -> Generator[Fetch, Records, Tally]:
    """Counts approvals of present members; ``yield from`` it.

    Args:
        subject: the key of an approval without its last part, the member.
        besides: a member who approves in this very transaction.
    """
    roster = (yield Fetch(keys=(ROSTER,))).get(Roster, refuse=Code.CONSORTIUM_NOT_INITIALIZED)
    keys: dict[str, Key] = {member: (*subject, member) for member in roster.members}
    found = yield Fetch(keys=tuple(keys.values()))
    approved = [member for member, key in keys.items() if member == besides or found.values[key] is not None]
    return Tally(tuple(approved), len(keys), roster.majority)


def require_administrator(context: Context, act: str) -> None:
    """Refuses NOT_PERMITTED unless an administrator calls; ``act`` completes "only ... may"."""
    if not context.caller.admin:
        raise Refusal(Code.NOT_PERMITTED, f"Only an administrator may {act}.")
