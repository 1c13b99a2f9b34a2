"""Commands that were carried out: remembered, so that a repetition has no second effect."""

from __future__ import annotations

import hashlib
from typing import ClassVar

import msgspec

from hansa_domain.error_codes import Code
from hansa_domain.fields import EntityId, Sha256Hex, Timestamp
from hansa_domain.operation import Context, Decision, Fetch, Query, Record, Steps, canonical, operation


class CommandRecord(Record, frozen=True, kw_only=True):
    """A command that was carried out; key ``("command", "<msp>.<ulid>")`` (rule 6).

    ``digest`` is SHA-256 over canonical JSON of [operation, command]; ``reply`` is what was answered, in the
    transaction ``tx_id``.
    """

    NOUN: ClassVar[str] = "command"
    operation: str
    digest: Sha256Hex
    reply: msgspec.Raw
    tx_id: str
    at: Timestamp


class GetCommand(Query["CommandReply"], frozen=True, kw_only=True):
    """``commands:Get``: what became of a command, by ``<MSP id>.<ULID>``."""

    command: EntityId


class CommandReply(msgspec.Struct, frozen=True, kw_only=True):
    """A command as it was carried out. ``reply`` is its reply's document, ``digest`` as in CommandRecord."""

    operation: str
    digest: str
    reply: msgspec.Raw
    tx_id: str
    at: Timestamp


def command_digest(operation_name: str, command: msgspec.Struct) -> str:
    """What tells one command from another given under the same id; see CommandRecord."""
    return hashlib.sha256(canonical([operation_name, command])).hexdigest()


@operation("commands:Get", GetCommand, CommandReply)
def get(command: GetCommand, context: Context) -> Steps:
    """One command, if it was carried out; a refused one leaves no trace."""
    records = yield Fetch(keys=((CommandRecord.NOUN, command.command),))
    found = records.get(CommandRecord, command.command, refuse=Code.COMMAND_NOT_FOUND, where="command")
    reply = CommandReply(
        operation=found.operation, digest=found.digest, reply=found.reply, tx_id=found.tx_id, at=found.at
    )
    return Decision(reply=reply)
