"""A backup of the embedded engine: made while it trades, restored onto an empty folder, and traded on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hansa import RefusedError
from hansa_cli.running import start
from hansa_network.network import Network
from tests.support.command_line import CommandLine
from tests.support.network import running_network
from tests.support.node_loss import ADDRESS, parties, read_model_equals_a_rebuild

pytestmark = [
    pytest.mark.slow,
    pytest.mark.devnode(
        "a backup of its one store; tests/conformance/test_fabric_backup.py does this on Fabric"
    ),
]
WORD = "three words and a number 4"


@pytest.fixture
def network(own_state: Path, tmp_path: Path) -> Iterator[Network]:
    """A network with projector and portals."""
    with running_network(tmp_path / "data", services=True) as found:
        yield found


def traded_and_backed_up(network: Network, hansa: CommandLine, file: Path) -> tuple[str, str, Any]:
    """An order before the backup, one after it, and what the backup told."""
    everybody = parties(network)
    try:
        order = everybody.order()
        made = hansa.ask("backup", "--org", "Retailer", "-o", str(file))
        return order, everybody.order(), made
    finally:
        everybody.close()


def test_trade_backup_loss_restore_trade(network: Network, tmp_path: Path) -> None:
    root, file = network.folder.root, tmp_path / "retailer.backup"
    hansa = CommandLine(root, environment={"HANSA_BACKUP_PASSPHRASE": WORD})
    order, later, made = traded_and_backed_up(network, hansa, file)
    assert (made["engine"], made["organization"]) == ("devnode", "RetailerMSP")
    assert file.stat().st_mode & 0o077 == 0
    assert not list(root.glob(".backup-*"))
    # What is there is never replaced.
    assert hansa.refused("restore", str(file))["code"] == "RESTORE_NOT_EMPTY"
    network.down()
    root.rename(tmp_path / "lost")
    wrong = CommandLine(root, environment={"HANSA_BACKUP_PASSPHRASE": "another passphrase"})
    assert wrong.refused("restore", str(file), "--data", str(root))["code"] == "BACKUP_NOT_OPENED"
    assert [path.name for path in root.iterdir()] == []
    restored = hansa.ask("restore", str(file), "--data", str(root))
    assert restored["chain"] == made["chain"]
    assert restored["started"] is False
    start(network)
    assert hansa.ask("status")["problems"] == []
    after = parties(network)
    try:
        assert after.buyer.orders.delivery_address(order) == ADDRESS
        with pytest.raises(RefusedError, match="ORDER_NOT_FOUND"):
            after.buyer.orders.get(later)  # came after the backup, and here nobody else has it
        assert after.buyer.orders.delivery_address(after.order()) == ADDRESS
        assert read_model_equals_a_rebuild(network, after.buyer, tmp_path)
    finally:
        after.close()


def test_what_was_changed_is_noticed(network: Network, tmp_path: Path) -> None:
    file = tmp_path / "retailer.backup"
    hansa = CommandLine(network.folder.root, environment={"HANSA_BACKUP_PASSPHRASE": WORD})
    assert hansa("backup", "--org", "Retailer", "-o", str(file)).status == 0
    content = bytearray(file.read_bytes())
    header = json.loads(content.splitlines()[1])
    assert header["organization"] == "RetailerMSP"
    content[-100] ^= 1
    file.write_bytes(content)
    target = tmp_path / "elsewhere"
    assert hansa.refused("restore", str(file), "--data", str(target))["code"] == "BACKUP_NOT_OPENED"
    assert [path.name for path in target.iterdir()] == []


def test_a_short_passphrase_is_refused(network: Network, tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text("short\n")
    hansa = CommandLine(network.folder.root)
    refused = hansa.refused(
        "backup", "--org", "Retailer", "-o", str(tmp_path / "b"), "--passphrase-file", str(word)
    )
    assert refused["code"] == "PASSPHRASE_SHORT"
    assert not (tmp_path / "b").exists()
