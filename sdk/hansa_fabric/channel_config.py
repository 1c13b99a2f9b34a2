"""A channel's first configuration and the genesis block that holds it, equal in content to configtxgen's."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.orderer.etcdraft import configuration_pb2 as etcdraft_pb2
from fabric_protos.orderer.smartbft import configuration_pb2 as smartbft_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_fabric.blocks import new_block
from hansa_fabric.channel_description import (
    MIB,
    BftOptions,
    ChannelDescription,
    Consenter,
    OrdererDescription,
    OrganizationDescription,
    format_duration,
)
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import Identity
from hansa_fabric.policy_expression import config_policy
from hansa_fabric.proposals import NONCE_BYTES, transaction_id

ADMINS = "Admins"
_CHANNEL_NAME = re.compile(r"[a-z][a-z0-9.-]{0,248}")
_WHOLE_BLOCK = 2**32 - 1
_RULES = {"Readers": "ANY Readers", "Writers": "ANY Writers", "Admins": "MAJORITY Admins"}
_APPLICATION_RULES = _RULES | {
    "LifecycleEndorsement": "MAJORITY Endorsement",
    "Endorsement": "MAJORITY Endorsement",
}
_ORDERER_RULES = _RULES | {"BlockValidation": "ANY Writers"}


def genesis_block(
    description: ChannelDescription, *, nonce: bytes | None = None, timestamp: datetime | None = None
) -> Any:
    """The channel's block 0 (``common.Block``).

    Args:
        description: the channel.
        nonce: 24 random bytes, unless given; with a fixed nonce and timestamp the block is always the same.
        timestamp: aware time, rounded down to seconds; now, unless given.

    Raises:
        MalformedDataError: the description contradicts itself or Fabric's rules.
    """
    nonce = secrets.token_bytes(NONCE_BYTES) if nonce is None else nonce
    moment = Timestamp(seconds=int((timestamp or datetime.now(UTC)).timestamp()))
    config = configtx_pb2.ConfigEnvelope(config=configtx_pb2.Config(channel_group=channel_group(description)))
    channel_header = common_pb2.ChannelHeader(
        type=common_pb2.CONFIG,
        version=1,
        timestamp=moment,
        channel_id=description.name,
        tx_id=transaction_id(nonce, b""),
    )
    payload = common_pb2.Payload(
        header=common_pb2.Header(
            channel_header=channel_header.SerializeToString(),
            signature_header=common_pb2.SignatureHeader(nonce=nonce).SerializeToString(),
        ),
        data=config.SerializeToString(deterministic=True),
    )
    envelope = common_pb2.Envelope(payload=payload.SerializeToString())
    block = new_block(0, b"", [envelope.SerializeToString()])
    last_config = common_pb2.LastConfig(index=0)
    for index, value in (
        (common_pb2.LAST_CONFIG, last_config),
        (common_pb2.SIGNATURES, common_pb2.OrdererBlockMetadata(last_config=last_config)),
    ):
        content = common_pb2.Metadata(value=value.SerializeToString())
        block.metadata.metadata[index] = content.SerializeToString()
    return block


def channel_group(description: ChannelDescription) -> Any:
    """The ``common.ConfigGroup`` of a whole channel. Raises MalformedDataError."""
    _check(description)
    values: dict[str, Any] = {
        "HashingAlgorithm": configuration_pb2.HashingAlgorithm(name="SHA256"),
        "BlockDataHashingStructure": configuration_pb2.BlockDataHashingStructure(width=_WHOLE_BLOCK),
        "Capabilities": _capabilities(description.channel_capability),
    }
    group = _group(values, _RULES | _named(description, "/Channel"))
    group.groups["Orderer"].CopyFrom(_orderer_group(description))
    group.groups["Application"].CopyFrom(_application_group(description))
    return group


def _check(description: ChannelDescription) -> None:
    if not _CHANNEL_NAME.fullmatch(description.name):
        raise MalformedDataError(f"not a channel's name: {description.name!r}")
    names = [one.group for one in description.organizations]
    if len(set(names)) != len(names):
        raise MalformedDataError("two organisations have one name")
    if not any(one.member for one in description.organizations):
        raise MalformedDataError("a channel needs a member organisation")
    if not any(one.orderer_endpoints for one in description.organizations):
        raise MalformedDataError("a channel needs an organisation with ordering endpoints")
    if not description.orderer.consenters:
        raise MalformedDataError("a channel needs ordering nodes")
    if description.orderer.type not in ("BFT", "etcdraft"):
        raise MalformedDataError(f"unknown kind of ordering: {description.orderer.type!r}")
    if description.orderer.type == "BFT" and description.channel_capability != "V3_0":
        raise MalformedDataError("BFT ordering needs channel capability V3_0")


def _application_group(description: ChannelDescription) -> Any:
    values: dict[str, Any] = {"Capabilities": _capabilities(description.application_capability)}
    if description.acls:
        values["ACLs"] = peer_pb2.ACLs(
            acls={name: peer_pb2.APIResource(policy_ref=path) for name, path in description.acls.items()}
        )
    rules = _APPLICATION_RULES | _named(description, "/Channel/Application")
    group = _group(values, rules)
    for one in description.organizations:
        if one.member:
            group.groups[one.group].CopyFrom(organization_group(one, orderer=False))
    return group


def _orderer_group(description: ChannelDescription) -> Any:
    orderer = description.orderer
    batch = orderer.batch
    values: dict[str, Any] = {
        "BatchSize": orderer_pb2.BatchSize(
            max_message_count=batch.max_message_count,
            absolute_max_bytes=batch.absolute_max_bytes,
            preferred_max_bytes=batch.preferred_max_bytes,
        ),
        "BatchTimeout": orderer_pb2.BatchTimeout(timeout=format_duration(batch.timeout)),
        "ChannelRestrictions": orderer_pb2.ChannelRestrictions(),
        "Capabilities": _capabilities(description.orderer_capability),
        "ConsensusType": orderer_pb2.ConsensusType(type=orderer.type, metadata=_consensus_metadata(orderer)),
    }
    rules = _ORDERER_RULES | _named(description, "/Channel/Orderer") | dict(orderer.policies)
    if orderer.type == "BFT":
        values["Orderers"] = configuration_pb2.Orderers(
            consenter_mapping=[bft_consenter(number, one) for number, one in enumerate(orderer.consenters, 1)]
        )
    group = _group(values, rules)
    if orderer.type == "BFT":
        group.policies["BlockValidation"].policy.CopyFrom(bft_block_validation(orderer.consenters))
    for one in description.organizations:
        if one.orderer_endpoints:
            group.groups[one.group].CopyFrom(organization_group(one, orderer=True))
    return group


def organization_group(organization: OrganizationDescription, *, orderer: bool) -> Any:
    """The ``common.ConfigGroup`` of an organisation.

    Args:
        organization: the organisation.
        orderer: whether among the ordering organisations, or in the application.

    Raises:
        MalformedDataError: one of its policies cannot be read.
    """
    values: dict[str, Any] = {"MSP": organization.msp.to_config()}
    if orderer:
        values["Endpoints"] = configuration_pb2.OrdererAddresses(
            addresses=[str(one) for one in organization.orderer_endpoints]
        )
    elif organization.anchor_peers:
        values["AnchorPeers"] = peer_pb2.AnchorPeers(
            anchor_peers=[
                peer_pb2.AnchorPeer(host=one.host, port=one.port) for one in organization.anchor_peers
            ]
        )
    return _group(values, organization_policies(organization.msp.msp_id) | dict(organization.policies))


def organization_policies(msp_id: str) -> dict[str, str]:
    """The usual policies of an organisation whose NodeOUs mark roles, as expressions by name."""
    return {
        "Readers": f"OR('{msp_id}.admin', '{msp_id}.peer', '{msp_id}.client', '{msp_id}.orderer')",
        "Writers": f"OR('{msp_id}.admin', '{msp_id}.client', '{msp_id}.orderer')",
        "Admins": f"OR('{msp_id}.admin')",
        "Endorsement": f"OR('{msp_id}.peer')",
    }


def _named(description: ChannelDescription, path: str) -> dict[str, str]:
    """The description's own rules for policies that stand directly at a path."""
    found = (path_and_name.rpartition("/") for path_and_name in description.policies)
    return {name: description.policies[f"{at}/{name}"] for at, _, name in found if at == path}


