"""A member's node on real Fabric: backed up, lost with all it had, restored beside those that went on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hansa_cli.running import start
from hansa_network.consortium import Consortium, load, with_free_ports
from hansa_network.data_folder import DataFolder
from hansa_network.engine import FABRIC
from hansa_network.errors import NetworkError
from hansa_network.fabric.programs import find_programs
from hansa_network.network import Network
from hansa_network.operations.backup import back_up
from hansa_network.operations.ordering_health import scrape
from hansa_network.operations.restore import restore, start_restored
from hansa_network.operations.status import network_status
from tests.support.node_loss import ADDRESS, destroy, parties, read_model_equals_a_rebuild

pytestmark = [pytest.mark.fabric, pytest.mark.slow]
WORD = "three words and a number 4"


@pytest.fixture(scope="module")
def network(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Three members and one ordering node, with projector and portals."""
    if not os.environ.get("FABRIC_BIN"):
        pytest.skip("FABRIC_BIN names no folder with Fabric's programs")
    try:
        find_programs()
    except NetworkError as error:
        pytest.skip(error.message)
    root = tmp_path_factory.mktemp("backed-up") / "data"
    found = Network(DataFolder(root), three_members(with_free_ports(load())), FABRIC)
    try:
        start(found)
        yield found
    finally:
        found.down()


def three_members(consortium: Consortium) -> Consortium:
    """Producer, which orders, Retailer and Bank."""
    return msgspec.structs.replace(
        consortium,
        ordering=msgspec.structs.replace(consortium.ordering, consensus="etcdraft"),
        organizations=tuple(
            one if one.name == "Producer" else msgspec.structs.replace(one, orderer=None)
            for one in consortium.organizations
            if one.name in ("Producer", "Retailer", "Bank")
        ),
    )


def test_status_knows_heights_leader_and_approvals(network: Network) -> None:
    status = network_status(network)
    assert status.problems == []
    assert {peer.lag for peer in status.peers.values()} == {0}
    (orderer,) = status.orderers
    assert (orderer.msp_id, orderer.leader) == ("ProducerMSP", True)
    assert orderer.height == status.height
    assert status.chaincode is not None
    assert set(status.chaincode.approvals.values()) == {True}
    uses = {term.use for term in status.certificates["ProducerMSP"]}
    assert {"CA", "TLS CA", "peer", "peer TLS", "orderer", "orderer TLS", "chaincode TLS"} <= uses


def test_fabric_s_own_programs_serve_metrics(network: Network) -> None:
    for one in network.consortium.organizations:
        assert one.ports.operations is not None
        assert "ledger_blockchain_height" in scrape(one.ports.operations)
    orderer = network.consortium.organization("Producer").orderer
    assert orderer is not None
    assert "consensus_etcdraft_is_leader" in scrape(orderer.operations)


def test_trade_backup_more_trade_loss_restore(network: Network, tmp_path: Path) -> None:
    retailer = network.consortium.organization("Retailer")
    everybody = parties(network)
    try:
        order = everybody.order()
        made = back_up(network, retailer, tmp_path / "retailer.backup", WORD)
        assert all(process.alive for process in network.processes())
        later = everybody.order()
        for kind in ("chaincode", "peer", "ca"):
            network.engine.control(f"{kind} stop", retailer)
        lost = (f"engine/organizations/{retailer.domain}", f"organizations/{retailer.domain}")
        destroy(network, *lost)
        # The others go on meanwhile.
        everybody.bank.money.mint("EUR", 7, "BankMSP")
    finally:
        everybody.close()
    restored = restore(tmp_path / "retailer.backup", network.folder.root, WORD)
    assert restored.chain == made.chain
    assert start_restored(restored)
    after = parties(network)
    try:
        assert after.buyer.orders.delivery_address(order) == ADDRESS
        assert after.buyer.orders.get(later).order.id == later
        # It trades, which takes its own peer's endorsement of its own private data.
        assert after.buyer.orders.delivery_address(after.order()) == ADDRESS
        assert read_model_equals_a_rebuild(network, after.buyer, tmp_path)
    finally:
        after.close()
    status = network_status(network)
    assert status.problems == []
    assert status.peers["RetailerMSP"].lag == 0
    with pytest.raises(NetworkError) as caught:
        restore(tmp_path / "retailer.backup", network.folder.root, WORD)
    assert caught.value.code == "RESTORE_NOT_EMPTY"
