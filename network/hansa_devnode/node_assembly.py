"""Puts the parts of a node together: its peers, its channel, the services on its servers."""

from __future__ import annotations

from typing import Any

from fabric_protos.discovery import protocol_pb2_grpc
from fabric_protos.gateway import gateway_pb2_grpc
from fabric_protos.orderer import ab_pb2_grpc
from fabric_protos.peer import events_pb2_grpc, peer_pb2_grpc

from hansa_devnode.chaincode import ChaincodeSupport, ClientTls
from hansa_devnode.chaincode.packages import PackageStore
from hansa_devnode.chaincode.permissions import Permissions
from hansa_devnode.config import BatchConfig, DevnodeConfig
from hansa_devnode.endorser import Endorser, ProposalInspector
from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.material import Material, NodeMaterial
from hansa_devnode.services.access import AccessControl
from hansa_devnode.services.activity import Activity
from hansa_devnode.services.broadcast import Broadcast
from hansa_devnode.services.channel import Channel
from hansa_devnode.services.commit_feed import CommitFeed
from hansa_devnode.services.deliver import AtomicBroadcastService, PeerDeliverService
from hansa_devnode.services.discovery import DiscoveryService
from hansa_devnode.services.endorsement_planner import EndorsementPlanner
from hansa_devnode.services.endorser_service import EndorserService
from hansa_devnode.services.gateway import GatewayService
from hansa_devnode.services.orderer import Orderer
from hansa_devnode.services.peers import Peer, Peers
from hansa_devnode.services.reconfiguration import Reconfiguration


def assemble_peer(
    config: DevnodeConfig, material: NodeMaterial, ledger: Ledger, inspector: ProposalInspector
) -> tuple[Peer, ChaincodeSupport]:
    """The peer, and its connections to chaincodes, which whoever calls starts and stops.

    Raises OSError when a chaincode's root certificate or package cannot be read, ChaincodeError when what
    is kept as a package is none.
    """
    permissions = Permissions(material.msp_id, ledger)
    tls = ClientTls((material.tls / "server.crt").read_bytes(), (material.tls / "server.key").read_bytes())
    chaincodes = ChaincodeSupport(
        material.msp_id,
        ledger,
        permissions,
        config.chaincodes_of(material.msp_id),
        PackageStore(config.data_folder / "packages" / material.msp_id),
        tls=tls,
        timeout=config.execute_timeout_ms / 1000,
    )
    endorser = Endorser(material.signer, ledger, chaincodes, permissions, inspector)
    address = config.organization(material.msp_id).peer_address
    return Peer(material.msp_id, address, material.signer, endorser), chaincodes


def assemble_channel(
    config: DevnodeConfig, material: Material, ledger: Ledger, peers: Peers
) -> tuple[Channel, Orderer]:
    """What the services of all peers share, and the ordering service, to be started and stopped."""
    feed, access, activity = CommitFeed(ledger), AccessControl(ledger), Activity()
    batch = BatchConfig.of_channel(ledger.bundle.batch)
    orderer = Orderer(ledger, feed, material.orderer.signer, batch, activity.quiet)
    reconfiguration = Reconfiguration(ledger, material.orderer.signer)
    activity.changed = orderer.reconsider
    channel = Channel(
        ledger=ledger,
        feed=feed,
        access=access,
        peers=peers,
        planner=EndorsementPlanner(ledger, peers),
        broadcast=Broadcast(ledger, access, orderer, activity, reconfiguration),
        activity=activity,
        endorsement_timeout=config.execute_timeout_ms / 1000,
        orderer_address=config.orderer.address,
        orderer_msp_id=config.orderer.msp_id,
        client_certificates=config.client_certificates,
    )
    return channel, orderer


def register_peer(server: Any, channel: Channel, peer: Peer) -> None:
    """Adds what a peer serves to its gRPC server."""
    gateway_pb2_grpc.add_GatewayServicer_to_server(GatewayService(channel, peer), server)
    peer_pb2_grpc.add_EndorserServicer_to_server(EndorserService(peer), server)
    deliver = PeerDeliverService(channel, peer)
    events_pb2_grpc.add_DeliverServicer_to_server(deliver, server)
    discovery = DiscoveryService(channel, peer)
    protocol_pb2_grpc.add_DiscoveryServicer_to_server(discovery, server)


def register_orderer(server: Any, channel: Channel) -> None:
    """Adds what an orderer serves to its gRPC server."""
    service = AtomicBroadcastService(channel)
    ab_pb2_grpc.add_AtomicBroadcastServicer_to_server(service, server)