def _group(values: Mapping[str, Any], policies: Mapping[str, str]) -> Any:
    group = configtx_pb2.ConfigGroup(mod_policy=ADMINS)
    for name, value in values.items():
        group.values[name].value = value.SerializeToString(deterministic=True)
        group.values[name].mod_policy = ADMINS
    for name, expression in policies.items():
        group.policies[name].policy.CopyFrom(config_policy(expression))
        group.policies[name].mod_policy = ADMINS
    return group


def _capabilities(version: str) -> Any:
    return configuration_pb2.Capabilities(capabilities={version: configuration_pb2.Capability()})


def _consensus_metadata(orderer: OrdererDescription) -> bytes:
    if orderer.type == "BFT":
        found: bytes = _bft_options(orderer).SerializeToString()
        return found
    metadata = etcdraft_pb2.ConfigMetadata(
        consenters=[raft_consenter(one) for one in orderer.consenters],
        options=etcdraft_pb2.Options(
            tick_interval="500ms",
            election_tick=10,
            heartbeat_tick=1,
            max_inflight_blocks=5,
            snapshot_interval_size=16 * MIB,
        ),
    )
    raft: bytes = metadata.SerializeToString()
    return raft


def _bft_options(orderer: OrdererDescription) -> Any:
    options: BftOptions = orderer.bft
    # Orderers take the limits from BatchSize; they are repeated here for whoever reads the options alone.
    return smartbft_pb2.Options(
        request_batch_max_count=orderer.batch.max_message_count,
        request_batch_max_bytes=orderer.batch.absolute_max_bytes,
        request_max_bytes=orderer.batch.absolute_max_bytes,
        request_batch_max_interval=format_duration(options.batch_interval),
        incoming_message_buffer_size=options.incoming_message_buffer_size,
        request_pool_size=options.request_pool_size,
        request_forward_timeout=format_duration(options.request_forward_timeout),
        request_complain_timeout=format_duration(options.request_complain_timeout),
        request_auto_remove_timeout=format_duration(options.request_auto_remove_timeout),
        view_change_resend_interval=format_duration(options.view_change_resend_interval),
        view_change_timeout=format_duration(options.view_change_timeout),
        leader_heartbeat_timeout=format_duration(options.leader_heartbeat_timeout),
        leader_heartbeat_count=options.leader_heartbeat_count,
        collect_timeout=format_duration(options.collect_timeout),
        leader_rotation=smartbft_pb2.Options.ROTATION_OFF,
    )


