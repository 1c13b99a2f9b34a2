"""A channel's configuration in force: organisations, policies by path, batching, access rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, configuration_pb2, policies_pb2
from fabric_protos.orderer import configuration_pb2 as orderer_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2
from fabric_protos.peer import policy_pb2

from hansa_fabric.blocks import Block
from hansa_fabric.channel_description import BatchConfig, Endpoint, parse_duration
from hansa_fabric.errors import MalformedDataError
from hansa_fabric.identity import Identity
from hansa_fabric.msp import Msp, MspManager
from hansa_fabric.msp_definition import MspDefinition
from hansa_fabric.policies import ImplicitMetaPolicy, Policy, SignaturePolicy
from hansa_fabric.protobuf import decode
from hansa_fabric.transactions import Transaction

READERS = "/Channel/Application/Readers"
WRITERS = "/Channel/Application/Writers"
ENDORSEMENT = "/Channel/Application/Endorsement"
LIFECYCLE_ENDORSEMENT = "/Channel/Application/LifecycleEndorsement"

DEFAULT_ACLS = {
    "_lifecycle/CommitChaincodeDefinition": WRITERS,
    "_lifecycle/QueryChaincodeDefinition": WRITERS,
    "_lifecycle/QueryChaincodeDefinitions": WRITERS,
    "_lifecycle/CheckCommitReadiness": WRITERS,
    "qscc/GetChainInfo": READERS,
    "qscc/GetBlockByNumber": READERS,
    "qscc/GetBlockByHash": READERS,
    "qscc/GetTransactionByID": READERS,
    "qscc/GetBlockByTxID": READERS,
    "cscc/GetConfigBlock": READERS,
    "cscc/GetChannelConfig": READERS,
    "peer/Propose": WRITERS,
    "peer/ChaincodeToChaincode": WRITERS,
    "event/Block": READERS,
    "event/FilteredBlock": READERS,
    "gateway/CommitStatus": READERS,
    "gateway/ChaincodeEvents": READERS,
}
"""Fabric's policy for each resource of a channel, where the configuration names no other."""

_SUPPORTED = {
    "/Channel": {"V1_1", "V1_3", "V1_4_2", "V1_4_3", "V2_0", "V3_0"},
    "/Channel/Application": {"V1_1", "V1_2", "V1_3", "V1_4_2", "V2_0", "V2_5"},
    "/Channel/Orderer": {"V1_1", "V1_4_2", "V2_0"},
}


@dataclass(frozen=True)
class ChannelOrganization:
    """An organisation as the configuration has it.

    Args:
        name: its configuration group.
        msp: its MSP.
        anchor_peers: of an application organisation.
        orderer_endpoints: of an ordering organisation, as ``host:port``.
    """

    name: str
    msp: MspDefinition
    anchor_peers: tuple[Endpoint, ...] = ()
    orderer_endpoints: tuple[str, ...] = ()


class Bundle:
    """A configuration, read and checked.

    Args:
        channel: the channel's name.
        config: ``common.Config``.

    Raises:
        MalformedDataError: a part is missing or unreadable, or a capability is unknown.
        InvalidIdentityError: an organisation's MSP contradicts itself.
    """

    def __init__(self, channel: str, config: Any) -> None:
        self.channel = channel
        self.config = config
        root = config.channel_group
        for part in ("Application", "Orderer"):
            if part not in root.groups:
                raise MalformedDataError(f"the configuration has no {part} group")
        application, orderer = root.groups["Application"], root.groups["Orderer"]
        self.capabilities = {
            path: _capabilities(path, group)
            for path, group in (
                ("/Channel", root),
                ("/Channel/Application", application),
                ("/Channel/Orderer", orderer),
            )
        }
        self.organizations = _organizations(application)
        self.orderer_organizations = _organizations(orderer)
        self.manager = MspManager(Msp(one) for one in _definitions(self))
        consensus = _value(orderer, "ConsensusType", orderer_pb2.ConsensusType)
        self.orderer_type = str(consensus.type)
        self.batch = _batch(orderer)
        self.consenter_identities = _consenter_identities(orderer)
        self._acls = _acls(application)
        self._policies: dict[str, Policy] = {}
        self._add_policies("/Channel", root)
        self._signature_policy = lru_cache(4096)(self._parse_signature_policy)

    @classmethod
    def from_envelope(cls, transaction: Transaction) -> Bundle:
        """From a transaction of type CONFIG. Raises as the class does."""
        if not transaction.is_config:
            raise MalformedDataError("the transaction is no configuration")
        envelope = decode(configtx_pb2.ConfigEnvelope, transaction.data)
        if not envelope.HasField("config") or not envelope.config.HasField("channel_group"):
            raise MalformedDataError("the configuration is empty")
        return cls(transaction.channel, envelope.config)

    @classmethod
    def from_block(cls, block: Block) -> Bundle:
        """From a configuration block, such as the genesis block. Raises as the class does."""
        if len(block.data) != 1:
            raise MalformedDataError("a configuration block holds one transaction")
        return cls.from_envelope(block.transactions[0].transaction)

    @property
    def sequence(self) -> int:
        """How often the configuration has changed."""
        return int(self.config.sequence)

    @property
    def msp_ids(self) -> tuple[str, ...]:
        """MSP ids of the application's organisations, sorted."""
        return tuple(sorted(one.msp.msp_id for one in self.organizations.values()))

    def policy(self, path: str) -> Policy:
        """The policy at a path such as ``/Channel/Application/Endorsement``.

        Raises:
            MalformedDataError: there is none.
        """
        found = self._policies.get(path)
        if found is None:
            raise MalformedDataError(f"the channel has no policy {path}")
        return found

    def acl(self, resource: str) -> Policy:
        """The policy that guards a resource, such as ``peer/Propose``.

        Raises:
            MalformedDataError: an unknown resource, or its policy does not exist.
        """
        path = self._acls.get(resource) or DEFAULT_ACLS.get(resource)
        if path is None:
            raise MalformedDataError(f"no policy guards resource {resource!r}")
        return self.policy(path if path.startswith("/") else f"/Channel/Application/{path}")

    def signature_policy(self, envelope: bytes) -> Policy:
        """The policy of ``common.SignaturePolicyEnvelope`` bytes, such as a key's validation parameter.

        Raises:
            MalformedDataError: unreadable.
        """
        return self._signature_policy(envelope)

    def application_policy(self, data: bytes) -> Policy:
        """The policy of ``peer.ApplicationPolicy`` bytes, such as a chaincode definition's.

        Raises:
            MalformedDataError: unreadable, or it refers to a policy that does not exist.
        """
        message = decode(policy_pb2.ApplicationPolicy, data)
        if message.WhichOneof("Type") == "signature_policy":
            return self.signature_policy(message.signature_policy.SerializeToString())
        if message.WhichOneof("Type") == "channel_config_policy_reference":
            return self.policy(message.channel_config_policy_reference)
        raise MalformedDataError("the application policy is empty")

    def _parse_signature_policy(self, envelope: bytes) -> Policy:
        return SignaturePolicy(envelope, self.manager)

    def _add_policies(self, path: str, group: Any) -> None:
        for name, child in group.groups.items():
            self._add_policies(f"{path}/{name}", child)
        for name, one in group.policies.items():
            self._policies[f"{path}/{name}"] = self._parse_policy(path, group, one.policy)

    def _parse_policy(self, path: str, group: Any, policy: Any) -> Policy:
        if policy.type == policies_pb2.Policy.SIGNATURE:
            return SignaturePolicy(policy.value, self.manager)
        if policy.type == policies_pb2.Policy.IMPLICIT_META:
            meta = decode(policies_pb2.ImplicitMetaPolicy, policy.value)
            below = [
                self._policies.get(f"{path}/{child}/{meta.sub_policy}") for child in sorted(group.groups)
            ]
            return ImplicitMetaPolicy(meta.rule, meta.sub_policy, below, self.manager)
        raise MalformedDataError(f"unknown kind of policy: {policy.type}")


