"""``hansa up``, ``down``, ``reset``, ``env``, ``profile``, ``peer`` and ``node``: the network itself."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from hansa.client import connect_member
from hansa.errors import RefusedError
from hansa_cli.session import CliError, Data, err, network, out
from hansa_cli.watching import Ended, Watch
from hansa_devnode.services.control import ControlError
from hansa_domain.members import Fee, MemberEntry
from hansa_network import consortium as description
from hansa_network import sign_ins
from hansa_network.connection_profile import HOST
from hansa_network.data_folder import DataFolder, default_root
from hansa_network.engine import DEVNODE, ENGINES, FABRIC
from hansa_network.network import Network

# Seconds without another end before a process counts as ended by itself; on Fabric that is only told.
_QUIET, _FABRIC_QUIET = 10.0, 3.0

Organization = Annotated[str, typer.Argument(help="Organisation by name or MSP id.")]
EngineName = Annotated[
    str | None, typer.Option("--engine", help="devnode or fabric; else the one the network was made on.")
]
Config = Annotated[Path | None, typer.Option("--config", help="Description of the network (YAML).")]

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="Read model in PostgreSQL (postgresql://USER@HOST/NAME), or sqlite; it is remembered.",
    ),
]


def register(app: typer.Typer) -> None:
    """Adds these verbs to the command line."""
    for verb in (up, down, reset, profile, peer, node):
        app.command()(verb)
    app.command("env")(environment)


def up(
    engine: EngineName = None,
    config: Config = None,
    data: Data = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return once it serves.")] = False,
    database: Database = None,
) -> None:
    """Brings the network up, and keeps it until interrupted unless detached."""
    target = prepare(config, data, engine)
    if database is not None:
        choose_database(target, database)
    start(target)
    show_sign_ins(target)
    if not detach:
        hold(target)


def prepare(config: Path | None, data: Path | None, engine: str | None = None) -> Network:
    """The network to bring up, as ``config`` says or as it was made; in ``data``, else ``$HANSA_DATA``."""
    if engine not in (None, *ENGINES):
        raise CliError(
            "ENGINE_UNKNOWN", f"There is no engine {engine!r}.", f"Use one of {', '.join(ENGINES)}."
        )
    consortium = description.load(config)
    named = os.environ.get("HANSA_DATA")
    root = data or (Path(named) if named else default_root(consortium.name))
    folder = DataFolder(root.resolve())
    if config is None and folder.consortium_file.exists():
        consortium = folder.consortium()
    return Network(folder, consortium, engine or folder.engine_name() or DEVNODE)


def choose_database(target: Network, url: str) -> None:
    """Writes down where the read model is from now on, once that database lets us in.

    Args:
        url: of a PostgreSQL database, without a password; or ``sqlite``, for a file in the data folder.

    Raises:
        CliError: the network runs (ALREADY_RUNNING), or the database cannot be used (DATABASE_UNUSABLE).
    """
    from hansa_readmodel.store import ReadModelError, database_url, open_database, reach

    if target.running:
        raise CliError("ALREADY_RUNNING", "Its processes use another database.", "Stop them with: hansa down")
    if url == "sqlite":
        target.folder.set_database_server(None)
        return
    try:
        parsed = database_url(url)
        if parsed.get_backend_name() != "postgresql" or parsed.password is not None:
            raise ReadModelError("Give postgresql://USER@HOST/NAME, and a password in ~/.pgpass, not here.")
        engine = open_database(url)
        try:
            reach(engine)
        finally:
            engine.dispose()
    except ReadModelError as error:
        raise CliError("DATABASE_UNUSABLE", str(error), "See docs/operate/postgresql.md.") from error
    target.folder.set_database_server(url)


def start(target: Network) -> None:
    """Brings a network up, begins its consortium if it has not begun, and starts projector and portals."""
    if not target.running:
        check_ports(target)
    target.up(lambda step: err.print(f"[dim]{step}[/]"))
    try:
        begin(target)
        target.start_services(lambda step: err.print(f"[dim]{step}[/]"))
    except BaseException:
        target.down()
        raise


def check_ports(target: Network, seconds: float = 5.0) -> None:
    """Sees that every port of the network is free.

    Args:
        seconds: how long to wait for processes of before, which may be ending.

    Raises:
        CliError: PORT_IN_USE, naming those that are not.
    """
    deadline = time.monotonic() + seconds
    while taken := [str(port) for port in target.consortium.ports() if not _free(port)]:
        if time.monotonic() > deadline:
            raise CliError(
                "PORT_IN_USE",
                f"Another program listens on {HOST}, port {', '.join(taken)}.",
                "Stop it (another network: hansa down), or give other ports in a file with --config.",
            )
        time.sleep(0.1)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection of before that is still closing takes no port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def begin(target: Network) -> None:
    """Sends ``members:Init`` from the network's description, unless the consortium has begun."""
    consortium = target.consortium
    first = consortium.organizations[0]
    with connect_member(target.folder.organization(first), sign_ins.ADMIN) as client:
        try:
            client.members.list()
        except RefusedError as error:
            if error.code != "CONSORTIUM_NOT_INITIALIZED":
                raise
            client.members.init(
                [
                    MemberEntry(msp_id=o.msp_id, name=o.name, role=o.role, country=o.country, gln=o.gln)
                    for o in consortium.organizations
                ],
                Fee(basis_points=consortium.fee.basis_points, account=consortium.fee.account),
                consortium.arbitrator,
            )


