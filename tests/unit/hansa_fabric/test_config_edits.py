"""Edits of a channel's configuration: each changes what it says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fabric_protos.common import configtx_pb2

from hansa_fabric.bundle import Bundle
from hansa_fabric.channel_description import BatchConfig, Endpoint
from hansa_fabric.config_authorization import authorize
from hansa_fabric.config_edits import (
    add_organization,
    group_at,
    remove_organization,
    replace_msp,
    set_acls,
    set_anchor_peers,
    set_batch,
    set_mod_policy,
    set_policy,
)
from hansa_fabric.config_elements import flatten
from hansa_fabric.config_update import compute_update
from hansa_fabric.consenter_edits import add_consenter, consenters, remove_consenter, replace_consenter
from hansa_fabric.errors import ConfigUnauthorizedError, ConfigUpdateError, MalformedDataError
from hansa_fabric.policies import is_satisfied
from tests.support.config_changes import NAMES, NEWCOMER, agreed, configuration, consenter, described
from tests.support.fabric_organizations import organization

Edit = Callable[[Any], Any]

EDITS: list[tuple[Edit, set[str]]] = [
    (
        lambda config: set_batch(config, BatchConfig(timedelta(seconds=1), 7, 100, 200)),
        {"/Channel/Orderer/BatchSize", "/Channel/Orderer/BatchTimeout"},
    ),
    (
        lambda config: set_anchor_peers(config, "BankMSP", [Endpoint("other", 7051)]),
        {"/Channel/Application/BankMSP/AnchorPeers"},
    ),
    (
        lambda config: set_policy(config, "/Channel/Application/Endorsement", "ANY Endorsement"),
        {"/Channel/Application/Endorsement"},
    ),
    (
        lambda config: set_mod_policy(config, "/Channel/Orderer", "Writers"),
        {"/Channel/Orderer"},
    ),
    (
        lambda config: set_acls(config, {"peer/Propose": "Readers"}),
        {"/Channel/Application", "/Channel/Application/ACLs"},
    ),
    (
        lambda config: replace_msp(config, organization("BankMSP").definition(node_ous=None)),
        {"/Channel/Application/BankMSP/MSP", "/Channel/Orderer/BankMSP/MSP"},
    ),
    (
        lambda config: remove_organization(config, "BankMSP"),
        {"/Channel/Application"},
    ),
    (
        lambda config: remove_organization(config, "BankMSP", "Orderer"),
        {"/Channel/Orderer"},
    ),
]


@pytest.mark.parametrize(("edit", "paths"), EDITS)
def test_an_edit_changes_what_it_says(edit: Edit, paths: set[str]) -> None:
    before = configuration().SerializeToString(deterministic=True)
    desired = edit(configuration())
    assert configuration().SerializeToString(deterministic=True) == before
    assert _changed(desired) == paths
    with pytest.raises(ConfigUpdateError):  # nothing is left to change, or to remove
        compute_update("trade", desired, edit(desired))


def _changed(desired: Any) -> set[str]:
    update = compute_update("trade", configuration(), desired)
    read = {key: one.version for key, one in flatten(update.read_set).items()}
    written = flatten(update.write_set)
    return {one.path for key, one in written.items() if read.get(key) != one.version}


def test_an_organisation_may_join_the_application_the_ordering_or_both() -> None:
    for member, ordering in ((True, False), (False, True), (True, True)):
        one = replace(described(NEWCOMER, ordering=ordering), member=member)
        bundle = Bundle("trade", add_organization(configuration(), one))
        assert (NEWCOMER in bundle.organizations) is member
        assert (NEWCOMER in bundle.orderer_organizations) is ordering


def test_acls_go_back_to_fabrics_own() -> None:
    config = set_acls(configuration(), {"peer/Propose": "Readers", "event/Block": "Admins"})
    bundle = Bundle("trade", set_acls(config, {"event/Block": None}))
    assert bundle.acl("peer/Propose") is bundle.policy("/Channel/Application/Readers")
    assert bundle.acl("event/Block") is bundle.policy("/Channel/Application/Readers")


def test_what_is_not_there_cannot_be_changed() -> None:
    config = configuration()
    for edit in (
        lambda: add_organization(config, described("BankMSP")),
        lambda: add_organization(config, replace(described("BankMSP"), name="OtherName")),
        lambda: remove_organization(config, NEWCOMER),
        lambda: set_anchor_peers(config, NEWCOMER, []),
        lambda: replace_msp(config, organization(NEWCOMER).definition()),
        lambda: set_policy(config, "/Channel/Nothing/Admins", "ANY Admins"),
        lambda: group_at(config, "/Orderer"),
        lambda: set_batch(configtx_pb2.Config(), BatchConfig()),
    ):
        with pytest.raises(ConfigUpdateError):
            edit()
    with pytest.raises(MalformedDataError):
        set_policy(config, "/Channel/Application/Admins", "whoever")


@pytest.mark.parametrize("kind", ["BFT", "etcdraft"])
def test_an_ordering_node_is_replaced_in_one_update(kind: str) -> None:
    bundle = Bundle("trade", configuration(kind))
    new = consenter("BankMSP", 9999)
    desired = replace_consenter(bundle.config, Endpoint("127.0.0.1", 7053), new)
    with pytest.raises(ConfigUnauthorizedError, match="BankMSP/Endpoints"):
        authorize(bundle, agreed(bundle, desired, *NAMES[:3]))
    after = Bundle("trade", authorize(bundle, agreed(bundle, desired, *NAMES)))
    assert [str(one.endpoint) for one in consenters(after.config)] == [
        *(f"127.0.0.1:{7050 + number}" for number in range(3)),
        "127.0.0.1:9999",
    ]
    assert after.orderer_organizations["BankMSP"].orderer_endpoints == ("127.0.0.1:9999",)
    assert consenters(after.config)[3].server_tls_certificate == new.server_tls_certificate
    if kind == "BFT":
        identities = [after.manager.deserialize(after.consenter_identities[number]) for number in (2, 3, 5)]
        assert sorted(after.consenter_identities) == [1, 2, 3, 5]
        assert after.consenter_identities[5].endswith(new.identity)
        assert is_satisfied(after.policy("/Channel/Orderer/BlockValidation"), identities)
        assert not is_satisfied(bundle.policy("/Channel/Orderer/BlockValidation"), identities)


def test_a_node_with_another_certificate_keeps_its_number() -> None:
    old = consenter("BankMSP", 7053)
    renewed = replace(old, identity=organization("BankMSP").member("orderer").identity.certificate)
    bundle = Bundle("trade", replace_consenter(configuration(), renewed.endpoint, renewed))
    assert sorted(bundle.consenter_identities) == [1, 2, 3, 4]
    assert bundle.consenter_identities[4].endswith(renewed.identity)
    assert bundle.orderer_organizations["BankMSP"].orderer_endpoints == ("127.0.0.1:7053",)


@pytest.mark.parametrize("kind", ["BFT", "etcdraft"])
def test_ordering_nodes_come_and_go(kind: str) -> None:
    config = add_consenter(configuration(kind), consenter("BankMSP", 9999))
    assert Bundle("trade", config).orderer_organizations["BankMSP"].orderer_endpoints == (
        "127.0.0.1:7053",
        "127.0.0.1:9999",
    )
    assert len(consenters(config)) == 5
    config = remove_consenter(config, Endpoint("127.0.0.1", 7050))
    bundle = Bundle("trade", config)
    assert "ProducerMSP" not in bundle.orderer_organizations
    assert "ProducerMSP" in bundle.organizations
    assert sorted(bundle.consenter_identities) == ([2, 3, 4, 5] if kind == "BFT" else [])
    assert len(consenters(config)) == 4


def test_ordering_nodes_that_cannot_be() -> None:
    config, new = configuration(), consenter("BankMSP", 9999)
    with pytest.raises(ConfigUpdateError, match="no ordering node at"):
        replace_consenter(config, Endpoint("127.0.0.1", 1), new)
    with pytest.raises(ConfigUpdateError, match="there already"):
        add_consenter(config, consenter("BankMSP", 7053))
    with pytest.raises(ConfigUpdateError, match="no ordering organisation"):
        add_consenter(config, consenter("RegulatorMSP", 9999))
    with pytest.raises(MalformedDataError, match="signing certificate"):
        add_consenter(config, replace(new, identity=b""))
    for port in (7050, 7051, 7052):
        config = remove_consenter(config, Endpoint("127.0.0.1", port))
    with pytest.raises(ConfigUpdateError, match="needs ordering nodes"):
        remove_consenter(config, Endpoint("127.0.0.1", 7053))
