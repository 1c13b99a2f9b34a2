"""Products by GTIN."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.domain import GTIN, World, consortium

AT = "2027-01-15T08:00:00.000Z"
DETAILS: dict[str, Any] = {
    "hs_code": "27101241",
    "origin": "NL",
    "dangerous_goods": {
        "un_number": "UN 1203",
        "shipping_name": "GASOLINE",
        "hazard_class": "3",
        "packing_group": "II",
    },
    "images": [{"sha256": "1a" * 32, "media_type": "image/png"}],
    "net_weight_grams": 750,
    "tracking": "lot",
    "warranty_days": 730,
}
CERTIFICATE = {
    "kind": "CE",
    "number": "0123",
    "issuer": "Notified body 0123",
    "valid_until": "2027-01-15",
    "document": "ce" * 32,
}


def registered(**more: Any) -> World:
    world = consortium()
    world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Oil", **more)
    return world


def test_register_normalises_the_gtin() -> None:
    world = consortium()
    result = world.do("ProducerMSP", "products:Register", gtin="9506000134352", name="Oil", brand="Oleum")
    product = {
        "v": 2,
        "gtin": GTIN,
        "owner": "ProducerMSP",
        "name": "Oil",
        "brand": "Oleum",
        "description": None,
        "registered_at": AT,
        "details": {},
        "certificates": [],
        "version": 1,
        "revised_at": None,
        "offered_to": None,
    }
    assert result.writes == {("product", GTIN): product}
    assert result.reply == {"product": product}
    assert result.events == [
        {
            "type": "product.registered",
            "v": 2,
            "gtin": GTIN,
            "owner": "ProducerMSP",
            "name": "Oil",
            "brand": "Oleum",
            "at": AT,
            "details": {},
        }
    ]
    assert world.ask("BankMSP", "products:Get", gtin="9506000134352") == result.reply


def test_one_gtin_has_one_owner() -> None:
    world = consortium()
    world.do("ProducerMSP", "products:Register", gtin=GTIN, name="Oil")
    refused = world.refused("RetailerMSP", "products:Register", gtin="9506000134352", name="Oil")
    assert refused == ("PRODUCT_ALREADY_REGISTERED", "gtin")


@pytest.mark.parametrize(
    ("caller", "gtin", "name", "code", "field"),
    [
        ("CarrierMSP", GTIN, "Oil", "NOT_PERMITTED", None),
        ("ProducerMSP", "09506000134353", "Oil", "GTIN_INVALID", "gtin"),
        ("ProducerMSP", "950600013435", "Oil", "GTIN_INVALID", "gtin"),
        ("ProducerMSP", "abc", "Oil", "GTIN_INVALID", "gtin"),
        ("ProducerMSP", GTIN, "", "FIELD_INVALID", "name"),
        ("ProducerMSP", GTIN, "a\nb", "FIELD_INVALID", "name"),
        ("ProducerMSP", GTIN, "x" * 201, "FIELD_INVALID", "name"),
    ],
)
def test_register_refusals(caller: str, gtin: str, name: str, code: str, field: str | None) -> None:
    refused = consortium().refused(caller, "products:Register", gtin=gtin, name=name)
    assert refused == (code, field)


def test_get_refusals() -> None:
    world = consortium()
    assert world.refusal("BankMSP", "products:Get", {"gtin": GTIN}) == ("PRODUCT_NOT_FOUND", "gtin")
    assert world.refusal("BankMSP", "products:Get", {"gtin": "1"}) == ("GTIN_INVALID", "gtin")


def test_list_pages_in_order_of_gtin() -> None:
    world = consortium()
    for gtin in ("00012345600012", GTIN, "04012345000016"):
        world.do("ProducerMSP", "products:Register", gtin=gtin, name="Thing")
    first = world.ask("BankMSP", "products:List", limit=2)
    second = world.ask("BankMSP", "products:List", limit=2, bookmark=first["bookmark"])
    found = [product["gtin"] for page in (first, second) for product in page["products"]]
    assert found == sorted(found)
    assert len(found) == 3
    assert second["bookmark"] == ""


def test_what_is_said_of_a_product_is_kept_as_it_was_said() -> None:
    world = registered(details=DETAILS)
    assert world.record("product", GTIN)["details"] == DETAILS


def test_a_product_of_version_1_is_read_and_written_anew() -> None:
    world = registered()
    old = {key: world.record("product", GTIN)[key] for key in ("gtin", "owner", "name", "brand")}
    old |= {"v": 1, "description": "1 l", "registered_at": AT}
    world.state["product", GTIN] = json.dumps(old).encode()
    reply = world.do("ProducerMSP", "products:Revise", gtin=GTIN, version=1, name="Oil, 1 l").reply
    assert (reply["product"]["v"], reply["product"]["version"]) == (2, 2)
    first, second = world.ask("BankMSP", "products:Versions", gtin=GTIN)["versions"]
    assert (first["name"], first["description"], second["name"]) == ("Oil", "1 l", "Oil, 1 l")


def danger(**changes: Any) -> dict[str, Any]:
    return {"dangerous_goods": {**DETAILS["dangerous_goods"], **changes}}


@pytest.mark.parametrize(
    ("details", "code", "field"),
    [
        ({"hs_code": "27101"}, "FIELD_INVALID", "details.hs_code"),
        ({"hs_code": "2710.12"}, "FIELD_INVALID", "details.hs_code"),
        ({"origin": "XX"}, "COUNTRY_UNKNOWN", "details.origin"),
        (danger(un_number="1203"), "FIELD_INVALID", "details.dangerous_goods.un_number"),
        (danger(hazard_class="10"), "FIELD_INVALID", "details.dangerous_goods.hazard_class"),
        (danger(hazard_class="2.1"), "FIELD_INVALID", "details.dangerous_goods.packing_group"),
        (danger(hazard_class="1.4S"), "FIELD_INVALID", "details.dangerous_goods.packing_group"),
        (danger(hazard_class="6.2"), "FIELD_INVALID", "details.dangerous_goods.packing_group"),
        (danger(packing_group="IV"), "FIELD_INVALID", "details.dangerous_goods.packing_group"),
        (
            {"images": [{"sha256": "1a", "media_type": "image/png"}]},
            "FIELD_INVALID",
            "details.images[0].sha256",
        ),
        ({"net_weight_grams": 0}, "FIELD_INVALID", "details.net_weight_grams"),
        ({"tracking": "barcode"}, "FIELD_INVALID", "details.tracking"),
    ],
)
def test_details_that_no_standard_knows(details: dict[str, Any], code: str, field: str) -> None:
    world = registered()
    fields = {"gtin": GTIN, "name": "Oil", "details": details}
    assert world.refused("ProducerMSP", "products:Revise", version=1, **fields) == (code, field)
    fields["gtin"] = "04012345000016"
    assert world.refused("ProducerMSP", "products:Register", **fields) == (code, field)


def test_a_revision_is_by_the_owner_and_of_the_present_version() -> None:
    world = registered()
    fields = {"gtin": GTIN, "name": "Oil"}
    assert world.refused("RetailerMSP", "products:Revise", version=1, **fields) == ("NOT_PERMITTED", None)
    assert world.refused("ProducerMSP", "products:Revise", version=2, **fields) == (
        "PRODUCT_VERSION",
        "version",
    )
    fields["gtin"] = "04012345000016"
    assert world.refused("ProducerMSP", "products:Revise", version=1, **fields) == (
        "PRODUCT_NOT_FOUND",
        "gtin",
    )


def test_a_certificate_is_added_and_revoked_and_stays_seen() -> None:
    world = registered()
    added = world.do("ProducerMSP", "products:AddCertificate", gtin=GTIN, certificate=CERTIFICATE)
    held = {"certificate": CERTIFICATE, "added_at": AT}
    assert added.reply["product"]["certificates"] == [held]
    assert added.events[0]["revoked"] is False
    named = {"gtin": GTIN, "kind": "CE", "number": "0123"}
    refused = world.refused("RetailerMSP", "products:RevokeCertificate", **named)
    assert refused == ("NOT_PERMITTED", None)
    revoked = world.do("ProducerMSP", "products:RevokeCertificate", **named)
    held |= {"revoked_at": AT, "revoked_by": "ProducerMSP"}
    assert revoked.reply["product"]["certificates"] == [held]
    assert (revoked.event_types, revoked.events[0]["revoked"]) == (["product.certified"], True)
    for number in ("0123", "9"):
        again = world.refused("ProducerMSP", "products:RevokeCertificate", **{**named, "number": number})
        assert again == ("CERTIFICATE_NOT_FOUND", "number")


def test_the_member_that_issued_a_certificate_may_revoke_it() -> None:
    world = registered()
    paper = {**CERTIFICATE, "member": "RegulatorMSP"}
    world.do("ProducerMSP", "products:AddCertificate", gtin=GTIN, certificate=paper)
    named = {"gtin": GTIN, "kind": "CE", "number": "0123"}
    world.do("RegulatorMSP", "products:RevokeCertificate", **named)
    assert world.record("product", GTIN)["certificates"][0]["revoked_by"] == "RegulatorMSP"


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("RetailerMSP", {}, "NOT_PERMITTED", None),
        ("ProducerMSP", {"valid_until": "2027-01-14"}, "CERTIFICATE_EXPIRED", "certificate.valid_until"),
        ("ProducerMSP", {"valid_until": "2027-02-30"}, "FIELD_INVALID", "certificate.valid_until"),
        ("ProducerMSP", {"member": "NobodyMSP"}, "MEMBER_NOT_FOUND", "certificate.member"),
        ("ProducerMSP", {"number": "7"}, "CERTIFICATE_REPEATED", "certificate.number"),
    ],
)
def test_what_certifies_nothing(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    world = registered()
    other = {**CERTIFICATE, "number": "7"}
    world.do("ProducerMSP", "products:AddCertificate", gtin=GTIN, certificate=other)
    paper = {**CERTIFICATE, **changes}
    refused = world.refused(caller, "products:AddCertificate", gtin=GTIN, certificate=paper)
    assert refused == (code, field)


def test_a_product_passes_by_offer_and_acceptance() -> None:
    world = registered()
    take = ("RetailerMSP", "products:AcceptTransfer")
    assert world.refused(*take, gtin=GTIN) == ("NOT_PERMITTED", "gtin")
    world.do("ProducerMSP", "products:OfferTransfer", gtin=GTIN, taker="RetailerMSP")
    assert world.refused("BankMSP", "products:AcceptTransfer", gtin=GTIN) == ("NOT_PERMITTED", "gtin")
    world.do("ProducerMSP", "products:OfferTransfer", gtin=GTIN)
    assert world.refused(*take, gtin=GTIN) == ("NOT_PERMITTED", "gtin")
    world.do("ProducerMSP", "products:OfferTransfer", gtin=GTIN, taker="RetailerMSP")
    result = world.do(*take, gtin=GTIN)
    assert result.event_types == ["product.transferred"]
    product = world.record("product", GTIN)
    assert (product["owner"], product["offered_to"]) == ("RetailerMSP", None)
    assert world.refused("ProducerMSP", "products:OfferTransfer", gtin=GTIN) == ("NOT_PERMITTED", None)
    for taker, code in (
        ("RetailerMSP", "NOT_PERMITTED"),
        ("BankMSP", "NOT_PERMITTED"),
        ("X", "MEMBER_NOT_FOUND"),
    ):
        refused = world.refused("RetailerMSP", "products:OfferTransfer", gtin=GTIN, taker=taker)
        assert refused == (code, "taker")
