"""Discovery's questions, as Fabric's `discover` asks them of the peer of an organisation."""

from __future__ import annotations

from typing import Any

import grpc
from fabric_protos.discovery import protocol_pb2, protocol_pb2_grpc
from fabric_protos.gossip import message_pb2

from hansa_fabric.identity import KeySigner
from tests.support.running_network import RunningNetwork

PEERS = protocol_pb2.Query(channel="trade", peer_query=protocol_pb2.PeerMembershipQuery())


def discover(
    network: RunningNetwork, *queries: Any, at: str = "AMSP", signer: KeySigner | None = None
) -> list[Any]:
    """The results of the queries; asked by the organisation's administrator unless a signer is given."""
    signer = signer or network.admin(at)
    request = protocol_pb2.Request(
        authentication=protocol_pb2.AuthInfo(client_identity=signer.identity.serialized), queries=queries
    ).SerializeToString()
    signed = protocol_pb2.SignedRequest(payload=request, signature=signer.sign(request))
    credentials = grpc.ssl_channel_credentials(network.tls_root(at).read_bytes())
    with grpc.secure_channel(network.address(at), credentials) as channel:
        return list(protocol_pb2_grpc.DiscoveryStub(channel).Discover(signed).results)


def state_of(peer: Any) -> Any:
    """The ``gossip.StateInfo`` that a peer has told of itself."""
    return message_pb2.GossipMessage.FromString(peer.state_info.payload).state_info


def known_peers(network: RunningNetwork, at: str) -> dict[str, bool]:
    """The organisations whose peers a peer knows of, and whether they serve the chaincode `all`.

    Nobody where it does not answer.
    """
    try:
        (result,) = discover(network, PEERS, at=at)
    except grpc.RpcError:
        return {}
    return {
        msp_id: any(
            each.name == "all" for peer in peers.peers for each in state_of(peer).properties.chaincodes
        )
        for msp_id, peers in result.members.peers_by_org.items()
        if peers.peers
    }
