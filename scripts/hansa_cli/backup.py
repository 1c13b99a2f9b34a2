"""``hansa backup`` and ``hansa restore``: one member's node in a file that a passphrase seals."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hansa_cli.session import CliError, Data, Json, err, network, show
from hansa_network.engine import FABRIC
from hansa_network.operations.backup import back_up
from hansa_network.operations.restore import restore as bring_back
from hansa_network.operations.restore import start_restored

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="File whose first line is the passphrase; else $HANSA_BACKUP_PASSPHRASE, else asked.",
    ),
]
_SHORTEST = 12


def register(app: typer.Typer) -> None:
    """Adds these verbs to the command line."""
    app.command()(backup)
    app.command()(restore)


def backup(
    org: Annotated[str, typer.Option("--org", help="Organisation by name or MSP id.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    passphrase_file: PassphraseFile = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Writes a sealed backup of a member's node: ledger, keys, read model.

    On Fabric the member's peer, ordering node and authority stop while they are copied; the others go on. On
    the embedded engine, where all members share one ledger, the backup holds all of them.
    """
    target = network(data)
    organization = target.consortium.organization(org)
    secret = _passphrase(passphrase_file, confirm=True)
    if len(secret) < _SHORTEST:
        raise CliError(
            "PASSPHRASE_SHORT",
            f"The passphrase has fewer than {_SHORTEST} characters.",
            "The backup holds the member's keys: take one that nobody guesses.",
        )
    made = back_up(target, organization, output.resolve(), secret, lambda step: err.print(f"[dim]{step}[/]"))
    whose = organization.name if made.engine == FABRIC else "all members (the embedded engine has one ledger)"
    show(
        asdict(made) | {"file": str(made.file)},
        json,
        f"backup of {whose} in {made.file}: {made.files} files, height {made.chain.height},"
        f" {made.size} bytes. Without the passphrase nobody opens it.",
    )


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    passphrase_file: PassphraseFile = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder to restore into; else $HANSA_DATA.")
    ] = None,
    json: Json = False,
) -> None:
    """Puts a member's node back where it is missing, after checking every file and block.

    Beside other members' running nodes it is started at once and catches up; else start it with: hansa up
    """
    named = data or (Path(os.environ["HANSA_DATA"]) if os.environ.get("HANSA_DATA") else None)
    if named is None:
        raise CliError("NO_FOLDER", "No folder is named.", "Name the one to restore into with --data.")

    def say(step: str) -> None:
        err.print(f"[dim]{step}[/]")

    found = bring_back(file, named.resolve(), _passphrase(passphrase_file, confirm=False), say)
    started = start_restored(found, say)
    answer = {
        "organization": found.organization.msp_id,
        "data": str(found.network.folder.root),
        "made": found.made,
        "chain": found.chain,
        "started": started,
    }
    if started:
        then = "It runs and has caught up with the others."
    elif found.alone:
        then = (
            "The other members' nodes are not in this folder, and hansa up would make new ones:"
            " start this member's programs by themselves (docs/operate/backup.md)."
        )
    else:
        then = f"Start it with: hansa up --data {found.network.folder.root}"
    show(
        answer, json, f"{found.organization.name} is as of {found.made}, height {found.chain.height}. {then}"
    )


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    known = os.environ.get("HANSA_BACKUP_PASSPHRASE")
    if known is not None:
        return known
    return str(typer.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=confirm))
