"""The channel's first block, from the configuration and the certificates made for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hansa_devnode.addresses import split_address
from hansa_devnode.config import DevnodeConfig
from hansa_devnode.material import NodeMaterial
from hansa_fabric import channel_config
from hansa_fabric.channel_description import (
    BatchConfig,
    ChannelDescription,
    Consenter,
    Endpoint,
    OrdererDescription,
    OrganizationDescription,
)
from hansa_fabric.msp_definition import MspDefinition, NodeOus, OrganizationalUnit


def genesis_block(
    config: DevnodeConfig, organizations: dict[str, NodeMaterial], orderer: NodeMaterial
) -> Any:
    """The common.Block 0 of the channel: all organisations, one ordering node, Fabric's usual policies."""
    ordering = Endpoint(*split_address(config.orderer.address))
    tls_certificate = (orderer.tls / "server.crt").read_bytes()
    members = [
        OrganizationDescription(
            msp=msp_definition(organizations[each.msp_id]),
            name=each.name,
            anchor_peers=(Endpoint(*split_address(each.peer_address)),),
        )
        for each in config.organizations
    ]
    ordering_organization = OrganizationDescription(
        msp=msp_definition(orderer), name=config.orderer.name, orderer_endpoints=(ordering,), member=False
    )
    batch = config.batch
    return channel_config.genesis_block(
        ChannelDescription(
            name=config.channel,
            organizations=(*members, ordering_organization),
            orderer=OrdererDescription(
                type="etcdraft",
                consenters=(Consenter(ordering, orderer.msp_id, tls_certificate, tls_certificate),),
                batch=BatchConfig(
                    timedelta(milliseconds=batch.timeout_ms),
                    batch.max_message_count,
                    batch.preferred_max_bytes,
                    batch.absolute_max_bytes,
                ),
            ),
        )
    )


def msp_definition(material: NodeMaterial) -> MspDefinition:
    """An organisation as the channel knows it: its authorities, and how its certificates mark roles."""
    ca = material.ca.certificate
    return MspDefinition(
        msp_id=material.msp_id,
        root_certificates=(ca,),
        tls_root_certificates=(material.tls_ca.certificate,),
        node_ous=NodeOus(
            client=OrganizationalUnit("client", ca),
            peer=OrganizationalUnit("peer", ca),
            admin=OrganizationalUnit("admin", ca),
            orderer=OrganizationalUnit("orderer", ca),
        ),
    )
