"""A network whose read model is in PostgreSQL, as docs/operate/postgresql.md sets it up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa import connect
from hansa_network.network import Network
from hansa_readmodel.queries import Queries
from hansa_readmodel.store import digest, open_database
from tests.support import postgresql
from tests.support.command_line import CommandLine
from tests.support.engine import eventually
from tests.support.network import running_network
from tests.support.postgresql import Cluster

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(postgresql.missing() is not None, reason=postgresql.missing() or ""),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server for these tests."""
    with postgresql.running() as (_, cluster):
        yield cluster


@pytest.fixture(scope="module")
def network(own_state: Path, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A network with projector and portals on it."""
    folder = tmp_path_factory.mktemp("postgresql") / "data"
    with running_network(folder, services=True, database=cluster.url(cluster.make())) as found:
        yield found


@pytest.fixture
def hansa(network: Network) -> CommandLine:
    return CommandLine(network.folder.root)


def caught_up(hansa: CommandLine) -> bool:
    found = hansa.ask("status")
    assert found["read_model"]["database"] == "postgresql"
    return bool(found["read_model"]["next_block"] == found["ledger"]["height"])


def test_a_trade_is_folded_and_the_commands_know_where(network: Network, hansa: CommandLine) -> None:
    with connect("Bank", "admin", data=network.folder.root) as bank:
        bank.money.mint("EUR", 500, "RetailerMSP")
    eventually(lambda: caught_up(hansa), bool)
    assert not network.folder.database_file.exists()
    hansa.ask("money", "reconcile", "--as", "Bank")
    text = hansa("status")
    assert "read model (postgresql): height" in text.out
    assert text.status == 0
    engine = open_database(network.folder.database_url)
    assert [row.amount for row in Queries(engine).money.balances("RetailerMSP")] == [500]
    engine.dispose()


def test_a_killed_projector_goes_on_and_makes_what_a_new_one_makes(
    network: Network, hansa: CommandLine, cluster: Cluster
) -> None:
    (projector,) = [process for process in network.processes() if process.name == "projector"]
    with connect("Bank", "admin", data=network.folder.root) as bank:
        bank.money.mint("EUR", 1, "BankMSP")
        os.kill(projector.pid, signal.SIGKILL)
        bank.money.mint("EUR", 2, "BankMSP")
        fresh = cluster.url(cluster.make())
        followers = [follow(network, url) for url in (network.folder.database_url, fresh)]
        try:
            for url in (network.folder.database_url, fresh):
                queries = Queries(open_database(url))
                assert queries.ledger.wait_for(bank.ledger.height() - 1, 60)
        finally:
            for process in followers:
                process.terminate()
                assert process.wait(30) == 0
    one, other = (open_database(url) for url in (network.folder.database_url, fresh))
    assert digest(one) == digest(other)


def follow(network: Network, url: str) -> subprocess.Popen[bytes]:
    """A projector by itself, as the page says."""
    member = network.folder.organization(network.consortium.organizations[0])
    program = [sys.executable, "-m", "hansa_readmodel", "--member", str(member), "--database", url]
    return subprocess.Popen(program, stderr=subprocess.DEVNULL)


def test_a_database_that_is_not_there_is_told(network: Network, hansa: CommandLine, cluster: Cluster) -> None:
    right = network.folder.database_url
    network.folder.set_database_server(cluster.url("nowhere"))
    found = hansa("status", "--json")
    assert found.status == 1
    assert "READ_MODEL_UNREADABLE" in found.out
    assert "does not exist" in found.out
    network.folder.set_database_server(right)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://hansa:secret@127.0.0.1/hansa", "a password in ~/.pgpass"),
        ("sqlite:////tmp/other.sqlite", "Give postgresql://"),
        ("mysql://h/x", "SQLite and PostgreSQL"),
        ("postgresql:///hansa?host=/nowhere", "cannot be opened"),
    ],
)
def test_up_takes_no_database_that_it_cannot_use(tmp_path: Path, url: str, said: str) -> None:
    error = CommandLine(tmp_path / "data")("up", "--detach", "--database", url)
    assert error.status == 1
    assert "DATABASE_UNUSABLE" in error.err
    assert said in " ".join(error.err.split())
    assert "secret" not in error.err
    assert not (tmp_path / "data" / "readmodel.url").exists()
