"""Configuration on the embedded engine: what its control command and its one ordering node do."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2

from hansa_devnode.services.control import ControlError, ask_control
from hansa_fabric.blocks import Block
from hansa_fabric.channel_description import BatchConfig, Endpoint, OrganizationDescription
from hansa_fabric.config_edits import add_organization, remove_organization, set_acls, set_batch
from hansa_fabric.msp_definition import MspDefinition
from hansa_gateway import Gateway
from tests.support.devnode import RunningDevnode, devnode_with_chaincode, running_devnode
from tests.support.devnode_config import devnode_config, free_addresses
from tests.support.reconfiguration import ORDERER, change, config, signed

pytestmark = pytest.mark.devnode("its control command, and a look into its ordering")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningDevnode]:
    """A network of its own, because the test changes its configuration."""
    with devnode_with_chaincode(tmp_path) as running:
        yield running


def test_two_updates_at_once_do_not_both_take_effect(own: RunningDevnode) -> None:
    """Both pass the first check; the second is judged again when its turn comes, and dropped."""
    updates = [
        signed(own, set_batch(config(own), BatchConfig(max_message_count=count)), ORDERER) for count in (7, 8)
    ]

    broadcast = own.node._channel.broadcast

    async def both() -> list[int]:
        return [(await broadcast.process(each)).status for each in updates]

    height = own.node.ledger.height
    assert own.call(both()) == [common_pb2.SUCCESS, common_pb2.SUCCESS]
    with own.ordering() as orderer, own.gateway("BMSP") as gateway:
        assert next(iter(gateway.network("trade").block_events(start_block=height))).number == height
        assert orderer.config_block("trade").number == height
    change(own, set_acls(config(own), {"event/Block": "/Channel/Readers"}), "AMSP", "BMSP")
    assert own.node.ledger.bundle.batch.max_message_count == 7
    assert own.node.ledger.height == height + 2


def newcomer() -> dict[str, str]:
    peer, ca = free_addresses(2)
    return {
        "msp_id": "DMSP",
        "name": "D",
        "domain": "d.example",
        "peer_address": peer,
        "ca_address": ca,
        "registrar_secret": "secret-of-d",
    }


def join(network: RunningDevnode, organization: dict[str, str]) -> Block:
    """The organisation comes to the node, and two members take it onto the channel."""
    answer = ask_control(network.config.data_folder, "organization add", organization=organization)
    msp = MspDefinition.from_config(base64.b64decode(answer["msp"]))
    host, port = organization["peer_address"].split(":")
    described = OrganizationDescription(msp, organization["name"], (Endpoint(host, int(port)),))
    return change(network, add_organization(config(network), described), "AMSP", "BMSP")


def test_an_organisation_joins_a_network_that_runs_and_trades(own: RunningDevnode) -> None:
    organization = newcomer()
    folder = own.config.data_folder
    with own.gateway("AMSP") as gateway:
        gateway.network("trade").contract("all").submit("put", "key", "before")
    ask_control(folder, "organization add", organization=organization)
    assert ask_control(folder, "status")["peers"]["DMSP"] == {"serving": False}
    block = join(own, organization)
    assert ask_control(folder, "status")["peers"]["DMSP"] == {"serving": True}
    own.call(own.node.wait_for_chaincodes(60))
    root = own.node.material.organizations["DMSP"].tls_ca.certificate
    admin = own.node.material.organizations["DMSP"].admin
    with Gateway.connect(organization["peer_address"], admin, tls_root=root) as gateway:
        contract = gateway.network("trade").contract("all")
        assert contract.evaluate("get", "key") == b"before"
        status = contract.submit("put", "key", "after", endorsing_organizations=["AMSP", "BMSP", "DMSP"])
        assert status.block_number > block.number
        with own.silent("BMSP"):  # three of four are a majority, and the newcomer is one of them
            contract.submit("put", "key", "with the newcomer")


def test_an_added_organisation_is_there_after_a_restart_and_may_be_removed(tmp_path: Path) -> None:
    settings, organization = devnode_config(tmp_path / "devnode"), newcomer()
    with running_devnode(settings) as first:
        join(first, organization)
        with pytest.raises(ControlError, match=r"d\.example is taken"):
            ask_control(
                settings.data_folder, "organization add", organization=organization | {"msp_id": "EMSP"}
            )
        with pytest.raises(ControlError, match="organization"):
            ask_control(settings.data_folder, "organization add", organization={"msp_id": "EMSP"})
    with running_devnode(settings) as second:
        assert second.node.addresses["organizations"]["DMSP"]["peer"] == organization["peer_address"]
        assert ask_control(settings.data_folder, "status")["peers"]["DMSP"] == {"serving": True}
        change(second, remove_organization(config(second), "D"), "AMSP", "BMSP", "CMSP")
        assert ask_control(settings.data_folder, "status")["peers"]["DMSP"] == {"serving": False}
