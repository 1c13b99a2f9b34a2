"""One transaction's way to enough endorsements: which peers to ask next, and when it is enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hansa_devnode.services.peers import Peer
from hansa_devnode.services.rpc_errors import error_detail

MISMATCH = "ProposalResponsePayloads do not match"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to satisfy the policies: how many endorsements from each group of peers."""

    quantities: Mapping[str, int]

    @property
    def size(self) -> int:
        """How many endorsements it takes."""
        return sum(self.quantities.values())


class EndorsementPlan:
    """Collects endorsements until one layout is complete.

    Args:
        layouts: ways to satisfy the policies, the preferred first.
        groups: the peers of each group, the preferred first; a peer may stand in several groups.
    """

    def __init__(self, layouts: Sequence[Layout], groups: Mapping[str, Sequence[Peer]]) -> None:
        self._layouts = layouts
        self._groups = groups
        self._responses: dict[Peer, Any] = {}
        self._failed: set[Peer] = set()
        self.payload: bytes | None = None
        self.errors: list[Any] = []

    def next_endorsers(self) -> list[Peer]:
        """The peers still to be asked for the first layout that can be completed; empty when none can."""
        for layout in self._layouts:
            missing = self._missing(layout)
            if missing is not None:
                return missing
        return []

    def _missing(self, layout: Layout) -> list[Peer] | None:
        wanted: dict[Peer, None] = {}
        for group, quantity in layout.quantities.items():
            members = self._groups.get(group, ())
            open_places = quantity - sum(each in self._responses for each in members)
            untried = [each for each in members if each not in self._responses and each not in self._failed]
            if len(untried) < open_places:
                return None
            wanted.update(dict.fromkeys(untried[: max(open_places, 0)]))
        return list(wanted)

    def endorsed(self, peer: Peer, response: Any) -> bool:
        """Takes a successful peer.ProposalResponse; false when it differs from what others answered."""
        if self.payload is None:
            self.payload = response.payload
        elif self.payload != response.payload:
            self.failed(peer, MISMATCH)
            return False
        self._responses[peer] = response
        return True

    def failed(self, peer: Peer, message: str) -> None:
        """Notes that the peer gave no usable endorsement, and why."""
        self._failed.add(peer)
        self.errors.append(error_detail(peer.address, peer.msp_id, message))

    def complete(self) -> list[Any] | None:
        """The peer.ProposalResponses of the first complete layout, one a peer; None while there is none."""
        for layout in self._layouts:
            chosen = self._complete(layout)
            if chosen is not None:
                return [self._responses[each] for each in chosen]
        return None

    def _complete(self, layout: Layout) -> dict[Peer, None] | None:
        chosen: dict[Peer, None] = {}
        for group, quantity in layout.quantities.items():
            endorsed = [each for each in self._groups.get(group, ()) if each in self._responses]
            if len(endorsed) < quantity:
                return None
            chosen.update(dict.fromkeys(endorsed[:quantity]))
        return chosen
