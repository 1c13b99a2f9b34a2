"""Serving the portals of several members from one process, each on its own address, by gunicorn."""

from __future__ import annotations

import gc
import os
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from hansa_telemetry import log_as_json, serve_metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Served:
    """A member's folder, and the address its portal listens on."""

    folder: Path
    host: str
    port: int


@dataclass(frozen=True)
class Serving:
    """What one process serves.

    Args:
        members: at least one.
        database: SQLAlchemy URL of the read model.
        secret_file: signs cookies; made where it is missing.
        keeper_seconds: between two looks for what is due; 0 leaves that to others.
        threads: requests answered at once.
        behind_tls: see ``Settings``.
        private_webhooks: see ``Settings``.
        webhook_seconds: between two looks for what EPCIS subscribers have not got; 0 leaves that to others.
    """

    members: tuple[Served, ...]
    database: str
    secret_file: Path
    keeper_seconds: float = 5.0
    threads: int = 16
    behind_tls: bool = False
    private_webhooks: bool = False
    webhook_seconds: float = 2.0


def read_secret(path: Path) -> bytes:
    """The secret in a file, made at the first start for its owner alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_hex(32))
    return path.read_bytes()


class ByPort:
    """Hands a request to the portal of the port it came in by.

    Args:
        portals: port to application.
    """

    def __init__(self, portals: dict[str, WSGIApplication]) -> None:
        self._portals = portals

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # gunicorn takes it from the socket, never from what the browser says.
        return self._portals[str(environ["SERVER_PORT"])](environ, start_response)


def portals(serving: Serving, stopping: threading.Event) -> ByPort:
    """The portals of all members, and their keepers at work. To be called in the process that serves."""
    # Here, since connections to peers do not survive the fork into gunicorn's worker.
    from hansa_portal.app import Settings, create_app
    from hansa_portal.epcis import notifier
    from hansa_portal.keeper import Keeper
    from hansa_portal.office import MemberOffice
    from hansa_readmodel.queries import Queries
    from hansa_readmodel.store import open_database

    secret = read_secret(serving.secret_file)
    queries = Queries(open_database(serving.database))
    found: dict[str, WSGIApplication] = {}
    for member in serving.members:
        office = MemberOffice(member.folder)
        settings = Settings(
            secret=secret,
            port=member.port,
            behind_tls=serving.behind_tls,
            private_webhooks=serving.private_webhooks,
        )
        app = create_app(office, queries, settings)
        found[str(member.port)] = app
        if serving.webhook_seconds > 0:
            notifier(app, office, queries).start(stopping, serving.webhook_seconds)
        if serving.keeper_seconds > 0:
            Keeper(office, queries, serving.keeper_seconds).start(stopping)
    return ByPort(found)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn publishes no types
    """Gunicorn with one worker, whose threads share the users' sessions."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._stopping = threading.Event()
        super().__init__()

    def load_config(self) -> None:
        """Sets what differs from gunicorn's defaults."""
        settings: dict[str, Any] = {
            "bind": [f"{member.host}:{member.port}" for member in self._serving.members],
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._serving.threads,
            "timeout": 0,  # a command may wait for its commit longer than a heartbeat
            "graceful_timeout": 5,
            "keepalive": 5,
            "proc_name": "hansa_portal",
            "worker_exit": lambda _arbiter, _worker: self._stopping.set(),
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> ByPort:
        """The application, in the worker."""
        log_as_json("portal")
        serve_metrics("hansa-portal")
        found = portals(self._serving, self._stopping)
        # What is there now stays: the collector need not look at it again whenever an answer is large.
        gc.freeze()
        return found
