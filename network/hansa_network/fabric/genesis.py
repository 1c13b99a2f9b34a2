"""The channel's first block, from the consortium's description and its authorities' certificates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hansa_fabric import channel_config
from hansa_fabric.channel_description import (
    BatchConfig,
    BftOptions,
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.msp_definition import MspDefinition, NodeOus, OrganizationalUnit
from hansa_network.connection_profile import HOST
from hansa_network.consortium import Consortium
from hansa_network.fabric.organization import FabricOrganization

# A leader that fell silent is replaced within five seconds: by nodes that miss its heartbeat, and by nodes
# that hold a transaction, forward it to the leader, and then complain.
FAILOVER = BftOptions(
    request_forward_timeout=timedelta(seconds=1),
    request_complain_timeout=timedelta(seconds=2),
    leader_heartbeat_timeout=timedelta(seconds=3),
    view_change_resend_interval=timedelta(seconds=2),
    view_change_timeout=timedelta(seconds=10),
)


def genesis_block(consortium: Consortium, organizations: Sequence[FabricOrganization]) -> bytes:
    """Block 0 (``common.Block``): every organisation a member, those with an ordering node consenters too."""
    block = channel_config.genesis_block(
        ChannelDescription(
            name=consortium.channel,
            organizations=tuple(_organization(one) for one in organizations),
            orderer=_ordering(consortium, organizations),
        )
    )
    found: bytes = block.SerializeToString()
    return found


def _ordering(consortium: Consortium, organizations: Sequence[FabricOrganization]) -> OrdererDescription:
    ordering = consortium.ordering
    timeout = timedelta(milliseconds=ordering.batch_timeout_ms)
    return OrdererDescription(
        type="BFT" if ordering.consensus == "bft" else "etcdraft",
        consenters=tuple(consenter(one) for one in organizations if one.described.orderer is not None),
        batch=BatchConfig(
            timeout, ordering.max_message_count, ordering.preferred_max_bytes, ordering.absolute_max_bytes
        ),
        bft=replace(FAILOVER, batch_interval=timeout),
    )


def consenter(organization: FabricOrganization) -> Consenter:
    """Its ordering node, as the channel's configuration lists it."""
    tls = (organization.orderer / "tls" / "server.crt").read_bytes()
    (identity,) = (organization.orderer / "msp" / "signcerts").iterdir()
    (endpoint,) = _ordering_endpoints(organization)
    return Consenter(endpoint, organization.msp_id, tls, tls, identity.read_bytes())


def _organization(organization: FabricOrganization) -> OrganizationDescription:
    return OrganizationDescription(
        msp=msp_definition(organization),
        anchor_peers=(Endpoint(HOST, organization.described.ports.peer),),
        orderer_endpoints=_ordering_endpoints(organization),
    )


def _ordering_endpoints(organization: FabricOrganization) -> tuple[Endpoint, ...]:
    node = organization.described.orderer
    return () if node is None else (Endpoint(HOST, node.port),)


def msp_definition(organization: FabricOrganization) -> MspDefinition:
    """The organisation's MSP as the channel knows it; roles are marked by OUs."""
    ca = organization.folder.ca_certificate.read_bytes()
    return MspDefinition(
        msp_id=organization.msp_id,
        root_certificates=(ca,),
        tls_root_certificates=(organization.folder.tls_ca_certificate.read_bytes(),),
        node_ous=NodeOus(
            client=OrganizationalUnit("client", ca),
            peer=OrganizationalUnit("peer", ca),
            admin=OrganizationalUnit("admin", ca),
            orderer=OrganizationalUnit("orderer", ca),
        ),
    )
