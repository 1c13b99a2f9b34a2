"""The peers of the channel: one for each organisation, each with its own identity and address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from hansa_fabric.identity import Signer


class ProposalProcessor(Protocol):
    """One organisation's endorser."""

    async def process_proposal(self, signed_proposal: Any) -> Any:
        """Answers peer.SignedProposal with peer.ProposalResponse; raises ProposalRefusedError."""
        ...


@dataclass(slots=True, eq=False)
class Peer:
    """One organisation's peer.

    `address` is what clients dial, `host:port`. While `serving` is false the peer is dead to clients and to
    the other peers; the ledger, which all share on the devnode, goes on without it.
    """

    msp_id: str
    address: str
    signer: Signer
    endorser: ProposalProcessor
    tls_certificate: bytes = b""
    serving: bool = field(default=False)

    @property
    def identity(self) -> bytes:
        """The peer's serialized identity (msp.SerializedIdentity)."""
        return self.signer.identity.serialized


class Peers:
    """The peers of the channel by MSP id, in the order of the configuration."""

    def __init__(self, peers: Iterable[Peer]) -> None:
        self._peers = {each.msp_id: each for each in peers}

    def get(self, msp_id: str) -> Peer:
        """The peer of that organisation; KeyError when there is none."""
        return self._peers[msp_id]

    def add(self, peer: Peer) -> None:
        """One peer more, of an organisation that has none yet."""
        self._peers[peer.msp_id] = peer

    def all(self) -> tuple[Peer, ...]:
        """Every peer, whether it serves or not."""
        return tuple(self._peers.values())

    def serving(self) -> tuple[Peer, ...]:
        """The peers that are alive, as gossip would know them."""
        return tuple(each for each in self._peers.values() if each.serving)
