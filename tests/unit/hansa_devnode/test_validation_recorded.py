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
from hansa_fabric.validation_codes import ValidationCode

RECORDING = Path(__file__).parents[2] / "support" / "recorded" / "fabric-3.1.5-channel.xz"


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    data = lzma.decompress(RECORDING.read_bytes())
    found = []
    position = 0
    while position < len(data):
        (size,) = struct.unpack_from(">I", data, position)
        found.append(Block(data[position + 4 : position + 4 + size]))
        position += 4 + size
    return found


def test_every_verdict_and_every_hash_is_fabric_s(blocks: list[Block], tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path, blocks[0].message)
    for theirs in blocks[1:]:
        ours = Block(ledger.commit(list(theirs.data)).data)
        assert ours.codes == theirs.codes, f"block {theirs.number}"
        assert ours.hash == theirs.hash, f"block {theirs.number}"
        commit_hashes = [one.metadata(common_pb2.COMMIT_HASH) for one in (ours, theirs)]
        assert commit_hashes[0] == commit_hashes[1], f"block {theirs.number}"
    assert [one.name for one in ledger.chaincodes()] == ["allops", "allops2"]
    ledger.close()


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
