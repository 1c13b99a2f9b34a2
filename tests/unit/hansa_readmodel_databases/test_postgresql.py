"""What only a database server does: it goes away, has rights, encodings, and other people's tables."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import Engine, inspect, text

from hansa.ledger import LedgerBlock
from hansa_readmodel import tables as t
from hansa_readmodel.projector import Projector
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import ReadModel, ReadModelError, database_url, open_database, reach
from tests.support import postgresql
from tests.support.databases import GENESIS
from tests.support.everything import blocks
from tests.support.postgresql import Cluster


@pytest.fixture
def name(cluster: Cluster) -> Iterator[str]:
    """An empty database."""
    made = cluster.make()
    yield made
    cluster.drop(made)


@pytest.fixture
def engine(cluster: Cluster, name: str) -> Iterator[Engine]:
    """An empty database, opened."""
    opened = open_database(cluster.url(name))
    yield opened
    opened.dispose()


def test_the_server_of_the_tests_does_not_sort_by_code_point(cluster: Cluster, engine: Engine) -> None:
    # Else these tests would not see what a member's server does.
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 'a' < 'B'")).scalar_one()
        found = connection.execute(text("""SELECT 'a' COLLATE "C" < 'B'"""))
        assert not found.scalar_one()


class Peer:
    """A peer whose chain is interrupted at a block by what a test does there."""

    def __init__(self, at: int, interrupt: Any) -> None:
        self.ledger = self
        self.at = at
        self.interrupt = interrupt
        self.stopping = threading.Event()
        self.opened: list[int] = []

    def genesis_hash(self) -> str:
        return GENESIS

    @contextmanager
    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Iterator[LedgerBlock]]:
        self.opened.append(start)
        yield self._deliver(start)

    def _deliver(self, start: int) -> Iterator[LedgerBlock]:
        for block in blocks()[start:20]:
            if block.number == self.at and self.interrupt is not None:
                interrupt, self.interrupt = self.interrupt, None
                interrupt()
            yield block
        self.stopping.set()


def test_a_projector_waits_for_a_server_that_ended_its_connections(
    cluster: Cluster, engine: Engine, name: str
) -> None:
    def end() -> None:
        cluster.execute(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(name)
        )

    queries = Queries(engine)
    peer: Any = Peer(7, end)
    Projector(peer, engine, first_wait=0.001, longest_wait=0.01).run(peer.stopping)
    assert peer.opened[0] == 0
    checkpoint = queries.ledger.checkpoint()
    assert checkpoint is not None
    assert checkpoint.next_block == 20
    end()
    assert queries.ledger.checkpoint() == checkpoint, "the portal's pool notices"


def test_a_projector_outlives_a_restart_of_the_server() -> None:
    with postgresql.running() as (server, own):
        engine = open_database(own.url(own.make()))

        def restart() -> None:
            server.stop("fast")
            server.start()

        peer: Any = Peer(5, restart)
        Projector(peer, engine, first_wait=0.001, longest_wait=0.05).run(peer.stopping)
        found = Queries(engine).ledger.checkpoint()
        assert found is not None
        assert found.next_block == 20
        server.stop("fast")
        with pytest.raises(ReadModelError, match="cannot be opened"):
            reach(engine)
        engine.dispose()


@pytest.fixture
def users(cluster: Cluster, name: str) -> Iterator[None]:
    """As docs/operate/postgresql.md has it: one user that owns the tables, one that reads them."""
    one = sql.Identifier(name)
    cluster.execute(
        sql.SQL("CREATE ROLE owns LOGIN"),
        sql.SQL("CREATE ROLE reads LOGIN"),
        sql.SQL("ALTER DATABASE {} OWNER TO owns").format(one),
    )
    cluster.execute(
        sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE owns GRANT SELECT ON TABLES TO reads"), database=name
    )
    yield
    cluster.execute(
        sql.SQL("DROP OWNED BY reads CASCADE"), sql.SQL("DROP OWNED BY owns CASCADE"), database=name
    )
    cluster.execute(sql.SQL("ALTER DATABASE {} OWNER TO hansa").format(one), sql.SQL("DROP ROLE owns, reads"))


@pytest.mark.usefixtures("users")
def test_a_portal_needs_no_more_than_to_read(cluster: Cluster, name: str) -> None:
    owner, reader = (open_database(cluster.url(name, user)) for user in ("owns", "reads"))
    for _ in range(2):
        model = ReadModel(owner, GENESIS)
        model.prepare()
        model.apply(blocks()[0])
        assert Queries(reader).members.all() != []
        with pytest.raises(ReadModelError, match="cannot be made: must be owner of table"):
            with owner.begin() as connection:
                # Of another version: who reads only cannot make it anew, and who made it can.
                connection.execute(t.checkpoint.update().values(schema_version=0))
            ReadModel(reader, GENESIS).prepare()
    owner.dispose()
    reader.dispose()


def test_tables_of_something_else_are_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (number integer)"))
        connection.execute(text("INSERT INTO orders VALUES (7)"))
    with pytest.raises(ReadModelError, match="table orders that is not the read model's"):
        ReadModel(engine, GENESIS).prepare()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT number FROM orders")).scalar_one() == 7
    assert inspect(engine).get_table_names() == ["orders"]


def test_a_schema_of_its_own_is_chosen_in_the_url(cluster: Cluster, name: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (number integer)"))
        connection.execute(text("CREATE SCHEMA hansa"))
    own = open_database(f"{cluster.url(name)}&options=-csearch_path%3Dhansa")
    assert ReadModel(own, GENESIS).prepare() == 0
    assert set(inspect(own).get_table_names("hansa")) == set(t.metadata.tables)
    own.dispose()


def test_a_database_that_is_not_in_utf_8_is_refused(cluster: Cluster) -> None:
    name = cluster.make(more=" ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
    engine = open_database(cluster.url(name))
    with pytest.raises(ReadModelError, match="in LATIN1: make one with ENCODING 'UTF8'"):
        ReadModel(engine, GENESIS).prepare()
    engine.dispose()
    cluster.drop(name)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://h/x", "SQLite and PostgreSQL"),
        ("postgresql+psycopg2://h/x", "psycopg2"),
        ("nothing", "none"),
    ],
)
def test_a_url_of_something_else_is_refused(url: str, said: str) -> None:
    with pytest.raises(ReadModelError, match=said):
        open_database(url)
    assert database_url("postgresql://h/x").drivername == "postgresql+psycopg"


def test_without_the_driver_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from hansa_readmodel.store import ReadModelError, open_database\n"
        "try: open_database('postgresql://h/x')\n"
        "except ReadModelError as error: print(error)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "PostgreSQL needs psycopg: pip install 'hansa[postgres]'"


def test_the_projector_says_in_words_that_its_database_is_not_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hansa_readmodel", "--member", str(tmp_path)]
    command += ["--database", f"postgresql:///hansa?host={tmp_path}"]
    found = subprocess.run(command, capture_output=True, text=True, env={**os.environ}, check=False)
    assert found.returncode == 1
    assert found.stderr.startswith("hansa_readmodel: The read model's database cannot be opened: ")
    assert "Traceback" not in found.stderr
