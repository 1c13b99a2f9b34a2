"""Listings on full terms: revised, suspended, resumed, restocked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.domain import World, market
from tests.support.offers_of_goods import FULL, TIERS, offered, on_terms, order_of

AT = "2027-01-15T08:00:00.000Z"


def test_terms_are_kept_as_they_were_said() -> None:
    world, listing = on_terms(**FULL)
    record = world.record("listing", listing)
    assert (record["v"], record["terms"]) == (2, FULL)


def test_a_listing_ships_from_an_open_place() -> None:
    world, _ = market()
    gln = "9521321000018"
    wanted = ("ProducerMSP", "listings:Create")
    fields = {"gtin": "09506000134352", "unit_price": "1", "currency": "EUR", "quantity": 1}
    fields["terms"] = {"ships_from": gln}
    assert world.refused(*wanted, **fields) == ("PLACE_NOT_FOUND", "terms.ships_from")
    world.do("CarrierMSP", "places:Register", gln=gln, name="Depot", country="NL")
    world.do(*wanted, **fields)
    world.do("CarrierMSP", "places:Close", gln=gln)
    assert world.refused(*wanted, **fields) == ("PLACE_CLOSED", "terms.ships_from")


def price(**changes: Any) -> dict[str, Any]:
    return {"currency": "CNY", "unit_price": "1900", **changes}


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        ({"tiers": [TIERS[1], TIERS[0]]}, "LISTING_TERMS_INVALID", "terms.tiers[1].from_quantity"),
        (
            {"tiers": [{"from_quantity": 1, "unit_price": "2"}]},
            "FIELD_INVALID",
            "terms.tiers[0].from_quantity",
        ),
        ({"prices": [price(currency="EUR")]}, "LISTING_TERMS_INVALID", "terms.prices[0].currency"),
        ({"prices": [price(), price()]}, "LISTING_TERMS_INVALID", "terms.prices[1].currency"),
        ({"prices": [price(currency="EUX")]}, "CURRENCY_UNKNOWN", "terms.prices[0].currency"),
        (
            {"prices": [price(tiers=[TIERS[1], TIERS[0]])]},
            "LISTING_TERMS_INVALID",
            "terms.prices[0].tiers[1].from_quantity",
        ),
        ({"incoterm": {"code": "DDU", "place": "X"}}, "FIELD_INVALID", "terms.incoterm.code"),
        ({"allowed": ["NL", "XX"]}, "COUNTRY_UNKNOWN", "terms.allowed[1]"),
        ({"excluded": ["XX"]}, "COUNTRY_UNKNOWN", "terms.excluded[0]"),
        ({"ships_from": "9521321000011"}, "GLN_INVALID", "terms.ships_from"),
        ({"minimum": 5, "multiple": 2}, "LISTING_TERMS_INVALID", "terms.minimum"),
        ({"valid_from": "2027-02-30T00:00:00.000Z"}, "FIELD_INVALID", "terms.valid_from"),
        ({"valid_from": AT, "valid_until": AT}, "LISTING_TERMS_INVALID", "terms.valid_until"),
        ({"lead_time": 0}, "FIELD_INVALID", "terms.lead_time"),
        ({"sample": {"quantity": 0}}, "FIELD_INVALID", "terms.sample.quantity"),
    ],
)
def test_terms_that_contradict_themselves(terms: dict[str, Any], code: str, field: str) -> None:
    world, listing = market()
    fields = {"unit_price": "250", "currency": "EUR", "terms": terms}
    revise = world.refused("ProducerMSP", "listings:Revise", listing=listing, version=1, **fields)
    create = world.refused("ProducerMSP", "listings:Create", gtin="09506000134352", quantity=1, **fields)
    assert revise == create == (code, field)


def test_by_agreement_there_are_no_tiers() -> None:
    world, listing = market()
    fields = {"unit_price": None, "currency": "EUR", "terms": {"tiers": TIERS}}
    refused = world.refused("ProducerMSP", "listings:Revise", listing=listing, version=1, **fields)
    assert refused == ("LISTING_TERMS_INVALID", "terms.tiers")


def test_a_revision_takes_the_place_of_what_was_said_and_orders_keep_theirs() -> None:
    world, listing = on_terms(tiers=TIERS)
    before = world.record("listing", listing)
    placed = world.do("RetailerMSP", "orders:Place", **order_of(world, listing, 10)).reply["order"]
    world.pass_time(60)
    fields = {"unit_price": "300", "currency": "EUR", "terms": {"minimum": 4}}
    result = world.do("ProducerMSP", "listings:Revise", listing=listing, version=1, **fields)
    after = {**before, **fields, "version": 2, "revised_at": "2027-01-15T08:01:00.000Z"}
    assert result.writes == {
        ("superseded", "listing", listing, "0001"): {"v": 1, "document": before},
        ("listing", listing): after,
    }
    assert (result.event_types, result.events[0]["version"]) == (["listing.revised"], 2)
    assert world.ask("BankMSP", "listings:Versions", listing=listing) == {"versions": [before, after]}
    assert world.record("order", placed["id"])["lines"][0]["price"]["unit_price"] == "240"
    again = world.do("RetailerMSP", "orders:Place", **order_of(world, listing, 10)).reply["order"]
    assert (again["lines"][0]["price"]["version"], again["amount"]) == (2, "3000")


def test_a_listing_of_version_1_is_read_sold_and_written_anew() -> None:
    world, listing = market()
    old = world.record("listing", listing)
    for name in ("terms", "version", "revised_at"):
        del old[name]
    world.state["listing", listing] = json.dumps({**old, "v": 1}).encode()
    world.do("RetailerMSP", "orders:Place", **order_of(world, listing))
    world.do("ProducerMSP", "listings:Suspend", listing=listing)
    assert world.record("listing", listing)["v"] == 2


def test_who_may_revise_what() -> None:
    world, listing = market()
    fields = {"listing": listing, "unit_price": "1", "currency": "EUR", "version": 1}
    assert world.refused("RetailerMSP", "listings:Revise", **fields) == ("NOT_PERMITTED", None)
    wrong = world.refused("ProducerMSP", "listings:Revise", **{**fields, "version": 2})
    assert wrong == ("LISTING_VERSION", "version")
    missing = {**fields, "listing": f"ProducerMSP.{'0' * 26}"}
    assert world.refused("ProducerMSP", "listings:Revise", **missing) == ("LISTING_NOT_FOUND", "listing")
    world.do("ProducerMSP", "listings:Withdraw", listing=listing)
    assert world.refused("ProducerMSP", "listings:Revise", **fields) == ("LISTING_WITHDRAWN", "listing")


def test_a_suspended_listing_takes_no_orders_until_it_is_resumed() -> None:
    world, listing = market()
    order = order_of(world, listing)
    for verb in ("Suspend", "Resume"):
        refused = world.refused("RetailerMSP", f"listings:{verb}", listing=listing)
        assert refused == ("NOT_PERMITTED", None)
    assert world.do("ProducerMSP", "listings:Suspend", listing=listing).event_types == ["listing.suspended"]
    again = world.refused("ProducerMSP", "listings:Suspend", listing=listing)
    assert again == ("LISTING_SUSPENDED", "listing")
    refused = world.refused("RetailerMSP", "orders:Place", **order)
    assert refused == ("LISTING_SUSPENDED", "lines[0].listing")
    assert world.do("ProducerMSP", "listings:Resume", listing=listing).event_types == ["listing.resumed"]
    world.do("RetailerMSP", "orders:Place", **order)
    world.do("ProducerMSP", "listings:Withdraw", listing=listing)
    for verb in ("Suspend", "Resume"):
        refused = world.refused("ProducerMSP", f"listings:{verb}", listing=listing)
        assert refused == ("LISTING_WITHDRAWN", "listing")


def stock(world: World, listing: str) -> list[int]:
    reply = world.ask("BankMSP", "listings:Stock", listing=listing)
    return [bucket["quantity"] for bucket in reply["buckets"]]


def test_stock_comes_and_goes_in_the_buckets_named() -> None:
    world, _ = market()
    listing = offered(world, quantity=8, buckets=4)
    parts = [{"bucket": 1, "quantity": 5}, {"bucket": 3, "quantity": 1}]
    result = world.do("ProducerMSP", "listings:Restock", listing=listing, parts=parts)
    assert sorted(result.writes) == [("stock", listing, "001"), ("stock", listing, "003")]
    assert result.event_types == ["stock.changed"]
    assert stock(world, listing) == [2, 7, 2, 3]
    world.do("ProducerMSP", "listings:Reduce", listing=listing, parts=parts[:1])
    assert stock(world, listing) == [2, 2, 2, 3]


@pytest.mark.parametrize(
    ("caller", "verb", "parts", "code", "field"),
    [
        ("RetailerMSP", "Restock", [(0, 1)], "NOT_PERMITTED", None),
        ("RetailerMSP", "Reduce", [(0, 1)], "NOT_PERMITTED", None),
        ("ProducerMSP", "Restock", [(4, 1)], "BUCKETS_INVALID", "parts[0].bucket"),
        ("ProducerMSP", "Restock", [(0, 1), (0, 1)], "BUCKETS_INVALID", "parts[1].bucket"),
        ("ProducerMSP", "Restock", [(0, 1_000_000_000)], "BUCKETS_INVALID", "parts[0].quantity"),
        ("ProducerMSP", "Reduce", [(1, 1), (0, 26)], "STOCK_INSUFFICIENT", "parts[1].quantity"),
        ("ProducerMSP", "Reduce", [], "FIELD_INVALID", "parts"),
    ],
)
def test_stock_that_cannot_change_so(
    caller: str, verb: str, parts: list[tuple[int, int]], code: str, field: str | None
) -> None:
    world, listing = market()
    named = [{"bucket": bucket, "quantity": quantity} for bucket, quantity in parts]
    assert world.refused(caller, f"listings:{verb}", listing=listing, parts=named) == (code, field)
