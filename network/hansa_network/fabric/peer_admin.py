"""What an organisation's administrator tells its own peer directly: join a channel, install a chaincode."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import grpc
from fabric_protos.peer import peer_pb2_grpc, query_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2

from hansa_fabric.identity import Signer
from hansa_fabric.proposals import new_proposal, sign_proposal
from hansa_gateway.connection import CHANNEL_OPTIONS
from hansa_network.errors import NetworkError

_INSTALLING_TAKES = 120.0


class PeerAdmin:
    """One peer's Endorser service, for proposals that are bound to no channel.

    Args:
        name: of the peer, for messages.
        address: where it serves.
        tls_root: PEM of the authority that vouches for it.
        admin: administrator of the peer's organisation.
    """

    def __init__(self, name: str, address: str, tls_root: bytes, admin: Signer) -> None:
        self._name, self._admin = name, admin
        self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(tls_root), CHANNEL_OPTIONS)
        self._endorser = peer_pb2_grpc.EndorserStub(self._channel)

    def join(self, channel: str, genesis: bytes) -> None:
        """Joins the channel with its genesis block, unless it has. Raises NetworkError (PEER_REFUSED)."""
        answer = query_pb2.ChannelQueryResponse.FromString(self._call("cscc", b"GetChannels"))
        if channel not in [one.channel_id for one in answer.channels]:
            self._call("cscc", b"JoinChain", genesis)

    def install(self, package_id: str, package: bytes) -> None:
        """Installs a chaincode's package, unless it is. Raises NetworkError (PEER_REFUSED)."""
        query = lifecycle_pb2.QueryInstalledChaincodesArgs().SerializeToString()
        answer = self._call("_lifecycle", b"QueryInstalledChaincodes", query)
        known = lifecycle_pb2.QueryInstalledChaincodesResult.FromString(answer)
        if package_id in [one.package_id for one in known.installed_chaincodes]:
            return
        request = lifecycle_pb2.InstallChaincodeArgs(chaincode_install_package=package)
        answer = self._call("_lifecycle", b"InstallChaincode", request.SerializeToString())
        made = lifecycle_pb2.InstallChaincodeResult.FromString(answer).package_id
        if made != package_id:
            raise NetworkError("PEER_REFUSED", f"{self._name} calls the package {made}, not {package_id}.")

    def close(self) -> None:
        """Lets the connection go."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, chaincode: str, *args: bytes) -> bytes:
        proposal = sign_proposal(new_proposal("", chaincode, args, self._admin.identity), self._admin)
        try:
            answer: Any = self._endorser.ProcessProposal(
                proposal, timeout=_INSTALLING_TAKES, wait_for_ready=True
            )
        except grpc.RpcError as error:
            raise NetworkError("PEER_REFUSED", f"{self._name}: {error.details()}") from error
        if answer.response.status != 200:
            raise NetworkError("PEER_REFUSED", f"{self._name}: {answer.response.message}")
        payload: bytes = answer.response.payload
        return payload
