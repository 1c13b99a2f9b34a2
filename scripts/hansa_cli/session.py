"""What every command shares: which network, who acts, and how answers and errors are shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from hansa.client import Client, connect
from hansa.errors import hint
from hansa.profile import locate
from hansa.submission import Receipt, Retry
from hansa_cli.reporting import CliError
from hansa_domain.argument import field_refusal
from hansa_domain.members import Member
from hansa_network.network import Network

__all__ = [
    "NUMBERS", "As", "CliError", "CommandId", "Data", "Json", "account", "acting", "committed", "document",
    "err", "find_member", "invalid", "member", "network", "out", "show",
]  # fmt: skip

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the network; else $HANSA_DATA, else the network brought up last."),
]
As = Annotated[str, typer.Option("--as", help="Who acts: ORGANISATION or ORGANISATION/USER.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]
CommandId = Annotated[
    str | None, typer.Option("--id", help="ULID of the command, to repeat one without a second effect.")
]

NUMBERS = {"ignore_unknown_options": True}
"""For verbs that take numbers: a negative one is a wrong number, told as such, and no unknown option."""

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def network(data: Path | None) -> Network:
    """The network meant. Raises HansaError or NetworkError."""
    return Network.at(locate(data))


@contextmanager
def acting(who: str, data: Path | None) -> Iterator[Client]:
    """A client for ``ORGANISATION[/USER]``; without a user, the administrator."""
    organization, _, user = who.partition("/")
    with connect(organization, user or "admin", data=data, on_retry=_tell) as client:
        yield client


def _tell(retry: Retry) -> None:
    err.print(f"[dim]again after attempt {retry.attempt}: {retry.reason}[/]")


def member(client: Client, name: str) -> str:
    """The MSP id of a member given by name or MSP id, in any case. Raises CliError (MEMBER_UNKNOWN)."""
    return find_member(client.members.list().members, name)


def find_member(members: list[Member], name: str) -> str:
    """As ``member``, among these."""
    for one in members:
        if name.lower() in (one.msp_id.lower(), one.name.lower()):
            return one.msp_id
    known = ", ".join(one.name for one in members)
    raise CliError("MEMBER_UNKNOWN", f"There is no member {name!r}.", f"Known are: {known}.")


def account(client: Client, name: str) -> str:
    """An account given as ``MEMBER`` or ``MEMBER/name``, with the member by name or MSP id."""
    who, slash, rest = name.partition("/")
    return member(client, who) + slash + rest


def invalid(error: msgspec.ValidationError, file: Path | None = None, prefix: str = "") -> CliError:
    """What is wrong with a field, in words.

    Args:
        error: what reading it said.
        file: the file that has it; None where it was typed.
        prefix: what stands before the field's path.
    """
    found = field_refusal(error, prefix)
    where = "" if file is None else f"{file}: "
    return CliError("FIELD_INVALID", f"{where}{found.message}", hint("FIELD_INVALID"), found.field)


def show(value: Any, as_json: bool, text: str) -> None:
    """Prints an answer: the document for programs, or the text for people."""
    if as_json:
        sys.stdout.write(json.dumps(document(value), indent=2, ensure_ascii=False) + "\n")
    else:
        out.print(text, markup=False)


def document(value: Any) -> Any:
    """A reply or receipt as JSON shows it."""
    if isinstance(value, Receipt):
        return {
            "reply": msgspec.to_builtins(value.reply),
            "command_id": value.command_id,
            "transaction_id": value.transaction_id,
            "block": value.block_number,
            "validation_code": "VALID",
            "attempts": value.attempts,
            "repeated": value.repeated,
        }
    return msgspec.to_builtins(value)


def committed(receipt: Receipt[Any]) -> str:
    """The end of a line about a command: where it stands on the ledger."""
    when = "carried out before, in " if receipt.repeated else ""
    return f"({when}block {receipt.block_number}, transaction {receipt.transaction_id[:12]})"
