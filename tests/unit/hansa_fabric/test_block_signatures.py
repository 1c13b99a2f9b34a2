"""Signatures of blocks: one node's where one is enough, a quorum's with BFT."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fabric_protos.common import common_pb2

from hansa_fabric.block_signatures import verify_block_signatures
from hansa_fabric.blocks import Block, header_bytes, new_block
from hansa_fabric.bundle import Bundle
from hansa_fabric.channel_config import genesis_block
from hansa_fabric.channel_description import (
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.errors import BrokenChainError, PolicyNotSatisfiedError
from hansa_fabric.identity import KeySigner
from tests.support.fabric_organizations import organization

NAMES = ("AMSP", "BMSP", "CMSP", "DMSP")
NODES = [organization(name).member("orderer") for name in NAMES]


def _genesis(kind: str) -> Block:
    described = ChannelDescription(
        "trade",
        tuple(
            OrganizationDescription(organization(name).definition(), orderer_endpoints=(Endpoint("o", 1),))
            for name in NAMES
        ),
        OrdererDescription(
            kind,
            tuple(
                Consenter(Endpoint("o", 1), name, b"tls", b"tls", node.identity.certificate)
                for name, node in zip(NAMES, NODES, strict=True)
            ),
        ),
    )
    return Block(genesis_block(described))


def _signed(genesis: Block, signers: Sequence[tuple[int | None, KeySigner]]) -> Block:
    message = new_block(1, genesis.hash, [b"envelope"])
    orderer = common_pb2.OrdererBlockMetadata(last_config=common_pb2.LastConfig(index=0))
    metadata = common_pb2.Metadata(value=orderer.SerializeToString())
    for number, signer in signers:
        if number is None:
            header = common_pb2.SignatureHeader(
                creator=signer.identity.serialized, nonce=b"n"
            ).SerializeToString()
            one = common_pb2.MetadataSignature(signature_header=header)
        else:
            header = common_pb2.IdentifierHeader(identifier=number, nonce=b"n").SerializeToString()
            one = common_pb2.MetadataSignature(identifier_header=header)
        one.signature = signer.sign(metadata.value + header + header_bytes(message.header))
        metadata.signatures.append(one)
    message.metadata.metadata[common_pb2.SIGNATURES] = metadata.SerializeToString()
    return Block(message.SerializeToString())


def test_one_node_is_enough_without_bft() -> None:
    genesis = _genesis("etcdraft")
    bundle = Bundle.from_block(genesis)
    verify_block_signatures(_signed(genesis, [(None, NODES[2])]), bundle)
    peer = organization("AMSP").member("peer")
    for signers in ([], [(None, peer)]):
        with pytest.raises(PolicyNotSatisfiedError):
            verify_block_signatures(_signed(genesis, signers), bundle)


def test_a_changed_block_is_not_the_signed_one() -> None:
    genesis = _genesis("etcdraft")
    block = _signed(genesis, [(None, NODES[0])])
    block.message.header.data_hash = b"other"
    with pytest.raises(PolicyNotSatisfiedError):
        verify_block_signatures(block, Bundle.from_block(genesis))


def test_bft_needs_three_of_four() -> None:
    genesis = _genesis("BFT")
    bundle = Bundle.from_block(genesis)
    everybody = list(enumerate(NODES, 1))
    verify_block_signatures(_signed(genesis, everybody[1:]), bundle)
    verify_block_signatures(_signed(genesis, [(None, node) for node in NODES[:3]]), bundle)
    for signers in (
        everybody[:2],
        [everybody[0]] * 3,
        [*everybody[:2], (9, NODES[2])],  # a number nobody has
        [*everybody[:2], (4, NODES[2])],  # another node's number
    ):
        with pytest.raises(PolicyNotSatisfiedError):
            verify_block_signatures(_signed(genesis, signers), bundle)


def test_a_genesis_block_is_trusted_by_its_hash_only() -> None:
    genesis = _genesis("BFT")
    with pytest.raises(BrokenChainError):
        verify_block_signatures(genesis, Bundle.from_block(genesis))
