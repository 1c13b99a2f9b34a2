"""Which database a test's read models are in: SQLite files, or a PostgreSQL server of the tests' own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hansa_readmodel.store import ReadModel, open_database
from tests.support.postgresql import Cluster

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
GENESIS = "00" * 32
"""The ledger that the tests' read models follow."""


def _file(path: Path) -> str:
    return f"sqlite:///{path}.sqlite"


_url: Callable[[Path], str] = _file


def database_url(path: Path) -> str:
    """The database that stands for a path, new where nobody asked for it before in this test."""
    return _url(path)


class Copies:
    """Databases that stand for paths, each a copy of one with the read model's tables made, and empty.

    Args:
        cluster: where they are.
        template: the one that is copied.
    """

    def __init__(self, cluster: Cluster, template: str) -> None:
        self._cluster = cluster
        self._template = template
        self._made: dict[Path, str] = {}

    def url(self, path: Path) -> str:
        """The database of a path."""
        if path not in self._made:
            self._made[path] = self._cluster.make(self._template)
        return self._cluster.url(self._made[path])

    def drop(self) -> None:
        """Drops them all."""
        while self._made:
            self._cluster.drop(self._made.popitem()[1])


def make_template(cluster: Cluster) -> str:
    """A database with the read model's tables and nobody connected."""
    name = cluster.make()
    engine = open_database(cluster.url(name))
    ReadModel(engine, GENESIS).prepare()
    engine.dispose()
    return name


@contextmanager
def on_postgresql(cluster: Cluster, template: str) -> Iterator[None]:
    """While this is open, paths stand for databases of a server."""
    global _url  # noqa: PLW0603 - tests run one after the other in a process
    copies = Copies(cluster, template)
    _url = copies.url
    try:
        yield
    finally:
        _url = _file
        copies.drop()
