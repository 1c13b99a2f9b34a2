"""The signed proposal as a contract sees it: creator, nonce, timestamp, transient data, binding."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_shim.creator import Creator


class Proposal:
    """Parts of a ``SignedProposal``, each parsed when it is first asked for.

    The peer has checked the signature and the header before it called the chaincode.
    """

    def __init__(self, signed: Any) -> None:
        """``signed`` is Fabric's SignedProposal message."""
        self.signed = signed

    @cached_property
    def _proposal(self) -> Any:
        return proposal_pb2.Proposal.FromString(self.signed.proposal_bytes)

    @cached_property
    def _header(self) -> Any:
        return common_pb2.Header.FromString(self._proposal.header)

    @cached_property
    def channel_header(self) -> Any:
        """Fabric's ChannelHeader."""
        return common_pb2.ChannelHeader.FromString(self._header.channel_header)

    @cached_property
    def signature_header(self) -> Any:
        """Fabric's SignatureHeader: creator and nonce."""
        return common_pb2.SignatureHeader.FromString(self._header.signature_header)

    @cached_property
    def creator(self) -> Creator:
        """Who signed."""
        return Creator.parse(self.signature_header.creator)

    @cached_property
    def timestamp(self) -> Timestamp:
        """The client's time, the same on every peer."""
        timestamp: Timestamp = self.channel_header.timestamp
        return timestamp

    @cached_property
    def transient(self) -> Mapping[str, bytes]:
        """Data that reaches the chaincode and never a block."""
        payload = proposal_pb2.ChaincodeProposalPayload.FromString(self._proposal.payload)
        return dict(payload.TransientMap)

    @cached_property
    def binding(self) -> bytes:
        """SHA-256 over nonce, creator and epoch (little-endian, 8 bytes); ties data to this proposal."""
        header = self.signature_header
        epoch = int(self.channel_header.epoch).to_bytes(8, "little")
        return hashlib.sha256(header.nonce + header.creator + epoch).digest()
