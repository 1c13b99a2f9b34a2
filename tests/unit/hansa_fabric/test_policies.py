"""Policies: each identity counts once, only valid signatures count, and majorities are majorities."""

from __future__ import annotations

from itertools import combinations

import pytest
from fabric_protos.common import policies_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from hansa_fabric.errors import MalformedDataError, PolicyNotSatisfiedError
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.msp import MspManager
from hansa_fabric.policies import ImplicitMetaPolicy, SignaturePolicy, SignedData, is_satisfied, signers
from hansa_fabric.policy_expression import parse
from tests.support.fabric_organizations import organization

NAMES = ("AMSP", "BMSP", "CMSP")
MANAGER = MspManager([organization(name).msp() for name in NAMES])
PEERS = {name: organization(name).member("peer") for name in NAMES}
PEER_2 = organization("AMSP").member("peer")


def _signed(*signers_: KeySigner, message: bytes = b"m") -> list[SignedData]:
    return [SignedData(one.identity.serialized, message, one.sign(message)) for one in signers_]


def _holds(text: str, *signers_: KeySigner) -> bool:
    policy = SignaturePolicy(parse(text).SerializeToString(), MANAGER)
    try:
        policy.evaluate(_signed(*signers_))
    except PolicyNotSatisfiedError:
        return False
    return True


A, B, C = (PEERS[name] for name in NAMES)


@pytest.mark.parametrize(
    ("text", "who", "holds"),
    [
        ("AND('AMSP.peer', 'BMSP.peer')", (A, B), True),
        ("AND('AMSP.peer', 'BMSP.peer')", (A,), False),
        ("AND('AMSP.peer', 'BMSP.peer')", (), False),
        ("OR('AMSP.peer', 'BMSP.peer')", (B,), True),
        ("OR('AMSP.client')", (A,), False),
        ("OutOf(0, 'AMSP.peer')", (), True),
        ("OutOf(2, 'AMSP.peer')", (A, PEER_2), False),
        # One identity counts for one principal only, and the same signature twice is one identity.
        ("AND('AMSP.peer', 'AMSP.peer')", (A,), False),
        ("AND('AMSP.peer', 'AMSP.peer')", (A, A), False),
        ("AND('AMSP.peer', 'AMSP.peer')", (A, PEER_2), True),
        ("AND('AMSP.member', 'AMSP.peer')", (A, PEER_2), True),
        # A gate that fails gives back the identities it tried.
        ("OR(AND('AMSP.peer', 'BMSP.peer'), 'AMSP.peer')", (A,), True),
        ("OutOf(2, AND('AMSP.peer', 'BMSP.peer'), 'AMSP.peer', 'CMSP.peer')", (A, C), True),
        ("OutOf(2, OR('AMSP.peer'), OR('AMSP.peer'))", (A,), False),
    ],
)
def test_expressions(text: str, who: tuple[KeySigner, ...], holds: bool) -> None:
    assert _holds(text, *who) is holds


def test_greedy_as_fabric() -> None:
    # Fabric does not try over again: the member principal takes the only admin, and none is left for admin.
    admin, client = organization("AMSP").member("admin"), organization("AMSP").member("client")
    assert not _holds("AND('AMSP.member', 'AMSP.admin')", admin, client)
    assert _holds("AND('AMSP.member', 'AMSP.admin')", client, admin)


def test_only_valid_signatures_of_valid_members_count() -> None:
    good = _signed(A)[0]
    rewrapped = Identity("AMSP", b"\n" + A.identity.certificate).serialized
    assert len(signers(MANAGER, [good, good, good._replace(identity=rewrapped)])) == 1
    stranger = organization("StrangerMSP").member("peer")
    nobody = organization("AMSP").member("treasury")
    for bad in (
        good._replace(data=b"other"),
        good._replace(signature=b""),
        good._replace(identity=b"\xff"),
        good._replace(identity=B.identity.serialized),
        *_signed(stranger, nobody),
    ):
        assert signers(MANAGER, [bad]) == []
        assert len(signers(MANAGER, [bad, good])) == 1  # a bad signature does not spoil the good one


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3), st.sets(st.sampled_from(NAMES)))
def test_out_of_counts_organisations(threshold: int, who: set[str]) -> None:
    text = f"OutOf({threshold}, " + ", ".join(f"'{name}.peer'" for name in NAMES) + ")"
    assert _holds(text, *(PEERS[name] for name in who)) is (len(who) >= threshold)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_implicit_meta(count: int) -> None:
    rule = policies_pb2.ImplicitMetaPolicy
    subs = [SignaturePolicy(parse(f"OR('{name}.peer')"), MANAGER) for name in NAMES[:count]]
    needed = {rule.ANY: min(1, count), rule.ALL: count, rule.MAJORITY: count // 2 + 1 if count else 0}
    for kind, least in needed.items():
        policy = ImplicitMetaPolicy(kind, "Endorsement", subs, MANAGER)
        for size in range(count + 1):
            for names in combinations(NAMES[:count], size):
                who = [MANAGER.deserialize(PEERS[name].identity.serialized) for name in names]
                assert is_satisfied(policy, who) is (size >= least)
    with pytest.raises(MalformedDataError):
        ImplicitMetaPolicy(9, "Endorsement", subs, MANAGER)


def test_a_missing_sub_policy_counts_as_refused() -> None:
    rule = policies_pb2.ImplicitMetaPolicy
    sub = SignaturePolicy(parse("OR('AMSP.peer')"), MANAGER)
    ImplicitMetaPolicy(rule.ANY, "Endorsement", [None, sub], MANAGER).evaluate(_signed(A))
    with pytest.raises(PolicyNotSatisfiedError, match="1 of 2"):
        ImplicitMetaPolicy(rule.MAJORITY, "Endorsement", [None, sub], MANAGER).evaluate(_signed(A))


def test_malformed_policies_are_refused() -> None:
    envelope = policies_pb2.SignaturePolicyEnvelope
    out_of_range = envelope(rule=policies_pb2.SignaturePolicy(signed_by=0))
    empty_rule = envelope(rule=policies_pb2.SignaturePolicy())
    for bad in (envelope(), envelope(version=1), out_of_range, empty_rule, b"\xff"):
        with pytest.raises(MalformedDataError):
            SignaturePolicy(bad, MANAGER)
