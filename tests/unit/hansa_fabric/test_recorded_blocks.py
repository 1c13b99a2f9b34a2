"""Blocks that Fabric 3.1.5 itself made: they are read and verified, and ours are equal in content."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2
from fabric_protos.common import configuration_pb2 as common_configuration_pb2
from fabric_protos.orderer import configuration_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as etcdraft_pb2

from hansa_fabric.block_signatures import verify_block_signatures
from hansa_fabric.blocks import Block, verify_chain
from hansa_fabric.bundle import Bundle
from hansa_fabric.channel_config import channel_group
from hansa_fabric.channel_description import (
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.errors import PolicyNotSatisfiedError
from hansa_fabric.policies import SignedData
from hansa_fabric.rwsets import ReadWriteSet, key_hash
from hansa_fabric.validation_codes import ValidationCode

FOLDER = Path(__file__).parents[2] / "support" / "recorded" / "fabric_blocks"
# What the peer itself answered for the newest block's hash.
HASHES = {
    "bft": "heX6JqhMzHd4u0wtAqTwDwXy14VDaRkbgtlxmNmoJ3M=",
    "etcdraft": "OZSbC9pXZXWMAURcY4feG1aEu+zdAWBZspcDZl4WETk=",
}


def _block(name: str) -> Block:
    return Block((FOLDER / f"{name}.block").read_bytes())


@pytest.mark.parametrize("kind", HASHES)
def test_chain_and_signatures(kind: str) -> None:
    genesis, first = _block(f"{kind}-0"), _block(f"{kind}-1")
    assert verify_chain([genesis, first]) == 2
    assert base64.b64encode(first.hash).decode() == HASHES[kind]
    bundle = Bundle.from_block(genesis)
    verify_block_signatures(first, bundle)
    first.message.header.number = 2
    with pytest.raises(PolicyNotSatisfiedError):
        verify_block_signatures(first, bundle)


@pytest.mark.parametrize("kind", HASHES)
def test_transaction(kind: str) -> None:
    bundle = Bundle.from_block(_block(f"{kind}-0"))
    (found,) = _block(f"{kind}-1").transactions
    assert found.code is ValidationCode.VALID
    transaction = found.transaction
    transaction.check()
    creator = bundle.manager.deserialize(transaction.creator)
    creator.verify(transaction.payload, transaction.signature)
    assert (creator.msp_id, creator.units) == ("ProducerMSP", ("admin",))
    assert transaction.chaincode == "_lifecycle"
    assert transaction.args[0] == b"ApproveChaincodeDefinitionForMyOrg"
    signed = [
        SignedData(one.endorser, transaction.action.signed_payload + one.endorser, one.signature)
        for one in transaction.endorsements
    ]
    bundle.policy("/Channel/Application/ProducerMSP/Endorsement").evaluate(signed)
    with pytest.raises(PolicyNotSatisfiedError):
        bundle.policy("/Channel/Application/Endorsement").evaluate(signed)


@pytest.mark.parametrize("kind", HASHES)
def test_read_write_set_keeps_every_byte(kind: str) -> None:
    transaction = _block(f"{kind}-1").transactions[0].transaction
    rwset = ReadWriteSet.parse(transaction.action.results)
    assert rwset.serialize() == transaction.action.results
    lifecycle = rwset.namespaces[0]
    assert [read.key for read in lifecycle.reads] == [
        "namespaces/fields/x/Sequence",
        "namespaces/metadata/x",
    ]
    hashes = {write.key_hash for write in lifecycle.collections[0].writes}
    assert key_hash("namespaces/metadata/x#1") in hashes


@pytest.mark.parametrize("kind", HASHES)
def test_our_configuration_is_configtxgens(kind: str) -> None:
    bundle = Bundle.from_block(_block(f"{kind}-configtxgen"))
    orderer = bundle.config.channel_group.groups["Orderer"]
    description = ChannelDescription(
        bundle.channel,
        tuple(
            OrganizationDescription(
                one.msp,
                anchor_peers=one.anchor_peers,
                orderer_endpoints=(Endpoint("127.0.0.1", 17050),)
                if name in bundle.orderer_organizations
                else (),
            )
            for name, one in bundle.organizations.items()
        ),
        OrdererDescription(bundle.orderer_type, _consenters(kind, orderer), bundle.batch),
    )
    ours, theirs = channel_group(description), bundle.config.channel_group
    if kind == "bft":
        # configtxgen leaves out what orderers take from BatchSize, and writes the same durations otherwise.
        for group in (ours, theirs):
            group.groups["Orderer"].values["ConsensusType"].ClearField("value")
    assert ours == theirs


def _consenters(kind: str, orderer: object) -> tuple[Consenter, ...]:
    values = orderer.values  # type: ignore[attr-defined]
    if kind == "bft":
        mapping = common_configuration_pb2.Orderers.FromString(values["Orderers"].value).consenter_mapping
        return tuple(
            Consenter(
                Endpoint(one.host, one.port),
                one.msp_id,
                one.client_tls_cert,
                one.server_tls_cert,
                one.identity,
            )
            for one in mapping
        )
    consensus = configuration_pb2.ConsensusType.FromString(values["ConsensusType"].value)
    return tuple(
        Consenter(Endpoint(one.host, one.port), "ProducerMSP", one.client_tls_cert, one.server_tls_cert)
        for one in etcdraft_pb2.ConfigMetadata.FromString(consensus.metadata).consenters
    )


def test_block_data_are_whole_envelopes() -> None:
    for path in sorted(FOLDER.glob("*.block")):
        for envelope in Block(path.read_bytes()).data:
            assert common_pb2.Envelope.FromString(envelope).SerializeToString() == envelope
