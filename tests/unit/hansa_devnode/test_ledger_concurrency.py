"""Simulators on many threads beside commits: each sees one moment, and the store grows under them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lmdb
import pytest

from hansa_devnode.ledger import LedgerError, Simulator
from hansa_devnode.ledger import store as store_module
from hansa_fabric.validation_codes import ValidationCode
from tests.support.ledger import CHAINCODE, commit_results, ready_ledger, run, simulate

KEYS = [f"k{number}" for number in range(8)]


def write_all(content: bytes):
    def play(simulator: Simulator) -> None:
        for key in KEYS:
            simulator.put_state(CHAINCODE, key, content)

    return play


def test_every_snapshot_is_of_one_block_while_the_store_grows(tmp_path: Path) -> None:
    ledger = ready_ledger(tmp_path, map_size=1 << 20)
    run(ledger, write_all(b"0" * 20_000))
    stop = threading.Event()

    def read() -> int:
        seen = set()
        while not stop.is_set():
            with ledger.simulator("BankMSP", "tx") as simulator:
                values = {one.value for one in simulator.scan(CHAINCODE, "", "")}
                assert len(values) == 1
                assert set(simulator.get_states(CHAINCODE, KEYS)) == values
                seen |= values
        return len(seen)

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        try:
            for number in range(1, 30):
                assert run(ledger, write_all(b"%d" % number * 20_000)) == [ValidationCode.VALID]
        finally:
            stop.set()
        assert sum(reader.result() for reader in readers) > 4
    ledger.close()


def test_commits_from_many_threads_come_one_after_another(tmp_path: Path) -> None:
    ledger = ready_ledger(tmp_path)

    def commit(number: int) -> int:
        result = simulate(ledger, lambda one: one.put_state(CHAINCODE, f"own{number}", b"1"))
        return commit_results(ledger, [result]).number

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(commit, range(20)))
    assert sorted(numbers) == list(range(2, 22))
    ledger.close()


def test_a_forgotten_simulator_is_an_error_and_not_a_standstill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_LONGEST_READ", 0.05)
    ledger = ready_ledger(tmp_path, map_size=1 << 20)
    forgotten = ledger.simulator("BankMSP", "tx")
    result = simulate(ledger, lambda one: one.put_state(CHAINCODE, "big", bytes(900_000)))
    height = ledger.height
    with pytest.raises(LedgerError, match="a simulation has been open for too long"):
        commit_results(ledger, [result])
    assert ledger.height == height
    forgotten.close()
    assert [one.code for one in commit_results(ledger, [result]).transactions] == [ValidationCode.VALID]
    ledger.close()


def test_whoever_comes_while_the_store_waits_to_grow_is_not_held_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An event loop that was held here could never end the simulation that everybody waits for.
    monkeypatch.setattr(store_module, "_LONGEST_WAIT", 0.01)
    ledger = ready_ledger(tmp_path, map_size=1 << 20)
    running = ledger.simulator("BankMSP", "tx")
    result = simulate(ledger, lambda one: one.put_state(CHAINCODE, "big", bytes(900_000)))
    with ThreadPoolExecutor(1) as pool:
        commit = pool.submit(commit_results, ledger, [result])
        with pytest.raises(LedgerError, match="about to grow: try again"):
            while not commit.done():
                ledger.simulator("BankMSP", "another").close()
        running.close()
        assert [one.code for one in commit.result().transactions] == [ValidationCode.VALID]
    ledger.simulator("BankMSP", "another").close()
    ledger.close()


def test_a_system_that_grants_little_address_space_is_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    real = lmdb.open

    def grudging(path: str, *, map_size: int, **options: object) -> object:
        sizes.append(map_size)
        if map_size > 1 << 30:
            raise lmdb.MemoryError("Cannot allocate memory")
        return real(path, map_size=map_size, **options)

    monkeypatch.setattr(lmdb, "open", grudging)
    store_module.Store(tmp_path).close()
    assert sizes == [1 << 38, 1 << 30]
