"""The chaincode goes to another version while members trade: nothing is refused, nothing lost."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.peer import transaction_pb2

from hansa import connect
from hansa.submission import Retry
from hansa_devnode.msp_folders import read_signer
from hansa_domain.orders.order import Order
from hansa_fabric.rwsets import ReadWriteSet
from hansa_fabric.transactions import parse_envelope
from hansa_gateway import Gateway
from hansa_network.connection_profile import HOST
from hansa_network.errors import NetworkError
from hansa_network.network import Network
from hansa_network.upgrade import Upgrade, agreement, read_pending
from tests.support.engine import eventually
from tests.support.load import Load, effects
from tests.support.network import Trade, running_trade

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NEXT = "0.2.0"
PROGRAM = (sys.executable, "-m", "tests.support.contract_version_2")


@pytest.fixture
def trade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trade]:
    """A network that runs version 0.1.0, where the next version's program is found."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with running_trade(tmp_path / "data") as found:
        yield found


def test_an_upgrade_under_load(trade: Trade) -> None:
    load = Load(trade)
    load.prepare()
    old = place(trade)
    assert old["v"] == Order.VERSION
    before = len(trade.network.processes())
    with load.running():
        load.goes_on(0.0, 10)
        Upgrade(again(trade), NEXT, PROGRAM).carry_out()
        load.goes_on(last(load), 10)
    # Others' peers told of these commits; the bank's may be behind them.
    newest = max(one.block_number for one in load.acknowledged.values())
    eventually(lambda: trade.bank.ledger.height() > newest)
    found = effects(trade.bank)
    assert not found.repeated
    told = {one.transaction_id for one in load.acknowledged.values()}
    assert told <= set(found.transactions), "an acknowledged command is not on the ledger"

    assert agreement(again(trade)).committed == 2
    assert len(trade.network.processes()) == before, "the old processes have ended"
    an_old_record_is_read_and_written_anew(trade, old["id"])
    assert place(trade)["since"] == Order.VERSION + 1
    what_is_done_stays_done(trade)
    a_restart_brings_up_the_new_version(trade)


def an_old_record_is_read_and_written_anew(trade: Trade, order: str) -> None:
    assert trade.retailer.orders.get(order).order.status == "placed"
    accepted = trade.producer.orders.accept(order)
    written = record(trade, accepted.transaction_id, order)
    versions = (Order.VERSION + 1, Order.VERSION)
    assert (written["v"], written["since"], written["status"]) == (*versions, "accepted")


def what_is_done_stays_done(trade: Trade) -> None:
    network = again(trade)
    height = trade.bank.ledger.height()
    Upgrade(network, NEXT, PROGRAM).carry_out()
    assert trade.bank.ledger.height() == height
    assert read_pending(network.folder) is None


def a_restart_brings_up_the_new_version(trade: Trade) -> None:
    network = again(trade)
    assert network.consortium.chaincode.version == NEXT
    network.down()
    network.up()
    assert place(trade)["since"] == Order.VERSION + 1


def test_each_member_takes_its_own_step(trade: Trade) -> None:
    network = again(trade)
    producer, retailer, carrier, bank, regulator = network.consortium.organizations
    Upgrade(network, NEXT, PROGRAM).approve([producer])
    # The same step again changes nothing: content that was approved already is success.
    Upgrade(network, NEXT, PROGRAM).approve([producer, retailer])
    found = agreement(network)
    assert (found.committed, found.next_version) == (1, NEXT)
    assert [name for name, yes in found.approvals.items() if yes] == ["ProducerMSP", "RetailerMSP"]
    with pytest.raises(NetworkError) as caught:
        Upgrade(network, NEXT).commit(producer)
    assert caught.value.code == "NOT_APPROVED"
    assert again(trade).consortium.chaincode.version == "0.1.0"
    with pytest.raises(NetworkError) as caught:
        Upgrade(network, "0.3.0")
    assert caught.value.code == "UPGRADE_PENDING"
    with pytest.raises(NetworkError) as caught:
        Upgrade(network, NEXT).retire()
    assert caught.value.code == "UPGRADE_PENDING"
    assert place(trade)["v"] == Order.VERSION, "the old version serves until the commit"
    # Another process of the same machine carries on from what is written down.
    Upgrade(again(trade), NEXT).approve([carrier, bank, regulator])
    Upgrade(again(trade), NEXT).commit(regulator)
    Upgrade(again(trade), NEXT).retire()
    assert place(trade)["v"] == Order.VERSION + 1


def test_what_was_cut_short_at_the_commit_is_carried_on_by_a_restart(trade: Trade) -> None:
    network = again(trade)
    upgrade = Upgrade(network, NEXT, PROGRAM)
    upgrade.approve(network.consortium.organizations)
    upgrade.describe()
    network.down()
    network = again(trade)
    network.up()
    assert place(trade)["v"] == Order.VERSION + 1
    Upgrade(network, NEXT).carry_out()
    assert read_pending(network.folder) is None


def again(trade: Trade) -> Network:
    """The network as its folder describes it now."""
    return Network.at(trade.network.folder.root)


def last(load: Load) -> float:
    return max(one.ended for one in load.acknowledged.values())


def place(trade: Trade) -> dict[str, Any]:
    """Places an order; its record as the ledger has it."""
    listing = trade.offer(10)
    trade.bank.money.mint("EUR", 1000, "RetailerMSP")
    retries: list[Retry] = []
    with connect("Retailer", "admin", data=trade.network.folder.root, on_retry=retries.append) as retailer:
        placed = retailer.orders.place(listing, 1)
    return record(trade, placed.transaction_id, placed.reply.order.id)


def record(trade: Trade, transaction_id: str, order: str) -> dict[str, Any]:
    """An order's record as a transaction wrote it."""
    with administrator(trade) as gateway:
        # The peer asked may be a block behind the one that told of the commit.
        gateway.network("trade").commit(transaction_id).status()
        qscc = gateway.network("trade").contract("qscc")
        answer = qscc.evaluate("GetTransactionByID", "trade", transaction_id)
    found = transaction_pb2.ProcessedTransaction.FromString(answer)
    sets = ReadWriteSet.parse(parse_envelope(found.transactionEnvelope).rwset)
    (written,) = [
        write.value
        for space in sets.namespaces
        for write in space.writes
        if write.key.strip("\0").split("\0") == ["order", order]
    ]
    document: dict[str, Any] = json.loads(written or b"")
    return document


@contextmanager
def administrator(trade: Trade) -> Iterator[Gateway]:
    """A connection for the administrator of the bank's node."""
    network = trade.network
    bank = network.consortium.organization("Bank")
    files = network.engine.files(bank)
    signer = read_signer(files.admin_msp, bank.msp_id)
    address = f"{HOST}:{bank.ports.peer}"
    with Gateway.connect(address, signer, tls_root=files.peer_tls_root.read_bytes()) as gateway:
        yield gateway
