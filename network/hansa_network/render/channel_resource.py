"""The channel as the operator's FabricMainChannel."""

from __future__ import annotations

from datetime import timedelta

from hansa_fabric.channel_description import ChannelDescription
from hansa_network.consortium import Consortium, OrderingNode, Organization
from hansa_network.fabric.genesis import FAILOVER
from hansa_network.render import operator_channel as ch
from hansa_network.render.names import identity, namespace, orderer_name, variable
from hansa_network.render.operator import Named


def main_channel(consortium: Consortium) -> ch.FabricMainChannel:
    """``spec`` of the FabricMainChannel, with the capabilities and options of the native network."""
    ordering = [(one, one.orderer) for one in consortium.organizations if one.orderer is not None]
    ids = tuple(ch.MspId(msp_id=one.msp_id) for one in consortium.organizations)
    return ch.FabricMainChannel(
        name=consortium.channel,
        channel_config=ch.ChannelConfig(
            capabilities=(ChannelDescription.channel_capability,),
            application=ch.Application(capabilities=(ChannelDescription.application_capability,)),
            orderer=_orderer(consortium, ordering),
        ),
        admin_orderer_organizations=tuple(ch.MspId(msp_id=one.msp_id) for one, _ in ordering),
        admin_peer_organizations=ids,
        peer_organizations=tuple(
            ch.PeerOrganization(
                msp_id=one.msp_id, ca_name=f"ca-{namespace(one)}", ca_namespace=namespace(one)
            )
            for one in consortium.organizations
        ),
        orderer_organizations=tuple(
            ch.OrdererOrganization(
                msp_id=one.msp_id,
                ca_name=f"ca-{namespace(one)}",
                ca_namespace=namespace(one),
                orderer_endpoints=(f"orderer0.{one.domain}:{node.port}",),
                orderers_to_join=(Named(name=orderer_name(one), namespace=namespace(one)),),
                external_orderers_to_join=(),
            )
            for one, node in ordering
        ),
        external_peer_organizations=(),
        external_orderer_organizations=(),
        orderers=tuple(
            ch.Consenter(
                host=f"orderer0.{one.domain}",
                port=node.port,
                tls_cert=variable(one, "ORDERER_TLS_CERTIFICATE"),
            )
            for one, node in ordering
        ),
        identities={one.msp_id: identity(one) for one in consortium.organizations},
    )


def _orderer(consortium: Consortium, ordering: list[tuple[Organization, OrderingNode]]) -> ch.Orderer:
    terms, bft = consortium.ordering, consortium.ordering.consensus == "bft"
    mapping = tuple(
        ch.ConsenterMapping(
            id=number,
            host=f"orderer0.{one.domain}",
            port=node.port,
            msp_id=one.msp_id,
            identity=variable(one, "ORDERER_CERTIFICATE"),
            client_tls_cert=variable(one, "ORDERER_TLS_CERTIFICATE"),
            server_tls_cert=variable(one, "ORDERER_TLS_CERTIFICATE"),
        )
        for number, (one, node) in enumerate(ordering, 1)
    )
    return ch.Orderer(
        orderer_type="BFT" if bft else "etcdraft",
        capabilities=(ChannelDescription.orderer_capability,),
        batch_size=ch.BatchSize(
            absolute_max_bytes=terms.absolute_max_bytes,
            max_message_count=terms.max_message_count,
            preferred_max_bytes=terms.preferred_max_bytes,
        ),
        batch_timeout=f"{terms.batch_timeout_ms}ms",
        state="STATE_NORMAL",
        consenter_mapping=mapping if bft else (),
        smart_bft=_smart_bft(terms.batch_timeout_ms) if bft else None,
    )


def _smart_bft(batch_timeout_ms: int) -> ch.SmartBft:
    return ch.SmartBft(
        # BFT ordering cuts by this; the batch timeout is not read.
        request_batch_max_interval=f"{batch_timeout_ms}ms",
        request_forward_timeout=_seconds(FAILOVER.request_forward_timeout),
        request_complain_timeout=_seconds(FAILOVER.request_complain_timeout),
        leader_heartbeat_timeout=_seconds(FAILOVER.leader_heartbeat_timeout),
        view_change_resend_interval=_seconds(FAILOVER.view_change_resend_interval),
        view_change_timeout=_seconds(FAILOVER.view_change_timeout),
    )


def _seconds(time: timedelta) -> str:
    return f"{time // timedelta(seconds=1)}s"
