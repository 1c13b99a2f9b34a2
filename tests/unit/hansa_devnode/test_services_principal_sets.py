"""Signature policies unfolded into the sets of principals that satisfy them."""

import pytest
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2

from hansa_devnode.services.principal_sets import (
    Principal,
    UnsatisfiablePolicyError,
    satisfying_sets,
    sets_for_all,
)

Rule = policies_pb2.SignaturePolicy


def role(msp_id: str, kind: int = msp_principal_pb2.MSPRole.PEER) -> msp_principal_pb2.MSPPrincipal:
    value = msp_principal_pb2.MSPRole(msp_identifier=msp_id, role=kind)
    return msp_principal_pb2.MSPPrincipal(
        principal_classification=msp_principal_pb2.MSPPrincipal.ROLE, principal=value.SerializeToString()
    )


def principal(msp_id: str, kind: int = msp_principal_pb2.MSPRole.PEER) -> Principal:
    message = role(msp_id, kind)
    return Principal(message.principal_classification, message.principal)


def out_of(n: int, *rules: policies_pb2.SignaturePolicy) -> policies_pb2.SignaturePolicy:
    return Rule(n_out_of=Rule.NOutOf(n=n, rules=rules))


def by(index: int) -> policies_pb2.SignaturePolicy:
    return Rule(signed_by=index)


def policy(rule: policies_pb2.SignaturePolicy, *identities: msp_principal_pb2.MSPPrincipal) -> bytes:
    return policies_pb2.SignaturePolicyEnvelope(rule=rule, identities=identities).SerializeToString()


A, B, C = role("A"), role("B"), role("C")
MAJORITY = policy(out_of(2, by(0), by(1), by(2)), A, B, C)


def msp_ids(sets: tuple[tuple[Principal, ...], ...]) -> set[tuple[str, ...]]:
    return {tuple(each.msp_id for each in one) for one in sets}


def test_n_out_of_gives_every_combination() -> None:
    assert msp_ids(satisfying_sets(MAJORITY)) == {("A", "B"), ("A", "C"), ("B", "C")}


def test_nested_rules_multiply() -> None:
    nested = policy(out_of(2, by(0), out_of(1, by(1), by(2))), A, B, C)
    assert msp_ids(satisfying_sets(nested)) == {("A", "B"), ("A", "C")}


def test_a_combination_that_contains_another_is_left_out() -> None:
    either = policy(out_of(1, by(0), out_of(2, by(0), by(1))), A, B)
    assert msp_ids(satisfying_sets(either)) == {("A",)}


def test_the_same_principal_twice_needs_two_identities() -> None:
    assert satisfying_sets(policy(out_of(2, by(0), by(0)), A)) == ((principal("A"), principal("A")),)


def test_policies_together_share_what_they_can() -> None:
    owner = policy(out_of(1, by(0)), A)
    assert msp_ids(sets_for_all((MAJORITY, owner))) == {("A", "B"), ("A", "C")}


def test_disjoint_policies_add_up() -> None:
    together = sets_for_all((policy(out_of(1, by(0)), A), policy(out_of(1, by(0)), B)))
    assert msp_ids(together) == {("A", "B")}


def test_a_peer_stands_in_for_a_member_and_not_the_other_way_round() -> None:
    member = principal("A", msp_principal_pb2.MSPRole.MEMBER)
    assert principal("A").implies(member)
    assert not member.implies(principal("A"))
    assert not principal("B").implies(member)
    member_policy = policy(out_of(1, by(0)), role("A", msp_principal_pb2.MSPRole.MEMBER))
    assert sets_for_all((member_policy, policy(out_of(1, by(0)), A))) == ((principal("A"),),)


@pytest.mark.parametrize(
    "broken",
    [
        policies_pb2.SignaturePolicyEnvelope().SerializeToString(),
        policy(by(1), A),
        policy(out_of(3, by(0)), A),
        policy(out_of(0), A),
    ],
    ids=["empty", "no such identity", "more than there are", "nobody"],
)
def test_a_policy_that_nobody_can_satisfy_is_an_error(broken: bytes) -> None:
    with pytest.raises(UnsatisfiablePolicyError):
        satisfying_sets(broken)