def bft_consenter(number: int, consenter: Consenter) -> Any:
    """The ``common.Consenter`` of a BFT ordering node. Raises MalformedDataError: no signing certificate."""
    if not consenter.identity:
        raise MalformedDataError("a BFT ordering node needs its signing certificate")
    return configuration_pb2.Consenter(
        id=number,
        host=consenter.endpoint.host,
        port=consenter.endpoint.port,
        msp_id=consenter.msp_id,
        identity=consenter.identity,
        client_tls_cert=consenter.client_tls_certificate,
        server_tls_cert=consenter.server_tls_certificate,
    )


def raft_consenter(consenter: Consenter) -> Any:
    """The ``etcdraft.Consenter`` of a Raft ordering node."""
    return etcdraft_pb2.Consenter(
        host=consenter.endpoint.host,
        port=consenter.endpoint.port,
        client_tls_cert=consenter.client_tls_certificate,
        server_tls_cert=consenter.server_tls_certificate,
    )


def bft_block_validation(consenters: Sequence[Consenter]) -> Any:
    """The ``common.Policy`` by which BFT's blocks are good.

    Args:
        consenters: the ordering nodes, in the order of the mapping.
    """
    # A block is good when a Byzantine quorum of the nodes signed it: ceil((n + f + 1) / 2), f = (n - 1) / 3.
    count = len(consenters)
    quorum = (count + (count - 1) // 3 + 2) // 2
    rule = policies_pb2.SignaturePolicy()
    rule.n_out_of.n = quorum
    rule.n_out_of.rules.extend(policies_pb2.SignaturePolicy(signed_by=index) for index in range(count))
    envelope = policies_pb2.SignaturePolicyEnvelope(
        rule=rule,
        identities=[
            msp_principal_pb2.MSPPrincipal(
                principal_classification=msp_principal_pb2.MSPPrincipal.IDENTITY,
                principal=Identity(one.msp_id, one.identity).serialized,
            )
            for one in consenters
        ],
    )
    return policies_pb2.Policy(type=policies_pb2.Policy.SIGNATURE, value=envelope.SerializeToString())
