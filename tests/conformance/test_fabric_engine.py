"""The same consortium on real Hyperledger Fabric: it trades, bears losses, and keeps everything."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from hansa import Policy
from hansa_cli.demo import default_scenario, play
from hansa_cli.running import begin
from hansa_network.consortium import Consortium, load, with_free_ports
from hansa_network.data_folder import DataFolder
from hansa_network.engine import FABRIC
from hansa_network.errors import NetworkError
from hansa_network.fabric.programs import find_programs
from hansa_network.network import Network
from hansa_network.processes import Running
from tests.support.network import Trade, connect_all

pytestmark = [pytest.mark.fabric, pytest.mark.slow]
# Peers and ordering nodes that were lost are noticed within seconds, not at once.
PATIENT = Policy(attempts=12)


@pytest.fixture(scope="module", autouse=True)
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fabric's programs, and "the network brought up last" of these tests apart from the developer's own."""
    if not os.environ.get("FABRIC_BIN"):
        pytest.skip("FABRIC_BIN names no folder with Fabric's programs")
    try:
        find_programs()
    except NetworkError as error:
        pytest.skip(error.message)
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def network(programs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """The default consortium on Fabric with BFT ordering, without portals."""
    found = Network(DataFolder(tmp_path_factory.mktemp("fabric") / "data"), with_free_ports(load()), FABRIC)
    try:
        found.up()
        begin(found)
        yield found
    finally:
        found.down()


@pytest.fixture
def trade(network: Network) -> Iterator[Trade]:
    """Everybody connected."""
    found = connect_all(network, PATIENT)
    yield found
    for client in (found.producer, found.retailer, found.carrier, found.bank, found.regulator):
        client.close()


def process(network: Network, name: str) -> Running:
    return next(each for each in network.processes() if each.name == name)


def height(network: Network) -> int:
    status = network.engine.status()
    assert status is not None
    return int(str(status["height"]))


def test_the_default_trade_settles(network: Network) -> None:
    result = play(network, default_scenario())
    assert result["engine"] == "fabric"
    assert result["order"]["order"]["status"] == "settled"
    assert [(b["currency"], b["amount"]) for b in result["balances"]["Producer"]] == [("EUR", "4971")]
    codes = {t["validation_code"] for step in result["steps"] for t in step["transactions"]}
    assert codes == {"VALID"}


def test_every_member_runs_its_own_chaincode(network: Network) -> None:
    names = {each.name for each in network.processes()}
    for organization in network.consortium.organizations:
        assert {f"{kind}-{organization.domain}" for kind in ("ca", "peer", "chaincode")} <= names


def test_a_member_without_an_ordering_node_is_told_of_another_s(network: Network) -> None:
    regulator = network.consortium.organization("Regulator")
    bank = network.consortium.organization("Bank")
    assert regulator.orderer is None
    assert bank.orderer is not None
    assert network.environment(bank)["ORDERER_ADDRESS"].endswith(f":{bank.orderer.port}")
    first = network.consortium.organizations[0].orderer
    assert first is not None
    assert network.environment(regulator)["ORDERER_ADDRESS"].endswith(f":{first.port}")


def test_a_silent_peer_and_a_lost_ordering_node_do_not_stop_trade(network: Network, trade: Trade) -> None:
    # The node with the lowest number leads until it is lost.
    os.kill(process(network, "orderer-producer.example").pid, signal.SIGKILL)
    carrier, producer = (network.consortium.organization(name) for name in ("Carrier", "Producer"))
    network.engine.control("peer stop", carrier)
    before = trade.balance("RetailerMSP")
    trade.bank.money.mint("EUR", 100, "RetailerMSP")
    assert trade.balance("RetailerMSP") == before + 100
    network.engine.control("peer start", carrier)
    network.engine.control("orderer start", producer)
    assert all(each.alive for each in network.processes())


def test_a_lost_chaincode_process_is_found_again(network: Network, trade: Trade) -> None:
    bank = network.consortium.organization("Bank")
    network.engine.control("chaincode stop", bank)
    # Other members' peers still answer, and the bank's own finds its chaincode again with the next question.
    assert trade.producer.members.list().members
    network.engine.control("chaincode start", bank)
    assert trade.bank.members.list().members


def test_what_an_organization_does_not_run_cannot_be_stopped(network: Network) -> None:
    with pytest.raises(NetworkError) as caught:
        network.engine.control("orderer stop", network.consortium.organization("Regulator"))
    assert caught.value.code == "COMMAND_UNKNOWN"


def test_a_restart_keeps_everything(network: Network) -> None:
    before = height(network)
    network.down()
    assert not network.running
    network.up()
    begin(network)
    assert height(network) == before, "a restart must add nothing to the ledger"


def test_raft_orders_too(programs: None, tmp_path: Path) -> None:
    network = Network(DataFolder(tmp_path / "data"), raft(with_free_ports(load())), FABRIC)
    try:
        network.up()
        begin(network)
        assert height(network) > 1
    finally:
        network.down()


def raft(consortium: Consortium) -> Consortium:
    """Two members, one ordering node: the smallest network there is."""
    return msgspec.structs.replace(
        consortium,
        ordering=msgspec.structs.replace(consortium.ordering, consensus="etcdraft"),
        organizations=tuple(
            one if one.name == "Producer" else msgspec.structs.replace(one, orderer=None)
            for one in consortium.organizations
            if one.name in ("Producer", "Bank")
        ),
    )
