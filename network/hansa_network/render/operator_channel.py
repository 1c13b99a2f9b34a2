"""``spec`` of the operator's FabricMainChannel; source as in ``operator``."""

from __future__ import annotations

from typing import Any

from msgspec import field

from hansa_network.render.operator import Named, Part, SecretKey


class BatchSize(Part, frozen=True, kw_only=True):
    """When a block is full."""

    absolute_max_bytes: int
    max_message_count: int
    preferred_max_bytes: int


class ConsenterMapping(Part, frozen=True, kw_only=True, rename=None):
    """An ordering node among BFT's consenters; certificates are PEM, filled in when the file is applied."""

    id: int
    host: str
    port: int
    msp_id: str
    identity: str
    client_tls_cert: str
    server_tls_cert: str


class SmartBft(Part, frozen=True, kw_only=True, rename=None):
    """BFT's options, those we set."""

    request_batch_max_interval: str
    request_forward_timeout: str
    request_complain_timeout: str
    leader_heartbeat_timeout: str
    view_change_resend_interval: str
    view_change_timeout: str


class Orderer(Part, frozen=True, kw_only=True):
    """The channel's ordering."""

    orderer_type: str
    capabilities: tuple[str, ...]
    batch_size: BatchSize
    batch_timeout: str
    state: str
    consenter_mapping: tuple[ConsenterMapping, ...] = ()
    smart_bft: SmartBft | None = field(name="smartBFT", default=None)


class Application(Part, frozen=True, kw_only=True):
    """The channel's application part."""

    capabilities: tuple[str, ...]


class ChannelConfig(Part, frozen=True, kw_only=True):
    """The channel's configuration."""

    capabilities: tuple[str, ...]
    application: Application
    orderer: Orderer


class MspId(Part, frozen=True, kw_only=True):
    """An organisation whose administrators sign."""

    msp_id: str = field(name="mspID")


class PeerOrganization(Part, frozen=True, kw_only=True):
    """A member, with its authority in this cluster."""

    msp_id: str = field(name="mspID")
    ca_name: str
    ca_namespace: str


class OrdererOrganization(Part, frozen=True, kw_only=True):
    """A member with an ordering node."""

    msp_id: str = field(name="mspID")
    ca_name: str
    ca_namespace: str
    orderer_endpoints: tuple[str, ...]
    orderers_to_join: tuple[Named, ...]
    external_orderers_to_join: tuple[Any, ...]


class Consenter(Part, frozen=True, kw_only=True):
    """An ordering node's address and TLS certificate."""

    host: str
    port: int
    tls_cert: str


class FabricMainChannel(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricMainChannel."""

    name: str
    channel_config: ChannelConfig
    admin_orderer_organizations: tuple[MspId, ...]
    admin_peer_organizations: tuple[MspId, ...]
    peer_organizations: tuple[PeerOrganization, ...]
    orderer_organizations: tuple[OrdererOrganization, ...]
    external_peer_organizations: tuple[Any, ...]
    external_orderer_organizations: tuple[Any, ...]
    orderers: tuple[Consenter, ...]
    identities: dict[str, SecretKey]
