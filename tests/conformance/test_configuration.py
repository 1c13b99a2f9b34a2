"""Configuration updates: computed here, ordered there, in force from the next transaction on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from hansa_fabric.block_signatures import verify_block_signatures
from hansa_fabric.blocks import Block
from hansa_fabric.bundle import Bundle, is_config_block
from hansa_fabric.channel_description import BatchConfig, OrganizationDescription
from hansa_fabric.config_edits import add_organization, remove_organization, set_acls, set_batch, set_policy
from hansa_gateway import BroadcastError, EndorseError, EvaluateError, EventStreamError
from tests.support.engine import eventually, on_fabric
from tests.support.fabric_organizations import organization
from tests.support.reconfiguration import ORDERER, bundle, change, config, signed
from tests.support.running_network import RunningNetwork

BATCH = BatchConfig(max_message_count=3)


def test_an_update_stands_alone_in_a_signed_block_that_every_later_one_names(own: RunningNetwork) -> None:
    before = bundle(own)
    block = change(own, set_batch(config(own), BATCH), ORDERER)
    assert is_config_block(block) and block.transactions[0].is_valid
    assert block.last_config == block.number
    verify_block_signatures(block, before)
    with own.ordering() as orderer:
        assert orderer.config_block("trade").hash == block.hash
    assert Bundle.from_block(block).batch == BATCH == bundle(own).batch
    with own.gateway("AMSP") as gateway:
        contract = gateway.network("trade").contract("all")
        status = contract.submit("put", "after", "1")
        cscc = gateway.network("trade").contract("cscc")
        assert Block(cscc.evaluate("GetConfigBlock", "trade")).number == block.number
    with own.ordering() as orderer:
        later = orderer.block("trade", status.block_number)
        assert (later.last_config, orderer.config_block("trade").number) == (block.number, block.number)


def test_a_restart_keeps_the_configuration(own: RunningNetwork) -> None:
    number = change(own, set_batch(config(own), BATCH), ORDERER).number
    own.restart()
    assert (bundle(own).batch, bundle(own).sequence) == (BATCH, 1)
    again = change(own, set_acls(config(own), {"event/Block": "/Channel/Readers"}), "AMSP", "BMSP")
    assert (again.number, again.last_config) == (number + 1, number + 1)


def test_too_few_signatures_are_refused_and_nothing_is_ordered(own: RunningNetwork) -> None:
    desired = add_organization(config(own), OrganizationDescription(organization("DMSP").definition()))
    height = own.height()
    with own.ordering() as orderer:
        with pytest.raises(BroadcastError, match=r"policy for \[Group\]  /Channel/Application") as raised:
            orderer.broadcast(signed(own, desired, "AMSP"))
        assert raised.value.status is grpc.StatusCode.INVALID_ARGUMENT
        assert not raised.value.outcome_unknown
    assert own.height() == height


def test_an_update_that_another_overtook_is_refused(own: RunningNetwork) -> None:
    desired = add_organization(config(own), OrganizationDescription(organization("DMSP").definition()))
    envelope = signed(own, desired, "AMSP", "BMSP")
    change(own, set_acls(config(own), {"event/Block": "/Channel/Readers"}), "AMSP", "CMSP")
    with own.ordering() as orderer, pytest.raises(BroadcastError, match="currently at version 1"):
        orderer.broadcast(envelope)


def test_of_two_updates_at_once_one_takes_effect(own: RunningNetwork) -> None:
    """The other is refused at the door, or judged again when its turn comes and dropped."""
    updates = [
        signed(own, set_batch(config(own), BatchConfig(max_message_count=count)), ORDERER) for count in (7, 8)
    ]
    before = bundle(own).sequence

    def broadcast(update: Any) -> bool:
        with own.ordering() as orderer:
            try:
                orderer.broadcast(update)
            except BroadcastError as error:
                assert error.status is grpc.StatusCode.INVALID_ARGUMENT
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert any(pool.map(broadcast, updates))
    assert eventually(lambda: bundle(own).sequence, lambda found: found > before) == before + 1
    change(own, set_acls(config(own), {"event/Block": "/Channel/Readers"}), "AMSP", "BMSP")
    assert bundle(own).sequence == before + 2
    assert bundle(own).batch.max_message_count in (7, 8)


def test_policies_hold_as_they_were_changed(own: RunningNetwork) -> None:
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


def test_who_leaves_may_do_nothing_more(own: RunningNetwork) -> None:
    with own.gateway("CMSP") as gateway:
        contract = gateway.network("trade").contract("all")
        contract.submit("put", "key", "1")
        desired = remove_organization(config(own), own.group("CMSP"))
        change(own, desired, "AMSP", "BMSP", left="CMSP")
        if on_fabric():  # nobody sends its peer another block, and it goes on with what it has
            assert contract.evaluate("get", "key") == b"1"
        else:
            with pytest.raises(EvaluateError):
                contract.evaluate("get", "key")
    with own.gateway("AMSP", own.admin("CMSP")) as gateway, pytest.raises(EvaluateError) as caught:
        gateway.network("trade").contract("all").evaluate("get", "key")
    assert "access denied" in caught.value.message
    with own.ordering("CMSP") as orderer, pytest.raises(EventStreamError, match="FORBIDDEN"):
        orderer.config_block("trade")
    with own.gateway("AMSP") as gateway:
        contract = gateway.network("trade").contract("all")
        contract.submit("put", "key", "2")
        assert contract.evaluate("get", "key") == b"2"
