"""Several commands decided on one state and committed in one block, as Fabric's validation lets them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hansa_domain.errors import Refusal
from hansa_domain.execution import Outcome
from hansa_domain.operation import Caller, Context, Fetch, Key, Records
from tests.support.domain import World, ulid

Call = tuple[str, str, dict[str, Any]]
"""Caller, operation, fields without id."""


@dataclass(frozen=True)
class Endorsed:
    """A command as endorsed: what it read, and what it would write."""

    call: Call
    reads: frozenset[Key]
    outcome: Outcome


class _Endorser(World):
    reads: frozenset[Key] = frozenset()

    def fetch(self, wanted: Fetch) -> Records:
        self.reads |= set(wanted.keys)
        return super().fetch(wanted)


def endorse(world: World, call: Call, seed: object) -> Endorsed | None:
    """Decides a command on the state as it is, None where it is refused."""
    caller, name, fields = call
    endorser = _Endorser(state=world.state, private=world.private, now=world.now)
    document = json.dumps({"id": ulid(seed), **fields}).encode()
    try:
        outcome = endorser.drive(name, document, Context(Caller(caller, "user"), world.now, f"tx-{seed}"))
    except Refusal:
        return None
    return Endorsed(call, endorser.reads, outcome)


def commit_block(world: World, calls: Sequence[Call], seed: object) -> list[Endorsed]:
    """Endorses all calls on one state, then commits them in order; the valid ones.

    A transaction is valid while no valid one before it in the block wrote a key that it read (MVCC). Seen to
    besides: nothing that stands on the ledger is written unread, and no two valid ones write one key.
    """
    endorsed = [endorse(world, call, (seed, place)) for place, call in enumerate(calls)]
    before = frozenset(world.state)
    written: set[Key] = set()
    valid: list[Endorsed] = []
    for one in endorsed:
        if one is None or one.reads & written:
            continue
        writes = set(one.outcome.writes)
        assert not writes & written, f"{one.call[1]} writes what another one of the block wrote"
        blind = {key for key in writes & before if key not in one.reads and not _follows(key, one.reads)}
        assert not blind, f"{one.call[1]} writes unread {blind}"
        written |= writes
        valid.append(one)
        world.keep(one.outcome)
    return valid


def _follows(key: Key, reads: frozenset[Key]) -> bool:
    """An index entry lives and dies with its record, which was read in its place."""
    if key[0] == "owned":
        return ("note", key[3]) in reads
    if key[0] in ("epc-event", "epcis-hash"):
        return ("epcis-event", *key[-3:]) in reads
    return key[0] == "escrow" and ("order", *key[1:]) in reads
