"""Projectors that share a database, die, and come back: every block once, rows and checkpoint together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from hansa.ledger import LedgerBlock
from hansa_readmodel import tables as t
from hansa_readmodel.projector import Projector
from hansa_readmodel.store import NotNextError, ReadModel, digest, open_database
from tests.support.databases import GENESIS, database_url
from tests.support.everything import blocks

_CHILD = """
import sys
from hansa_readmodel.store import ReadModel, open_database
from tests.support.everything import blocks
model = ReadModel(open_database(sys.argv[1]), "00" * 32)
start = model.prepare()
for block in blocks()[start:]:
    model.apply(block)
    print(block.number, flush=True)
"""


class Peer:
    """A peer that delivers a chain, and says when all of it was taken."""

    def __init__(self, chain: tuple[LedgerBlock, ...], stopping: threading.Event) -> None:
        self.chain = chain
        self.ledger = self
        self.stopping = stopping

    def genesis_hash(self) -> str:
        return GENESIS

    @contextmanager
    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Iterator[LedgerBlock]]:
        yield self._deliver(start)

    def _deliver(self, start: int) -> Iterator[LedgerBlock]:
        yield from self.chain[start:]
        self.stopping.set()


@pytest.fixture
def expected(tmp_path: Path) -> str:
    """What one projector makes of the chain by itself."""
    return digest(folded(open_database(database_url(tmp_path / "alone"))))


def folded(engine: Engine) -> Engine:
    model = ReadModel(engine, GENESIS)
    for block in blocks()[model.prepare() :]:
        model.apply(block)
    return engine


def next_block(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(t.checkpoint.c.next_block)).scalar_one())


def test_two_projectors_read_every_block_once(tmp_path: Path, expected: str) -> None:
    url = database_url(tmp_path / "shared")
    failed: list[BaseException] = []

    def run(engine: Engine) -> None:
        peer: Any = Peer(blocks(), threading.Event())
        try:
            Projector(peer, engine, first_wait=0.001, longest_wait=0.01).run(peer.stopping)
        except BaseException as error:
            failed.append(error)
            raise

    engines = [open_database(url) for _ in range(2)]
    threads = [threading.Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert next_block(engines[0]) == len(blocks())
    assert digest(engines[0]) == expected


def test_tables_are_made_once_however_many_begin(tmp_path: Path) -> None:
    engines = [open_database(database_url(tmp_path / "shared")) for _ in range(4)]
    with engines[0].begin() as connection:
        t.metadata.drop_all(connection)
    begun: list[int] = []
    threads = [
        threading.Thread(
            target=lambda engine: begun.append(ReadModel(engine, GENESIS).prepare()), args=(one,)
        )
        for one in engines
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert begun == [0, 0, 0, 0]


def test_a_block_that_another_has_read_changes_nothing(tmp_path: Path) -> None:
    engine = folded(open_database(database_url(tmp_path / "shared")))
    before = digest(engine)
    for block in blocks()[:3]:
        with pytest.raises(NotNextError):
            ReadModel(engine, GENESIS).apply(block)
    empty = LedgerBlock(1, "00", ())
    with pytest.raises(NotNextError):
        ReadModel(engine, GENESIS).apply(empty)
    assert digest(engine) == before


def test_a_projector_killed_half_way_goes_on_where_its_rows_end(tmp_path: Path, expected: str) -> None:
    url = database_url(tmp_path / "killed")
    for stop in (20, 90):
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, url],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
        assert child.stdout is not None
        with child:
            for line in child.stdout:
                if int(line) >= stop:
                    child.send_signal(signal.SIGKILL)
                    break
        assert child.returncode == -signal.SIGKILL
    engine = open_database(url)
    assert 90 < next_block(engine) <= len(blocks())
    assert digest(folded(engine)) == expected


def test_another_version_is_read_again_from_block_0(tmp_path: Path, expected: str) -> None:
    engine = folded(open_database(database_url(tmp_path / "older")))
    with engine.begin() as connection:
        connection.execute(update(t.checkpoint).values(schema_version=t.SCHEMA_VERSION - 1))
    with pytest.raises(NotNextError):
        ReadModel(engine, GENESIS).apply(LedgerBlock(len(blocks()), "00", ()))
    assert ReadModel(engine, GENESIS).prepare() == 0
    assert digest(folded(engine)) == expected
