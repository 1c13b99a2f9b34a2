"""Changes: what they lead to, how they read, and what becomes of one that another overtook."""

from __future__ import annotations

import pytest
from fabric_protos.common import configtx_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.smartbft import configuration_pb2 as smartbft_pb2

from hansa.consortium import (
    AddOrderer,
    AddOrganization,
    Change,
    ChangeBatch,
    ChangePolicy,
    ConsortiumError,
    RemoveOrderer,
    RemoveOrganization,
    ReplaceOrderer,
    RotateCertificates,
    SetAnchorPeers,
    explain,
    propose,
    renew,
)
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_edits import set_acls, set_policy
from hansa_fabric.config_update import compute_update
from hansa_fabric.consenter_edits import consenters
from hansa_fabric.policy_expression import config_policy
from tests.support.config_changes import NEWCOMER
from tests.support.consortium import carried_out, in_force, ordering_node, request
from tests.support.fabric_organizations import organization


def msp(*msp_ids: str, of: str = "BankMSP") -> bytes:
    roots = tuple(organization(one).authority.certificate for one in msp_ids)
    found: bytes = organization(of).definition(root_certificates=roots).to_config().SerializeToString()
    return found


def after(change: Change, config: Bundle) -> Bundle:
    return carried_out(config, propose(change, config).update)


def test_a_newcomer_is_added_and_everything_said_of_it() -> None:
    config = in_force()
    proposed = propose(AddOrganization(request()), config)
    found = carried_out(config, proposed.update)
    assert NEWCOMER in found.msp_ids
    assert proposed.base_sequence == 0
    assert len(proposed.digest) == 64
    said = explain(proposed.update, config)
    assert said[0] == "AuditorMSP becomes one of the members."
    assert any("Identities of AuditorMSP are issued by ca.AuditorMSP" in one for one in said)
    assert said[-1] == "The others find the peers of AuditorMSP at peer0.auditor.example:7051."
    assert len(said) == 4


def test_a_member_leaves_once_it_orders_no_more() -> None:
    config = in_force()
    assert "RegulatorMSP" not in after(RemoveOrganization("RegulatorMSP"), config).msp_ids
    with pytest.raises(ConsortiumError, match=r"ordering node at 127\.0\.0\.1:7053") as caught:
        propose(RemoveOrganization("BankMSP"), config)
    assert caught.value.code == "CONFIG_REFUSED"
    with pytest.raises(ConsortiumError, match="no member NobodyMSP"):
        propose(RemoveOrganization("NobodyMSP"), config)
    (said,) = explain(propose(RemoveOrganization("RegulatorMSP"), config).update, config)
    assert said == "RegulatorMSP leaves the members."


def test_certificates_rotate_wherever_the_organisation_stands() -> None:
    config = in_force()
    both = propose(RotateCertificates("BankMSP", msp("BankMSP", "NewMSP")), config)
    said = explain(both.update, config)
    assert len(said) == 2
    assert all("one more authority for identities: ca.NewMSP" in one for one in said)
    config = carried_out(config, both.update)
    alone = propose(RotateCertificates("BankMSP", msp("NewMSP")), config)
    assert all("no longer uses" in one for one in explain(alone.update, config))
    with pytest.raises(ConsortiumError, match="not CarrierMSP's"):
        propose(RotateCertificates("CarrierMSP", msp("NewMSP")), config)


@pytest.mark.parametrize("kind", ["BFT", "etcdraft"])
def test_ordering_nodes_change_places(kind: str) -> None:
    config = in_force(kind)
    node = ordering_node("RegulatorMSP", 7060)
    change = ReplaceOrderer("127.0.0.1:7053", "RegulatorMSP", node)
    proposed = propose(change, config)
    found = carried_out(config, proposed.update)
    assert [one.endpoint.port for one in consenters(found.config)] == [7050, 7051, 7052, 7060]
    assert "BankMSP" not in {one.msp.msp_id for one in found.orderer_organizations.values()}
    said = " ".join(explain(proposed.update, config))
    assert "The ordering node 127.0.0.1:7060" in said
    assert "127.0.0.1:7053" in said
    more = after(AddOrderer("BankMSP", ordering_node("BankMSP", 7061)), found)
    assert len(consenters(more.config)) == 5
    assert len(consenters(after(RemoveOrderer("127.0.0.1:7061"), more).config)) == 4


def test_batches_change_and_bft_follows() -> None:
    config = in_force()
    proposed = propose(ChangeBatch(max_message_count=900, timeout_ms=50), config)
    found = carried_out(config, proposed.update)
    assert found.batch.max_message_count == 900
    value = found.config.channel_group.groups["Orderer"].values["ConsensusType"].value
    assert b"50ms" in value
    assert explain(proposed.update, config) == [
        "The limit of transactions in a block changes from 500 to 900.",
        "The limit of longest wait before a block is cut changes from 0:00:00.100000 to 0:00:00.050000.",
        "BFT waits 50ms before a block is cut, until now 100ms.",
    ]
    with pytest.raises(ConsortiumError) as caught:
        propose(ChangeBatch(max_message_count=500), config)
    assert caught.value.code == "CONFIG_UNCHANGED"
    with pytest.raises(ConsortiumError, match="invalid value: 0"):
        propose(ChangeBatch(max_message_count=0), config)


