"""From a function's name and argument to exactly what the ledger is to keep: the way every call takes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hansa_domain.accounts.spending import judged
from hansa_domain.argument import decode_argument
from hansa_domain.catalogue import OPERATIONS
from hansa_domain.commands import CommandRecord, command_digest
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.frozen import FROZEN, FrozenAccounts, refuse_frozen
from hansa_domain.guards import ROSTER, Guard, Roster, guard_of
from hansa_domain.members import Member, present_member
from hansa_domain.operation import (
    Command,
    Context,
    Decision,
    Fetch,
    Key,
    Operation,
    PrivateKey,
    Record,
    Records,
    Steps,
    canonical,
)


@dataclass(frozen=True)
class Outcome:
    """What the contract does with the ledger: writes in order of key (None deletes), the event, the reply.

    ``guards`` are those of the records written that have one. ``event`` is the payload of the Fabric event
    ``hansa`` or None; ``replayed`` tells that the command was carried out before, so that nothing is written.
    """

    reply: bytes
    writes: Mapping[Key, bytes | None] = field(default_factory=dict)
    private_writes: Mapping[PrivateKey, bytes | None] = field(default_factory=dict)
    guards: Mapping[Key, Guard] = field(default_factory=dict)
    event: bytes | None = None
    replayed: bool = False


Execution = Generator[Fetch, Records, Outcome]
"""An execution at work: it yields Fetch, is sent Records, and returns its Outcome."""


def execute(name: str, argument: bytes, context: Context) -> Execution:
    """Carries out one call of the chaincode, up to but not including input and output.

    Args:
        name: the function, such as ``orders:Place``.
        argument: one JSON document, the command or query.
        context: caller, time and transient data.

    Raises:
        Refusal: whatever the rules say no to; nothing is to be written then.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise Refusal(Code.UNKNOWN_FUNCTION, f"There is no function {name[:80]!r}.")
    command = decode_argument(operation, argument)
    if operation.query:
        decision = yield from operation.decide(command, context)
        if decision.writes or decision.private_writes or decision.events:
            raise ValueError(f"the query {name} would write")
        return Outcome(reply=canonical(decision.reply))
    return (yield from _carry_out(operation, command, context))


def _carry_out(operation: Operation[Any], command: Command[Any], context: Context) -> Execution:
    reference = context.reference(command)
    digest = command_digest(operation.name, command)
    steps = operation.decide(command, context)
    wanted, decision = _advance(steps, None)
    ours: list[Key] = [(Member.NOUN, context.caller.msp_id)]
    if not operation.private:
        ours += [(CommandRecord.NOUN, reference), ROSTER, FROZEN]
    records = yield _joined(wanted or Fetch(), ours)
    frozen = None if operation.private else records.find(FrozenAccounts)
    if not operation.private:
        before = records.find(CommandRecord, reference)
        if before is not None:
            steps.close()
            return _replay(before, digest, reference)
    if operation.members_only and present_member(records, context.caller.msp_id) is None:
        steps.close()
        raise Refusal(Code.NOT_A_MEMBER, f"{context.caller.msp_id} is not a member of the consortium.")
    roster = None if operation.private else records.find(Roster)
    read = dict(records.values)
    while decision is None:
        wanted, decision = _advance(steps, records)
        if wanted is not None:
            records = yield wanted
            read.update(records.values)
    decision = yield from judged(operation.name, command, decision, read, context)
    reply = canonical(decision.reply)
    writes = dict(decision.writes)
    if not operation.private:
        writes[CommandRecord.NOUN, reference] = CommandRecord(
            operation=operation.name,
            digest=digest,
            reply=msgspec.Raw(reply),
            tx_id=context.tx_id,
            at=context.at,
        )
    refuse_frozen(writes, frozen)
    return _outcome(decision, writes, reply, roster)


def _advance(steps: Steps, records: Records | None) -> tuple[Fetch | None, Decision | None]:
    """The next Fetch of an operation, or its Decision."""
    try:
        wanted = next(steps) if records is None else steps.send(records)
    except StopIteration as end:
        decided: Decision = end.value
        return None, decided
    if wanted.scans:
        # Pages cannot be checked for newcomers, so that a peer refuses writes after one; see Fetch.ranges.
        raise ValueError("a command must not scan")
    return wanted, None


def _joined(fetch: Fetch, more: list[Key]) -> Fetch:
    keys = tuple(dict.fromkeys((*fetch.keys, *more)))
    return Fetch(keys=keys, private=fetch.private, ranges=fetch.ranges)


def _replay(before: CommandRecord, digest: str, reference: str) -> Outcome:
    if before.digest != digest:
        raise Refusal(
            Code.COMMAND_ID_REUSED, f"The command {reference} was given before with other content.", "id"
        )
    return Outcome(reply=bytes(before.reply), replayed=True)


def _outcome(
    decision: Decision, writes: dict[Key, Record | None], reply: bytes, roster: Roster | None
) -> Outcome:
    private = decision.private_writes
    guards = {
        key: guard
        for key in sorted(writes)
        if roster is not None
        and (record := writes[key]) is not None
        and (guard := guard_of(record, roster)) is not None
    }
    event = canonical({"v": 1, "events": list(decision.events)}) if decision.events else None
    return Outcome(
        reply=reply,
        writes={key: _encoded(writes[key]) for key in sorted(writes)},
        private_writes={
            place: _encoded(private[place])
            for place in sorted(private, key=lambda place: (place.msp_id, place.key))
        },
        guards=guards,
        event=event,
    )


def _encoded(record: Record | None) -> bytes | None:
    return None if record is None else canonical(record)
