"""The connection to a gateway, and everything that begins there."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeVar

from hansa_fabric.identity import Identity, Signer
from hansa_gateway.blocking.client import Client
from hansa_gateway.blocking.event_requests import BlockEventsRequest, ChaincodeEventsRequest
from hansa_gateway.blocking.network import Network
from hansa_gateway.blocking.steps import Commit, Proposal, Transaction
from hansa_gateway.connection import Deadlines, Endpoint
from hansa_gateway.core.block_events import BlockContent, BlockEventsCall
from hansa_gateway.core.chaincode_events import ChaincodeEventsCall
from hansa_gateway.core.commit import CommitRequest
from hansa_gateway.core.proposal import ProposedTransaction
from hansa_gateway.core.signing import Signatory
from hansa_gateway.core.transaction import PreparedTransaction

Content = TypeVar("Content")


class Gateway:
    """A Fabric Gateway, acting for one identity. Any number of threads may use it at once; a process that
    forks makes its own after the fork, for gRPC's connections do not survive one.

    Args:
        client: the connection.
        signer: who acts; only an identity when every step is signed elsewhere.
        owns_client: whether closing this closes the connection.
    """

    def __init__(self, client: Client, signer: Signer | Identity, owns_client: bool = True) -> None:
        self._client = client
        self._signatory = Signatory(signer)
        self._owns_client = owns_client

    @classmethod
    def connect(
        cls,
        address: str,
        signer: Signer | Identity,
        *,
        tls_root: bytes | None = None,
        client_certificate: bytes | None = None,
        client_key: bytes | None = None,
        server_name: str | None = None,
        plaintext: bool = False,
        deadlines: Deadlines | None = None,
    ) -> Self:
        """A gateway at ``host:port``. The connection is made with the first call; see ``Endpoint`` for the
        arguments about TLS and ``Deadlines`` for the times.

        Raises:
            ConfigurationError: the arguments contradict one another.
        """
        endpoint = Endpoint(address, tls_root, client_certificate, client_key, server_name, plaintext)
        return cls(Client(endpoint, deadlines or Deadlines()), signer)

    @property
    def identity(self) -> Identity:
        """Who acts."""
        return self._signatory.identity

    def acting_for(self, signer: Signer | Identity) -> Gateway:
        """The same connection for another identity. Closing this one does not close the connection, which
        lives as long as the gateway it came from."""
        return Gateway(self._client, signer, owns_client=False)

    def network(self, channel: str, *, genesis_hash: bytes | None = None) -> Network:
        """A channel.

        Args:
            channel: its name.
            genesis_hash: header hash of its block 0, where known; else the peer is asked when a checkpoint
                needs it.
        """
        return Network(self._client, self._signatory, channel, genesis_hash)

    def new_proposal(self, data: bytes) -> Proposal:
        """A proposal from its ``bytes``, as it was. Raises InvalidMessageError."""
        return self.new_signed_proposal(data, b"")

    def new_signed_proposal(self, data: bytes, signature: bytes) -> Proposal:
        """A proposal from its ``bytes`` and a signature (DER) over its ``digest``.

        Raises:
            InvalidMessageError: these bytes are no proposal.
        """
        return Proposal(self._client, self._signatory, ProposedTransaction.from_bytes(data, signature))

    def new_transaction(self, data: bytes) -> Transaction:
        """A transaction from its ``bytes``, as it was. Raises InvalidMessageError."""
        return self.new_signed_transaction(data, b"")

    def new_signed_transaction(self, data: bytes, signature: bytes) -> Transaction:
        """A transaction from its ``bytes`` and a signature (DER) over its ``digest``.

        Raises:
            InvalidMessageError: these bytes are no endorsed transaction.
        """
        return Transaction(self._client, self._signatory, PreparedTransaction.from_bytes(data, signature))

    def new_commit(self, data: bytes) -> Commit:
        """A commit from its ``bytes``, as it was. Raises InvalidMessageError."""
        return self.new_signed_commit(data, b"")

    def new_signed_commit(self, data: bytes, signature: bytes) -> Commit:
        """A commit from its ``bytes`` and a signature (DER) over its ``digest``.

        Raises:
            InvalidMessageError: these bytes are no commit status request.
        """
        return Commit(self._client, self._signatory, CommitRequest.from_bytes(data, signature))

    def new_signed_chaincode_events_request(self, data: bytes, signature: bytes) -> ChaincodeEventsRequest:
        """A request for chaincode events from its ``bytes`` and a signature over its ``digest``.

        Raises:
            InvalidMessageError: these bytes are no such request.
        """
        state = ChaincodeEventsCall.from_bytes(data, signature)
        return ChaincodeEventsRequest(self._client, self._signatory, state)

    def new_signed_block_events_request(
        self, content: BlockContent[Content], data: bytes, signature: bytes
    ) -> BlockEventsRequest[Content]:
        """A request for blocks (WHOLE, FILTERED or WITH_PRIVATE_DATA) from its ``bytes`` and a signature.

        Raises:
            InvalidMessageError: these bytes are no such request.
        """
        state = BlockEventsCall.from_bytes(data, signature)
        return BlockEventsRequest(self._client, self._signatory, state, content)

    def close(self) -> None:
        """Cancel what is under way, end event streams, and let the connection go."""
        if self._owns_client:
            self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
