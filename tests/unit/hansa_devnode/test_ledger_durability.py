"""A process that is killed while it commits loses nothing it acknowledged, and leaves no half of a block."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.blocks import Block, verify_chain
from hansa_fabric.transactions import parse_envelope
from tests.support.ledger import CHAINCODE, open_ledger, ready_ledger, run

ROOT = Path(__file__).parents[3]
OWN = "_implicit_org_BankMSP"

# Each block adds one to a public and a private counter, and the number of the block to a key of its own.
COMMIT_FOREVER = """
import sys
from pathlib import Path
from tests.unit.hansa_devnode.test_ledger_durability import commit_one
from tests.support.ledger import open_ledger
ledger = open_ledger(Path(sys.argv[1]))
while True:
    commit_one(ledger)
    print(ledger.height, flush=True)
"""


def commit_one(ledger: Ledger) -> None:
    number = ledger.height

    def play(simulator) -> None:
        count = int(simulator.get_state(CHAINCODE, "count") or b"0") + 1
        simulator.put_state(CHAINCODE, "count", b"%d" % count)
        simulator.put_private(CHAINCODE, OWN, "count", b"%d" % count)
        simulator.put_state(CHAINCODE, f"block/{number:06}", bytes(3000))

    assert run(ledger, play) == [0]


def commit_until_killed(path: Path, after: int) -> int:
    """Let a process commit, kill it some blocks later, and return the height it acknowledged last."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", COMMIT_FOREVER, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        acknowledged = 0
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged == after:
                # Not between two blocks, but somewhere inside what comes next.
                threading.Timer(random.uniform(0, 0.01), process.kill).start()
        process.wait()
        assert process.returncode == -signal.SIGKILL, process.stderr.read()
    return acknowledged


def test_what_was_acknowledged_is_there_after_kill_9(tmp_path: Path) -> None:
    ready_ledger(tmp_path).close()
    height = 2
    for _ in range(5):
        acknowledged = commit_until_killed(tmp_path, after=height + random.randint(3, 12))
        ledger = open_ledger(tmp_path)
        height = ledger.height
        assert height >= acknowledged
        check_whole(ledger)
        commit_one(ledger)
        height += 1
        ledger.close()


def check_whole(ledger: Ledger) -> None:
    blocks = [Block(ledger.block(number)) for number in range(ledger.height)]
    assert verify_chain(blocks) == ledger.height
    count = ledger.height - 2
    with ledger.simulator("BankMSP", "tx") as simulator:
        assert simulator.get_state(CHAINCODE, "count") == b"%d" % count
        assert simulator.get_private(CHAINCODE, OWN, "count") == b"%d" % count
        assert sum(1 for _ in simulator.scan(CHAINCODE, "block/", "block0")) == count
        assert [one.value for one in simulator.history(CHAINCODE, "count")] == [
            b"%d" % number for number in range(count, 0, -1)
        ]
    for block in blocks[1:]:
        for one in block.transactions:
            status = ledger.status(parse_envelope(one.envelope).tx_id)
            assert status is not None and (status.block, status.index) == (block.number, one.index)
            assert status.code == one.code