def show_sign_ins(target: Network) -> None:
    """Prints where the portals are and who may sign in."""
    out.print(f"network {target.consortium.name} is up in {target.folder.root}", markup=False)
    for name, address in target.portals().items():
        known = sign_ins.read(target.folder.sign_ins(target.consortium.organization(name)))
        users = ", ".join(f"{user} / {word}" for user, word in known.items() if user != sign_ins.SERVICE)
        out.print(f"  {name:<12} {address}  {users}", markup=False)


def hold(target: Network) -> None:
    """Waits for an interrupt, then takes the network down.

    On Fabric a process that ends by itself is told of, and the rest goes on: members bear one another's
    losses. The embedded engine is one process, which everything else needs; without it all is taken down.
    """
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    out.print("press Ctrl-C to stop", markup=False)
    watch = Watch(_FABRIC_QUIET if target.engine_name == FABRIC else _QUIET)
    domains = {one.domain: one.name for one in target.consortium.organizations}
    ended: list[Ended] = []
    while not stopping.wait(0.5):
        processes = target.processes()
        if not processes:
            out.print("stopped from elsewhere", markup=False)
            return
        ended, back = watch.look(processes)
        if ended and (target.engine_name != FABRIC or not any(each.alive for each in processes)):
            break
        for one in ended:
            err.print(one.told(target.folder.logs, domains), markup=False)
        for name in back:
            err.print(f"{name} runs again", markup=False)
    target.down()
    if ended and not stopping.is_set():
        raise CliError(
            "PROCESS_ENDED",
            f"{', '.join(one.name for one in ended)} ended by itself, so the network was stopped.",
            f"Look into {target.folder.logs}.",
        )


def down(data: Data = None) -> None:
    """Stops the network; what it holds stays."""
    target = network(data)
    was_running = target.running
    target.down()
    said = "is stopped" if was_running else "was not running"
    out.print(
        f"network {target.consortium.name} {said}; what it holds stays in {target.folder.root}", markup=False
    )


def reset(data: Data = None, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stops the network and deletes everything it holds: ledger, keys, read model."""
    target = network(data)
    if not yes:
        typer.confirm(f"Delete everything in {target.folder.root}?", abort=True)
    target.reset()
    out.print(
        f"network {target.consortium.name} is gone, with all that {target.folder.root} held", markup=False
    )


def environment(organization: Organization, data: Data = None) -> None:
    """Prints what Fabric's own clients need, for: eval "$(hansa env ORG)"."""
    target = network(data)
    for name, value in target.environment(target.consortium.organization(organization)).items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def profile(organization: Organization, data: Data = None) -> None:
    """Prints the organisation's common connection profile (JSON)."""
    target = network(data)
    typer.echo(target.profile(target.consortium.organization(organization)), nl=False)


def peer(
    action: Annotated[str, typer.Argument(help="stop or start.")],
    organization: Organization,
    data: Data = None,
) -> None:
    """Silences an organisation's peer, or brings it back; for trying failures."""
    node(action, "peer", organization, data)


def node(
    action: Annotated[str, typer.Argument(help="stop or start.")],
    kind: Annotated[str, typer.Argument(help="peer; on Fabric also ca, orderer or chaincode.")],
    organization: Organization,
    data: Data = None,
) -> None:
    """Stops one process of an organisation, or starts it, such as one that ended by itself."""
    if action not in ("stop", "start"):
        raise CliError("ACTION_UNKNOWN", f"There is no action {action!r}.", "Use stop or start.")
    target = network(data)
    if target.engine_name != FABRIC and kind != "peer":
        raise CliError(
            "KIND_UNKNOWN",
            f"The embedded engine has no {kind} that could be stopped alone.",
            "Name peer, or try it on Fabric: hansa up --engine fabric",
        )
    try:
        target.engine.control(f"{kind} {action}", target.consortium.organization(organization))
    except ControlError as error:
        raise CliError("ENGINE_UNREACHABLE", str(error), "Start the network with: hansa up") from error
    done = "stopped" if action == "stop" else "started"
    out.print(f"{kind} of {organization}: {done}", markup=False)
