"""Products by GTIN."""

from __future__ import annotations

import pytest

from tests.support.domain import GTIN, consortium


def test_register_normalises_the_gtin() -> None:
    world = consortium()
    result = world.do("ProducerMSP", "products:Register", gtin="9506000134352", name="Oil", brand="Oleum")
    product = {
        "v": 1,
        "gtin": GTIN,
        "owner": "ProducerMSP",
        "name": "Oil",
        "brand": "Oleum",
        "description": None,
        "registered_at": "2027-01-15T08:00:00.000Z",
    }
    assert result.writes == {("product", GTIN): product}
    assert result.reply == {"product": product}
    assert result.events == [
        {
            "type": "product.registered",
            "v": 1,
            "gtin": GTIN,
            "owner": "ProducerMSP",
            "name": "Oil",
            "brand": "Oleum",
            "at": "2027-01-15T08:00:00.000Z",
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
