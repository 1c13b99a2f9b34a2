"""How far a peer's copy of a ledger goes."""

from __future__ import annotations

from dataclasses import dataclass

from fabric_protos.common import ledger_pb2

from hansa_gateway.core.signing import decode_step


@dataclass(frozen=True)
class ChainInfo:
    """The end of a ledger (``common.BlockchainInfo``).

    Args:
        height: number of blocks; the newest has number ``height - 1``.
        current_hash: header hash of the newest block.
        previous_hash: header hash of the block before it.
    """

    height: int
    current_hash: bytes
    previous_hash: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> ChainInfo:
        """Read the serialized message. Raises InvalidMessageError."""
        message = decode_step(ledger_pb2.BlockchainInfo, data, "a description of a ledger")
        return cls(message.height, message.currentBlockHash, message.previousBlockHash)
