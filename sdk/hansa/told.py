"""What one process was told by several members' peers: none of them is asked before it has that, too.

A program that acts for several members (a demonstration, a test, the portals of a network on one machine)
learns from one peer that a block stands, and goes on with another, which may not have it yet. Programs of one
member have one peer, and nothing here ever asks it anything.
"""

from __future__ import annotations

import logging
import threading
from weakref import WeakSet

from hansa.heights import Heights
from hansa_gateway import GatewayError
from hansa_gateway.blocking.network import Network

log = logging.getLogger("hansa.heights")


class Told:
    """How many blocks a member's peer is known to have, beside what others of this process were told.

    Args:
        network: the channel, through the member's gateway.
        msp_id: the member.
        heights: how far the peers are.
        patience: seconds to wait for the member's peer.
    """

    def __init__(self, network: Network, msp_id: str, heights: Heights, patience: float) -> None:
        self._network = network
        self._msp_id = msp_id
        self._heights = heights
        self._patience = patience
        self._blocks = 0
        self._lock = threading.Lock()
        with _lock:
            _everybody.add(self)

    def of(self, block_number: int) -> None:
        """The member's peer told of a block."""
        self._blocks = max(self._blocks, block_number + 1)

    def close(self) -> None:
        """What this client was told of is nobody's business any more."""
        with _lock:
            _everybody.discard(self)

    def catch_up(self) -> None:
        """Waits until the member's peer has what other members' peers told this process of.

        One that does not answer is not waited for: what is asked of it next fails by itself, and says why.

        Raises:
            UnreachableError: PEER_BEHIND.
        """
        wanted = self._wanted()
        if wanted <= self._blocks:
            return
        with self._lock:
            if wanted <= self._blocks or not (known := self._heights.of([self._msp_id])):
                return
            self._blocks = max(self._blocks, known[self._msp_id])
            if wanted > self._blocks:
                self._heights.reach({self._msp_id}, wanted, self._patience)
                self._blocks = max(self._blocks, wanted)

    def _wanted(self) -> int:
        with _lock:
            others = [one for one in _everybody if one._msp_id != self._msp_id]
        # Which ledger it is needs to be asked only where somebody was told of more.
        ahead = [one for one in others if one._blocks > self._blocks and self._is_beside(one)]
        return max((one._blocks for one in ahead), default=0)

    def _is_beside(self, other: Told) -> bool:
        try:
            return (
                self._network.channel == other._network.channel
                and self._network.genesis_hash() == other._network.genesis_hash()
            )
        except GatewayError as error:
            log.debug("whether two members' peers have the same ledger cannot be told: %s", error)
            return False


_everybody: WeakSet[Told] = WeakSet()
_lock = threading.Lock()
