"""Taxes and duties by destination: published by a regulator, and taken by orders."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import GTIN, World, market
from tests.support.offers_of_goods import offered, on_terms, order_of

AT = "2027-01-15T08:00:00.000Z"
GENERAL = {"hs_prefix": "", "kind": "standard", "vat": 2000}
OIL = {"hs_prefix": "1509", "kind": "reduced", "vat": 550, "duty": 1240, "vat_on_duty": True}
GREEK = {"hs_prefix": "1509", "kind": "reduced", "vat": 550, "origin": "GR"}
TABLE: dict[str, Any] = {"country": "FR", "source": "CGI art. 278", "rules": [GENERAL, OIL, GREEK]}


def taxed(world: World, hs_code: str | None = "15092000", origin: str | None = "TN") -> None:
    """The table is published, and the product has that code and origin."""
    world.do("RegulatorMSP", "taxes:Publish", **TABLE)
    said = {"hs_code": hs_code, "origin": origin}
    details = {key: value for key, value in said.items() if value is not None}
    world.do("ProducerMSP", "products:Revise", gtin=GTIN, version=1, name="Oil", details=details)


def quoted(world: World, listing: str, destination: str = "FR", **more: Any) -> Any:
    lines = [{"listing": listing, "quantity": 4}]
    return world.ask("RetailerMSP", "orders:Quote", lines=lines, destination=destination, **more)


def test_a_table_is_kept_chapter_by_chapter() -> None:
    world, _ = market()
    result = world.do("RegulatorMSP", "taxes:Publish", **TABLE)
    version = {
        "v": 1,
        "country": "FR",
        "version": 1,
        "publisher": "RegulatorMSP",
        "source": "CGI art. 278",
        "valid_from": AT,
        "chapters": ["00", "15"],
        "rules": 3,
        "published_at": AT,
    }
    table = {"v": 1, "country": "FR", "publisher": "RegulatorMSP", "latest": 1}
    assert result.writes == {
        ("tax-table", "FR"): {**table, "periods": [{"version": 1, "valid_from": AT}]},
        ("tax-version", "FR", "0001"): version,
        ("tax-rules", "FR", "0001", "00"): {"v": 1, "rules": [GENERAL]},
        ("tax-rules", "FR", "0001", "15"): {"v": 1, "rules": [OIL, GREEK]},
    }
    assert result.event_types == ["taxes.published"]
    assert world.ask("BankMSP", "taxes:Get", country="FR") == {"table": version, "rules": TABLE["rules"]}
    assert [each["country"] for each in world.ask("BankMSP", "taxes:List")["tables"]] == ["FR"]


@pytest.mark.parametrize(
    ("hs_code", "origin", "tax", "duty", "kind"),
    [
        # 1000 net; duty 12.4 % = 124; 5.5 % of 1124 = 61.82, and of 1000 = 55.
        ("15092000", "TN", "62", "124", "reduced"),
        ("15092000", None, "62", "124", "reduced"),
        ("15092000", "GR", "55", "0", "reduced"),
        ("15100000", "GR", "200", "0", "standard"),
        (None, None, "200", "0", "standard"),
    ],
)
def test_the_rule_for_the_longest_code_and_the_origin_holds(
    hs_code: str | None, origin: str | None, tax: str, duty: str, kind: str
) -> None:
    world, listing = market()
    taxed(world, hs_code, origin)
    quote = quoted(world, listing)
    line = quote["lines"][0]["price"]
    assert (line["tax"], line["duty"], line["tax_kind"]) == (tax, duty, kind)
    assert (quote["tax"], quote["amount"]) == (tax, str(1000 + int(tax)))
    order = world.do("RetailerMSP", "orders:Place", **order_of(world, listing, destination="FR")).reply[
        "order"
    ]
    assert (order["amount"], order["pricing"]["tax"]) == (quote["amount"], tax)
    assert (order["pricing"]["destination"], order["pricing"]["tax_table"]) == ("FR", "FR.1")


def test_no_tax_where_no_table_or_rule_says_so() -> None:
    world, listing = market()
    taxed(world)
    elsewhere = quoted(world, listing, "DE")
    assert (elsewhere["tax"], elsewhere["pricing"]["tax_table"]) == ("0", None)
    world.do("RegulatorMSP", "taxes:Publish", country="BE", source="Code", rules=[{**OIL, "hs_prefix": "22"}])
    unlisted = quoted(world, listing, "BE")
    assert (unlisted["tax"], unlisted["lines"][0]["price"]["tax_kind"]) == ("0", None)
    assert unlisted["pricing"]["tax_table"] == "BE.1"


@pytest.mark.parametrize("kind", ["reverse_charge", "zero", "exempt"])
def test_what_the_seller_does_not_charge(kind: str) -> None:
    world, listing = market()
    rule = {"hs_prefix": "", "kind": kind, "vat": 2000 if kind == "reverse_charge" else 0}
    world.do("RegulatorMSP", "taxes:Publish", country="FR", source="Law", rules=[rule])
    quote = quoted(world, listing)
    assert (quote["amount"], quote["lines"][0]["price"]["tax_kind"]) == ("1000", kind)


@pytest.mark.parametrize(("code", "by"), [("DDP", "seller"), ("DAP", "buyer")])
def test_the_incoterm_says_who_pays_the_duty_and_the_amount_never_has_it(code: str, by: str) -> None:
    world, listing = on_terms(incoterm={"code": code, "place": "Lyon"})
    taxed(world)
    quote = quoted(world, listing)
    assert (quote["pricing"]["duty_by"], quote["duty"]) == (by, "124")
    assert quote["amount"] == str(1000 + int(quote["tax"]))


def test_taxes_are_on_what_discounts_left_and_rounded_line_by_line() -> None:
    world, first = market()
    taxed(world, "15100000")
    world.do("ProducerMSP", "discounts:Create", name="Less", concession={"basis_points": 1})
    second = offered(world, unit_price="3")
    lines = [{"listing": first, "quantity": 1}, {"listing": second, "quantity": 1}]
    quote = world.ask("RetailerMSP", "orders:Quote", lines=lines, destination="FR")
    # 250 and 3: 0.01 % of neither is a whole unit, so nothing comes off; 20 % of 3 is 0.6, half up 1.
    assert (quote["discounts"], [line["price"]["tax"] for line in quote["lines"]]) == ([], ["50", "1"])


def test_a_version_holds_from_its_time_on_until_the_next() -> None:
    world, listing = market()
    taxed(world, None, None)
    later = "2027-01-15T08:01:00.000Z"
    world.do(
        "RegulatorMSP", "taxes:Publish", **{**TABLE, "rules": [{**GENERAL, "vat": 1000}]}, valid_from=later
    )
    assert quoted(world, listing)["tax"] == "200"
    world.pass_time(60)
    quote = quoted(world, listing)
    assert (quote["tax"], quote["pricing"]["tax_table"]) == ("100", "FR.2")
    world.pass_time(60)
    world.do("RegulatorMSP", "taxes:Publish", **TABLE)
    assert [each["version"] for each in world.record("tax-table", "FR")["periods"]] == [2, 3]
    assert world.ask("BankMSP", "taxes:Get", country="FR", version=2)["table"]["valid_from"] == later
    assert world.ask("BankMSP", "taxes:Get", country="FR")["table"]["version"] == 3


def test_a_table_that_has_not_begun_takes_nothing() -> None:
    world, listing = market()
    world.do("RegulatorMSP", "taxes:Publish", **TABLE, valid_from="2027-01-15T08:01:00.000Z")
    assert quoted(world, listing)["pricing"]["tax_table"] is None


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("ProducerMSP", {}, "NOT_PERMITTED", None),
        ("RegulatorMSP", {"country": "XX"}, "COUNTRY_UNKNOWN", "country"),
        ("RegulatorMSP", {"valid_from": "2027-01-15T07:59:59.000Z"}, "TAX_TABLE_PERIOD", "valid_from"),
        ("RegulatorMSP", {"rules": []}, "FIELD_INVALID", "rules"),
        ("RegulatorMSP", {"rules": [OIL, OIL]}, "TAX_RULES_INVALID", "rules[1].hs_prefix"),
        ("RegulatorMSP", {"rules": [{**GREEK, "origin": "XX"}]}, "COUNTRY_UNKNOWN", "rules[0].origin"),
        ("RegulatorMSP", {"rules": [{**GENERAL, "kind": "zero"}]}, "TAX_RULES_INVALID", "rules[0].vat"),
        ("RegulatorMSP", {"rules": [{**OIL, "hs_prefix": "00"}]}, "TAX_RULES_INVALID", "rules[0].hs_prefix"),
        ("RegulatorMSP", {"rules": [{**OIL, "hs_prefix": "1"}]}, "FIELD_INVALID", "rules[0].hs_prefix"),
        ("RegulatorMSP", {"rules": [{**OIL, "vat": 10_001}]}, "FIELD_INVALID", "rules[0].vat"),
    ],
)
def test_tables_that_are_not_published(
    caller: str, changes: dict[str, Any], code: str, field: str | None
) -> None:
    world, _ = market()
    assert world.refused(caller, "taxes:Publish", **{**TABLE, **changes}) == (code, field)


def test_one_regulator_answers_for_a_country_and_versions_follow_each_other() -> None:
    world, _ = market()
    world.do("RegulatorMSP", "taxes:Publish", **TABLE)
    again = world.refused("RegulatorMSP", "taxes:Publish", **TABLE)
    assert again == ("TAX_TABLE_PERIOD", "valid_from")
    member = {**world.record("member", "RegulatorMSP"), "msp_id": "CustomsMSP"}
    world.state["member", "CustomsMSP"] = str(member).replace("'", '"').replace("None", "null").encode()
    world.pass_time(1)
    assert world.refused("CustomsMSP", "taxes:Publish", **TABLE) == ("TAX_TABLE_NOT_YOURS", "country")
    for asked in ({"country": "DE"}, {"country": "FR", "version": 2}):
        assert world.refusal("BankMSP", "taxes:Get", asked)[0] == "TAX_TABLE_NOT_FOUND"
