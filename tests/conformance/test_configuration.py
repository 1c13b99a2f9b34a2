"""Configuration updates: computed here, ordered there, in force from the next transaction on."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2

from hansa_devnode.services.control import ControlError, ask_control
from hansa_fabric.block_signatures import verify_block_signatures
from hansa_fabric.blocks import Block
from hansa_fabric.bundle import Bundle, is_config_block
from hansa_fabric.channel_description import BatchConfig, Endpoint, OrganizationDescription
from hansa_fabric.config_edits import add_organization, remove_organization, set_acls, set_batch, set_policy
from hansa_fabric.config_signatures import approve, sign_update, update_envelope
from hansa_fabric.config_update import compute_update, current_config
from hansa_fabric.identity import KeySigner
from hansa_fabric.msp_definition import MspDefinition
from hansa_gateway import (
    BroadcastError,
    EndorseError,
    EvaluateError,
    EventStreamError,
    Gateway,
    OrderingService,
)
from tests.support.devnode import RunningDevnode, devnode_with_chaincode, running_devnode
from tests.support.devnode_config import devnode_config, free_addresses
from tests.support.fabric_organizations import organization

BATCH = BatchConfig(max_message_count=3)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningDevnode]:
    """A network of its own, because the test changes its configuration."""
    with devnode_with_chaincode(tmp_path) as running:
        yield running


def ordering(
    network: RunningDevnode, msp_id: str = "AMSP", signer: KeySigner | None = None
) -> OrderingService:
    root = network.node.material.orderer.tls_ca.certificate
    return OrderingService.connect(
        network.config.orderer.address, signer or network.admin(msp_id), tls_root=root
    )


def signed(network: RunningDevnode, desired: Any, *msp_ids: str) -> Any:
    """The update that these organisations' administrators signed, submitted by the first."""
    with ordering(network) as orderer:
        current = current_config(orderer.config_block("trade"))
    update = compute_update("trade", current, desired).SerializeToString()
    signers = {
        each: network.node.material.orderer.admin if each == "OrdererMSP" else network.admin(each)
        for each in msp_ids
    }
    approvals = [approve(update, each) for each in signers.values()]
    return sign_update(update_envelope(update, approvals), network.admin("AMSP"))


def config(network: RunningDevnode) -> Any:
    with ordering(network) as orderer:
        return current_config(orderer.config_block("trade"))


def change(network: RunningDevnode, desired: Any, *msp_ids: str) -> Block:
    """Submits a change and returns its block."""
    envelope = signed(network, desired, *msp_ids)
    height = network.node.ledger.height
    with (
        network.gateway("BMSP") as gateway,
        gateway.network("trade").block_events(start_block=height) as events,
        ordering(network) as orderer,
    ):
        orderer.broadcast(envelope)
        return next(iter(events))


def test_an_update_stands_alone_in_a_signed_block_that_every_later_one_names(own: RunningDevnode) -> None:
    before = own.node.ledger.bundle
    block = change(own, set_batch(config(own), BATCH), "OrdererMSP")
    assert is_config_block(block) and block.transactions[0].is_valid
    assert block.last_config == block.number
    verify_block_signatures(block, before)
    with ordering(own) as orderer:
        assert orderer.config_block("trade").hash == block.hash
    assert Bundle.from_block(block).batch == BATCH == own.node.ledger.bundle.batch
    with own.gateway("AMSP") as gateway:
        contract = gateway.network("trade").contract("all")
        status = contract.submit("put", "after", "1")
        cscc = gateway.network("trade").contract("cscc")
        assert Block(cscc.evaluate("GetConfigBlock", "trade")).number == block.number
    with ordering(own) as orderer:
        later = orderer.block("trade", status.block_number)
        assert (later.last_config, orderer.config_block("trade").number) == (block.number, block.number)


