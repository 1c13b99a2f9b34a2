"""The list of frozen accounts, and that nothing is paid out of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.notes import Owned
from hansa_domain.operation import Key, Record

MAX_FROZEN = 1000
"""How many accounts may be frozen at once: every payment reads the list."""


class FrozenAccounts(Record, frozen=True, kw_only=True):
    """All frozen accounts, in order; key ``("frozen",)``.

    One record, read with the first batch of every command, so that a payment costs no batch more for it. It
    changes rarely; a payment under way meanwhile is tried again.
    """

    NOUN: ClassVar[str] = "frozen"
    accounts: list[str]


FROZEN: Key = (FrozenAccounts.NOUN,)
"""Where it stands."""


def refuse_frozen(writes: Mapping[Key, Record | None], frozen: FrozenAccounts | None) -> None:
    """Refuses ACCOUNT_FROZEN where a note of a frozen account would be consumed.

    Args:
        writes: what a command would write; who consumes a note takes it out of its owner's index.
        frozen: the list; None where nobody was ever frozen.
    """
    if frozen is None:
        return
    for key, value in writes.items():
        if key[0] == Owned.NOUN and value is None and key[1] in frozen.accounts:
            raise Refusal(Code.ACCOUNT_FROZEN, f"{key[1]} is frozen: nothing is paid out of it.", "notes")
