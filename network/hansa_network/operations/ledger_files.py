"""The blocks that a node keeps on disk, read without the node, and checked to form one chain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import lmdb
from fabric_protos.common import common_pb2

from hansa_fabric.blocks import Block, verify_block
from hansa_fabric.errors import FabricDataError
from hansa_network.errors import NetworkError

_BLOCKS = b"blocks"


@dataclass(frozen=True)
class Chain:
    """A chain of blocks that was checked: its height, and the header hashes (hexadecimal) of both ends."""

    height: int
    genesis_hash: str
    last_hash: str


def check_chain(blocks: Iterator[Block]) -> Chain:
    """Checks that blocks form one chain from block 0 on.

    Raises:
        NetworkError: they do not, or there are none (LEDGER_BROKEN).
    """
    first: Block | None = None
    last: Block | None = None
    try:
        for block in blocks:
            verify_block(block, last)
            first, last = first or block, block
    except (FabricDataError, EOFError, lmdb.Error) as error:
        raise _broken(str(error)) from error
    if first is None or last is None:
        raise _broken("there is no block")
    return Chain(last.number + 1, first.hash.hex(), last.hash.hex())


def embedded_blocks(store: Path) -> Iterator[Block]:
    """The blocks in a store (an LMDB folder) of the embedded engine, in order."""
    with lmdb.open(str(store), readonly=True, lock=False, max_dbs=32) as environment:
        blocks = environment.open_db(_BLOCKS, create=False)
        with environment.begin(blocks) as transaction, transaction.cursor() as cursor:
            for _, value in cursor:
                yield Block(bytes(value))


def fabric_blocks(chain: Path) -> Iterator[Block]:
    """The blocks in a channel's block files of a Fabric peer or ordering node, in order.

    A file holds blocks one after another, each with its length before it; a block that was being written when
    the node ended is cut short, and the node itself drops it when it starts.

    Args:
        chain: folder with ``blockfile_000000`` and those after it.
    """
    for path in sorted(chain.glob("blockfile_[0-9]*")):
        content = _Reader(path.read_bytes())
        while content.left:
            try:
                serialized = content.bytes()
            except EOFError:
                return
            yield _block(_Reader(serialized))


def _block(content: _Reader) -> Block:
    """A block as Fabric's block files have it: header, envelopes and metadata, each with its length."""
    header = common_pb2.BlockHeader(
        number=content.varint(), data_hash=content.bytes(), previous_hash=content.bytes()
    )
    data = [content.bytes() for _ in range(content.varint())]
    metadata = [content.bytes() for _ in range(content.varint())]
    return Block(
        common_pb2.Block(
            header=header,
            data=common_pb2.BlockData(data=data),
            metadata=common_pb2.BlockMetadata(metadata=metadata),
        )
    )


class _Reader:
    """Protocol Buffers' varints and length-prefixed bytes, one after another. Raises EOFError at the end."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._content) - self._at

    def varint(self) -> int:
        value = shift = 0
        while True:
            if not self.left or shift > 63:
                raise EOFError("a number is cut short")
            byte = self._content[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def bytes(self) -> bytes:
        length = self.varint()
        if length > self.left:
            raise EOFError("a field is cut short")
        self._at += length
        return bytes(self._content[self._at - length : self._at])


def _broken(why: str) -> NetworkError:
    return NetworkError(
        "LEDGER_BROKEN",
        f"The blocks do not form one chain: {why}.",
        "Take another backup, or let the node fetch its blocks anew from the others.",
    )
