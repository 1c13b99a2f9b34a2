"""The engine is killed at random moments under load: what it acknowledged is there, the chain verifies."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from hansa import HansaError, OutcomeUnknownError, Policy, RefusedError
from hansa_readmodel.projector import Projector
from hansa_readmodel.store import digest, open_database
from tests.support.network import Trade, connect_all, running_network

KILLS = 20
PAYERS = 8


@pytest.mark.slow
def test_twenty_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    choose = random.Random(20)
    with running_network(tmp_path / "data") as network:
        trade = connect_all(network, Policy(attempts=1))
        trade.bank.money.mint("EUR", 10_000_000, "RetailerMSP")
        following = open_database(f"sqlite:///{tmp_path / 'following.sqlite'}")
        stopping, ending = threading.Event(), threading.Event()
        projector = threading.Thread(target=Projector(trade.regulator, following).run, args=(ending,))
        projector.start()
        acknowledged: dict[str, int] = {}
        payers = [threading.Thread(target=_pay, args=(trade, acknowledged, stopping)) for _ in range(PAYERS)]
        for payer in payers:
            payer.start()
        try:
            for _ in range(KILLS):
                time.sleep(choose.uniform(0.1, 0.6))
                _kill_and_restart(trade)
            # The last engine must show that trade goes on.
            known = len(acknowledged)
            deadline = time.monotonic() + 60
            while len(acknowledged) <= known and time.monotonic() < deadline:
                time.sleep(0.05)
            assert len(acknowledged) > known
        finally:
            stopping.set()
            for payer in payers:
                payer.join()
            ending.set()
            trade.regulator.ledger.height()
            trade.bank.money.mint("EUR", 1, "BankMSP")  # one more block wakes the projector from its wait
            projector.join(30)
        _check(trade, acknowledged)
        Projector(trade.bank, following).catch_up()
        anew = open_database(f"sqlite:///{tmp_path / 'anew.sqlite'}")
        Projector(trade.bank, anew).catch_up()
        assert digest(following) == digest(anew)


def _pay(trade: Trade, acknowledged: dict[str, int], stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            receipt = trade.retailer.money.transfer("ProducerMSP", "EUR", 7)
        except OutcomeUnknownError:
            continue  # nobody promised anything
        except RefusedError:
            raise
        except HansaError:
            time.sleep(0.05)  # the engine is down just now
        else:
            acknowledged[receipt.transaction_id] = receipt.block_number


def _kill_and_restart(trade: Trade) -> None:
    network = trade.network
    engine = next(process for process in network.processes() if process.name == "devnode")
    os.kill(engine.pid, signal.SIGKILL)
    os.waitpid(engine.pid, 0)
    network.down()
    network.up()


def _check(trade: Trade, acknowledged: dict[str, int]) -> None:
    assert len(acknowledged) > KILLS
    ledger = trade.bank.ledger
    height = ledger.height()
    found = {}
    with ledger.blocks(0, height - 1) as blocks:
        for block in blocks:
            for transaction in block.transactions:
                if transaction.validation_code == "VALID":
                    found[transaction.transaction_id] = block.number
    lost = {tx: block for tx, block in acknowledged.items() if found.get(tx) != block}
    assert not lost
    assert ledger.verify() >= height
    held = trade.balance("ProducerMSP") + trade.balance("RetailerMSP")
    assert held == 10_000_000