def test_a_policy_and_an_anchor_peer_are_told() -> None:
    config = in_force()
    policy = propose(ChangePolicy("/Channel/Application/Endorsement", "ALL Endorsement"), config)
    assert explain(policy.update, config) == [
        "The policy /Channel/Application/Endorsement changes from MAJORITY Endorsement to ALL Endorsement."
    ]
    named = propose(ChangePolicy("/Channel/Application/Writers", "OR('BankMSP.client')"), config)
    assert explain(named.update, config)[0].endswith("to 1 of (BankMSP.client).")
    anchors = propose(SetAnchorPeers("BankMSP", ("bank.example:1",)), config)
    assert explain(anchors.update, config) == ["The others find the peers of BankMSP at bank.example:1."]


def test_nothing_that_an_update_changes_is_left_unsaid() -> None:
    config = in_force()
    desired = set_acls(config.config, {"event/Block": "/Channel/Readers"})
    desired.channel_group.groups["Application"].mod_policy = "/Channel/Admins"
    desired.channel_group.groups["Orderer"].policies["Extra"].policy.CopyFrom(config_policy("ANY Readers"))
    desired.channel_group.groups["Orderer"].policies["Extra"].mod_policy = "Admins"
    desired.channel_group.values["OrdererAddresses"].value = b"\n\x01x"
    desired.channel_group.values["OrdererAddresses"].mod_policy = "Admins"
    update = compute_update("trade", config.config, desired).SerializeToString()
    said = "\n".join(explain(update, config))
    assert "/Channel/Application may be changed by /Channel/Admins from now on, until now by Admins." in said
    assert "New: /Channel/Orderer/Extra (policy) ANY Readers, which Admins may change." in said
    assert "New: /Channel/OrdererAddresses (value), which Admins may change." in said
    assert "ACLs" in said


def slipped_in(config: Bundle, change: Change, path: str, expression: str) -> list[str]:
    """What is said of a change in which somebody hides another policy."""
    desired = set_policy(
        configtx_pb2.Config(channel_group=change.apply(config).channel_group), path, expression
    )
    update = compute_update("trade", config.config, desired).SerializeToString()
    return explain(update, config)


def test_what_is_hidden_in_a_harmless_change_is_named() -> None:
    config = in_force()
    node = ReplaceOrderer("127.0.0.1:7053", "RegulatorMSP", ordering_node("RegulatorMSP", 7060))
    said = slipped_in(config, node, "/Channel/Orderer/BlockValidation", "OR('BankMSP.member')")
    assert any("/Channel/Orderer/BlockValidation" in one and "BankMSP.member" in one for one in said)
    assert not any("two thirds" in one for one in said)
    join = AddOrganization(request())
    said = slipped_in(config, join, f"/Channel/Application/{NEWCOMER}/Admins", "OR('StrangerMSP.member')")
    assert any(f"{NEWCOMER}/Admins" in one and "StrangerMSP.member" in one for one in said)
    desired = SetAnchorPeers("BankMSP", ("bank.example:1",)).apply(config)
    group = desired.channel_group.groups["Application"].groups["BankMSP"]
    group.values["AnchorPeers"].mod_policy = "/Channel/Readers"
    said = explain(compute_update("trade", config.config, desired).SerializeToString(), config)
    assert any("AnchorPeers may be changed by /Channel/Readers" in one for one in said)
    desired = ChangeBatch(max_message_count=900).apply(config)
    value = desired.channel_group.groups["Orderer"].values["ConsensusType"]
    consensus = orderer_pb2.ConsensusType.FromString(value.value)
    options = smartbft_pb2.Options.FromString(consensus.metadata)
    options.request_pool_size = 1
    consensus.metadata = options.SerializeToString()
    value.value = consensus.SerializeToString()
    said = explain(compute_update("trade", config.config, desired).SerializeToString(), config)
    assert "/Channel/Orderer/ConsensusType changes." in said


def test_an_overtaken_change_is_computed_anew() -> None:
    base = in_force()
    mine = propose(AddOrganization(request()), base)
    leave = propose(RemoveOrganization("RegulatorMSP"), base)
    other = request("OtherMSP", name="Other", domain="other.example")
    now = carried_out(base, propose(AddOrganization(other), base).update)
    with pytest.raises(ConsortiumError) as caught:
        explain(mine.update, now)
    assert caught.value.code == "CONFIG_OVERTAKEN"
    again = renew(mine.update, base, now)
    assert again.base_sequence == 1
    assert {NEWCOMER, "OtherMSP", "RegulatorMSP"} <= set(carried_out(now, again.update).msp_ids)
    left = carried_out(now, renew(leave.update, base, now).update)
    assert "OtherMSP" in left.msp_ids
    assert "RegulatorMSP" not in left.msp_ids


def test_two_changes_of_the_same_thing_are_for_people_to_decide() -> None:
    base = in_force()
    mine = propose(ChangeBatch(max_message_count=900), base)
    now = after(ChangeBatch(max_message_count=700), base)
    with pytest.raises(ConsortiumError, match="/Channel/Orderer/BatchSize") as caught:
        renew(mine.update, base, now)
    assert caught.value.code == "CONFIG_CONFLICT"
    with pytest.raises(ConsortiumError) as caught:
        renew(mine.update, base, after(ChangeBatch(max_message_count=900), base))
    assert caught.value.code == "CONFIG_UNCHANGED"
