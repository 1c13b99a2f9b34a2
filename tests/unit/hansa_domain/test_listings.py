"""Listings and their stock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import GTIN, consortium, market, ulid

AT = "2027-01-15T08:00:00.000Z"
FIELDS: dict[str, Any] = {"gtin": GTIN, "unit_price": "250", "currency": "EUR", "quantity": 10}


def test_create_splits_the_stock_evenly() -> None:
    world, _ = market()
    result = world.do("ProducerMSP", "listings:Create", **{**FIELDS, "buckets": 4}, id=ulid("a"))
    listing_id = f"ProducerMSP.{ulid('a')}"
    listing = {
        "v": 2,
        "id": listing_id,
        "seller": "ProducerMSP",
        "gtin": GTIN,
        "unit_price": "250",
        "currency": "EUR",
        "quantity": 10,
        "buckets": 4,
        "status": "open",
        "created_at": AT,
        "terms": {},
        "version": 1,
        "revised_at": None,
    }
    quantities = [3, 3, 2, 2]
    assert result.writes == {
        ("listing", listing_id): listing,
        **{
            ("stock", listing_id, f"{bucket:03d}"): {
                "v": 1,
                "listing": listing_id,
                "bucket": bucket,
                "quantity": quantity,
            }
            for bucket, quantity in enumerate(quantities)
        },
    }
    views = [{"bucket": bucket, "quantity": quantity} for bucket, quantity in enumerate(quantities)]
    assert result.event_types == ["listing.created", "stock.changed"]
    assert result.events[1]["buckets"] == views
    assert result.reply == {"listing": listing}
    assert world.ask("BankMSP", "listings:Get", listing=listing_id) == result.reply
    stock = world.ask("BankMSP", "listings:Stock", listing=listing_id)
    assert stock == {"listing": listing_id, "total": 10, "buckets": views}


@pytest.mark.parametrize(("quantity", "buckets"), [(1, 1), (200, 200), (256, 256), (1_000_000_000, 256)])
def test_buckets_default_to_the_quantity_at_most_256(quantity: int, buckets: int) -> None:
    world, _ = market()
    reply = world.do("ProducerMSP", "listings:Create", **{**FIELDS, "quantity": quantity}).reply
    assert reply["listing"]["buckets"] == buckets
    assert world.ask("BankMSP", "listings:Stock", listing=reply["listing"]["id"])["total"] == quantity


@pytest.mark.parametrize(
    ("caller", "changes", "code", "field"),
    [
        ("BankMSP", {}, "NOT_PERMITTED", None),
        ("ProducerMSP", {"gtin": "04012345000016"}, "PRODUCT_NOT_FOUND", "gtin"),
        ("ProducerMSP", {"gtin": "04012345000017"}, "GTIN_INVALID", "gtin"),
        ("ProducerMSP", {"currency": "EUX"}, "CURRENCY_UNKNOWN", "currency"),
        ("ProducerMSP", {"buckets": 11}, "BUCKETS_INVALID", "buckets"),
        ("ProducerMSP", {"buckets": 257}, "FIELD_INVALID", "buckets"),
        ("ProducerMSP", {"quantity": 0}, "FIELD_INVALID", "quantity"),
        ("ProducerMSP", {"quantity": 1.5}, "FIELD_INVALID", "quantity"),
        ("ProducerMSP", {"unit_price": "2.50"}, "FIELD_INVALID", "unit_price"),
        ("ProducerMSP", {"unit_price": "-1"}, "FIELD_INVALID", "unit_price"),
        ("ProducerMSP", {"unit_price": 250}, "FIELD_INVALID", "unit_price"),
    ],
)
def test_create_refusals(caller: str, changes: dict[str, Any], code: str, field: str | None) -> None:
    world, _ = market()
    assert world.refused(caller, "listings:Create", **{**FIELDS, **changes}) == (code, field)


def test_withdraw_closes_the_listing_once() -> None:
    world, listing = market()
    before = world.record("listing", listing)
    result = world.do("ProducerMSP", "listings:Withdraw", listing=listing)
    assert result.writes == {("listing", listing): {**before, "status": "withdrawn"}}
    assert result.event_types == ["listing.withdrawn"]
    assert world.refused("ProducerMSP", "listings:Withdraw", listing=listing) == (
        "LISTING_WITHDRAWN",
        "listing",
    )


def test_only_the_seller_withdraws() -> None:
    world, listing = market()
    assert world.refused("RetailerMSP", "listings:Withdraw", listing=listing) == ("NOT_PERMITTED", None)


@pytest.mark.parametrize("name", ["listings:Get", "listings:Stock"])
def test_unknown_listings_are_refused(name: str) -> None:
    missing = {"listing": f"ProducerMSP.{ulid('no')}"}
    assert consortium().refusal("BankMSP", name, missing) == ("LISTING_NOT_FOUND", "listing")
    assert consortium().refused("BankMSP", "listings:Withdraw", **missing) == ("LISTING_NOT_FOUND", "listing")


def test_list_narrows_by_seller() -> None:
    world, listing = market()
    other = world.do("RetailerMSP", "listings:Create", **FIELDS).reply["listing"]["id"]
    everything = world.ask("BankMSP", "listings:List")
    assert {entry["id"] for entry in everything["listings"]} == {listing, other}
    narrowed = world.ask("BankMSP", "listings:List", seller="RetailerMSP")
    assert [entry["id"] for entry in narrowed["listings"]] == [other]