def _value(group: Any, name: str, kind: Any) -> Any:
    if name not in group.values:
        raise MalformedDataError(f"the configuration has no {name}")
    return decode(kind, group.values[name].value)


def _capabilities(path: str, group: Any) -> frozenset[str]:
    if "Capabilities" not in group.values:
        return frozenset()
    found = _value(group, "Capabilities", configuration_pb2.Capabilities).capabilities
    unknown = set(found) - _SUPPORTED[path]
    if unknown:
        raise MalformedDataError(f"{path} needs capabilities that are not supported: {sorted(unknown)}")
    return frozenset(found)


def _organizations(group: Any) -> dict[str, ChannelOrganization]:
    found = {}
    for name, content in sorted(group.groups.items()):
        anchors: tuple[Endpoint, ...] = ()
        endpoints: tuple[str, ...] = ()
        if "AnchorPeers" in content.values:
            peers = _value(content, "AnchorPeers", peer_pb2.AnchorPeers).anchor_peers
            anchors = tuple(Endpoint(one.host, one.port) for one in peers)
        if "Endpoints" in content.values:
            endpoints = tuple(_value(content, "Endpoints", configuration_pb2.OrdererAddresses).addresses)
        if "MSP" not in content.values:
            raise MalformedDataError(f"organisation {name} has no MSP")
        msp = MspDefinition.from_config(content.values["MSP"].value)
        found[name] = ChannelOrganization(name, msp, anchors, endpoints)
    return found


def _definitions(bundle: Bundle) -> list[MspDefinition]:
    found: dict[str, MspDefinition] = {}
    for one in (*bundle.organizations.values(), *bundle.orderer_organizations.values()):
        if found.setdefault(one.msp.msp_id, one.msp) != one.msp:
            raise MalformedDataError(f"MSP {one.msp.msp_id} is defined in two ways")
    return list(found.values())


def _batch(orderer: Any) -> BatchConfig:
    size = _value(orderer, "BatchSize", orderer_pb2.BatchSize)
    timeout = _value(orderer, "BatchTimeout", orderer_pb2.BatchTimeout)
    return BatchConfig(
        parse_duration(timeout.timeout),
        size.max_message_count,
        size.preferred_max_bytes,
        size.absolute_max_bytes,
    )


def _consenter_identities(orderer: Any) -> dict[int, bytes]:
    """Serialized identities of BFT's ordering nodes by their number; none with other kinds of ordering."""
    if "Orderers" not in orderer.values:
        return {}
    mapping = _value(orderer, "Orderers", configuration_pb2.Orderers).consenter_mapping
    return {one.id: Identity(one.msp_id, one.identity).serialized for one in mapping}


def _acls(application: Any) -> dict[str, str]:
    if "ACLs" not in application.values:
        return {}
    acls = _value(application, "ACLs", peer_pb2.ACLs).acls
    return {name: one.policy_ref for name, one in acls.items() if one.policy_ref}


def is_config_block(block: Block) -> bool:
    """Whether a block holds a channel configuration: one transaction, of type CONFIG."""
    return len(block.data) == 1 and block.transactions[0].transaction.type == int(common_pb2.CONFIG)
