"""The signature policies that stand behind a chaincode and its collections, as discovery needs them."""

from __future__ import annotations

from typing import Any

from fabric_protos.common import policies_pb2
from fabric_protos.peer import policy_pb2

from hansa_devnode.ledger.collections import IMPLICIT_PREFIX
from hansa_devnode.ledger.definitions import (
    LIFECYCLE,
    LIFECYCLE_POLICY,
    ChaincodeDefinition,
    policy_reference,
)
from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.services.chaincode_definitions import ChaincodeDefinitions
from hansa_devnode.services.principal_sets import Principal
from hansa_fabric.errors import FabricDataError, MalformedDataError
from hansa_fabric.policies import ImplicitMetaPolicy, SignaturePolicy
from hansa_fabric.policy_expression import parse


class UnknownChaincodeError(LookupError):
    """No definition of the chaincode is committed on the channel, or none of the collection asked for."""


class EndorsementPolicies:
    """Reads chaincode definitions from the ledger and turns their policies into signature policies."""

    def __init__(self, ledger: Ledger, definitions: ChaincodeDefinitions) -> None:
        self._ledger = ledger
        self._definitions = definitions

    def definition(self, chaincode: str) -> ChaincodeDefinition:
        """The committed definition. Raises UnknownChaincodeError, worded as Fabric's discovery."""
        if chaincode == LIFECYCLE:
            return ChaincodeDefinition(LIFECYCLE, "", 0, policy_reference(LIFECYCLE_POLICY))
        found = self._definitions.get(chaincode)
        if found is None:
            channel = self._ledger.channel
            raise UnknownChaincodeError(
                f"No metadata was found for chaincode {chaincode} in channel {channel}"
            )
        return found

    def policies(self, call: Any) -> list[bytes]:
        """The policies that a peer.ChaincodeCall needs, key-level ones included.

        Each is a serialized common.SignaturePolicyEnvelope. Raises UnknownChaincodeError.
        """
        definition = self.definition(call.name)
        chaincode_policy = self._signature_policy(definition.policy)
        found: list[bytes] = []
        if call.collection_names:
            found = [
                self._collection_policy(definition, name) or chaincode_policy
                for name in call.collection_names
            ]
        elif not call.disregard_namespace_policy:
            found = [chaincode_policy]
        return found + [each.SerializeToString(deterministic=True) for each in call.key_policies]

    def members(self, call: Any) -> list[frozenset[Principal]]:
        """For each collection of a peer.ChaincodeCall, the principals of which a peer must satisfy one."""
        definition = self.definition(call.name)
        return [self._collection_members(definition, name) for name in call.collection_names]

    def is_member(self, chaincode: str, collection: str, identity: bytes) -> bool:
        """Whether a serialized identity belongs to the collection. Raises UnknownChaincodeError."""
        principals = self._collection_members(self.definition(chaincode), collection)
        return any(satisfies(self._ledger, identity, each) for each in principals)

    def _collection_policy(self, definition: ChaincodeDefinition, collection: str) -> bytes | None:
        if collection.startswith(IMPLICIT_PREFIX):
            return _member_policy(collection.removeprefix(IMPLICIT_PREFIX))
        config = _static_collection(definition, collection)
        if not config.HasField("endorsement_policy"):
            return None
        return self._signature_policy(config.endorsement_policy.SerializeToString())

    def _collection_members(self, definition: ChaincodeDefinition, collection: str) -> frozenset[Principal]:
        if collection.startswith(IMPLICIT_PREFIX):
            member = _member_policy(collection.removeprefix(IMPLICIT_PREFIX))
            identities = policies_pb2.SignaturePolicyEnvelope.FromString(member).identities
        else:
            policy = _static_collection(definition, collection).member_orgs_policy.signature_policy
            identities = policy.identities
        return frozenset(Principal(each.principal_classification, each.principal) for each in identities)

    def _signature_policy(self, application_policy: bytes) -> bytes:
        """A serialized peer.ApplicationPolicy as signature policy; a channel policy is written out."""
        policy = policy_pb2.ApplicationPolicy.FromString(application_policy)
        if policy.WhichOneof("Type") == "channel_config_policy_reference":
            written = _written_out(self._ledger.bundle.policy(policy.channel_config_policy_reference))
            converted: bytes = written.SerializeToString(deterministic=True)
            return converted
        serialized: bytes = policy.signature_policy.SerializeToString(deterministic=True)
        return serialized


def satisfies(ledger: Ledger, identity: bytes, principal: Principal) -> bool:
    """Whether a serialized identity is valid on the channel and satisfies the principal."""
    try:
        return bool(ledger.bundle.manager.deserialize(identity).satisfies(principal.message()))
    except FabricDataError:
        return False


def _static_collection(definition: ChaincodeDefinition, collection: str) -> Any:
    for config in definition.static_collections():
        if config.name == collection:
            return config
    raise UnknownChaincodeError(
        f"collection {collection} doesn't exist in collection config for chaincode {definition.name}"
    )


def _written_out(policy: Any) -> Any:
    """A channel policy as common.SignaturePolicyEnvelope, as Fabric converts implicit meta policies."""
    if isinstance(policy, SignaturePolicy):
        return policy.envelope
    if not isinstance(policy, ImplicitMetaPolicy):
        raise MalformedDataError("the policy is not convertible to SignaturePolicyEnvelope")
    identities: list[Any] = []
    rules = []
    for part in (_written_out(each) for each in policy.policies if each is not None):
        rules.append(_renumbered(part.rule, len(identities)))
        identities.extend(part.identities)
    gate = policies_pb2.SignaturePolicy.NOutOf(n=policy.threshold, rules=rules)
    return policies_pb2.SignaturePolicyEnvelope(
        rule=policies_pb2.SignaturePolicy(n_out_of=gate), identities=identities
    )


def _renumbered(rule: Any, offset: int) -> Any:
    """The rule with the numbers of its principals raised."""
    if rule.WhichOneof("Type") == "signed_by":
        return policies_pb2.SignaturePolicy(signed_by=rule.signed_by + offset)
    rules = [_renumbered(each, offset) for each in rule.n_out_of.rules]
    gate = policies_pb2.SignaturePolicy.NOutOf(n=rule.n_out_of.n, rules=rules)
    return policies_pb2.SignaturePolicy(n_out_of=gate)


def _member_policy(msp_id: str) -> bytes:
    """Any member of one organisation: who holds, and endorses, its implicit collection."""
    serialized: bytes = parse(f"OR('{msp_id}.member')").SerializeToString(deterministic=True)
    return serialized
