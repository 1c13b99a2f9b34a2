"""Endorsement policies of single keys, as bytes for ``set_state_validation_parameter``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2
from google.protobuf.message import DecodeError

from hansa_shim.errors import InvalidArgumentError

ROLES = {
    "member": msp_principal_pb2.MSPRole.MEMBER,
    "peer": msp_principal_pb2.MSPRole.PEER,
    "admin": msp_principal_pb2.MSPRole.ADMIN,
    "client": msp_principal_pb2.MSPRole.CLIENT,
    "orderer": msp_principal_pb2.MSPRole.ORDERER,
}


@dataclass(frozen=True)
class Endorser:
    """An identity of an organisation in a role: ``member``, ``peer``, ``admin``, ``client``, ``orderer``."""

    msp_id: str
    role: str = "peer"


@dataclass(frozen=True)
class OutOf:
    """At least ``count`` of the rules hold; each endorsement counts once."""

    count: int
    rules: tuple[Rule, ...]


Rule = Endorser | OutOf


def out_of(count: int, *rules: Rule | str) -> OutOf:
    """At least ``count`` of these; a bare name means a peer of that organisation.

    Raises:
        InvalidArgumentError: more are asked for than there are.
    """
    if not 0 <= count <= len(rules):
        raise InvalidArgumentError(f"{count} of {len(rules)} endorsements can never be reached")
    return OutOf(count, tuple(Endorser(rule) if isinstance(rule, str) else rule for rule in rules))


def all_of(*rules: Rule | str) -> OutOf:
    """All of these."""
    return out_of(len(rules), *rules)


def any_of(*rules: Rule | str) -> OutOf:
    """At least one of these."""
    return out_of(1, *rules)


def policy_bytes(rule: Rule | str) -> bytes:
    """Fabric's SignaturePolicyEnvelope, serialized; equal rules give equal bytes.

    Raises:
        InvalidArgumentError: a role is unknown or an organisation has no name.
    """
    endorsers: dict[Endorser, int] = {}
    root = Endorser(rule) if isinstance(rule, str) else rule
    envelope = policies_pb2.SignaturePolicyEnvelope(version=0, rule=_signature_policy(root, endorsers))
    for endorser in endorsers:
        envelope.identities.append(_principal(endorser))
    encoded: bytes = envelope.SerializeToString(deterministic=True)
    return encoded


def _signature_policy(rule: Rule, endorsers: dict[Endorser, int]) -> Any:
    if isinstance(rule, Endorser):
        return policies_pb2.SignaturePolicy(signed_by=endorsers.setdefault(rule, len(endorsers)))
    policy = policies_pb2.SignaturePolicy()
    policy.n_out_of.n = rule.count
    policy.n_out_of.rules.extend([_signature_policy(part, endorsers) for part in rule.rules])
    return policy


def _principal(endorser: Endorser) -> Any:
    if endorser.role not in ROLES:
        raise InvalidArgumentError(f"{endorser.role!r} is no role; there are {', '.join(ROLES)}")
    if not endorser.msp_id:
        raise InvalidArgumentError("an organisation's MSP id must not be empty")
    role = msp_principal_pb2.MSPRole(msp_identifier=endorser.msp_id, role=ROLES[endorser.role])
    return msp_principal_pb2.MSPPrincipal(
        principal_classification=msp_principal_pb2.MSPPrincipal.ROLE, principal=role.SerializeToString()
    )


class KeyEndorsementPolicy:
    """A policy that all of a set of organisations must endorse, as the ``statebased`` packages build it."""

    def __init__(self, policy: bytes = b"") -> None:
        """From the bytes that a key carries, or empty.

        Raises:
            InvalidArgumentError: they are not a SignaturePolicyEnvelope over MSP roles.
        """
        self._roles: dict[str, str] = {}
        names = {number: name for name, number in ROLES.items()}
        try:
            for identity in policies_pb2.SignaturePolicyEnvelope.FromString(policy).identities:
                role = msp_principal_pb2.MSPRole.FromString(identity.principal)
                self._roles[role.msp_identifier] = names[role.role]
        except (DecodeError, KeyError) as failure:
            raise InvalidArgumentError("these bytes are no endorsement policy over MSP roles") from failure

    def add_orgs(self, role: str, *msp_ids: str) -> None:
        """Adds organisations, each endorsing in this role (``member`` or ``peer``)."""
        if role not in ROLES:
            raise InvalidArgumentError(f"{role!r} is no role; there are {', '.join(ROLES)}")
        self._roles.update(dict.fromkeys(msp_ids, role))

    def del_orgs(self, *msp_ids: str) -> None:
        """Removes organisations; unknown ones are ignored."""
        for msp_id in msp_ids:
            self._roles.pop(msp_id, None)

    def list_orgs(self) -> list[str]:
        """The organisations, sorted."""
        return sorted(self._roles)

    def policy(self) -> bytes:
        """The bytes for ``set_state_validation_parameter``: all of the organisations, in sorted order."""
        return policy_bytes(all_of(*self._endorsers()))

    def _endorsers(self) -> Iterable[Endorser]:
        return (Endorser(msp_id, self._roles[msp_id]) for msp_id in sorted(self._roles))