def test_a_restart_keeps_the_configuration(tmp_path: Path) -> None:
    settings = devnode_config(tmp_path / "devnode")
    with running_devnode(settings) as first:
        number = change(first, set_batch(config(first), BATCH), "OrdererMSP").number
    with running_devnode(settings) as second:
        assert (second.node.ledger.bundle.batch, second.node.ledger.bundle.sequence) == (BATCH, 1)
        again = change(second, set_acls(config(second), {"event/Block": "/Channel/Readers"}), "AMSP", "BMSP")
        assert (again.number, again.last_config) == (number + 1, number + 1)


def test_too_few_signatures_are_refused_and_nothing_is_ordered(own: RunningDevnode) -> None:
    desired = add_organization(config(own), OrganizationDescription(organization("DMSP").definition()))
    height = own.node.ledger.height
    with ordering(own) as orderer:
        with pytest.raises(BroadcastError, match=r"policy for \[Group\]  /Channel/Application") as raised:
            orderer.broadcast(signed(own, desired, "AMSP"))
        assert raised.value.status is grpc.StatusCode.INVALID_ARGUMENT
        assert not raised.value.outcome_unknown
    assert own.node.ledger.height == height


def test_an_update_that_another_overtook_is_refused(own: RunningDevnode) -> None:
    desired = add_organization(config(own), OrganizationDescription(organization("DMSP").definition()))
    envelope = signed(own, desired, "AMSP", "BMSP")
    change(own, set_acls(config(own), {"event/Block": "/Channel/Readers"}), "AMSP", "CMSP")
    with ordering(own) as orderer, pytest.raises(BroadcastError, match="currently at version 1"):
        orderer.broadcast(envelope)


def test_two_updates_at_once_do_not_both_take_effect(own: RunningDevnode) -> None:
    """Both pass the first check; the second is judged again when its turn comes, and dropped."""
    updates = [
        signed(own, set_batch(config(own), BatchConfig(max_message_count=count)), "OrdererMSP")
        for count in (7, 8)
    ]

    broadcast = own.node._channel.broadcast

    async def both() -> list[int]:
        return [(await broadcast.process(each)).status for each in updates]

    height = own.node.ledger.height
    assert own.call(both()) == [common_pb2.SUCCESS, common_pb2.SUCCESS]
    with ordering(own) as orderer, own.gateway("BMSP") as gateway:
        assert next(iter(gateway.network("trade").block_events(start_block=height))).number == height
        assert orderer.config_block("trade").number == height
    change(own, set_acls(config(own), {"event/Block": "/Channel/Readers"}), "AMSP", "BMSP")
    assert own.node.ledger.bundle.batch.max_message_count == 7
    assert own.node.ledger.height == height + 2


def test_policies_hold_as_they_were_changed(own: RunningDevnode) -> None:
    with own.gateway("AMSP") as gateway:
        contract = gateway.network("trade").contract("all")
        contract.submit("put", "key", "1", endorsing_organizations=["AMSP", "BMSP"])
        path = "/Channel/Application/Endorsement"
        change(own, set_policy(config(own), path, "ALL Endorsement"), "AMSP", "BMSP")
        with own.silent("CMSP"), pytest.raises(EndorseError):
            contract.submit("put", "key", "2")
        contract.submit("put", "key", "3")
        change(own, set_policy(config(own), path, "ANY Endorsement"), "AMSP", "BMSP")
        with own.silent("BMSP", "CMSP"):
            contract.submit("put", "key", "4")
            assert contract.evaluate("get", "key") == b"4"


def test_who_leaves_may_do_nothing_more(own: RunningDevnode) -> None:
    with own.gateway("CMSP") as gateway:
        contract = gateway.network("trade").contract("all")
        contract.submit("put", "key", "1")
        change(own, remove_organization(config(own), "C"), "AMSP", "BMSP")
        with pytest.raises(EvaluateError):
            contract.evaluate("get", "key")
    with ordering(own, "CMSP") as orderer, pytest.raises(EventStreamError, match="FORBIDDEN"):
        orderer.config_block("trade")
    with own.gateway("AMSP") as gateway:
        contract = gateway.network("trade").contract("all")
        contract.submit("put", "key", "2")
        assert contract.evaluate("get", "key") == b"2"


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
