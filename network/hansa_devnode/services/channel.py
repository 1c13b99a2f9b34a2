"""What all services of the devnode share: one channel, its ledger, its peers and its ordering service."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.services.access import AccessControl
from hansa_devnode.services.activity import Activity
from hansa_devnode.services.broadcast import Broadcast
from hansa_devnode.services.commit_feed import CommitFeed
from hansa_devnode.services.endorsement_planner import EndorsementPlanner
from hansa_devnode.services.peers import Peers
from hansa_devnode.services.rpc_errors import RpcError


@dataclass(frozen=True, slots=True)
class Channel:
    """The channel as the services see it.

    `endorsement_timeout` is in seconds, for each peer asked. `client_certificates` tells whether
    connections show a TLS certificate, which signed requests must then name.
    """

    ledger: Ledger
    feed: CommitFeed
    access: AccessControl
    peers: Peers
    planner: EndorsementPlanner
    broadcast: Broadcast
    activity: Activity
    endorsement_timeout: float
    orderer_address: str
    orderer_msp_id: str
    client_certificates: bool = False

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.ledger.channel

    def require(self, name: str) -> None:
        """Raises RpcError (UNAVAILABLE, as Fabric's gateway) when the node has no channel of that name."""
        if name != self.name:
            raise RpcError(
                grpc.StatusCode.UNAVAILABLE,
                f"failed to get config for channel [{name}]: could not get last config for channel {name}",
            )
