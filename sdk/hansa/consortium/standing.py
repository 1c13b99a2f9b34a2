"""How far an update has come: who signed, whose signature would still count, and whether it is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2, configtx_pb2, policies_pb2
from fabric_protos.msp import identities_pb2, msp_principal_pb2

from hansa.consortium.errors import config_errors
from hansa.consortium.signing import is_administrator, signer_of
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_authorization import requirements
from hansa_fabric.config_edits import group_at
from hansa_fabric.errors import FabricDataError
from hansa_fabric.msp_definition import MspDefinition
from hansa_fabric.policies import SignedData
from hansa_fabric.protobuf import decode


@dataclass(frozen=True)
class Requirement:
    """A policy that the update must satisfy.

    Args:
        policy: its path, such as ``/Channel/Application/Admins``.
        voters: MSP ids of those whose administrators it counts, sorted.
        rule: such as ``MAJORITY Admins``; for a policy of named signers how many of them.
        satisfied: whether the signatures at hand are enough for it.
    """

    policy: str
    voters: tuple[str, ...]
    rule: str
    satisfied: bool


@dataclass(frozen=True)
class Standing:
    """How far an update has come.

    Args:
        signed: MSP ids of organisations with a signature that counts, sorted.
        missing: MSP ids of those whose signature a policy still lacks could use, sorted; empty once enough.
        enough: whether it can be submitted.
        requirements: every policy it must satisfy.
    """

    signed: tuple[str, ...]
    missing: tuple[str, ...]
    enough: bool
    requirements: tuple[Requirement, ...] = ()


def standing(config: Bundle, update: bytes, signatures: Sequence[bytes]) -> Standing:
    """How far an update has come.

    Args:
        config: the configuration in force.
        update: serialised ``common.ConfigUpdate``.
        signatures: serialised ``common.ConfigSignature`` each; those that do not count are left out.

    Raises:
        ConsortiumError: CONFIG_OVERTAKEN where it was computed from another configuration than ``config``.
    """
    with config_errors("The update"):
        found = requirements(config, update, list(_read(update, signatures)))
        policies = tuple(
            Requirement(
                one.policy,
                tuple(sorted(_voters(config, one.policy))),
                _rule(config, one.policy),
                one.satisfied,
            )
            for one in found
        )
    signed = {msp_id for signature in signatures for msp_id in _valid(config, update, signature)}
    lacking = {voter for one in policies if not one.satisfied for voter in one.voters}
    return Standing(
        signed=tuple(sorted(signed)),
        missing=tuple(sorted(lacking - signed)),
        enough=all(one.satisfied for one in policies),
        requirements=policies,
    )


def _valid(config: Bundle, update: bytes, signature: bytes) -> Iterable[str]:
    try:
        found = signer_of(config, update, signature)
    except FabricDataError:
        return ()
    return (found.msp_id,) if is_administrator(found) else ()


def _read(update: bytes, signatures: Iterable[bytes]) -> Iterable[SignedData]:
    for one in signatures:
        try:
            message = decode(configtx_pb2.ConfigSignature, one)
            creator = decode(common_pb2.SignatureHeader, message.signature_header).creator
        except FabricDataError:
            continue
        yield SignedData(creator, message.signature_header + update, message.signature)


def _voters(config: Bundle, path: str) -> set[str]:
    """MSP ids whose members a policy can count: its own signers, or those of the policies below it."""
    group_path, _, name = path.rpartition("/")
    group = group_at(config.config, group_path)
    if name not in group.policies:
        return set()  # a group below that has no such policy counts as refused
    policy = group.policies[name].policy
    if policy.type == policies_pb2.Policy.IMPLICIT_META:
        below = decode(policies_pb2.ImplicitMetaPolicy, policy.value).sub_policy
        return {one for child in group.groups for one in _voters(config, f"{group_path}/{child}/{below}")}
    envelope = decode(policies_pb2.SignaturePolicyEnvelope, policy.value)
    named = {one for principal in envelope.identities for one in _named(principal)}
    if not named and "MSP" in group.values:
        named = {MspDefinition.from_config(group.values["MSP"].value).msp_id}
    return named


def _named(principal: Any) -> Iterable[str]:
    kinds = msp_principal_pb2.MSPPrincipal
    if principal.principal_classification == kinds.ROLE:
        return (decode(msp_principal_pb2.MSPRole, principal.principal).msp_identifier,)
    if principal.principal_classification == kinds.ORGANIZATION_UNIT:
        return (decode(msp_principal_pb2.OrganizationUnit, principal.principal).msp_identifier,)
    if principal.principal_classification == kinds.IDENTITY:
        return (decode(identities_pb2.SerializedIdentity, principal.principal).mspid,)
    return ()


def _rule(config: Bundle, path: str) -> str:
    group_path, _, name = path.rpartition("/")
    policy = group_at(config.config, group_path).policies[name].policy
    if policy.type == policies_pb2.Policy.IMPLICIT_META:
        meta = decode(policies_pb2.ImplicitMetaPolicy, policy.value)
        return f"{policies_pb2.ImplicitMetaPolicy.Rule.Name(meta.rule)} {meta.sub_policy}"
    rule = decode(policies_pb2.SignaturePolicyEnvelope, policy.value).rule
    if rule.WhichOneof("Type") == "signed_by":
        return "1 of 1"
    return f"{rule.n_out_of.n} of {len(rule.n_out_of.rules)}"
