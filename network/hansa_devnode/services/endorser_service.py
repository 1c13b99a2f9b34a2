"""protos.Endorser of one organisation's peer."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio

from hansa_devnode.endorser import ProposalRefusedError
from hansa_devnode.services.peers import Peer


class EndorserService:
    """Has proposals executed by the organisation's own endorser."""

    def __init__(self, local: Peer) -> None:
        self._local = local

    async def ProcessProposal(  # noqa: N802 - the name is the service's
        self, request: Any, context: grpc.aio.ServicerContext[Any, Any]
    ) -> Any:
        """Answers peer.SignedProposal with peer.ProposalResponse; an invalid proposal ends the call."""
        try:
            return await self._local.endorser.process_proposal(request)
        except ProposalRefusedError as error:
            # Go's gRPC gives this code to errors that carry none, which is what Fabric returns here.
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
