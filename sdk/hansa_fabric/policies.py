"""Policies: whose signatures are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from fabric_protos.common import policies_pb2

from hansa_fabric.errors import FabricDataError, MalformedDataError, PolicyNotSatisfiedError
from hansa_fabric.msp import MspManager, ValidatedIdentity
from hansa_fabric.protobuf import decode


class SignedData(NamedTuple):
    """One signature: serialized identity, the bytes it covers, and the signature (DER)."""

    identity: bytes
    data: bytes
    signature: bytes


class Policy(Protocol):
    """Whose signatures are enough."""

    def evaluate(self, signed: Sequence[SignedData]) -> None:
        """Check signatures. Raises PolicyNotSatisfiedError when they are not enough."""
        ...

    def evaluate_identities(self, identities: Sequence[ValidatedIdentity]) -> None:
        """Check identities whose signatures were checked already. Raises PolicyNotSatisfiedError."""
        ...


_Rule = Callable[[Sequence[ValidatedIdentity], list[bool]], bool]


class SignaturePolicy:
    """A policy over named principals (``common.SignaturePolicyEnvelope``), as Fabric's cauthdsl evaluates it.

    Each identity counts for one principal only, the first that wants it; nothing is tried over again.

    Args:
        envelope: message or bytes.
        manager: the channel's organisations.

    Raises:
        MalformedDataError: unreadable, of an unknown version, or a rule that names no principal.
    """

    def __init__(self, envelope: Any, manager: MspManager) -> None:
        if isinstance(envelope, bytes):
            envelope = decode(policies_pb2.SignaturePolicyEnvelope, envelope)
        if envelope.version != 0:
            raise MalformedDataError(f"unknown version of signature policies: {envelope.version}")
        if not envelope.HasField("rule"):
            raise MalformedDataError("a signature policy needs a rule")
        self.envelope = envelope
        self._manager = manager
        self._principals = [one.SerializeToString(deterministic=True) for one in envelope.identities]
        self._rule = self._compile(envelope.rule)

    def evaluate(self, signed: Sequence[SignedData]) -> None:
        """Check signatures; those that do not verify are left out. Raises PolicyNotSatisfiedError."""
        self.evaluate_identities(signers(self._manager, signed))

    def evaluate_identities(self, identities: Sequence[ValidatedIdentity]) -> None:
        """Check identities whose signatures were checked already. Raises PolicyNotSatisfiedError."""
        if not self._rule(identities, [False] * len(identities)):
            raise PolicyNotSatisfiedError(f"{len(identities)} valid signatures do not satisfy the policy")

    def _compile(self, rule: Any) -> _Rule:
        kind = rule.WhichOneof("Type")
        if kind == "signed_by":
            if not 0 <= rule.signed_by < len(self._principals):
                raise MalformedDataError(f"the policy has no principal {rule.signed_by}")
            return _signed_by(self._principals[rule.signed_by])
        if kind == "n_out_of":
            return _out_of(rule.n_out_of.n, [self._compile(one) for one in rule.n_out_of.rules])
        raise MalformedDataError("a signature policy has an empty rule")


def _signed_by(principal: bytes) -> _Rule:
    def evaluate(identities: Sequence[ValidatedIdentity], used: list[bool]) -> bool:
        for index, identity in enumerate(identities):
            if not used[index] and identity.satisfies(principal):
                used[index] = True
                return True
        return False

    return evaluate


def _out_of(threshold: int, rules: Sequence[_Rule]) -> _Rule:
    def evaluate(identities: Sequence[ValidatedIdentity], used: list[bool]) -> bool:
        satisfied = 0
        for rule in rules:
            attempt = used.copy()
            if rule(identities, attempt):
                satisfied += 1
                used[:] = attempt
        return satisfied >= threshold

    return evaluate


class ImplicitMetaPolicy:
    """A policy over policies of the same name one level below: any, all, or a majority of them.

    Args:
        rule: ``common.ImplicitMetaPolicy.Rule``.
        name: the policies' name, for messages.
        policies: the policies; None where a group below has none of that name, which counts as refused.
        manager: the channel's organisations.

    Raises:
        MalformedDataError: an unknown rule.
    """

    def __init__(self, rule: int, name: str, policies: Sequence[Policy | None], manager: MspManager) -> None:
        kinds = policies_pb2.ImplicitMetaPolicy
        thresholds = {kinds.ANY: 1, kinds.ALL: len(policies), kinds.MAJORITY: len(policies) // 2 + 1}
        if rule not in thresholds:
            raise MalformedDataError(f"unknown rule of implicit meta policies: {rule}")
        self.threshold = thresholds[rule] if policies else 0
        self.name = name
        self.policies = tuple(policies)
        self._manager = manager

    def evaluate(self, signed: Sequence[SignedData]) -> None:
        """Check signatures; those that do not verify are left out. Raises PolicyNotSatisfiedError."""
        self.evaluate_identities(signers(self._manager, signed))

    def evaluate_identities(self, identities: Sequence[ValidatedIdentity]) -> None:
        """Check identities whose signatures were checked already. Raises PolicyNotSatisfiedError."""
        satisfied = 0
        for policy in self.policies:
            if satisfied >= self.threshold:
                return
            satisfied += policy is not None and is_satisfied(policy, identities)
        if satisfied < self.threshold:
            raise PolicyNotSatisfiedError(
                f"{satisfied} of {self.threshold} needed '{self.name}' policies are satisfied"
            )


def is_satisfied(policy: Policy, identities: Sequence[ValidatedIdentity]) -> bool:
    """Whether identities would be enough, for instance to plan who should endorse."""
    try:
        policy.evaluate_identities(identities)
    except PolicyNotSatisfiedError:
        return False
    return True


def signers(manager: MspManager, signed: Iterable[SignedData]) -> list[ValidatedIdentity]:
    """The identities that really signed: valid, each once, in order; the others are left out."""
    found: dict[tuple[str, str], ValidatedIdentity] = {}
    for one in signed:
        try:
            identity = manager.deserialize(one.identity)
            # Asked before the signature is, so that repeating one signature costs nothing.
            if identity.id not in found:
                identity.verify(one.data, one.signature)
                found[identity.id] = identity
        except FabricDataError:
            continue
    return list(found.values())
