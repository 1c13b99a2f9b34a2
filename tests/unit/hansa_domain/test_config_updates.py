"""Configuration updates: proposed, signed, renewed, withdrawn, carried out; who joins and who leaves."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

import pytest

from hansa_domain.operation import Caller, canonical
from tests.support.domain import MEMBERS, World, consortium, ulid

AT = "2027-01-15T08:00:00.000Z"
UPDATE = b"\x0a\x05trade the update"
BODY = base64.b64encode(UPDATE).decode()
DIGEST = sha256(UPDATE).hexdigest()
OTHER = base64.b64encode(b"another update").decode()
NEWCOMER = {"msp_id": "FarmMSP", "name": "Farm", "role": "producer", "country": "NL"}
ADDING = {
    "kind": "add-organization",
    "organization": "FarmMSP",
    "newcomer": NEWCOMER,
    "summary": "Farm joins.",
    "base_sequence": 3,
    "update": BODY,
}
BATCH = {"kind": "batch", "summary": "Larger blocks.", "base_sequence": 3, "update": BODY}


def admin(organization: str) -> Caller:
    return Caller(f"{organization}MSP", "admin", admin=True)


PRODUCER, RETAILER, CARRIER, BANK = map(admin, ("Producer", "Retailer", "Carrier", "Bank"))


def signing(update: str, digest: str = DIGEST, signature: bytes = b"signed") -> dict[str, Any]:
    encoded = base64.b64encode(signature).decode()
    return {"config_update": update, "digest": digest, "signature": encoded}


def proposed(**fields: Any) -> tuple[World, str]:
    world = consortium()
    reply = world.do(PRODUCER, "configUpdates:Propose", **(fields or ADDING)).reply
    return world, str(reply["config_update"]["id"])


def signed(*signers: Caller, **fields: Any) -> tuple[World, str]:
    world, update = proposed(**fields)
    for signer in signers:
        world.do(signer, "configUpdates:Sign", **signing(update))
    return world, update


def complete(world: World, update: str, caller: Caller = BANK) -> Any:
    return world.do(caller, "configUpdates:Complete", config_update=update, config_block=9)


def test_a_proposal_writes_the_update_and_its_bytes_and_says_so() -> None:
    world = consortium()
    result = world.do(PRODUCER, "configUpdates:Propose", **ADDING)
    update = f"ProducerMSP.{result.command_id}"
    record = {
        "v": 1,
        "id": update,
        "kind": "add-organization",
        "organization": "FarmMSP",
        "summary": "Farm joins.",
        "proposer": "ProducerMSP",
        "newcomer": {**NEWCOMER, "gln": None},
        "status": "proposed",
        "revision": 1,
        "base_sequence": 3,
        "digest": DIGEST,
        "proposed_at": AT,
        "revised_at": AT,
        "closed_at": None,
        "closed_by": None,
        "config_block": None,
    }
    assert result.writes == {
        ("config_update", update): record,
        ("config_update_body", update, "0001"): {
            "v": 1,
            "config_update": update,
            "revision": 1,
            "update": BODY,
        },
    }
    assert result.reply == {"config_update": record}
    (event,) = result.events
    assert event == {
        "type": "config_update.proposed",
        "v": 1,
        "config_update": update,
        "kind": "add-organization",
        "organization": "FarmMSP",
        "name": "Farm",
        "role": "producer",
        "summary": "Farm joins.",
        "proposer": "ProducerMSP",
        "revision": 1,
        "base_sequence": 3,
        "digest": DIGEST,
        "at": AT,
    }


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"newcomer": None}, "FIELD_INVALID", "newcomer"),
        ({"kind": "policy"}, "FIELD_INVALID", "newcomer"),
        ({"organization": None}, "FIELD_INVALID", "organization"),
        ({"organization": "RetailerMSP"}, "FIELD_INVALID", "organization"),
        ({"newcomer": MEMBERS[1], "organization": "RetailerMSP"}, "ALREADY_A_MEMBER", "organization"),
        ({"newcomer": {**NEWCOMER, "country": "XX"}}, "COUNTRY_UNKNOWN", "newcomer.country"),
        ({"newcomer": {**NEWCOMER, "gln": "4012345000008"}}, "GLN_INVALID", "newcomer.gln"),
        (
            {"kind": "remove-organization", "newcomer": None, "organization": None},
            "FIELD_INVALID",
            "organization",
        ),
        ({"kind": "rotate-certificates", "newcomer": None}, "MEMBER_NOT_FOUND", "organization"),
        ({"kind": "dissolve"}, "FIELD_INVALID", "kind"),
        ({"summary": " "}, "FIELD_INVALID", "summary"),
        ({"update": "not base64!"}, "FIELD_INVALID", "update"),
        ({"update": ""}, "FIELD_INVALID", "update"),
        ({"update": base64.b64encode(bytes(48 * 1024 + 1)).decode()}, "FIELD_INVALID", "update"),
        ({"base_sequence": -1}, "FIELD_INVALID", "base_sequence"),
    ],
)
def test_proposals_that_are_refused(changes: dict[str, Any], code: str, field: str) -> None:
    assert consortium().refused(PRODUCER, "configUpdates:Propose", **{**ADDING, **changes}) == (code, field)


def test_the_largest_update_fits() -> None:
    largest = base64.b64encode(bytes(48 * 1024)).decode()
    world, update = proposed(**{**ADDING, "update": largest})
    assert world.ask("BankMSP", "configUpdates:Get", config_update=update)["update"] == largest


@pytest.mark.parametrize("name", ["Propose", "Sign", "Renew", "Withdraw", "Complete"])
def test_only_administrators_of_members_decide(name: str) -> None:
    world, update = signed(PRODUCER, RETAILER, CARRIER)
    fields: dict[str, Any] = {
        "Propose": BATCH,
        "Sign": signing(update),
        "Renew": {"config_update": update, "base_sequence": 4, "update": OTHER},
        "Withdraw": {"config_update": update},
        "Complete": {"config_update": update, "config_block": 9},
    }[name]
    function = f"configUpdates:{name}"
    assert world.refused(Caller("ProducerMSP", "clerk"), function, **fields) == ("NOT_PERMITTED", None)
    assert world.refused(admin("Farm"), function, **fields) == ("NOT_A_MEMBER", None)


def test_a_signature_stands_under_a_key_of_its_own() -> None:
    world, update = proposed()
    result = world.do(RETAILER, "configUpdates:Sign", **signing(update))
    key = ("config_signature", update, "0001", "RetailerMSP")
    record = {
        "v": 1,
        "config_update": update,
        "revision": 1,
        "msp_id": "RetailerMSP",
        "signer": "admin",
        "signature": base64.b64encode(b"signed").decode(),
        "signed_at": AT,
    }
    assert result.writes == {key: record}
    assert result.reply == {"signature": record}
    assert result.events == [
        {
            "type": "config_update.signed",
            "v": 1,
            "config_update": update,
            "revision": 1,
            "msp_id": "RetailerMSP",
            "signer": "admin",
            "at": AT,
        }
    ]
    detail = world.ask("BankMSP", "configUpdates:Get", config_update=update)
    assert (detail["update"], detail["signatures"]) == (BODY, [record])


def test_a_second_signature_of_a_member_takes_the_place_of_the_first() -> None:
    world, update = signed(RETAILER)
    world.do(RETAILER, "configUpdates:Sign", **signing(update, signature=b"better"))
    (found,) = world.ask("BankMSP", "configUpdates:Get", config_update=update)["signatures"]
    assert base64.b64decode(found["signature"]) == b"better"


def test_a_signature_over_other_bytes_is_refused() -> None:
    world, update = proposed()
    other = signing(update, digest=sha256(b"another").hexdigest())
    assert world.refused(RETAILER, "configUpdates:Sign", **other) == ("CONFIG_UPDATE_REVISION", "digest")


def test_renewal_makes_a_revision_that_nobody_has_signed() -> None:
    world, update = signed(PRODUCER, RETAILER, CARRIER)
    fields = {"config_update": update, "base_sequence": 4, "update": OTHER}
    assert world.refused(BANK, "configUpdates:Renew", **fields) == ("NOT_PERMITTED", None)
    result = world.do(PRODUCER, "configUpdates:Renew", **fields)
    renewed = result.reply["config_update"]
    assert (renewed["revision"], renewed["base_sequence"]) == (2, 4)
    assert renewed["digest"] == sha256(b"another update").hexdigest()
    assert set(result.writes) == {("config_update", update), ("config_update_body", update, "0002")}
    assert result.event_types == ["config_update.renewed"]
    detail = world.ask("BankMSP", "configUpdates:Get", config_update=update)
    assert (detail["update"], detail["signatures"]) == (OTHER, [])
    assert world.refused(RETAILER, "configUpdates:Sign", **signing(update))[0] == "CONFIG_UPDATE_REVISION"
    done = {"config_update": update, "config_block": 9}
    assert world.refused(BANK, "configUpdates:Complete", **done)[0] == "SIGNATURES_INSUFFICIENT"


def test_what_nothing_overtook_is_not_renewed() -> None:
    world, update = proposed()
    fields = {"config_update": update, "base_sequence": 3, "update": OTHER}
    assert world.refused(PRODUCER, "configUpdates:Renew", **fields) == ("FIELD_INVALID", "base_sequence")


def test_the_proposer_withdraws() -> None:
    world, update = proposed()
    assert world.refused(BANK, "configUpdates:Withdraw", config_update=update) == ("NOT_PERMITTED", None)
    result = world.do(PRODUCER, "configUpdates:Withdraw", config_update=update)
    assert result.event_types == ["config_update.withdrawn"]
    found = result.reply["config_update"]
    assert (found["status"], found["closed_by"], found["closed_at"]) == ("withdrawn", "ProducerMSP", AT)


@pytest.mark.parametrize("name", ["Sign", "Renew", "Withdraw", "Complete"])
def test_nothing_more_happens_to_what_is_closed(name: str) -> None:
    fields: dict[str, Any] = {
        "Sign": {"digest": DIGEST, "signature": BODY},
        "Renew": {"base_sequence": 4, "update": OTHER},
        "Withdraw": {},
        "Complete": {"config_block": 9},
    }[name]
    world, update = proposed()
    unknown = f"ProducerMSP.{ulid('unknown')}"
    function = f"configUpdates:{name}"
    refusal = world.refused(PRODUCER, function, config_update=unknown, **fields)
    assert refusal == ("CONFIG_UPDATE_NOT_FOUND", "config_update")
    world.do(PRODUCER, "configUpdates:Withdraw", config_update=update)
    refusal = world.refused(PRODUCER, function, config_update=update, **fields)
    assert refusal == ("CONFIG_UPDATE_STATE", "config_update")


def test_more_than_half_of_the_members_make_the_newcomer_a_member() -> None:
    world, update = signed(PRODUCER, RETAILER)
    done = {"config_update": update, "config_block": 9}
    refusal = world.refused(BANK, "configUpdates:Complete", **done)
    assert refusal == ("SIGNATURES_INSUFFICIENT", "config_update")
    world.do(CARRIER, "configUpdates:Sign", **signing(update))
    result = complete(world, update)
    assert result.event_types == ["config_update.carried_out", "member.joined"]
    found = result.reply["config_update"]
    assert (found["status"], found["closed_by"], found["config_block"]) == ("carried_out", "BankMSP", 9)
    member = {"v": 2, **NEWCOMER, "gln": None, "joined_at": AT, "left_at": None}
    everybody = sorted([*(entry["msp_id"] for entry in MEMBERS), "FarmMSP"])
    assert result.writes == {
        ("config_update", update): found,
        ("member", "FarmMSP"): member,
        ("roster",): {"v": 1, "members": everybody},
    }
    joined = result.events[1]
    assert joined == {"type": "member.joined", "v": 1, **NEWCOMER, "gln": None, "at": AT}
    world.do("FarmMSP", "products:Register", gtin="09506000134352", name="Milk")


def test_the_newcomer_counts_for_the_next_change() -> None:
    world, update = signed(PRODUCER, RETAILER, CARRIER)
    complete(world, update)
    batch = world.do(PRODUCER, "configUpdates:Propose", **BATCH).reply["config_update"]["id"]
    for signer in (PRODUCER, RETAILER, CARRIER):
        world.do(signer, "configUpdates:Sign", **signing(batch))
    fields = {"config_update": batch, "config_block": 12}
    assert world.refused(BANK, "configUpdates:Complete", **fields)[0] == "SIGNATURES_INSUFFICIENT"
    world.do(admin("Farm"), "configUpdates:Sign", **signing(batch))
    result = complete(world, batch)
    assert set(result.writes) == {("config_update", batch)}


def removal(organization: str) -> dict[str, Any]:
    return {**BATCH, "kind": "remove-organization", "organization": organization}


def test_who_leaves_is_a_member_no_longer_and_nothing_of_him_is_carried_out() -> None:
    world, update = signed(PRODUCER, RETAILER, CARRIER, **removal("BankMSP"))
    result = complete(world, update, CARRIER)
    assert result.event_types == ["config_update.carried_out", "member.left"]
    assert result.events[1] == {"type": "member.left", "v": 1, "msp_id": "BankMSP", "at": AT}
    left = world.record("member", "BankMSP")
    assert (left["v"], left["left_at"], left["joined_at"]) == (2, AT, AT)
    assert world.record("roster")["members"] == ["CarrierMSP", "ProducerMSP", "RegulatorMSP", "RetailerMSP"]
    minting = {"currency": "EUR", "amount": "1", "owner": "RetailerMSP"}
    assert world.refused(BANK, "money:Mint", **minting) == ("NOT_A_MEMBER", None)
    assert "BankMSP" in [member["msp_id"] for member in world.ask("CarrierMSP", "members:List")["members"]]


def test_signatures_of_those_who_left_do_not_count() -> None:
    world, update = signed(PRODUCER, RETAILER, BANK, **removal("BankMSP"))
    batch = world.do(PRODUCER, "configUpdates:Propose", **BATCH).reply["config_update"]["id"]
    for signer in (PRODUCER, RETAILER, BANK):
        world.do(signer, "configUpdates:Sign", **signing(batch))
    complete(world, update, CARRIER)
    fields = {"config_update": batch, "config_block": 12}
    assert world.refused(CARRIER, "configUpdates:Complete", **fields)[0] == "SIGNATURES_INSUFFICIENT"


def test_a_change_whose_proposer_left_is_withdrawn_by_anybody() -> None:
    world, batch = proposed(**BATCH)
    update = world.do(RETAILER, "configUpdates:Propose", **removal("ProducerMSP")).reply["config_update"][
        "id"
    ]
    for signer in (RETAILER, CARRIER, BANK):
        world.do(signer, "configUpdates:Sign", **signing(update))
    complete(world, update)
    withdrawn = world.do(BANK, "configUpdates:Withdraw", config_update=batch).reply["config_update"]
    assert (withdrawn["status"], withdrawn["closed_by"]) == ("withdrawn", "BankMSP")


def test_who_left_may_join_again() -> None:
    world, update = signed(PRODUCER, RETAILER, CARRIER, **removal("BankMSP"))
    complete(world, update, CARRIER)
    world.pass_time(60)
    again = {**ADDING, "organization": "BankMSP", "newcomer": MEMBERS[3]}
    update = world.do(PRODUCER, "configUpdates:Propose", **again).reply["config_update"]["id"]
    for signer in (PRODUCER, RETAILER, CARRIER):
        world.do(signer, "configUpdates:Sign", **signing(update))
    complete(world, update, CARRIER)
    member = world.record("member", "BankMSP")
    assert (member["left_at"], member["joined_at"]) == (None, "2027-01-15T08:01:00.000Z")


@pytest.mark.parametrize(
    ("fields", "code"), [(ADDING, "ALREADY_A_MEMBER"), (removal("BankMSP"), "MEMBER_NOT_FOUND")]
)
def test_a_change_that_another_made_already_cannot_be_completed(fields: dict[str, Any], code: str) -> None:
    world, first = signed(PRODUCER, RETAILER, CARRIER, **fields)
    second = world.do(PRODUCER, "configUpdates:Propose", **fields).reply["config_update"]["id"]
    for signer in (PRODUCER, RETAILER, CARRIER, admin("Regulator")):
        world.do(signer, "configUpdates:Sign", **signing(second))
    complete(world, first, CARRIER)
    fields = {"config_update": second, "config_block": 12}
    assert world.refused(CARRIER, "configUpdates:Complete", **fields) == (code, None)


@pytest.mark.parametrize("kind", ["rotate-certificates", "anchor-peers"])
def test_about_its_own_certificates_a_member_decides_alone(kind: str) -> None:
    fields = {**BATCH, "kind": kind, "organization": "RetailerMSP"}
    world, update = signed(PRODUCER, **fields)
    done = {"config_update": update, "config_block": 9}
    assert world.refused(BANK, "configUpdates:Complete", **done)[0] == "SIGNATURES_INSUFFICIENT"
    world.do(RETAILER, "configUpdates:Sign", **signing(update))
    assert complete(world, update).event_types == ["config_update.carried_out"]


def test_a_ledger_that_has_no_roster_yet_gets_one() -> None:
    world, update = signed(PRODUCER, RETAILER, CARRIER)
    del world.state["roster",]
    for entry in MEMBERS:
        old = world.record("member", entry["msp_id"])
        del old["left_at"]
        world.state["member", entry["msp_id"]] = canonical({**old, "v": 1})
    complete(world, update)
    assert len(world.record("roster")["members"]) == 6


def test_a_repeated_command_has_no_second_effect() -> None:
    world, update = proposed()
    document = {"id": ulid("again"), **signing(update)}
    first = world.call(RETAILER, "configUpdates:Sign", document)
    again = world.call(RETAILER, "configUpdates:Sign", document)
    assert again.reply == first.reply
    assert not again.outcome.writes


def test_updates_are_listed_page_by_page() -> None:
    world, first = proposed()
    second = world.do(RETAILER, "configUpdates:Propose", **BATCH).reply["config_update"]["id"]
    world.do(PRODUCER, "configUpdates:Withdraw", config_update=first)
    page = world.ask("BankMSP", "configUpdates:List", limit=1)
    rest = world.ask("BankMSP", "configUpdates:List", limit=1, bookmark=page["bookmark"])
    assert [one["id"] for one in (*page["config_updates"], *rest["config_updates"])] == [first, second]
    assert rest["bookmark"] == ""
    opened = world.ask("BankMSP", "configUpdates:List", status="proposed")["config_updates"]
    assert [one["id"] for one in opened] == [second]
    assert "update" not in json.dumps(list(opened[0]))


def test_an_unknown_update_is_not_found() -> None:
    unknown = {"config_update": f"BankMSP.{ulid('unknown')}"}
    refusal = consortium().refusal("BankMSP", "configUpdates:Get", unknown)
    assert refusal == ("CONFIG_UPDATE_NOT_FOUND", "config_update")
