"""A PostgreSQL server of the tests' own: made in a temporary folder, on a socket there, and thrown away.

Its programs refuse to run as root; there they run as the user ``postgres``, or ``nobody``.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

# Nothing here outlives the tests, so nothing waits for the disk.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "''",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "autovacuum": "off",
}
_USER = "hansa"


def programs() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``: on PATH, or the newest that Debian installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0), default=None)
    return None if newest is None else newest.parent


def missing() -> str | None:
    """Why there can be no server here, in words; None where there can."""
    if programs() is None:
        return "PostgreSQL's programs are not installed: apt-get install postgresql"
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or _unprivileged() is None):
        return "PostgreSQL does not run as root, and there is no setpriv or no other user here"
    return None


def _unprivileged() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    return None


@dataclass
class Cluster:
    """A server that runs.

    Args:
        folder: its socket is there.
    """

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _templates: dict[str, str] = field(default_factory=dict)

    def url(self, database: str, user: str = _USER) -> str:
        """A database of it, as SQLAlchemy writes it."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def execute(self, *statements: sql.SQL | sql.Composed, database: str = "postgres") -> None:
        """Carries out statements as the server's administrator, each by itself."""
        with psycopg.connect(
            dbname=database, host=str(self.folder), user=_USER, autocommit=True
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def make(self, template: str | None = None, more: str = "") -> str:
        """A new database, a copy of ``template`` where one is named; its name.

        Args:
            template: a database that nobody is connected to.
            more: what else ``CREATE DATABASE`` is told.
        """
        name = f"hansa_{next(self._numbers)}"
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        self.execute(made + sql.SQL(more))  # type: ignore[arg-type]  # words of the tests' own
        return name

    def drop(self, name: str) -> None:
        """Drops a database, and ends who is connected to it."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Server:
    """What starts and stops a cluster.

    Args:
        folder: an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        found = programs()
        assert found is not None, missing()
        self._programs = found

    def make(self) -> None:
        """Makes its files: sorted by a locale that is not C, so that nothing leans on the server's order."""
        if os.geteuid() == 0:
            user = _unprivileged()
            assert user is not None
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self._run(
            "initdb", "-D", self._data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync", *_locale()
        )

    def start(self) -> Cluster:
        """Starts it and waits until it answers."""
        settings = {**_SETTINGS, "unix_socket_directories": f"'{self._folder}'"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = self._folder / "log"
        self._run("pg_ctl", "-D", self._data, "-l", log, "-o", options, "-w", "-t", "120", "start")
        return Cluster(self._folder)

    def stop(self, mode: str = "immediate") -> None:
        """Stops it, by the process id in its own folder."""
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def _run(self, name: str, *arguments: object) -> None:
        command = [str(self._programs / name), *map(str, arguments)]
        if os.geteuid() == 0:
            user = _unprivileged()
            assert user is not None
            ids = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
            command = ["setpriv", *ids, *command]
        # To files, not pipes: the server keeps what it was started with open.
        with tempfile.TemporaryFile() as output:
            ended = subprocess.run(command, cwd="/", stdout=output, stderr=subprocess.STDOUT, check=False)
            if ended.returncode != 0:
                output.seek(0)
                raise RuntimeError(f"{name} failed:\n{output.read().decode(errors='replace')}")


def _locale() -> tuple[str, ...]:
    """A locale that sorts as people do, where the server knows ICU; else the machine's UTF-8."""
    return ("--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8")


@contextmanager
def running() -> Iterator[tuple[Server, Cluster]]:
    """A server for as long as this is open."""
    # Below /tmp, since a socket's path has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="hansa-pg-", ignore_cleanup_errors=True) as place:
        server = Server(Path(place))
        server.make()
        try:
            yield server, server.start()
        finally:
            server.stop()
