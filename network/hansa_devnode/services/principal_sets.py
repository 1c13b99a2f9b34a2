"""Which combinations of principals satisfy endorsement policies: what Fabric calls principal sets.

A signature policy is unfolded into the sets of principals that satisfy it; several policies that must hold
together are merged so that one endorsement may serve more than one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice, product
from typing import Any

from fabric_protos.common import policies_pb2
from fabric_protos.msp import identities_pb2, msp_principal_pb2

# Fabric's discovery prunes beyond this many combinations of one rule, to bound memory.
COMBINATIONS_AT_MOST = 10_000


class UnsatisfiablePolicyError(ValueError):
    """No combination of principals satisfies the policy."""


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """An MSPPrincipal that can be compared and hashed: classification and the serialized principal."""

    classification: int
    value: bytes

    @property
    def msp_id(self) -> str:
        """The MSP the principal belongs to."""
        return _details(self)[0]

    def implies(self, other: Principal) -> bool:
        """Whether whoever satisfies this principal surely satisfies the other: a peer is a member."""
        if self == other:
            return True
        (mine, _), (theirs, role) = _details(self), _details(other)
        return mine == theirs and role == msp_principal_pb2.MSPRole.MEMBER

    def message(self) -> Any:
        """The principal as msp.MSPPrincipal."""
        return msp_principal_pb2.MSPPrincipal(
            principal_classification=self.classification, principal=self.value
        )


# A sorted multiset: a principal that stands twice needs two different identities.
PrincipalSet = tuple[Principal, ...]


@lru_cache(maxsize=1024)
def _details(principal: Principal) -> tuple[str, int | None]:
    """The MSP id, and the role where the principal is one."""
    kinds = msp_principal_pb2.MSPPrincipal
    if principal.classification == kinds.ROLE:
        role = msp_principal_pb2.MSPRole.FromString(principal.value)
        return role.msp_identifier, role.role
    if principal.classification == kinds.ORGANIZATION_UNIT:
        return msp_principal_pb2.OrganizationUnit.FromString(principal.value).msp_identifier, None
    if principal.classification == kinds.IDENTITY:
        return identities_pb2.SerializedIdentity.FromString(principal.value).mspid, None
    return "", None


@lru_cache(maxsize=1024)
def satisfying_sets(policy: bytes) -> tuple[PrincipalSet, ...]:
    """The principal sets that satisfy a common.SignaturePolicyEnvelope, given as bytes.

    Raises UnsatisfiablePolicyError when there is none, as with an empty or a malformed policy.
    """
    envelope = policies_pb2.SignaturePolicyEnvelope.FromString(policy)
    principals = [Principal(each.principal_classification, each.principal) for each in envelope.identities]
    sets = _reduced(_unfold(envelope.rule, principals))
    if not sets or not all(sets):
        raise UnsatisfiablePolicyError("endorsement policy cannot be satisfied")
    return sets


def _unfold(rule: Any, principals: list[Principal]) -> set[PrincipalSet]:
    kind = rule.WhichOneof("Type")
    if kind == "signed_by":
        if not 0 <= rule.signed_by < len(principals):
            return set()
        return {(principals[rule.signed_by],)}
    if kind != "n_out_of":
        return set()
    branches = [_unfold(each, principals) for each in rule.n_out_of.rules]
    found: set[PrincipalSet] = set()
    for chosen in islice(combinations(branches, rule.n_out_of.n), COMBINATIONS_AT_MOST):
        for picks in islice(product(*chosen), COMBINATIONS_AT_MOST):
            found.add(tuple(sorted(principal for pick in picks for principal in pick)))
    return found


@lru_cache(maxsize=1024)
def sets_for_all(policies: tuple[bytes, ...]) -> tuple[PrincipalSet, ...]:
    """The principal sets that satisfy all the given policies at once, smallest first.

    Raises UnsatisfiablePolicyError when one of them cannot be satisfied.
    """
    unique = list(dict.fromkeys(policies))
    merged: tuple[PrincipalSet, ...] = satisfying_sets(unique[0])
    for policy in unique[1:]:
        pairs = product(merged, satisfying_sets(policy))
        merged = _reduced({_merge(first, second) for first, second in pairs})
    return tuple(sorted(merged, key=len))


def _merge(first: PrincipalSet, second: PrincipalSet) -> PrincipalSet:
    """The smaller of the two ways to let one set's principals stand in for the other's."""
    return min(_covered(first, second), _covered(second, first), key=len)


def _covered(contained: PrincipalSet, containing: PrincipalSet) -> PrincipalSet:
    free = list(containing)
    missing = []
    for principal in contained:
        cover = next((each for each in free if each.implies(principal)), None)
        if cover is None:
            missing.append(principal)
        else:
            free.remove(cover)
    return tuple(sorted([*containing, *missing]))


def _reduced(sets: Iterable[PrincipalSet]) -> tuple[PrincipalSet, ...]:
    """Without the sets that ask for everything another set asks for, and more."""
    kept: list[PrincipalSet] = []
    for candidate in sorted(set(sets), key=lambda each: (len(each), each)):
        if not any(Counter(each) <= Counter(candidate) for each in kept):
            kept.append(candidate)
    return tuple(kept)
