"""A newcomer's keys and its part of the network, as they lie in its own folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from hansa_fabric.msp_definition import MspDefinition
from hansa_network.data_folder import DataFolder, is_remembered, remember
from hansa_network.engine import DEVNODE, FABRIC
from hansa_network.errors import NetworkError
from hansa_network.joining.applicant import load_organization, make_applicant
from hansa_network.joining.devnode_part import DevnodePart
from hansa_network.joining.part import Surroundings, settle
from hansa_network.network import Network
from tests.support.joining import newcomer, three_members, write_description

GIVEN = Surroundings(
    consortium="demo",
    channel="trade",
    chaincode=("hansa", "0.1.0", 2),
    fee=(50, "BankMSP/fees"),
    arbitrator="BankMSP",
    genesis_block=b"genesis",
    config_block=b"config",
    orderer="orderer.example:7050",
    ordering_tls_roots="roots",
    package=b"",
    policy=b"policy",
    collections=b"",
    devnode="/somewhere/engine",
)


def test_keys_are_made_once(tmp_path: Path) -> None:
    folder, organization = DataFolder(tmp_path / "shop"), newcomer("Shop")
    first = make_applicant(folder, organization, DEVNODE)
    assert make_applicant(folder, organization, DEVNODE) == first
    assert MspDefinition.from_config(first.msp).msp_id == "ShopMSP"
    assert first.anchor_peer.endswith(f":{organization.ports.peer}")
    assert first.orderer is None


def test_a_folder_is_of_one_organisation_and_one_engine(tmp_path: Path) -> None:
    folder, organization = DataFolder(tmp_path / "shop"), newcomer("Shop")
    make_applicant(folder, organization, DEVNODE)
    with pytest.raises(NetworkError) as caught:
        make_applicant(folder, newcomer("Shop"), DEVNODE)
    assert caught.value.code == "CONFIG_CHANGED"
    with pytest.raises(NetworkError) as caught:
        make_applicant(folder, organization, FABRIC)
    assert caught.value.code == "ENGINE_CHANGED"


def test_a_part_is_read_again_as_it_was_laid_down(tmp_path: Path) -> None:
    folder, organization = DataFolder(tmp_path / "shop"), newcomer("Shop")
    make_applicant(folder, organization, DEVNODE)
    made = settle(folder, "ShopMSP", DEVNODE, GIVEN)
    found = Network.at(folder.root)
    assert found == made
    assert isinstance(found.engine, DevnodePart)
    assert found.consortium.joined is not None
    assert found.consortium.joined.devnode == "/somewhere/engine"
    # The devnode listens for the peer and the authority.
    assert found.consortium.ports() == [organization.ports.portal, organization.ports.chaincode]
    assert found.engine.status() is None
    with pytest.raises(NetworkError) as caught:
        found.up()
    assert caught.value.code == "DEVNODE_UNREACHABLE"


def test_on_fabric_it_listens_for_itself_alone(tmp_path: Path) -> None:
    folder, organization = DataFolder(tmp_path / "shop"), newcomer("Shop", orders=True)
    make_applicant(folder, organization, DEVNODE)
    folder.set_engine_name(FABRIC)
    made = settle(folder, "ShopMSP", FABRIC, GIVEN)
    ports, node = organization.ports, organization.orderer
    assert node is not None
    assert set(made.consortium.ports()) == {*ports.listed(), node.port, node.admin, node.operations}
    assert made.engine.files(organization).orderer == "orderer.example:7050"


@pytest.mark.parametrize(("msp_id", "engine"), [("OtherMSP", DEVNODE), ("ShopMSP", FABRIC)])
def test_a_kit_of_another_is_refused(tmp_path: Path, msp_id: str, engine: str) -> None:
    folder = DataFolder(tmp_path / "shop")
    with pytest.raises(NetworkError) as caught:
        settle(folder, msp_id, engine, GIVEN)
    assert caught.value.code == "NO_APPLICANT"
    make_applicant(folder, newcomer("Shop"), DEVNODE)
    with pytest.raises(NetworkError) as caught:
        settle(folder, msp_id, engine, GIVEN)
    assert caught.value.code == "KIT_OF_ANOTHER"


def test_one_without_a_port_for_its_chaincode_is_refused(tmp_path: Path) -> None:
    organization = newcomer("Shop")
    organization = msgspec.structs.replace(
        organization, ports=msgspec.structs.replace(organization.ports, chaincode=None)
    )
    folder = DataFolder(tmp_path / "shop")
    make_applicant(folder, organization, DEVNODE)
    with pytest.raises(NetworkError, match="no port for its chaincode"):
        settle(folder, "ShopMSP", DEVNODE, GIVEN).up()


def test_a_description_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    with pytest.raises(NetworkError) as caught:
        load_organization(file)
    assert caught.value.code == "CONFIG_UNREADABLE"
    file.write_text("name: Shop\n", encoding="utf-8")
    with pytest.raises(NetworkError) as caught:
        load_organization(file)
    assert caught.value.code == "CONFIG_INVALID"
    organization = newcomer("Shop")
    assert load_organization(write_description(organization, file)) == organization


def test_the_network_that_commands_find_is_one_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert not is_remembered()
    folder = DataFolder(tmp_path / "net")
    remember(folder)
    assert not is_remembered()
    Network(folder, three_members())._describe()
    assert is_remembered()
