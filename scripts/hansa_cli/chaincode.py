"""``hansa chaincode``: the version that runs, and going to another one while the network runs."""

from __future__ import annotations

import shlex
from typing import Annotated

import msgspec
import typer

from hansa_cli.session import Data, Json, err, network, out, show
from hansa_gateway import GatewayError
from hansa_network.errors import NetworkError
from hansa_network.network import Network
from hansa_network.upgrade import Agreement, Upgrade, agreement

app = typer.Typer(no_args_is_help=True)

Version = Annotated[str, typer.Option("--version", help="The version to go to, such as 0.2.0.")]
ProgramLine = Annotated[
    str,
    typer.Option("--program", help="Command line of its process; else the contracts that come with Hansa."),
]
Member = Annotated[str, typer.Option("--as", help="The organisation whose step this is.")]


@app.command("show")
def show_agreement(data: Data = None, json: Json = False) -> None:
    """The version in force, the one being agreed on, and who has approved it."""
    try:
        found = agreement(network(data))
    except GatewayError as error:
        raise NetworkError("NOT_RUNNING", f"No peer tells: {error}", "Start it with: hansa up") from error
    show(msgspec.to_builtins(found), json, _text(found))


@app.command()
def upgrade(version: Version, program: ProgramLine = "", data: Data = None) -> None:
    """Goes to another version, for all organisations of this machine; no trade is refused meanwhile."""
    target = _upgrade(network(data), version, program)
    target.carry_out(_say)
    out.print(f"version {version} is in force (sequence {target.chaincode.sequence})", markup=False)


@app.command()
def approve(version: Version, member: Member, program: ProgramLine = "", data: Data = None) -> None:
    """One organisation's part: installs, starts and approves the version."""
    target = network(data)
    organization = target.consortium.organization(member)
    _upgrade(target, version, program).approve([organization], _say)
    out.print(f"{organization.name} has approved version {version}", markup=False)


@app.command()
def commit(version: Version, member: Member, data: Data = None) -> None:
    """Puts the version in force, once enough organisations have approved."""
    target = network(data)
    found = _upgrade(target, version)
    found.commit(target.consortium.organization(member), _say)
    out.print(f"version {version} is in force (sequence {found.chaincode.sequence})", markup=False)


@app.command()
def retire(version: Version, data: Data = None) -> None:
    """Ends this machine's processes of the version before, now that this one is in force."""
    _upgrade(network(data), version).retire(_say)


def _upgrade(target: Network, version: str, program: str = "") -> Upgrade:
    return Upgrade(target, version, shlex.split(program))


def _say(step: str) -> None:
    err.print(f"[dim]{step}[/]")


def _text(found: Agreement) -> str:
    lines = [f"version {found.version} (sequence {found.committed} is in force)"]
    if found.next_version is not None:
        lines.append(f"being agreed on: {found.next_version}")
        lines += [f"  {name}: {'approved' if yes else 'missing'}" for name, yes in found.approvals.items()]
    return "\n".join(lines)
