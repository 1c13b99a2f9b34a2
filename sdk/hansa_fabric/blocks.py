"""Blocks: headers, hashes, metadata, and what stands in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fabric_protos.common import common_pb2

from hansa_fabric import der
from hansa_fabric.errors import BrokenChainError, MalformedDataError
from hansa_fabric.protobuf import decode
from hansa_fabric.transactions import Transaction, parse_envelope
from hansa_fabric.validation_codes import ValidationCode

METADATA_COUNT = len(common_pb2.BlockMetadataIndex.values())


@dataclass(frozen=True)
class BlockTransaction:
    """One envelope of a block, with the peer's verdict.

    Args:
        index: position in the block.
        envelope: the serialized ``common.Envelope``.
        code: the verdict; NOT_VALIDATED where the block comes straight from an orderer.
    """

    index: int
    envelope: bytes
    code: ValidationCode

    @property
    def is_valid(self) -> bool:
        """Whether the transaction took effect."""
        return self.code is ValidationCode.VALID

    @cached_property
    def transaction(self) -> Transaction:
        """The envelope, read. Raises MalformedTransactionError: a block also keeps what was refused."""
        return parse_envelope(self.envelope)


class Block:
    """A view of a ``common.Block``.

    Args:
        block: the message or its bytes.

    Raises:
        MalformedDataError: not a block, or header or data missing.
    """

    def __init__(self, block: Any) -> None:
        message = decode(common_pb2.Block, block) if isinstance(block, bytes) else block
        if not message.HasField("header") or not message.HasField("data"):
            raise MalformedDataError("a block needs a header and data")
        self.message = message

    @property
    def number(self) -> int:
        """The block's height, from 0."""
        found: int = self.message.header.number
        return found

    @property
    def previous_hash(self) -> bytes:
        """Header hash of the block before; empty in block 0."""
        found: bytes = self.message.header.previous_hash
        return found

    @cached_property
    def hash(self) -> bytes:
        """SHA-256 of the header."""
        return header_hash(self.message.header)

    @property
    def data(self) -> Sequence[bytes]:
        """The serialized envelopes."""
        found: Sequence[bytes] = self.message.data.data
        return found

    @cached_property
    def codes(self) -> tuple[ValidationCode, ...]:
        """The verdict on each envelope; NOT_VALIDATED where the block carries none.

        Raises:
            MalformedDataError: a verdict Fabric does not know, or of another number than envelopes.
        """
        flags = self.metadata(common_pb2.TRANSACTIONS_FILTER)
        if not flags:
            return (ValidationCode.NOT_VALIDATED,) * len(self.data)
        if len(flags) != len(self.data):
            raise MalformedDataError(f"{len(flags)} verdicts for {len(self.data)} transactions")
        try:
            return tuple(ValidationCode(flag) for flag in flags)
        except ValueError as error:
            raise MalformedDataError(f"unknown verdict: {error}") from error

    @cached_property
    def transactions(self) -> tuple[BlockTransaction, ...]:
        """The envelopes with their verdicts."""
        return tuple(
            BlockTransaction(index, envelope, code)
            for index, (envelope, code) in enumerate(zip(self.data, self.codes, strict=True))
        )

    def metadata(self, index: int) -> bytes:
        """The metadata at a ``common.BlockMetadataIndex``; empty where there is none."""
        found: Sequence[bytes] = self.message.metadata.metadata
        return found[index] if index < len(found) else b""

    @property
    def last_config(self) -> int:
        """Number of the newest configuration block, as the orderer's metadata says (0 where it is silent)."""
        signed = decode(common_pb2.Metadata, self.metadata(common_pb2.SIGNATURES))
        orderer = decode(common_pb2.OrdererBlockMetadata, signed.value)
        if orderer.HasField("last_config"):
            return int(orderer.last_config.index)
        legacy = decode(common_pb2.Metadata, self.metadata(common_pb2.LAST_CONFIG))
        return int(decode(common_pb2.LastConfig, legacy.value).index)

    def serialize(self) -> bytes:
        """The block's bytes."""
        found: bytes = self.message.SerializeToString()
        return found


def new_block(number: int, previous_hash: bytes, envelopes: Sequence[bytes]) -> Any:
    """A ``common.Block`` with empty metadata.

    Args:
        number: height, from 0.
        previous_hash: header hash of the block before (32 bytes), empty for block 0.
        envelopes: serialized envelopes, in order.
    """
    return common_pb2.Block(
        header=common_pb2.BlockHeader(
            number=number, previous_hash=previous_hash, data_hash=data_hash(envelopes)
        ),
        data=common_pb2.BlockData(data=envelopes),
        metadata=common_pb2.BlockMetadata(metadata=[b""] * METADATA_COUNT),
    )


def set_validation_codes(block: Any, codes: Iterable[ValidationCode]) -> None:
    """Write the verdicts into a ``common.Block``'s metadata."""
    block.metadata.metadata[common_pb2.TRANSACTIONS_FILTER] = bytes(codes)


def set_commit_hash(block: Any, commit_hash: bytes) -> None:
    """Write a peer's commit hash into a ``common.Block``'s metadata."""
    block.metadata.metadata[common_pb2.COMMIT_HASH] = common_pb2.Metadata(
        value=commit_hash
    ).SerializeToString()


def set_last_config(block: Any, number: int) -> None:
    """Write the number of the newest configuration block into a ``common.Block``'s metadata."""
    block.metadata.metadata[common_pb2.LAST_CONFIG] = common_pb2.Metadata(
        value=common_pb2.LastConfig(index=number).SerializeToString()
    ).SerializeToString()


def header_bytes(header: Any) -> bytes:
    """The DER of a ``common.BlockHeader``: SEQUENCE of number, previous hash and data hash."""
    return der.encode(
        der.SEQUENCE,
        der.unsigned(header.number)
        + der.encode(der.OCTET_STRING, header.previous_hash)
        + der.encode(der.OCTET_STRING, header.data_hash),
    )


def header_hash(header: Any) -> bytes:
    """SHA-256 of a ``common.BlockHeader``: the block's hash."""
    return hashlib.sha256(header_bytes(header)).digest()


def data_hash(envelopes: Iterable[bytes]) -> bytes:
    """SHA-256 of the concatenated serialized envelopes."""
    return hashlib.sha256(b"".join(envelopes)).digest()


def verify_block(block: Block, previous: Block | None) -> None:
    """Check one block's data hash, and that it continues the one before; signatures are not checked.

    Args:
        block: the block.
        previous: the block before; None for block 0.

    Raises:
        BrokenChainError: number, previous hash or data hash is not as it must be.
    """
    number = 0 if previous is None else previous.number + 1
    if block.number != number:
        raise BrokenChainError(f"block {block.number} stands where block {number} should")
    if block.previous_hash != (b"" if previous is None else previous.hash):
        raise BrokenChainError(f"block {number} does not name the hash of the block before")
    if block.message.header.data_hash != data_hash(block.data):
        raise BrokenChainError(f"block {number}'s data is not what its header says")


def verify_chain(blocks: Iterable[Block], previous: Block | None = None) -> int:
    """Check that blocks form one chain; see ``verify_block``.

    Args:
        blocks: in order, from block 0 unless ``previous`` is given.
        previous: a block already trusted.

    Returns:
        how many blocks were checked.

    Raises:
        BrokenChainError: at the first block that does not fit.
    """
    count = 0
    for block in blocks:
        verify_block(block, previous)
        previous = block
        count += 1
    return count
