"""Blocks: the hash chain, and what a change to any block does to it."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from fabric_protos.common import common_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa_fabric.blocks import (
    Block,
    header_bytes,
    new_block,
    set_commit_hash,
    set_validation_codes,
    verify_chain,
)
from hansa_fabric.errors import BrokenChainError, MalformedDataError, MalformedTransactionError
from hansa_fabric.validation_codes import ValidationCode
from tests.support.fabric_identities import self_signed
from tests.support.fabric_transactions import endorsed_envelope


def _chain(contents: list[list[bytes]]) -> list[Block]:
    blocks: list[Block] = []
    for number, envelopes in enumerate(contents):
        blocks.append(Block(new_block(number, blocks[-1].hash if blocks else b"", envelopes)))
    return blocks


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.binary(max_size=9), max_size=3), min_size=1, max_size=5), st.data())
def test_any_change_breaks_the_chain(contents: list[list[bytes]], data: st.DataObject) -> None:
    blocks = _chain(contents)
    assert verify_chain(Block(block.serialize()) for block in blocks) == len(contents)
    at = data.draw(st.integers(0, len(blocks) - 1))
    changed = blocks[at].message.data
    changed.data.append(data.draw(st.binary(min_size=1)))
    with pytest.raises(BrokenChainError, match=f"block {at}'s data"):
        verify_chain(blocks)
    # Whoever also corrects that block's header breaks the link to the next one.
    blocks[at].message.header.data_hash = hashlib.sha256(b"".join(changed.data)).digest()
    mended = [Block(block.serialize()) for block in blocks]
    if at == len(blocks) - 1:
        assert verify_chain(mended) == len(mended)
    else:
        with pytest.raises(BrokenChainError, match=f"block {at + 1} does not name"):
            verify_chain(mended)


def test_a_missing_or_foreign_block_is_noticed() -> None:
    blocks = _chain([[b"a"], [b"b"], [b"c"]])
    with pytest.raises(BrokenChainError, match="block 2 stands where block 1"):
        verify_chain([blocks[0], blocks[2]])
    with pytest.raises(BrokenChainError, match="block 1 stands where block 0"):
        verify_chain(blocks[1:])
    assert verify_chain(blocks[1:], blocks[0]) == 2


@given(st.integers(0, 2**64 - 1))
def test_header_number_is_a_der_integer(number: int) -> None:
    block = new_block(number, b"p" * 32, [])
    # encode_dss_signature is an independent DER encoder of SEQUENCE { INTEGER, INTEGER }
    integer = encode_dss_signature(number, 0)[2:-3]
    assert header_bytes(block.header)[2 : 2 + len(integer)] == integer


def test_header_bytes_of_a_known_header() -> None:
    header = common_pb2.BlockHeader(number=200, previous_hash=b"\x01\x02", data_hash=b"\x03")
    assert header_bytes(header).hex() == "300b020200c8040201020401" + "03"


def test_verdicts() -> None:
    client = self_signed()
    envelope = endorsed_envelope(client, [client]).SerializeToString()
    message = new_block(0, b"", [envelope, b"\xff"])
    assert Block(message).codes == (ValidationCode.NOT_VALIDATED,) * 2
    set_validation_codes(message, [ValidationCode.VALID, ValidationCode.BAD_PAYLOAD])
    set_commit_hash(message, b"h")
    good, bad = Block(message.SerializeToString()).transactions
    assert good.is_valid and good.transaction.chaincode == "hansa"
    assert bad.code is ValidationCode.BAD_PAYLOAD and not bad.is_valid
    with pytest.raises(MalformedTransactionError):
        _ = bad.transaction
    assert common_pb2.Metadata.FromString(Block(message).metadata(common_pb2.COMMIT_HASH)).value == b"h"
    for flags in (b"\x00", b"\x00\x99"):
        message.metadata.metadata[common_pb2.TRANSACTIONS_FILTER] = flags
        with pytest.raises(MalformedDataError):
            _ = Block(message).codes


def test_last_config_is_where_the_orderer_says() -> None:
    message = new_block(9, b"p", [])
    assert Block(message).last_config == 0
    orderer = common_pb2.OrdererBlockMetadata(last_config=common_pb2.LastConfig(index=7))
    message.metadata.metadata[common_pb2.SIGNATURES] = common_pb2.Metadata(
        value=orderer.SerializeToString()
    ).SerializeToString()
    assert Block(message).last_config == 7


@pytest.mark.parametrize("data", [b"\xff", b"", common_pb2.Block(header={}).SerializeToString()])
def test_what_is_no_block_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedDataError):
        Block(data)
