"""Endorsement policies of single keys, which stand in for the chaincode's."""

from __future__ import annotations

import json

import pytest

from hansa_gateway.blocking.contract import Contract
from tests.support.engine import eventually

OWN = "_implicit_org_AMSP"


def outcome(contract: Contract, organizations: list[str], *args: str) -> str:
    """What becomes of a transaction that just these organisations endorse."""
    transaction = contract.new_proposal(*args, endorsing_organizations=organizations).endorse()
    return transaction.submit().status().validation_code_name


@pytest.mark.parametrize("kind", ["plain", '["composite","key"]'])
def test_the_key_s_policy_replaces_the_chaincode_s(contract: Contract, kind: str) -> None:
    key = kind if kind.startswith("[") else "policy/1"
    assert outcome(contract, ["AMSP"], "put", key, "1") == "ENDORSEMENT_POLICY_FAILURE"
    contract.submit("batch", json.dumps([["put", key, "1"], ["set_policy", key, "all", "peer", "CMSP"]]))
    assert json.loads(contract.evaluate("get_policy", key)) == ["CMSP"]
    assert outcome(contract, ["CMSP"], "put", key, "2") == "VALID"
    assert outcome(contract, ["AMSP", "BMSP"], "put", key, "3") == "ENDORSEMENT_POLICY_FAILURE"
    assert eventually(lambda: contract.evaluate("get", key), lambda found: found == b"2") == b"2"


def test_who_may_write_the_key_may_change_its_policy(contract: Contract) -> None:
    key = "policy/2"
    contract.submit("put", key, "1")
    assert outcome(contract, ["AMSP", "BMSP"], "set_policy", key, "all", "peer", "AMSP", "BMSP") == "VALID"
    for organizations in (["AMSP"], ["BMSP", "CMSP"]):
        found = outcome(contract, organizations, "set_policy", key, "any", "peer", "AMSP", "CMSP")
        assert found == "ENDORSEMENT_POLICY_FAILURE"
    assert outcome(contract, ["AMSP", "BMSP"], "set_policy", key, "any", "peer", "AMSP", "CMSP") == "VALID"
    assert sorted(json.loads(contract.evaluate("get_policy", key))) == ["AMSP", "CMSP"]
    assert outcome(contract, ["CMSP"], "put", key, "2") == "VALID"
    assert outcome(contract, ["BMSP"], "put", key, "3") == "ENDORSEMENT_POLICY_FAILURE"


def test_a_member_s_role_is_wider_than_a_peer_s(contract: Contract) -> None:
    contract.submit(
        "batch", json.dumps([["put", "policy/3", "1"], ["set_policy", "policy/3", "any", "member", "BMSP"]])
    )
    assert outcome(contract, ["BMSP"], "put", "policy/3", "2") == "VALID"


def test_deleting_a_key_drops_its_policy(contract: Contract) -> None:
    key = "policy/4"
    contract.submit("batch", json.dumps([["put", key, "1"], ["set_policy", key, "all", "peer", "BMSP"]]))
    assert outcome(contract, ["BMSP"], "del", key) == "VALID"
    assert outcome(contract, ["BMSP"], "put", key, "2") == "ENDORSEMENT_POLICY_FAILURE"
    assert outcome(contract, ["AMSP", "CMSP"], "put", key, "2") == "VALID"
    assert contract.evaluate("get_policy", key) == b"[]"


def test_a_policy_of_a_key_that_is_not_there_is_ignored(contract: Contract) -> None:
    key = "policy/5"
    assert outcome(contract, ["AMSP", "BMSP"], "set_policy", key, "all", "peer", "CMSP") == "VALID"
    assert contract.evaluate("get_policy", key) == b"[]"
    assert outcome(contract, ["AMSP", "BMSP"], "put", key, "1") == "VALID"
    steps = json.dumps([["del", key], ["set_policy", key, "all", "peer", "CMSP"]])
    assert outcome(contract, ["AMSP", "BMSP"], "batch", steps) == "VALID"
    assert contract.evaluate("get_policy", key) == b"[]"


def test_each_key_of_a_transaction_asks_for_its_own(contract: Contract) -> None:
    owned, free = "policy/6", "policy/7"
    contract.submit("batch", json.dumps([["put", owned, "1"], ["set_policy", owned, "all", "peer", "CMSP"]]))
    both = json.dumps([["put", owned, "2"], ["put", free, "2"]])
    assert outcome(contract, ["CMSP"], "batch", both) == "ENDORSEMENT_POLICY_FAILURE"
    assert outcome(contract, ["AMSP", "BMSP"], "batch", both) == "ENDORSEMENT_POLICY_FAILURE"
    assert outcome(contract, ["BMSP", "CMSP"], "batch", both) == "VALID"


def test_a_private_key_has_one_too(contract: Contract) -> None:
    steps = [["pput", OWN, "policy/8", "1"], ["pset_policy", OWN, "policy/8", "all", "peer", "AMSP", "BMSP"]]
    assert outcome(contract, ["AMSP"], "batch", json.dumps(steps)) == "VALID"
    assert sorted(json.loads(contract.evaluate("pget_policy", OWN, "policy/8"))) == ["AMSP", "BMSP"]
    assert outcome(contract, ["AMSP"], "pput", OWN, "policy/8", "2") == "ENDORSEMENT_POLICY_FAILURE"
    assert outcome(contract, ["AMSP", "BMSP"], "pput", OWN, "policy/8", "2") == "VALID"
    assert contract.evaluate("pget", OWN, "policy/8") == b"2"


def test_a_policy_set_while_another_writes_wins_over_it(contract: Contract) -> None:
    """Whichever way blocks are cut: a transaction before the policy is valid, one after it is not."""
    key = "policy/9"
    contract.submit("put", key, "1")
    late = contract.new_proposal("put", key, "2", endorsing_organizations=["AMSP", "BMSP"]).endorse()
    contract.submit("set_policy", key, "all", "peer", "CMSP")
    assert late.submit().status().validation_code_name == "ENDORSEMENT_POLICY_FAILURE"
