"""The projector: it catches up, follows, and goes on after the peer went away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hansa.ledger import LedgerAheadError, LedgerBlock, LedgerStreamError
from hansa_readmodel.projector import Projector
from hansa_readmodel.store import ReadModelError, digest, open_database
from tests.support.databases import database_url
from tests.support.portal import GENESIS, Consortium


class Peer:
    """A peer that delivers a chain, and breaks the stream when a test says so."""

    def __init__(self, blocks: list[LedgerBlock]) -> None:
        self.chain = blocks
        self.ledger = self
        self.breaks: list[Exception] = []
        self.opened: list[int] = []
        self.finished: threading.Event | None = None

    def genesis_hash(self) -> str:
        return GENESIS

    def height(self) -> int:
        return len(self.chain)

    @contextmanager
    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Iterator[LedgerBlock]]:
        self.opened.append(start)
        yield self._deliver(start, stop)

    def _deliver(self, start: int, stop: int | None) -> Iterator[LedgerBlock]:
        for block in self.chain[start : None if stop is None else stop + 1]:
            yield block
            if self.breaks:
                raise self.breaks.pop(0)
        if self.finished is not None:
            self.finished.set()


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    for amount in (100, 200, 300):
        trade.sdk("Bank").money.mint("EUR", amount, "RetailerMSP")
    return trade


def projector(trade: Consortium, tmp_path: Path) -> tuple[Projector, Peer, Any]:
    peer: Any = Peer(trade.ledger.blocks)
    engine = open_database(database_url(tmp_path / "other"))
    return Projector(peer, engine, first_wait=0.001, longest_wait=0.002), peer, engine


def test_catching_up_reads_every_block_once(trade: Consortium, tmp_path: Path) -> None:
    follower, peer, engine = projector(trade, tmp_path)
    assert follower.catch_up() == len(trade.ledger.blocks)
    assert digest(engine) == digest(trade.ledger.engine)
    assert follower.catch_up() == len(trade.ledger.blocks)
    assert peer.opened == [0]


def test_a_lost_stream_is_opened_again_where_it_stopped(trade: Consortium, tmp_path: Path) -> None:
    follower, peer, engine = projector(trade, tmp_path)
    peer.breaks = [LedgerStreamError("gone"), LedgerStreamError("gone again")]
    peer.finished = stopping = threading.Event()
    follower.run(stopping)
    assert peer.opened == [0, 1, 2]
    assert digest(engine) == digest(trade.ledger.engine)


def test_it_ends_where_it_cannot_go_on(trade: Consortium, tmp_path: Path) -> None:
    follower, peer, engine = projector(trade, tmp_path)
    peer.breaks = [LedgerAheadError("a later version")]
    with pytest.raises(LedgerAheadError):
        follower.run(threading.Event())
    peer.genesis_hash = lambda: "11" * 32
    with pytest.raises(ReadModelError, match="another ledger"):
        follower.run(threading.Event())
    assert digest(engine) != digest(trade.ledger.engine)
