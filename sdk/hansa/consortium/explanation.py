"""What an update changes, in sentences for those who are asked to sign it. Nothing is left unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.peer import configuration_pb2 as peer_pb2

from hansa.consortium.errors import config_errors
from hansa.consortium.ordering import bft_waiting_time, consensus_otherwise, ordering_nodes
from hansa_fabric.bundle import Bundle, ChannelOrganization
from hansa_fabric.channel_config import bft_block_validation, organization_group
from hansa_fabric.channel_description import Endpoint, OrganizationDescription
from hansa_fabric.config_authorization import outcome
from hansa_fabric.config_elements import Element, element_key, flatten
from hansa_fabric.identity import parse_certificate
from hansa_fabric.msp_definition import MspDefinition
from hansa_fabric.protobuf import decode

_PARTS = {"Application": "members", "Orderer": "organisations that order"}


def explain(update: bytes, config: Bundle) -> list[str]:
    """What an update changes, a sentence each.

    Args:
        update: serialised ``common.ConfigUpdate``.
        config: the configuration it was computed from.

    Raises:
        ConsortiumError: it is overtaken, or cannot be read.
    """
    with config_errors("The update"):
        after = Bundle(config.channel, outcome(config, update))
        return list(_Comparison(config, after).sentences())


class _Comparison:
    """Two configurations side by side; an element whose content a sentence has told is not told again.

    Only what is exactly as the sentence says counts as told: a policy slipped in beside it is named.
    """

    def __init__(self, before: Bundle, after: Bundle) -> None:
        self._before, self._after = before, after
        self._old = flatten(before.config.channel_group)
        self._new = flatten(after.config.channel_group)
        self._told: set[str] = set()

    def sentences(self) -> Iterator[str]:
        yield from self._organizations("Application", self._before.organizations, self._after.organizations)
        yield from self._organizations(
            "Orderer", self._before.orderer_organizations, self._after.orderer_organizations
        )
        yield from self._ordering_nodes()
        yield from self._batch()
        yield from self._rest()

    def _organizations(
        self, part: str, before: dict[str, ChannelOrganization], after: dict[str, ChannelOrganization]
    ) -> Iterator[str]:
        for name in sorted(after.keys() - before.keys()):
            self._tell_arrival(part, after[name])
            yield from _arrival(part, after[name])
        for name in sorted(before.keys() - after.keys()):
            path = f"/Channel/{part}/{name}"
            self._told |= {key for key, one in self._old.items() if f"{one.path}/".startswith(f"{path}/")}
            yield f"{before[name].msp.msp_id} leaves the {_PARTS[part]}."
        for name in sorted(before.keys() & after.keys()):
            yield from self._organization(part, before[name], after[name])

    def _tell_arrival(self, part: str, organization: ChannelOrganization) -> None:
        """What of a newcomer's group is as every organisation's: the rest is for its own sentences."""
        endpoints = tuple(
            Endpoint(host, int(port))
            for host, _, port in (one.rpartition(":") for one in organization.orderer_endpoints)
            if port.isdigit()
        )
        described = OrganizationDescription(
            organization.msp, organization.name, organization.anchor_peers, endpoints
        )
        usual = flatten(
            organization_group(described, orderer=part == "Orderer"), f"/Channel/{part}/{organization.name}"
        )
        for key, one in usual.items():
            found = self._new.get(key)
            if found is None or found.message.mod_policy != one.message.mod_policy:
                continue
            if one.kind == "Group" or _content(found) == _content(one):
                self._told.add(key)

    def _organization(
        self, part: str, before: ChannelOrganization, after: ChannelOrganization
    ) -> Iterator[str]:
        who, path = after.msp.msp_id, f"/Channel/{part}/{after.name}"
        if before.msp != after.msp:
            self._tell("Value", f"{path}/MSP")
            yield from _msp_changes(part, before.msp, after.msp)
        if before.anchor_peers != after.anchor_peers:
            self._tell("Value", f"{path}/AnchorPeers")
            yield f"The others find the peers of {who} at {_listed(after.anchor_peers)}."
        if before.orderer_endpoints != after.orderer_endpoints:
            self._tell("Value", f"{path}/Endpoints")
            yield f"The ordering nodes of {who} are reached at {_listed(after.orderer_endpoints)}."

    def _ordering_nodes(self) -> Iterator[str]:
        before, after = (ordering_nodes(one) for one in (self._before, self._after))
        if before == after:
            return
        for place, node in before.items():
            if place not in after:
                yield f"The ordering node {place} ({node.msp_id or 'raft'}) leaves."
        for place, node in after.items():
            if place not in before:
                yield f"The ordering node {place} ({node.msp_id or 'raft'}) takes part in the ordering."
            elif node != before[place]:
                yield f"The ordering node {place} has other certificates."
        self._tell_consensus()
        if self._after.orderer_type == "BFT":
            self._tell("Value", "/Channel/Orderer/Orderers")
            key = element_key("Policy", "/Channel/Orderer/BlockValidation")
            if self._new[key].message.policy == bft_block_validation(list(after.values())):
                self._told.add(key)
                yield "Blocks are signed by the nodes of this list, two thirds of them."

    def _batch(self) -> Iterator[str]:
        before, after = self._before.batch, self._after.batch
        if before != after:
            self._tell("Value", "/Channel/Orderer/BatchSize")
            self._tell("Value", "/Channel/Orderer/BatchTimeout")
        for name, unit in (
            ("max_message_count", "transactions in a block"),
            ("preferred_max_bytes", "bytes of a block that is cut early"),
            ("absolute_max_bytes", "bytes of any transaction"),
            ("timeout", "longest wait before a block is cut"),
        ):
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                yield f"The limit of {unit} changes from {old} to {new}."
        # Here and not above: BFT waits as its own options say.
        waits = [bft_waiting_time(one) for one in (self._before, self._after)]
        if waits[0] != waits[1]:
            yield f"BFT waits {waits[1]} before a block is cut, until now {waits[0]}."
        self._tell_consensus()

    def _tell_consensus(self) -> None:
        """What changed of the kind of ordering is told, unless more changed than nodes and batches."""
        if consensus_otherwise(self._before) == consensus_otherwise(self._after):
            self._tell("Value", "/Channel/Orderer/ConsensusType")

    def _rest(self) -> Iterator[str]:
        for key in sorted(self._old.keys() | self._new.keys()):
            old, new, told = self._old.get(key), self._new.get(key), key in self._told
            if old is not None and new is not None:
                yield from _changed(old, new, told)
            elif new is not None and not told:
                guard = f", which {new.message.mod_policy} may change"
                yield f"New: {new.path} ({new.kind.lower()}){_policy(new)}{guard}."
            elif old is not None and not told:
                yield f"Gone: {old.path} ({old.kind.lower()})."

    def _tell(self, kind: str, path: str) -> None:
        self._told.add(element_key(kind, path))


def _arrival(part: str, organization: ChannelOrganization) -> Iterator[str]:
    who = organization.msp.msp_id
    yield f"{who} becomes one of the {_PARTS[part]}."
    yield from _authorities(who, organization.msp)
    if organization.anchor_peers:
        yield f"The others find the peers of {who} at {_listed(organization.anchor_peers)}."
    if organization.orderer_endpoints:
        yield f"The ordering nodes of {who} are reached at {_listed(organization.orderer_endpoints)}."


def _authorities(who: str, msp: MspDefinition) -> Iterator[str]:
    for pem in msp.root_certificates:
        yield f"Identities of {who} are issued by {_certificate(pem)}."
    for pem in msp.intermediate_certificates:
        yield f"Identities of {who} are issued, under these, by {_certificate(pem)}."
    for pem in (*msp.tls_root_certificates, *msp.tls_intermediate_certificates):
        yield f"TLS certificates of {who} are issued by {_certificate(pem)}."
    for pem in msp.admins:
        yield f"{_certificate(pem)} is an administrator of {who}, whatever its certificate says."


def _msp_changes(part: str, before: MspDefinition, after: MspDefinition) -> Iterator[str]:
    who, among = after.msp_id, f"{after.msp_id} (among the {_PARTS[part]})"
    told = False
    for what, name in (
        ("identities", "root_certificates"),
        ("identities, in between", "intermediate_certificates"),
        ("TLS certificates", "tls_root_certificates"),
        ("TLS certificates, in between", "tls_intermediate_certificates"),
    ):
        old, new = getattr(before, name), getattr(after, name)
        for pem in new:
            if pem not in old:
                told = True
                yield f"{among} gets one more authority for {what}: {_certificate(pem)}."
        for pem in old:
            if pem not in new:
                told = True
                yield f"{among} no longer uses the authority for {what}: {_certificate(pem)}."
    if before.revocation_lists != after.revocation_lists:
        told = True
        count = len(after.revocation_lists)
        yield f"{who} has {count} lists of revoked certificates, other ones than before."
    if before.admins != after.admins:
        told = True
        yield f"{who} names {len(after.admins)} administrators by certificate, other ones than before."
    if not told or before.node_ous != after.node_ous:
        yield f"{among} marks the roles of its certificates in another way."


def _changed(old: Element, new: Element, told: bool) -> Iterator[str]:
    if old.message.mod_policy != new.message.mod_policy:
        yield (
            f"{new.path} may be changed by {new.message.mod_policy} from now on,"
            f" until now by {old.message.mod_policy}."
        )
    if told:
        return
    if old.kind == "Policy" and old.message.policy != new.message.policy:
        yield f"The policy {new.path} changes from{_policy(old)} to{_policy(new)}."
    if old.kind == "Value" and old.message.value != new.message.value:
        if new.path == "/Channel/Application/ACLs":
            yield from _access_rules(old.message.value, new.message.value)
        else:
            yield f"{new.path} changes."


def _access_rules(old: bytes, new: bytes) -> Iterator[str]:
    before, after = (decode(peer_pb2.ACLs, one).acls for one in (old, new))
    for resource in sorted({*before, *after}):
        policies = [one[resource].policy_ref if resource in one else "" for one in (before, after)]
        if policies[0] != policies[1]:
            yield f"{resource} is guarded by {policies[1] or 'the usual policy'} from now on."


def _content(element: Element) -> Any:
    return element.message.policy if element.kind == "Policy" else element.message.value


def _policy(element: Element) -> str:
    if element.kind != "Policy":
        return ""
    policy = element.message.policy
    if policy.type == policies_pb2.Policy.IMPLICIT_META:
        meta = decode(policies_pb2.ImplicitMetaPolicy, policy.value)
        return f" {policies_pb2.ImplicitMetaPolicy.Rule.Name(meta.rule)} {meta.sub_policy}"
    envelope = decode(policies_pb2.SignaturePolicyEnvelope, policy.value)
    return f" {_rule(envelope.rule, [_principal(one) for one in envelope.identities])}"


def _rule(rule: Any, principals: list[str]) -> str:
    if rule.WhichOneof("Type") == "signed_by":
        known = 0 <= rule.signed_by < len(principals)
        return principals[rule.signed_by] if known else f"signer {rule.signed_by}"
    inner = ", ".join(_rule(one, principals) for one in rule.n_out_of.rules)
    return f"{rule.n_out_of.n} of ({inner})"


def _principal(principal: Any) -> str:
    if principal.principal_classification == msp_principal_pb2.MSPPrincipal.ROLE:
        role = decode(msp_principal_pb2.MSPRole, principal.principal)
        return f"{role.msp_identifier}.{msp_principal_pb2.MSPRole.MSPRoleType.Name(role.role).lower()}"
    if principal.principal_classification == msp_principal_pb2.MSPPrincipal.IDENTITY:
        return "a certain certificate"
    return "a certain unit"


def _certificate(pem: bytes) -> str:
    certificate = parse_certificate(pem)
    return f"{_name(certificate.subject)}, valid until {certificate.not_valid_after_utc:%Y-%m-%d}"


def _name(subject: x509.Name) -> str:
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject.rfc4514_string()


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(one) for one in values) or "no address"
