"""``hansa status``: how the network is, and what to do about what is wrong."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from hansa_cli.session import CliError, Data, Json, network, out, show
from hansa_network.consortium import Organization
from hansa_network.network import Network
from hansa_network.operations.problem import ERROR, WARNING, Problem
from hansa_network.operations.status import LAG_BLOCKS, Status, network_status
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import ReadModelError, open_database, said

_REMEDIES = {
    "sqlite": "It holds nothing of its own: delete it, and the projector makes it anew.",
    "postgresql": "Does its server run, and does it let this user in? See docs/operate/postgresql.md.",
}
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def register(app: typer.Typer) -> None:
    """Adds the verb to the command line."""
    app.command()(status)


def status(data: Data = None, json: Json = False) -> None:
    """How the network is, and what to do about what is wrong. Exit status 1 where something does not work."""
    target = network(data)
    found = network_status(target)
    read = _read_model(target, found)
    problems = found.problems + _read_model_problems(read)
    answer = _document(target, found, read, problems)
    if json:
        show(answer, json, "")
    else:
        _print(target, found, read, problems)
    _fail(problems)


def _fail(problems: list[Problem]) -> None:
    wrong = [problem for problem in problems if problem.severity == ERROR]
    if not wrong:
        return
    if any(problem.code in ("NOT_RUNNING", "PROCESS_ENDED") for problem in wrong):
        raise CliError("NOT_RUNNING", "Not everything runs.", "Start it with: hansa up")
    codes = ", ".join(sorted({problem.code for problem in wrong}))
    raise CliError("UNHEALTHY", f"Something does not work: {codes}.", wrong[0].remedy)


def _read_model(target: Network, found: Status) -> dict[str, Any]:
    """How far the projector has read, in blocks; ``next_block`` None where it has not begun."""
    database = "sqlite" if target.folder.database_server() is None else "postgresql"
    read: dict[str, Any] = {"database": database, "next_block": None, "lag": None, "trouble": None}
    if not target.folder.has_read_model:
        return read
    try:
        engine = open_database(target.folder.database_url)
        try:
            checkpoint = Queries(engine).ledger.checkpoint()
        finally:
            engine.dispose()
    except (SQLAlchemyError, ReadModelError) as error:
        return {**read, "trouble": said(error) if isinstance(error, SQLAlchemyError) else str(error)}
    if checkpoint is None:
        return read
    lag = None if found.height is None else max(0, found.height - checkpoint.next_block)
    return {**read, "next_block": checkpoint.next_block, "lag": lag}


def _read_model_problems(read: dict[str, Any]) -> list[Problem]:
    if read["trouble"]:
        return [
            Problem(
                "READ_MODEL_UNREADABLE",
                ERROR,
                "read model",
                f"The read model cannot be read: {read['trouble']}",
                _REMEDIES[read["database"]],
            )
        ]
    if read["lag"] is not None and read["lag"] > LAG_BLOCKS:
        return [
            Problem(
                "READ_MODEL_LAGS",
                WARNING,
                "read model",
                f"The read model lacks {read['lag']} blocks: pages show the past.",
                "It catches up by itself; if the lag grows, read logs/projector.log.",
            )
        ]
    return []


def _document(
    target: Network, found: Status, read: dict[str, Any], problems: list[Problem]
) -> dict[str, Any]:
    alive = {process.name: process.alive for process in found.processes}
    return {
        "name": target.consortium.name,
        "engine": target.engine.name,
        "data": str(target.folder.root),
        "running": bool(alive) and all(alive.values()),
        "processes": alive,
        "ledger": found.ledger,
        "portals": target.portals(),
        "organizations": {one.msp_id: _organization(one, found) for one in target.consortium.organizations},
        "chaincode": None if found.chaincode is None else asdict(found.chaincode),
        "read_model": read,
        "process_use": [asdict(process) for process in found.processes],
        "disk": asdict(found.disk),
        "problems": [asdict(problem) for problem in problems],
    }


def _organization(one: Organization, found: Status) -> dict[str, Any]:
    orderer = next((node for node in found.orderers if node.msp_id == one.msp_id), None)
    return {
        "name": one.name,
        "peer": asdict(found.peers[one.msp_id]),
        "orderer": None if orderer is None else {"height": orderer.height, "leader": orderer.leader},
        "certificates": [asdict(term) for term in found.certificates[one.msp_id]],
        "disk": found.disk.organizations[one.msp_id],
    }


def _print(target: Network, found: Status, read: dict[str, Any], problems: list[Problem]) -> None:
    out.print(f"{target.consortium.name} ({target.engine.name}) in {target.folder.root}", markup=False)
    out.print(_organizations_table(target, found))
    if found.processes:
        out.print(_process_table(found))
    if found.chaincode is not None:
        code = found.chaincode
        approved = sum(code.approvals.values())
        out.print(
            f"chaincode {code.name} {code.version}, sequence {code.sequence},"
            f" approved by {approved} of {len(code.approvals)}",
            markup=False,
        )
    if read["next_block"] is not None:
        behind = "" if read["lag"] is None else f", {read['lag']} blocks behind"
        out.print(f"read model ({read['database']}): height {read['next_block']}{behind}", markup=False)
    disk = found.disk
    out.print(f"disk: {_size(disk.shared)} shared ({_size(disk.logs)} logs), {_size(disk.free)} free")
    for problem in problems:
        out.print(f"{problem.severity}: {problem.message} [{problem.code}]", markup=False)
        out.print(f"  {problem.remedy}", markup=False)
    if not problems:
        out.print("all is well")


def _organizations_table(target: Network, found: Status) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in (
        "organisation",
        "peer",
        "lag",
        "orderer",
        "leads",
        "next certificate to end",
    ):
        table.add_column(heading, no_wrap=True)
    table.add_column("disk", justify="right")
    for one in target.consortium.organizations:
        shown = _organization(one, found)
        peer, orderer = shown["peer"], shown["orderer"] or {}
        terms = found.certificates[one.msp_id]
        first = f"{terms[0].use}, {terms[0].days_left} days" if terms else "-"
        table.add_row(
            one.name,
            _number(peer["height"]),
            _number(peer["lag"]),
            _number(orderer.get("height")),
            {True: "yes", False: "no", None: "-"}[orderer.get("leader")],
            first,
            _size(shown["disk"]),
        )
    return table


def _process_table(found: Status) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("process", "state", "pid"):
        table.add_column(heading)
    table.add_column("up", justify="right")
    table.add_column("memory", justify="right")
    for process in found.processes:
        table.add_row(
            process.name,
            "runs" if process.alive else "ended",
            str(process.pid),
            "-" if process.uptime_seconds is None else _duration(process.uptime_seconds),
            "-" if process.memory_bytes is None else _size(process.memory_bytes),
        )
    return table


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)


def _duration(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d {hours:02}:{minutes:02}:{seconds:02}"


def _size(count: int) -> str:
    value = float(count)
    for unit in _UNITS:
        if value < 1024 or unit == _UNITS[-1]:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    raise AssertionError("the last unit takes any size")
