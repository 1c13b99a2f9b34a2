"""Who signed a block, and over what: the ordering nodes' signatures in its metadata."""

from __future__ import annotations

from collections.abc import Mapping

from fabric_protos.common import common_pb2

from hansa_fabric.blocks import Block, header_bytes
from hansa_fabric.bundle import Bundle
from hansa_fabric.errors import BrokenChainError
from hansa_fabric.policies import SignedData
from hansa_fabric.protobuf import decode

BLOCK_VALIDATION = "/Channel/Orderer/BlockValidation"


def block_signatures(block: Block, consenters: Mapping[int, bytes]) -> list[SignedData]:
    """The signatures a block carries; none is checked here.

    Args:
        block: the block.
        consenters: serialized identities of the ordering nodes by number, named by BFT signatures
            instead; a signature that names an unknown number is left out, as Fabric does.

    Raises:
        MalformedDataError: the metadata is unreadable.
    """
    metadata = decode(common_pb2.Metadata, block.metadata(common_pb2.SIGNATURES))
    header = header_bytes(block.message.header)
    found = []
    for one in metadata.signatures:
        if one.identifier_header and not one.signature_header:
            number = decode(common_pb2.IdentifierHeader, one.identifier_header).identifier
            identity, covered = consenters.get(number, b""), one.identifier_header
        else:
            identity = decode(common_pb2.SignatureHeader, one.signature_header).creator
            covered = one.signature_header
        if identity:
            found.append(SignedData(identity, metadata.value + covered + header, one.signature))
    return found


def verify_block_signatures(block: Block, bundle: Bundle) -> None:
    """Check that the ordering service signed a block as the channel demands.

    Args:
        block: any but the genesis block, which nobody signs: it is trusted by its hash.
        bundle: the configuration that was in force when the block was made.

    Raises:
        BrokenChainError: it is the genesis block.
        MalformedDataError: the metadata is unreadable.
        PolicyNotSatisfiedError: too few valid signatures.
    """
    if block.number == 0:
        raise BrokenChainError("a genesis block carries no signatures; compare its hash with a trusted one")
    bundle.policy(BLOCK_VALIDATION).evaluate(block_signatures(block, bundle.consenter_identities))
