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
from hansa.errors import HansaError
from hansa.profile import locate
from hansa.submission import Receipt, Retry
from hansa_domain.members import Member
from hansa_network.errors import NetworkError
from hansa_network.network import Network

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of the network; else $HANSA_DATA, else the network brought up last."),
]
As = Annotated[str, typer.Option("--as", help="Who acts: ORGANISATION or ORGANISATION/USER.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]
CommandId = Annotated[
    str | None, typer.Option("--id", help="ULID of the command, to repeat one without a second effect.")
]

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


class CliError(Exception):
    """A command that cannot be carried out as given.

    Args:
        code: stable upper-case code.
        message: what is wrong.
        hint: what to do about it.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def fail(code: str, message: str, hint: str, field: str | None = None) -> None:
    """Says on stderr what went wrong and what to do."""
    where = f" (field {field})" if field else ""
    err.print(f"[bold red]{code}[/]: ", end="")
    err.print(f"{message}{where}", markup=False)
    if hint:
        err.print(f"  {hint}", markup=False)


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
        }
    return msgspec.to_builtins(value)


def committed(receipt: Receipt[Any]) -> str:
    """The end of a line about a command: where it stands on the ledger."""
    return f"(block {receipt.block_number}, transaction {receipt.transaction_id[:12]})"


@contextmanager
def reporting() -> Iterator[None]:
    """Turns every expected failure into words on stderr and exit status 1."""
    try:
        yield
    except HansaError as error:
        fail(error.code, error.message, error.hint, error.field)
    except (NetworkError, CliError) as error:
        fail(error.code, error.message, error.hint)
    else:
        return
    raise SystemExit(1)
