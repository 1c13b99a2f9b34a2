"""Signatures over an update, and whether they are enough."""

from __future__ import annotations

import pytest

from hansa.consortium import (
    AddOrganization,
    ChangeBatch,
    ConsortiumError,
    ReplaceOrderer,
    SetAnchorPeers,
    check,
    propose,
    sign,
    standing,
)
from tests.support.config_changes import NAMES, NEWCOMER, admin
from tests.support.consortium import carried_out, in_force, ordering_node, request, signed
from tests.support.fabric_organizations import organization

CONFIG = in_force()
UPDATE = propose(AddOrganization(request()), CONFIG).update


def test_who_signed_is_told() -> None:
    (signature,) = signed(UPDATE, "BankMSP")
    assert check(CONFIG, UPDATE, signature).msp_id == "BankMSP"
    assert check(CONFIG, UPDATE, signature).name == "admin.BankMSP"


def test_what_is_no_administrators_signature_of_this_update_is_refused() -> None:
    other = propose(ChangeBatch(max_message_count=1), CONFIG).update
    (signature,) = signed(other, "BankMSP")
    client = sign(UPDATE, organization("BankMSP").member("client"))
    (stranger,) = signed(UPDATE, NEWCOMER)
    cases = (
        (signature, "SIGNATURE_INVALID"),
        (client, "NOT_AN_ADMINISTRATOR"),
        (stranger, "SIGNATURE_INVALID"),
    )
    for case, code in (*cases, (b"nonsense", "SIGNATURE_INVALID")):
        with pytest.raises(ConsortiumError) as caught:
            check(CONFIG, UPDATE, case)
        assert caught.value.code == code


def test_a_majority_of_the_members_lets_one_in() -> None:
    none = standing(CONFIG, UPDATE, [])
    assert (none.signed, none.missing, none.enough) == ((), tuple(sorted(NAMES)), False)
    (requirement,) = none.requirements
    assert (requirement.policy, requirement.rule) == ("/Channel/Application/Admins", "MAJORITY Admins")
    two = standing(CONFIG, UPDATE, signed(UPDATE, "BankMSP", "CarrierMSP", "BankMSP"))
    assert (two.signed, two.enough) == (("BankMSP", "CarrierMSP"), False)
    assert two.missing == ("ProducerMSP", "RegulatorMSP", "RetailerMSP")
    three = standing(CONFIG, UPDATE, signed(UPDATE, "BankMSP", "CarrierMSP", "RetailerMSP"))
    assert (three.missing, three.enough) == ((), True)


def test_what_does_not_count_is_not_counted() -> None:
    client = sign(UPDATE, organization("BankMSP").member("client"))
    found = standing(CONFIG, UPDATE, [client, b"nonsense", *signed(UPDATE, NEWCOMER)])
    assert found.signed == ()
    assert len(found.missing) == 5


def test_each_policy_names_its_own_voters() -> None:
    anchors = propose(SetAnchorPeers("BankMSP", ("bank.example:1",)), CONFIG).update
    assert standing(CONFIG, anchors, []).missing == ("BankMSP",)
    assert standing(CONFIG, anchors, signed(anchors, "BankMSP")).enough
    batch = propose(ChangeBatch(max_message_count=1), CONFIG).update
    assert standing(CONFIG, batch, []).missing == tuple(sorted(NAMES[:4]))
    node = ordering_node("RegulatorMSP", 7060)
    replaced = propose(ReplaceOrderer("127.0.0.1:7053", "RegulatorMSP", node), CONFIG).update
    first = standing(CONFIG, replaced, signed(replaced, *NAMES[:3]))
    assert first.enough


def test_an_overtaken_update_has_no_standing() -> None:
    other = request("OtherMSP", name="Other", domain="other.example")
    now = carried_out(CONFIG, propose(AddOrganization(other), CONFIG).update)
    with pytest.raises(ConsortiumError) as caught:
        standing(now, UPDATE, [sign(UPDATE, admin("BankMSP"))])
    assert caught.value.code == "CONFIG_OVERTAKEN"
