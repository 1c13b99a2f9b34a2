"""A channel of Fabric 3.1.5, block by block: equal header hashes, verdicts and commit hashes.

The recording is of a channel with two organisations, two chaincodes and private collections, on which many
clients wrote, deleted, purged, scanned and set key-level policies at once; a peer's blocks, as it delivered
them.
"""

from __future__ import annotations

import lzma
import struct
from collections import Counter
from pathlib import Path

import pytest
from fabric_protos.common import common_pb2

from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.blocks import Block
from hansa_fabric.bundle import is_config_block
from hansa_fabric.validation_codes import ValidationCode

FOLDER = Path(__file__).parents[2] / "support" / "recorded"


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    return recording("fabric-3.1.5-channel")


def recording(name: str) -> list[Block]:
    data = lzma.decompress((FOLDER / f"{name}.xz").read_bytes())
    found = []
    position = 0
    while position < len(data):
        (size,) = struct.unpack_from(">I", data, position)
        found.append(Block(data[position + 4 : position + 4 + size]))
        position += 4 + size
    return found


def test_every_verdict_and_every_hash_is_fabric_s(blocks: list[Block], tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path, blocks[0].message)
    replay(ledger, blocks)
    assert [one.name for one in ledger.chaincodes()] == ["allops", "allops2"]
    ledger.close()


def test_configurations_take_effect_as_on_fabric(tmp_path: Path) -> None:
    """One organisation more and other batches by an update of ours, and without it again by another."""
    blocks = recording("fabric-3.1.5-configuration")
    changes = [block.number for block in blocks if is_config_block(block)]
    assert changes == [0, 7, 8]
    ledger = Ledger.open(tmp_path, blocks[0].message)
    for first, last, members, size in (
        (1, 6, ("Org1MSP", "Org2MSP"), 500),
        (7, 7, ("DMSP", "Org1MSP", "Org2MSP"), 33),
        (8, 10, ("Org1MSP", "Org2MSP"), 33),
    ):
        replay(ledger, blocks[: last + 1], first)
        assert (ledger.bundle.msp_ids, ledger.bundle.batch.max_message_count) == (members, size)
    ledger.close()
    again = Ledger.open(tmp_path, blocks[0].message)
    assert (again.bundle.sequence, again.bundle.batch.max_message_count) == (2, 33)
    again.close()


def test_a_configuration_that_nobody_agreed_to_has_no_effect(tmp_path: Path) -> None:
    blocks = recording("fabric-3.1.5-configuration")
    ledger = Ledger.open(tmp_path, blocks[0].message)
    replay(ledger, blocks[:7])
    for envelopes in ([blocks[8].data[0]], [blocks[7].data[0], blocks[6].data[0]]):
        statuses = ledger.commit(envelopes).transactions
        assert statuses[0].code == ValidationCode.INVALID_CONFIG_TRANSACTION
    assert ledger.bundle.sequence == 0
    ledger.close()


def replay(ledger: Ledger, blocks: list[Block], first: int = 1) -> None:
    """Feed the ledger Fabric's envelopes block by block, and compare what comes of them."""
    for theirs in blocks[first:]:
        ours = Block(ledger.commit(list(theirs.data)).data)
        assert ours.codes == theirs.codes, f"block {theirs.number}"
        assert ours.hash == theirs.hash, f"block {theirs.number}"
        commit_hashes = [one.metadata(common_pb2.COMMIT_HASH) for one in (ours, theirs)]
        assert commit_hashes[0] == commit_hashes[1], f"block {theirs.number}"


def test_the_recording_holds_what_is_worth_comparing(blocks: list[Block]) -> None:
    codes = Counter(code for block in blocks for code in block.codes)
    assert codes[ValidationCode.VALID] >= 200
    for refusal in (
        ValidationCode.ENDORSEMENT_POLICY_FAILURE,
        ValidationCode.MVCC_READ_CONFLICT,
        ValidationCode.PHANTOM_READ_CONFLICT,
    ):
        assert codes[refusal] >= 10
    assert max(len(block.data) for block in blocks) >= 5
