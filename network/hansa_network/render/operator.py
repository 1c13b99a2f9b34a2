"""Resources of the bevel-operator-fabric operator, as far as we write them: typed, by the names of its CRDs.

Read from ``config/crd/bases`` of hyperledger-bevel/bevel-operator-fabric at 50cf5efcd57b (March 2026, after
v1.9.2), API ``hlf.kungfusoftware.es/v1alpha1``. Fields without a default are those the CRDs require.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import field

API_VERSION = "hlf.kungfusoftware.es/v1alpha1"
"""The group and version of every resource."""


class Part(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"
):
    """A part of a resource; what has its default is left out."""


class Storage(Part, frozen=True, kw_only=True):
    """One volume."""

    size: str
    access_mode: str
    storage_class: str | None = None


class Istio(Part, frozen=True, kw_only=True):
    """Where the mesh lets traffic in."""

    ingress_gateway: str
    hosts: tuple[str, ...]
    port: int


class ServiceType(Part, frozen=True, kw_only=True):
    """The kind of Kubernetes service."""

    type: str


class SecretKey(Part, frozen=True, kw_only=True):
    """A key of a secret: an identity that the operator acts as."""

    secret_key: str
    secret_name: str
    secret_namespace: str


class External(Part, frozen=True, kw_only=True):
    """A certificate and its key, in a secret that the member made."""

    certificate_key: str
    private_key_key: str
    root_certificate_key: str
    secret_name: str
    secret_namespace: str


class Enrolled(Part, frozen=True, kw_only=True):
    """An identity that is not enrolled by the operator."""

    external: External


class Enrollment(Part, frozen=True, kw_only=True):
    """A node's identity and its TLS certificate."""

    component: Enrolled
    tls: Enrolled


class NodeSecret(Part, frozen=True, kw_only=True):
    """What a node holds."""

    enrollment: Enrollment


class Named(Part, frozen=True, kw_only=True):
    """Another resource."""

    name: str
    namespace: str


class HostPort(Part, frozen=True, kw_only=True):
    """An anchor peer."""

    host: str
    port: int


class Gossip(Part, frozen=True, kw_only=True):
    """How a peer meets others."""

    bootstrap: str
    endpoint: str
    external_endpoint: str
    org_leader: bool
    use_leader_election: bool


class Discovery(Part, frozen=True, kw_only=True):
    """How often a peer looks around."""

    period: str
    touch_period: str


class Logging(Part, frozen=True, kw_only=True):
    """A peer's log levels."""

    cauthdsl: str
    gossip: str
    grpc: str
    ledger: str
    level: str
    msp: str
    peer: str
    policies: str


class CouchDb(Part, frozen=True, kw_only=True):
    """Required by the CRD; not used with LevelDB."""

    image: str
    tag: str
    user: str
    password: str
    pull_policy: str


class PeerStorage(Part, frozen=True, kw_only=True):
    """A peer's volumes."""

    peer: Storage
    chaincode: Storage
    couchdb: Storage


class EnvironmentVariable(Part, frozen=True, kw_only=True):
    """As Kubernetes has it."""

    name: str
    value: str


class FabricPeer(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricPeer."""

    image: str
    tag: str
    msp_id: str = field(name="mspID")
    external_endpoint: str
    hosts: tuple[str, ...]
    replicas: int
    state_db: str
    docker_socket_path: str
    external_chaincode_builder: bool = field(name="external_chaincode_builder")
    gossip: Gossip
    discovery: Discovery
    logging: Logging
    couchdb: CouchDb
    secret: NodeSecret
    service: ServiceType
    storage: PeerStorage
    resources: dict[str, Any]
    istio: Istio
    env: tuple[EnvironmentVariable, ...] = ()
    image_pull_policy: str | None = None


class FabricOrdererNode(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricOrdererNode."""

    image: str
    tag: str
    msp_id: str = field(name="mspID")
    bootstrap_method: str
    channel_participation_enabled: bool
    genesis: str
    replicas: int
    secret: NodeSecret
    service: ServiceType
    storage: Storage
    resources: dict[str, Any]
    istio: Istio
    admin_istio: Istio
    env: tuple[EnvironmentVariable, ...] = ()


class FabricFollowerChannel(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricFollowerChannel: an organisation's peers join a channel."""

    name: str
    msp_id: str
    anchor_peers: tuple[HostPort, ...]
    external_peers_to_join: tuple[Any, ...]
    hlf_identity: SecretKey
    orderers: tuple[Any, ...]
    peers_to_join: tuple[Named, ...]


class FabricChaincode(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricChaincode: the chaincode's process."""

    image: str
    image_pull_policy: str
    chaincode_server_port: int
    package_id: str
    replicas: int
    credentials: Enrolled
    msp_id: str = field(name="mspID")


class PackageTls(Part, frozen=True, kw_only=True):
    """Whether the peer speaks TLS to the chaincode."""

    required: bool


class ChaincodePackage(Part, frozen=True, kw_only=True):
    """The package that the operator makes."""

    name: str
    address: str
    type: str
    dial_timeout: str
    tls: PackageTls


class FabricChaincodeInstall(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricChaincodeInstall."""

    chaincode_package: ChaincodePackage
    external_peers: tuple[Any, ...]
    hlf_identity: SecretKey
    msp_id: str = field(name="mspID")
    peers: tuple[Named, ...]


class FabricChaincodeApprove(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricChaincodeApprove."""

    chaincode_name: str
    channel_name: str
    endorsement_policy: str
    external_orderers: tuple[Any, ...]
    external_peers: tuple[Any, ...]
    hlf_identity: SecretKey
    msp_id: str = field(name="mspID")
    orderers: tuple[Named, ...]
    package_id: str
    peers: tuple[Named, ...]
    sequence: int
    version: str


class FabricChaincodeCommit(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricChaincodeCommit."""

    chaincode_name: str
    channel_name: str
    hlf_identity: SecretKey
    msp_id: str = field(name="mspID")
    orderers: tuple[Named, ...]
    peers: tuple[Named, ...]
    sequence: int
    version: str
