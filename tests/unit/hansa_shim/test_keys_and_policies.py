"""Composite keys and key-level policies are bytes that other shims read and write too."""

from __future__ import annotations

from typing import Any

import pytest
from fabric_protos.common import policies_pb2
from hypothesis import given
from hypothesis import strategies as st

from hansa_fabric.policy_expression import parse
from hansa_shim import (
    Endorser,
    InvalidArgumentError,
    KeyEndorsementPolicy,
    all_of,
    any_of,
    create_composite_key,
    error,
    out_of,
    policy_bytes,
    split_composite_key,
    success,
)

PART = st.text(st.characters(codec="utf-8", exclude_characters="\x00\U0010ffff"))


def test_the_form_of_a_composite_key() -> None:
    assert create_composite_key("order", ["RetailerMSP", "1"]) == "\x00order\x00RetailerMSP\x001\x00"
    assert create_composite_key("order") == "\x00order\x00"


@given(PART.filter(bool), st.lists(PART))
def test_a_composite_key_splits_into_what_it_was_made_of(object_type: str, attributes: list[str]) -> None:
    assert split_composite_key(create_composite_key(object_type, attributes)) == (object_type, attributes)


@pytest.mark.parametrize(
    ("object_type", "attributes"),
    [
        ("", []),
        ("a\x00", []),
        ("a", ["\x00"]),
        ("a", ["x\U0010ffff"]),
        ("a", "text"),
        ("a", [1]),
        ("a", ["\ud800"]),
    ],
)
def test_parts_that_no_composite_key_can_hold(object_type: str, attributes: list[str]) -> None:
    with pytest.raises(InvalidArgumentError):
        create_composite_key(object_type, attributes)


@pytest.mark.parametrize("key", ["", "simple", "\x00", "\x00\x00", "\x00open"])
def test_other_keys_are_not_split(key: str) -> None:
    with pytest.raises(InvalidArgumentError):
        split_composite_key(key)


@pytest.mark.parametrize(
    ("rule", "expression"),
    [
        (all_of("A"), "OutOf(1, 'A.peer')"),
        (all_of("A", Endorser("B", "member")), "AND('A.peer', 'B.member')"),
        (any_of("A", "B"), "OR('A.peer', 'B.peer')"),
        (
            out_of(1, all_of("A", out_of(2, "B", "C", "D")), out_of(3, "A", "B", "C", "D")),
            "OR(AND('A.peer', OutOf(2, 'B.peer', 'C.peer', 'D.peer')), "
            "OutOf(3, 'A.peer', 'B.peer', 'C.peer', 'D.peer'))",
        ),
    ],
)
def test_rules_become_the_policies_that_expressions_do(rule: object, expression: str) -> None:
    built = policies_pb2.SignaturePolicyEnvelope.FromString(policy_bytes(rule))  # type: ignore[arg-type]
    assert _tree(built, built.rule) == _tree(parse(expression), parse(expression).rule)
    assert len({identity.principal for identity in built.identities}) == len(built.identities)


def _tree(envelope: Any, rule: Any) -> object:
    if rule.WhichOneof("Type") == "signed_by":
        return envelope.identities[rule.signed_by].principal
    return rule.n_out_of.n, [_tree(envelope, part) for part in rule.n_out_of.rules]


def test_a_rule_that_can_never_hold_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="3 of 2"):
        out_of(3, "A", "B")
    with pytest.raises(InvalidArgumentError, match="MSP id"):
        policy_bytes(Endorser(""))


def test_a_key_policy_is_edited_by_organisation() -> None:
    policy = KeyEndorsementPolicy()
    policy.add_orgs("peer", "B", "A")
    policy.add_orgs("member", "C")
    policy.del_orgs("B", "unknown")
    assert policy.list_orgs() == ["A", "C"]
    assert policy.policy() == policy_bytes(all_of("A", Endorser("C", "member")))
    assert KeyEndorsementPolicy(policy.policy()).policy() == policy.policy()
    with pytest.raises(InvalidArgumentError, match="no role"):
        policy.add_orgs("king", "A")
    with pytest.raises(InvalidArgumentError, match="no endorsement policy"):
        KeyEndorsementPolicy(b"\xff\xff")


def test_answers() -> None:
    assert (success().status, success("ü").payload, success(b"x").payload) == (200, "ü".encode(), b"x")
    assert (error("no").status, error("no", 404).status, error("no").message) == (500, 404, "no")
    with pytest.raises(ValueError, match="would be endorsed"):
        error("no", 200)
