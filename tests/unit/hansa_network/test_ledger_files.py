"""Blocks read from a node's own files: in order, checked, and a chain that does not hold is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest
from fabric_protos.common import common_pb2

from hansa_fabric.blocks import Block, new_block
from hansa_network.errors import NetworkError
from hansa_network.operations.ledger_files import check_chain, embedded_blocks, fabric_blocks


def chain(length: int) -> list[Block]:
    """Blocks that follow one another."""
    found: list[Block] = []
    for number in range(length):
        previous = found[-1].hash if found else b""
        found.append(Block(new_block(number, previous, [b"envelope %d" % number, b"x" * 300])))
    return found


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(content: bytes) -> bytes:
    return varint(len(content)) + content


def as_fabric_writes(block: Block) -> bytes:
    """A block as a peer of Fabric's writes it: a length, header, envelopes, metadata."""
    message = common_pb2.Block.FromString(block.serialize())
    header, data, metadata = message.header, message.data.data, message.metadata.metadata
    parts = [varint(header.number), field(header.data_hash), field(header.previous_hash)]
    parts += [varint(len(data)), *map(field, data), varint(len(metadata)), *map(field, metadata)]
    return field(b"".join(parts))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five blocks in two files, and a sixth that was being written when the peer ended."""
    blocks = [as_fabric_writes(block) for block in chain(6)]
    (tmp_path / "blockfile_000000").write_bytes(b"".join(blocks[:3]))
    (tmp_path / "blockfile_000001").write_bytes(b"".join(blocks[3:5]) + blocks[5][:-20])
    return tmp_path


def test_a_peer_s_block_files(folder: Path) -> None:
    found = check_chain(fabric_blocks(folder))
    expected = chain(5)
    assert (found.height, found.genesis_hash, found.last_hash) == (
        5,
        expected[0].hash.hex(),
        expected[-1].hash.hex(),
    )


def test_a_changed_block_breaks_the_chain(folder: Path) -> None:
    path = folder / "blockfile_000000"
    path.write_bytes(path.read_bytes().replace(b"envelope 1", b"envelope 9"))
    assert refusal(fabric_blocks(folder)) == "LEDGER_BROKEN"


def test_a_missing_file_breaks_the_chain(folder: Path) -> None:
    (folder / "blockfile_000000").unlink()
    assert refusal(fabric_blocks(folder)) == "LEDGER_BROKEN"


def test_no_blocks_are_no_chain(tmp_path: Path) -> None:
    assert refusal(fabric_blocks(tmp_path)) == "LEDGER_BROKEN"


def test_the_embedded_engine_s_store(tmp_path: Path) -> None:
    blocks = chain(3)
    write(tmp_path / "good", blocks)
    assert check_chain(embedded_blocks(tmp_path / "good")).last_hash == blocks[-1].hash.hex()
    write(tmp_path / "bad", [blocks[0], blocks[2]])
    assert refusal(embedded_blocks(tmp_path / "bad")) == "LEDGER_BROKEN"


def write(folder: Path, blocks: list[Block]) -> None:
    folder.mkdir()
    with lmdb.open(str(folder), max_dbs=32) as environment:
        database = environment.open_db(b"blocks")
        with environment.begin(write=True) as transaction:
            for number, block in enumerate(blocks):
                transaction.put(number.to_bytes(8, "big"), block.serialize(), db=database)


def refusal(blocks: Iterator[Block]) -> str:
    with pytest.raises(NetworkError) as caught:
        check_chain(blocks)
    return caught.value.code
