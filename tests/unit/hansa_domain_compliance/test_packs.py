"""Rule packs: who publishes them, what is refused by field, and which version is in force when."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from hansa_domain.compliance.packs import REGISTER
from hansa_domain.operation import Caller
from tests.support.compliance import REGULATOR, SOURCE, publish, refused_order, rule
from tests.support.domain import GTIN, World, consortium, market

AT = "2027-01-15T08:00:00.000Z"
HOUR = "2027-01-15T09:00:00.000Z"
NO_WAY = rule("prohibited", scope={"destinations": ["DE"]})


def fields(**more: Any) -> dict[str, Any]:
    return {"pack": "eu", "version": 1, "title": "EU", "document": SOURCE, "rules": [NO_WAY], **more}


def in_force(world: World) -> list[tuple[str, int]]:
    entries = world.ask("CarrierMSP", "compliance:InForce")["in_force"]
    return [(entry["pack"], entry["version"]) for entry in entries]


def test_a_pack_is_published_with_its_rules_and_entered_into_the_register() -> None:
    world = consortium()
    scope = {"destinations": ["FR", "DE", "FR"], "gtins": ["9506000134352"]}
    rules = [rule("prohibited", scope=scope), rule("region", only=["NL", "BE"])]
    result = world.do(REGULATOR, "compliance:Publish", **fields(rules=rules))
    assert set(result.writes) == {
        REGISTER,
        ("compliance-pack", "eu", "000001"),
        ("compliance-rules", "eu", "000001", "general"),
    }
    kept = [
        rule("prohibited", scope={"gtins": [GTIN], "destinations": ["DE", "FR"]}),
        rule("region", only=["BE", "NL"]),
    ]
    document = {"pack": "eu", "version": 1, "title": "EU", "document": SOURCE, "valid_from": AT}
    document |= {"unknown": "fail", "rules": kept}
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(canonical).hexdigest()
    assert result.reply["pack"]["digest"] == digest
    assert result.reply["rules"] == kept
    (event,) = result.events
    assert event == {
        "type": "compliance.pack_published", "v": 1, **document, "digest": digest,
        "by": "RegulatorMSP", "at": AT,
    }  # fmt: skip
    assert world.ask("CarrierMSP", "compliance:Pack", pack="eu", version=1) == result.reply
    assert world.ask("CarrierMSP", "compliance:Packs")["packs"] == [result.reply["pack"]]


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        (Caller("RegulatorMSP", "inspector"), {}, "NOT_PERMITTED", None),
        (Caller("BankMSP", "admin", admin=True), {}, "NOT_PERMITTED", None),
        (REGULATOR, {"version": 2}, "PACK_VERSION", "version"),
        (REGULATOR, {"valid_from": "2027-01-15T07:59:59.999Z"}, "PACK_TIME", "valid_from"),
        (REGULATOR, {"valid_from": "2027-02-30T00:00:00.000Z"}, "FIELD_INVALID", "valid_from"),
        (REGULATOR, {"pack": "EU food"}, "FIELD_INVALID", "pack"),
        (REGULATOR, {"rules": [NO_WAY, NO_WAY]}, "PACK_INVALID", "rules[1].id"),
        (REGULATOR, {"rules": [rule("prohibited")]}, "PACK_INVALID", "rules[0].scope"),
        (REGULATOR, {"rules": [rule("forbidden")]}, "FIELD_INVALID", "rules[0].kind"),
        (REGULATOR, {"rules": [rule("sanctioned")]}, "PACK_INVALID", "rules[0].members"),
        (REGULATOR, {"rules": [rule("threshold")]}, "PACK_INVALID", "rules[0].max_quantity"),
        (REGULATOR, {"rules": [rule("threshold", max_value="1")]}, "PACK_INVALID", "rules[0].currency"),
        (
            REGULATOR,
            {"rules": [rule("threshold", max_value="1", currency="XYZ")]},
            "CURRENCY_UNKNOWN",
            "rules[0].currency",
        ),
        (REGULATOR, {"rules": [rule("region", only=["DE", "EU"])]}, "COUNTRY_UNKNOWN", "rules[0].only[1]"),
        (REGULATOR, {"rules": [rule("region", only=[])]}, "FIELD_INVALID", "rules[0].only"),
        (
            REGULATOR,
            {"rules": [rule("sanctioned", countries=["ZZ"])]},
            "COUNTRY_UNKNOWN",
            "rules[0].countries[0]",
        ),
        (
            REGULATOR,
            {"rules": [NO_WAY, rule("region", only=["DE"], scope={"gtins": ["123"]})]},
            "GTIN_INVALID",
            "rules[1].scope.gtins[0]",
        ),
        (
            REGULATOR,
            {"rules": [rule("paper", paper="cmr", stages=["order"])]},
            "PACK_INVALID",
            "rules[0].stages",
        ),
    ],
)
def test_publish_refusals(caller: Caller, changes: dict[str, Any], code: str, field: str | None) -> None:
    assert consortium().refused(caller, "compliance:Publish", **fields(**changes)) == (code, field)


def test_a_version_follows_the_last_and_is_never_changed() -> None:
    world = consortium()
    publish(world, NO_WAY)
    assert world.refused(REGULATOR, "compliance:Publish", **fields()) == ("PACK_VERSION", "version")
    assert world.refused(REGULATOR, "compliance:Publish", **fields(version=3)) == ("PACK_VERSION", "version")
    publish(world, version=2)
    assert world.ask("CarrierMSP", "compliance:Pack", pack="eu", version=1)["rules"] == [NO_WAY]
    missing = world.refusal("CarrierMSP", "compliance:Pack", {"pack": "eu", "version": 3})
    assert missing == ("PACK_NOT_FOUND", "version")


def test_a_version_to_come_waits_for_its_time() -> None:
    world = consortium()
    publish(world, NO_WAY)
    publish(world, NO_WAY, version=2, valid_from=HOUR)
    answer = world.ask("CarrierMSP", "compliance:InForce")
    assert [(each["pack"], each["version"]) for each in answer["to_come"]] == [("eu", 2)]
    assert in_force(world) == [("eu", 1)]
    world.pass_time(3600 - 1)
    assert in_force(world) == [("eu", 1)]
    world.pass_time(1)
    assert in_force(world) == [("eu", 2)]


def test_a_correction_replaces_a_version_to_come() -> None:
    world = consortium()
    publish(world, NO_WAY)
    publish(world, NO_WAY, version=2, valid_from=HOUR)
    publish(world, NO_WAY, version=3, valid_from=HOUR)
    assert [each["version"] for each in world.record("compliance-register")["entries"]] == [1, 3]
    world.pass_time(3600)
    publish(world, version=4)
    assert in_force(world) == []
    assert world.record("compliance-register")["entries"] == []


def test_a_repeal_to_come_ends_a_pack_in_its_time() -> None:
    world, listing = market()
    publish(world, NO_WAY)
    publish(world, version=2, valid_from=HOUR)
    assert refused_order(world, listing) == ("COMPLIANCE_VIOLATED", "eu/prohibited")
    world.pass_time(3600)
    assert in_force(world) == []


def test_packs_are_bounded() -> None:
    world = consortium()
    for number in range(16):
        publish(world, NO_WAY, pack=f"p{number}")
    assert world.refused(REGULATOR, "compliance:Publish", **fields()) == ("TOO_MANY_PACKS", "pack")
    for number in range(3):
        publish(
            world, NO_WAY, pack="p0", version=2 + number, valid_from=f"2027-01-{20 + number}T00:00:00.000Z"
        )
    late = fields(pack="p0", version=5, valid_from="2027-02-01T00:00:00.000Z")
    assert world.refused(REGULATOR, "compliance:Publish", **late) == ("TOO_MANY_PACKS", "version")


def test_a_pack_is_its_first_publishers_while_that_is_a_member() -> None:
    world = consortium()
    publish(world, NO_WAY)
    key = ("member", "CarrierMSP")
    other = Caller("CarrierMSP", "admin", admin=True)
    world.state[key] = world.state[key].replace(b'"role":"carrier"', b'"role":"regulator"')
    assert world.refused(other, "compliance:Publish", **fields(version=2)) == ("NOT_PERMITTED", "pack")
    key = ("member", "RegulatorMSP")
    world.state[key] = world.state[key].replace(b'"left_at":null', f'"left_at":"{AT}"'.encode())
    assert world.do(other, "compliance:Publish", **fields(version=2)).reply["pack"]["version"] == 2


def test_a_large_pack_stands_in_chunks_and_reads_back_whole() -> None:
    world = consortium()
    chapters = [f"{chapter:02d}" for chapter in range(1, 90)]
    rules = [rule("prohibited", scope={"hs": [f"{each}01", f"{each}0999"]}) for each in chapters]
    rules += [rule("region", only=["DE"]), rule("prohibited", scope={"gtins": [GTIN], "hs": ["22"]})]
    rules = [{**each, "id": f"r{place}"} for place, each in enumerate(rules)]
    reply = publish(world, *rules)
    assert len(reply["pack"]["chunks"]) == 91
    assert world.ask("CarrierMSP", "compliance:Pack", pack="eu", version=1)["rules"] == rules
