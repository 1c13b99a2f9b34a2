"""Blocks that several ordering nodes agree on and sign: only Fabric has more than one."""

from __future__ import annotations

from pathlib import Path

import pytest
from fabric_protos.common import common_pb2

from hansa_fabric.block_signatures import verify_block_signatures
from hansa_fabric.blocks import Block, verify_chain
from hansa_fabric.bundle import Bundle
from hansa_fabric.channel_description import BatchConfig
from hansa_fabric.config_edits import set_batch
from hansa_fabric.errors import PolicyNotSatisfiedError
from tests.support.engine import on_fabric
from tests.support.fabric_network import running_fabric
from tests.support.reconfiguration import change, config

pytestmark = pytest.mark.fabric


def test_blocks_carry_enough_signatures_of_the_ordering_nodes(tmp_path: Path) -> None:
    if not on_fabric():
        pytest.skip("several ordering nodes need Fabric: run with --engine fabric")
    with (
        running_fabric(tmp_path / "bft", names="ABCD", consensus="bft") as network,
        network.gateway("AMSP") as gateway,
    ):
        channel = gateway.network("trade")
        for number in range(3):
            channel.contract("all").submit("put", f"bft/{number}", "x")
        desired = set_batch(config(network), BatchConfig(max_message_count=7))
        changed = change(network, desired, "AMSP", "BMSP", "CMSP")
        after = channel.contract("all").submit("put", "bft/after", "x").block_number
        with channel.block_events(start_block=0, stop_block=after) as events:
            blocks = list(events)
    assert verify_chain(blocks) == after + 1
    bundle = Bundle.from_block(blocks[0])
    for block in blocks[1:]:
        verify_block_signatures(block, bundle)
        if block.number == changed.number:
            bundle = Bundle.from_block(block)
    assert bundle.batch.max_message_count == 7
    message = common_pb2.Block.FromString(blocks[-1].message.SerializeToString())
    metadata = common_pb2.Metadata.FromString(message.metadata.metadata[common_pb2.SIGNATURES])
    del metadata.signatures[1:]
    message.metadata.metadata[common_pb2.SIGNATURES] = metadata.SerializeToString()
    with pytest.raises(PolicyNotSatisfiedError):
        verify_block_signatures(Block(message), bundle)
