"""How far the members' peers are, and waiting for one that is behind.

On a network of several peers each commits a block when it gets it. A peer that is a block behind refuses,
with the best of intentions, what belongs to an order that the others know. So a refusal that depends on what
the ledger holds is final only from a peer that has everything the others had when it was asked.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor

from hansa.errors import UnreachableError
from hansa_fabric.blocks import Block
from hansa_fabric.bundle import Bundle
from hansa_fabric.errors import FabricDataError
from hansa_gateway import GatewayError
from hansa_gateway.blocking.network import Network
from hansa_gateway.core.chain_info import ChainInfo

log = logging.getLogger("hansa.heights")

_ANSWER_SECONDS = 5.0
_MEMBERS_FOR_SECONDS = 300.0
_FIRST_WAIT, _LONGEST_WAIT = 0.02, 0.25


class Heights:
    """The heights of one channel's peers, asked through the member's own gateway.

    Args:
        network: the channel.
        msp_id: the member.
    """

    def __init__(self, network: Network, msp_id: str) -> None:
        self._network = network
        self._msp_id = msp_id
        self._members: tuple[str, ...] = ()
        self._asked_at = 0.0
        self._lock = threading.Lock()

    def of(self, organizations: Iterable[str]) -> dict[str, int]:
        """Number of blocks that each organisation's peer has; who does not answer is left out."""
        wanted = list(dict.fromkeys(organizations))
        if not wanted:
            return {}
        if len(wanted) == 1:
            answers = {wanted[0]: self._height(wanted[0])}
        else:
            with ThreadPoolExecutor(len(wanted)) as pool:
                answers = dict(zip(wanted, pool.map(self._height, wanted), strict=True))
        return {name: height for name, height in answers.items() if height is not None}

    def horizon(self) -> int:
        """The highest of all members' peers; 0 where none answers."""
        return max(self.of(self._organizations()).values(), default=0)

    def reach(self, organizations: Set[str], height: int, seconds: float) -> None:
        """Waits until the peers of these organisations have so many blocks.

        Args:
            seconds: how long at most.

        Raises:
            UnreachableError: PEER_BEHIND, naming who has how many.
        """
        deadline = time.monotonic() + seconds
        wait = _FIRST_WAIT
        missing = set(organizations)
        while True:
            known = self.of(missing)
            missing = {name for name in missing if known.get(name, 0) < height}
            if not missing:
                return
            if time.monotonic() > deadline:
                raise _behind({name: known.get(name, 0) for name in sorted(missing)}, height, seconds)
            time.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _height(self, organization: str) -> int | None:
        qscc = self._network.contract("qscc")
        try:
            answer = qscc.evaluate(
                "GetChainInfo",
                self._network.channel,
                endorsing_organizations=[organization],
                timeout=_ANSWER_SECONDS,
            )
            return ChainInfo.from_bytes(answer).height
        except GatewayError as error:
            log.debug("the peer of %s does not tell its height: %s", organization, error)
            return None

    def _organizations(self) -> tuple[str, ...]:
        """Who has peers on the channel, as its configuration says; asked anew every few minutes."""
        with self._lock:
            now = time.monotonic()
            if not self._members or now - self._asked_at > _MEMBERS_FOR_SECONDS:
                try:
                    answer = self._network.contract("cscc").evaluate(
                        "GetConfigBlock", self._network.channel, timeout=_ANSWER_SECONDS
                    )
                    self._members = tuple(Bundle.from_block(Block(answer)).msp_ids)
                    self._asked_at = now
                except (GatewayError, FabricDataError) as error:
                    log.warning("who is on the channel cannot be told: %s", error)
            return self._members or (self._msp_id,)


def _behind(known: Mapping[str, int], height: int, seconds: float) -> UnreachableError:
    told = ", ".join(f"{name} has {count or 'not answered'}" for name, count in known.items())
    return UnreachableError(
        "PEER_BEHIND",
        f"After {seconds:.0f} s a peer is still behind the others, who have {height} blocks: {told}.",
        "What it refused may be right on the others. See whether it gets blocks (hansa status).",
    )
