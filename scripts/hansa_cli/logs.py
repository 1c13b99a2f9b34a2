"""``hansa logs``: what every program of the network wrote about one transaction."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from hansa_cli.session import CliError, Data, Json, network, show
from hansa_network.operations.log_lines import LogLine, lines_about

# These stand in front of a line, or say nothing new in one about this transaction.
_SHOWN_ELSEWHERE = frozenset(("timestamp", "event", "level", "component", "logger", "transaction_id"))


def register(app: typer.Typer) -> None:
    """Adds the verb to the command line."""
    app.command()(logs)


def logs(
    transaction: Annotated[str, typer.Argument(help="Transaction id, or its first characters: 8 or more.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Gathers the lines of all logs about one transaction, in order of time."""
    folder = network(data).folder.logs
    found = lines_about(folder, transaction)
    if not found:
        raise CliError(
            "NO_LOG_LINES",
            f"No log in {folder} names transaction {transaction}.",
            "Fabric's programs name transactions from level info on: log_level in consortium.yaml.",
        )
    show([asdict(line) for line in found], json, "\n".join(_text(line) for line in found))


def _text(line: LogLine) -> str:
    told: dict[str, Any] = {
        name: value
        for name, value in line.fields.items()
        if name not in _SHOWN_ELSEWHERE and value is not None
    }
    return " ".join(
        [line.at or "-", f"{line.log}:", line.text, *(f"{name}={value}" for name, value in told.items())]
    )
