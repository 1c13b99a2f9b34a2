"""A network on this machine: brought up, found, looked at, taken down."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hansa_network.chaincode_tls import chaincode_tls
from hansa_network.connection_profile import HOST, connection_profile, peer_environment, profile_text
from hansa_network.consortium import Consortium, Organization, dump
from hansa_network.data_folder import DataFolder, is_remembered, remember, write_atomically
from hansa_network.devnode_engine import DevnodeEngine
from hansa_network.engine import DEVNODE, FABRIC, Engine, Progress
from hansa_network.enrollment import enroll_users
from hansa_network.errors import NetworkError
from hansa_network.fabric.chaincode_package import package
from hansa_network.joining.devnode_part import DevnodePart
from hansa_network.operations.metrics_targets import forget_targets, write_fabric_targets
from hansa_network.processes import (
    Program,
    Running,
    listens,
    python,
    read_running,
    start,
    stop,
    wait_until,
)


@dataclass(frozen=True)
class Network:
    """The network of one data folder.

    Args:
        folder: where it lives.
        consortium: what it is.
        engine_name: ``devnode`` or ``fabric``.
    """

    folder: DataFolder
    consortium: Consortium
    engine_name: str = DEVNODE

    @classmethod
    def at(cls, root: Path) -> Network:
        """The network in a folder. Raises NetworkError (NO_NETWORK)."""
        folder = DataFolder(root)
        return cls(folder, folder.consortium(), folder.engine_name() or DEVNODE)

    @property
    def engine(self) -> Engine:
        """The engine it runs on."""
        if self.engine_name == FABRIC:
            from hansa_network.fabric.engine import FabricEngine

            return FabricEngine(self.folder, self.consortium)
        if self.consortium.joined is not None:
            return DevnodePart(self.folder, self.consortium)
        return DevnodeEngine(self.folder, self.consortium, chaincode_tls(self.folder.root / "chaincode"))

    def processes(self) -> list[Running]:
        """What ``up`` started and ``down`` has not ended, in the order of starting; some may have died."""
        if not self.folder.state_file.exists():
            return []
        return read_running(self.folder.state_file.read_text(encoding="utf-8"))

    @property
    def running(self) -> bool:
        """Whether any of its processes runs."""
        return any(process.alive for process in self.processes())

    def up(self, say: Progress = lambda _: None) -> None:
        """Starts engine and chaincode, and enrolls who is not yet; the trade can begin when it returns.

        Whatever was done before is taken as it is. If a step fails, what was started is stopped.

        Raises:
            NetworkError: it runs already (ALREADY_RUNNING), its folder is of another network
                (CONFIG_CHANGED), or a step failed.
        """
        if self.running:
            raise NetworkError(
                "ALREADY_RUNNING", f"The network in {self.folder.root} runs.", "Stop it with: hansa down"
            )
        self._describe()
        started: list[Running] = []
        try:
            engine, launch = self.engine, partial(self._start, started)
            engine.start(launch, say)
            self._write_profiles()
            say("enrolling users")
            self._enroll()
            engine.start_chaincode(launch, say)
        except BaseException:
            stop(started[::-1])
            self.folder.state_file.unlink(missing_ok=True)
            raise
        if self.engine_name == FABRIC:
            write_fabric_targets(self.folder.root, self.consortium)
        if self.consortium.joined is None or not is_remembered():
            # On one machine the founders' network stays the one that commands find.
            remember(self.folder)

    def start_beside(self, programs: Sequence[tuple[Program, int]]) -> None:
        """Starts programs beside what runs, but for those that do, and waits until they listen.

        Args:
            programs: each with its port.

        Raises:
            NetworkError: one does not come up.
        """
        started = []
        for program, port in programs:
            known = self.processes()
            if not any(each.name == program.name and each.alive for each in known):
                others = [each for each in known if each.name != program.name]
                started.append((self._start(others, program), port))
        for running, port in started:
            wait_until(partial(listens, port), running, self.folder.logs)

    def end(self, names: Collection[str]) -> None:
        """Ends the processes of these names, where they run."""
        known = self.processes()
        # Struck off first: whoever watches over the network must not take it for a failure.
        self._record([each for each in known if each.name not in names])
        stop([each for each in known if each.name in names])

    def start_services(self, say: Progress = lambda _: None) -> None:
        """Starts the projector and the portals beside a network that is up and whose consortium has begun."""
        started = self.processes()
        say("starting projector and portals")
        self._start(started, Program("projector", self._projector(), {}))
        self._start(started, Program("web", self._web(), {}))

    def down(self) -> None:
        """Stops its processes, the last started first. Nothing to do where none runs."""
        engine = self.engine if self.consortium.joined is not None and self.running else None
        if isinstance(engine, DevnodePart):
            engine.withdraw()
        stop(self.processes()[::-1])
        self.folder.state_file.unlink(missing_ok=True)
        forget_targets(self.folder.root)

    def reset(self) -> None:
        """Stops it and deletes everything it holds: ledger, keys, read model."""
        self.down()
        shutil.rmtree(self.folder.root)

    def environment(self, organization: Organization) -> dict[str, str]:
        """What Fabric's own programs read to act for an organisation."""
        profile = self.folder.organization(organization) / "profile.json"
        files = self.engine.files(organization)
        return dict(peer_environment(self.consortium, organization, files, profile))

    def profile(self, organization: Organization) -> str:
        """The organisation's common connection profile, as JSON text."""
        return profile_text(
            connection_profile(self.consortium, organization, self.engine.files(organization))
        )

    def portals(self) -> dict[str, str]:
        """Name of each organisation to the address of its portal."""
        return {o.name: f"http://{HOST}:{o.ports.portal}" for o in self.consortium.organizations}

    def _describe(self) -> None:
        self.folder.make()
        if self.folder.consortium_file.exists():
            if self.folder.consortium() != self.consortium:
                raise NetworkError(
                    "CONFIG_CHANGED",
                    f"The network in {self.folder.root} was made from another description.",
                    "Start without --config to keep it, or begin anew with: hansa reset",
                )
            if (self.folder.engine_name() or DEVNODE) != self.engine_name:
                raise NetworkError(
                    "ENGINE_CHANGED",
                    f"The network in {self.folder.root} was made on the other engine.",
                    "Start without --engine to keep it, or take another folder with --data.",
                )
        else:
            self.folder.set_engine_name(self.engine_name)
            write_atomically(self.folder.consortium_file, dump(self.consortium))

    def _write_profiles(self) -> None:
        for organization in self.consortium.organizations:
            path = self.folder.organization(organization) / "profile.json"
            write_atomically(path, self.profile(organization), mode=0o644)
            write_atomically(path.with_name("join-kit.json"), self._kit_parts(), mode=0o644)

    def _kit_parts(self) -> str:
        """What the ledger cannot tell a newcomer, for members to put into its join kit."""
        chaincode, joined = self.consortium.chaincode, self.consortium.joined
        on_fabric = self.engine_name == FABRIC
        place = "" if on_fabric else (joined.devnode if joined else str(self.folder.engine))
        document = {
            "consortium": self.consortium.name,
            "engine": self.engine_name,
            "label": chaincode.label,
            "package": base64.b64encode(package(chaincode) if on_fabric else b"").decode(),
            "place": place,
        }
        return json.dumps(document, indent=2) + "\n"

    def _enroll(self) -> None:
        engine = self.engine

        def enroll(organization: Organization) -> None:
            enroll_users(
                self.folder, organization, engine.authority(organization), engine.registrar(organization)
            )

        with ThreadPoolExecutor(max_workers=4) as pool:
            for done in [pool.submit(enroll, organization) for organization in self.consortium.organizations]:
                done.result()

    def _projector(self) -> tuple[str, ...]:
        member = self.folder.organization(self.consortium.organizations[0])
        return python("hansa_readmodel", "--member", str(member), "--database", self.folder.database_url)

    def _web(self) -> tuple[str, ...]:
        members = [
            argument
            for o in self.consortium.organizations
            for argument in ("--member", str(self.folder.organization(o)), f"{HOST}:{o.ports.portal}")
        ]
        secret = str(self.folder.root / "portal.secret")
        return python(
            "hansa_portal", *members, "--database", self.folder.database_url, "--secret-file", secret
        )

    def _start(self, started: list[Running], program: Program) -> Running:
        running = start(program, self.folder.logs)
        started.append(running)
        # Written at once: whatever happens to us, `down` finds what runs.
        self._record(started)
        return running

    def _record(self, processes: Sequence[Running]) -> None:
        document = {"engine": self.engine_name, "processes": [each.document() for each in processes]}
        write_atomically(self.folder.state_file, json.dumps(document, indent=2) + "\n")
