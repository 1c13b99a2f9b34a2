"""The same transactions through real Fabric and the embedded engine: the same verdicts, the same ledger.

Transactions drawn from a seed (reads, writes, deletes, ranges, private data, key policies, conflicts, calls
of another chaincode; tampered with, badly signed, endorsed by too few or by strangers, sent twice, sent late)
are endorsed by three members' peers and cut into blocks by one Raft ordering node that refuses nothing. The
embedded engine's ledger gets Fabric's very envelopes and block cuts. What is compared stands at
``differential_replay.differences``.

A longer run, on demand: ``HANSA_DIFFERENTIAL_SEEDS=1-40`` draws from other seeds, and
``HANSA_DIFFERENTIAL_TRANSACTIONS=1000`` so many transactions from each.
``HANSA_DIFFERENTIAL_RECORD=FILE`` keeps the run, as the one in ``tests/support/recorded`` was kept.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hansa_fabric.validation_codes import ValidationCode
from hansa_network.errors import NetworkError
from hansa_network.fabric.programs import find_programs
from tests.support.differential_network import fabric_network
from tests.support.differential_recording import write_recording
from tests.support.differential_replay import differences
from tests.support.differential_run import FabricRun, Recorded

pytestmark = [pytest.mark.fabric, pytest.mark.slow]

FIRST, _, LAST = os.environ.get("HANSA_DIFFERENTIAL_SEEDS", "1-4").partition("-")
SEEDS = range(int(FIRST), int(LAST or FIRST) + 1)
TRANSACTIONS = int(os.environ.get("HANSA_DIFFERENTIAL_TRANSACTIONS", "200"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """What one network of real Fabric made of all seeds."""
    if not os.environ.get("FABRIC_BIN"):
        pytest.skip("FABRIC_BIN names no folder with Fabric's programs")
    try:
        find_programs()
    except NetworkError as error:
        pytest.skip(error.message)
    with fabric_network(tmp_path_factory.mktemp("differential")) as network:
        run = FabricRun(network)
        for seed in SEEDS:
            run.seed(seed, TRANSACTIONS)
        run.report(SEEDS)
    if path := os.environ.get("HANSA_DIFFERENTIAL_RECORD"):
        write_recording(Path(path), run.recorded)
    yield run.recorded


def test_the_embedded_engine_comes_to_the_same_ledger(recorded: Recorded, tmp_path: Path) -> None:
    assert differences(recorded, tmp_path) == []


def test_the_run_had_something_to_tell(recorded: Recorded) -> None:
    codes = Counter(code for block in recorded.blocks for code in block.codes)
    assert codes[ValidationCode.VALID] >= TRANSACTIONS * len(SEEDS) / 2
    for refusal in (
        ValidationCode.ENDORSEMENT_POLICY_FAILURE,
        ValidationCode.MVCC_READ_CONFLICT,
        ValidationCode.PHANTOM_READ_CONFLICT,
        ValidationCode.DUPLICATE_TXID,
        ValidationCode.BAD_CREATOR_SIGNATURE,
    ):
        assert codes[refusal] > 0, refusal.name
    assert any(sets for blocks in recorded.delivered.values() for sets in blocks.values())
