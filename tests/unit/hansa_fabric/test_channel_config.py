"""A channel's genesis block: what is described comes back, and the policies hold."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fabric_protos.common import configtx_pb2

from hansa_fabric.blocks import Block, verify_chain
from hansa_fabric.bundle import Bundle, is_config_block
from hansa_fabric.certificates import CertificateProfile, new_key
from hansa_fabric.channel_config import channel_group, genesis_block
from hansa_fabric.channel_description import (
    BatchConfig,
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
    format_duration,
    parse_duration,
)
from hansa_fabric.errors import FabricDataError, MalformedDataError
from hansa_fabric.policies import is_satisfied
from hansa_fabric.policy_expression import application_policy, parse
from tests.support.fabric_organizations import organization

NAMES = ("ProducerMSP", "RetailerMSP", "CarrierMSP", "BankMSP", "RegulatorMSP")


def _consenter(name: str, port: int) -> Consenter:
    tls = organization(name).tls_authority.issue(
        CertificateProfile("orderer", hosts=("127.0.0.1",), server=True, client=True), new_key().public_key()
    )
    identity = organization(name).member("orderer").identity.certificate
    return Consenter(Endpoint("127.0.0.1", port), name, tls, tls, identity)


def describe(kind: str = "BFT") -> ChannelDescription:
    """The default consortium with four ordering nodes."""
    return ChannelDescription(
        "trade",
        tuple(
            OrganizationDescription(
                organization(name).definition(),
                anchor_peers=(Endpoint("peer0", 7051),),
                orderer_endpoints=(Endpoint("127.0.0.1", 7050 + number),) if number < 4 else (),
            )
            for number, name in enumerate(NAMES)
        ),
        OrdererDescription(
            kind, tuple(_consenter(name, 7050 + number) for number, name in enumerate(NAMES[:4]))
        ),
    )


DESCRIPTION = describe()
MOMENT = datetime(2025, 2, 3, 4, 5, 6, 700, tzinfo=UTC)


def _bundle(description: ChannelDescription = DESCRIPTION) -> Bundle:
    return Bundle.from_block(Block(genesis_block(description).SerializeToString()))


@pytest.mark.parametrize("kind", ["BFT", "etcdraft"])
def test_round_trip(kind: str) -> None:
    batch = BatchConfig(timedelta(milliseconds=250), 10, 1000, 2000)
    described = describe(kind)
    bundle = _bundle(replace(described, orderer=replace(described.orderer, batch=batch)))
    assert (bundle.channel, bundle.sequence, bundle.orderer_type) == ("trade", 0, kind)
    assert bundle.batch == batch
    assert bundle.msp_ids == tuple(sorted(NAMES))
    assert sorted(bundle.orderer_organizations) == sorted(NAMES[:4])
    bank = bundle.organizations["BankMSP"]
    assert bank.msp == organization("BankMSP").definition()
    assert bank.anchor_peers == (Endpoint("peer0", 7051),)
    assert bundle.orderer_organizations["BankMSP"].orderer_endpoints == ("127.0.0.1:7053",)
    assert bundle.capabilities["/Channel/Application"] == {"V2_5"}


def test_block_is_the_same_for_the_same_nonce_and_time() -> None:
    first, second = (genesis_block(DESCRIPTION, nonce=b"n" * 24, timestamp=MOMENT) for _ in range(2))
    assert first.SerializeToString() == second.SerializeToString()
    block = Block(first)
    assert verify_chain([block]) == 1
    assert is_config_block(block) and block.last_config == 0
    assert genesis_block(DESCRIPTION).header.data_hash != first.header.data_hash


def test_policies_hold_as_they_read() -> None:
    bundle = _bundle()
    peers = [bundle.manager.deserialize(organization(n).member("peer").identity.serialized) for n in NAMES]
    admins = [bundle.manager.deserialize(organization(n).member("admin").identity.serialized) for n in NAMES]
    client = [bundle.manager.deserialize(organization("BankMSP").member("client").identity.serialized)]
    for path, who, holds in (
        ("/Channel/Application/Endorsement", peers[:3], True),
        ("/Channel/Application/Endorsement", peers[:2], False),
        ("/Channel/Application/Endorsement", admins, False),
        ("/Channel/Application/LifecycleEndorsement", peers[:3], True),
        ("/Channel/Application/Admins", admins[2:], True),
        ("/Channel/Application/Admins", admins[3:], False),
        ("/Channel/Application/BankMSP/Admins", [admins[3]], True),
        ("/Channel/Application/BankMSP/Admins", [admins[2]], False),
        ("/Channel/Application/Writers", client, True),
        ("/Channel/Application/Writers", peers[:1], False),
        ("/Channel/Readers", client, True),
    ):
        assert is_satisfied(bundle.policy(path), who) is holds, (path, holds)
    assert is_satisfied(bundle.acl("peer/Propose"), client)
    assert not is_satisfied(bundle.acl("peer/Propose"), peers)
    assert is_satisfied(bundle.acl("event/Block"), peers)


def test_bft_blocks_need_a_quorum_of_the_ordering_nodes() -> None:
    bundle = _bundle()
    identities = [bundle.consenter_identities[number] for number in range(1, 5)]
    nodes = [bundle.manager.deserialize(one) for one in identities]
    policy = bundle.policy("/Channel/Orderer/BlockValidation")
    assert is_satisfied(policy, nodes[1:])
    assert not is_satisfied(policy, nodes[2:])


def test_descriptions_may_differ_in_policies_and_acls() -> None:
    changed = replace(
        DESCRIPTION,
        policies={"/Channel/Application/Endorsement": "ANY Endorsement"},
        acls={"peer/Propose": "/Channel/Application/Readers", "event/Block": "Admins"},
    )
    bundle = _bundle(changed)
    peer = [bundle.manager.deserialize(organization("BankMSP").member("peer").identity.serialized)]
    assert is_satisfied(bundle.policy("/Channel/Application/Endorsement"), peer)
    assert is_satisfied(bundle.acl("peer/Propose"), peer)
    assert bundle.acl("event/Block") is bundle.policy("/Channel/Application/Admins")
    for path in ("unknown/Resource", ""):
        with pytest.raises(MalformedDataError):
            bundle.acl(path)
    with pytest.raises(MalformedDataError, match="no policy"):
        bundle.policy("/Channel/Nothing")


def test_chaincode_and_key_policies() -> None:
    bundle = _bundle()
    by_path = application_policy("/Channel/Application/Endorsement").SerializeToString()
    assert bundle.application_policy(by_path) is bundle.policy("/Channel/Application/Endorsement")
    text = "OR('BankMSP.peer')"
    key_policy = bundle.signature_policy(parse(text).SerializeToString())
    assert bundle.application_policy(application_policy(text).SerializeToString()) is key_policy
    bank = [bundle.manager.deserialize(organization("BankMSP").member("peer").identity.serialized)]
    assert is_satisfied(key_policy, bank)
    for data in (b"", b"\xff", application_policy("/Channel/Nothing").SerializeToString()):
        with pytest.raises(MalformedDataError):
            bundle.application_policy(data)


@pytest.mark.parametrize(
    "changed",
    [
        replace(DESCRIPTION, name="Trade"),
        replace(DESCRIPTION, name=""),
        replace(DESCRIPTION, organizations=DESCRIPTION.organizations * 2),
        replace(DESCRIPTION, organizations=()),
        replace(DESCRIPTION, organizations=DESCRIPTION.organizations[4:]),
        replace(DESCRIPTION, organizations=(replace(DESCRIPTION.organizations[0], member=False),)),
        replace(DESCRIPTION, channel_capability="V2_0"),
        replace(DESCRIPTION, orderer=replace(DESCRIPTION.orderer, type="solo")),
        replace(DESCRIPTION, orderer=replace(DESCRIPTION.orderer, consenters=())),
        replace(DESCRIPTION, policies={"/Channel/Readers": "whoever"}),
        replace(
            DESCRIPTION,
            orderer=replace(
                DESCRIPTION.orderer, consenters=(replace(DESCRIPTION.orderer.consenters[0], identity=b""),)
            ),
        ),
        replace(DESCRIPTION, orderer=replace(DESCRIPTION.orderer, batch=BatchConfig(timeout=timedelta(0)))),
    ],
)
def test_what_contradicts_itself_is_refused(changed: ChannelDescription) -> None:
    with pytest.raises(MalformedDataError):
        genesis_block(changed)


@pytest.mark.parametrize(
    "change",
    [
        "no application",
        "no orderer",
        "no msp",
        "capability",
        "batch",
        "consensus",
        "policy",
        "two definitions",
    ],
)
def test_broken_configuration_is_refused(change: str) -> None:
    config = configtx_pb2.Config(channel_group=channel_group(DESCRIPTION))
    Bundle("trade", config)
    root = config.channel_group
    if change == "no application":
        del root.groups["Application"]
    elif change == "no orderer":
        del root.groups["Orderer"]
    elif change == "no msp":
        del root.groups["Application"].groups["BankMSP"].values["MSP"]
    elif change == "capability":
        root.values["Capabilities"].value = b"\x0a\x06\x0a\x04V9_9"
    elif change == "batch":
        root.groups["Orderer"].values["BatchTimeout"].value = b"\x0a\x04soon"
    elif change == "consensus":
        del root.groups["Orderer"].values["ConsensusType"]
    elif change == "policy":
        root.policies["Readers"].policy.type = 7
    elif change == "two definitions":
        other = organization("BankMSP").definition(tls_root_certificates=()).to_config()
        root.groups["Application"].groups["BankMSP"].values["MSP"].value = other.SerializeToString()
    with pytest.raises(FabricDataError):
        Bundle("trade", config)


def test_durations() -> None:
    for text, seconds in (("100ms", 0.1), ("2s", 2), ("1m30s", 90), ("1.5h", 5400), ("250us", 0.00025)):
        assert parse_duration(text) == timedelta(seconds=seconds)
    assert parse_duration(format_duration(timedelta(seconds=2.5))) == timedelta(seconds=2.5)
    for text in ("", "2", "s", "2 s", "-1s", "2sx"):
        with pytest.raises(MalformedDataError):
            parse_duration(text)


@pytest.mark.fabric
@pytest.mark.skipif("FABRIC_BIN" not in os.environ, reason="$FABRIC_BIN does not name Fabric's programs")
@pytest.mark.parametrize("kind", ["BFT", "etcdraft"])
def test_fabrics_own_tool_reads_the_block(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "genesis.block"
    path.write_bytes(genesis_block(describe(kind)).SerializeToString())
    tool = Path(os.environ["FABRIC_BIN"]) / "configtxlator"
    done = subprocess.run(
        [tool, "proto_decode", "--type", "common.Block", "--input", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for word in ('"channel_id": "trade"', '"BankMSP"', f'"type": "{kind}"', '"sub_policy": "Endorsement"'):
        assert word in done.stdout
