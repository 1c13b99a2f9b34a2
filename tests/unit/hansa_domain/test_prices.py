"""What an order costs: quoted and placed through one function."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import GTIN, TERMS, World, advance, market, mint
from tests.support.offers_of_goods import CODE, CODE_HASH, FULL, TIERS, coupon, offered, on_terms, order_of

AT = "2027-01-15T08:00:00.000Z"
TRANSIENT = {"coupon": CODE}


def quoted(world: World, listing: str, quantity: int = 4, **more: Any) -> Any:
    lines = [{"listing": listing, "quantity": quantity}]
    return world.ask("RetailerMSP", "orders:Quote", lines=lines, **more)


def unquoted(world: World, listing: str, quantity: int = 4, **more: Any) -> tuple[str, str | None]:
    lines = [{"listing": listing, "quantity": quantity}]
    return world.refusal("RetailerMSP", "orders:Quote", {"lines": lines, **more})


def place(world: World, listing: str, quantity: int = 4, **more: Any) -> Any:
    fields = order_of(world, listing, quantity, **more)
    return world.do("RetailerMSP", "orders:Place", **fields, transient=TRANSIENT).reply["order"]


def discount(world: World, seller: str = "ProducerMSP", **concession: Any) -> str:
    fields = {"name": "Less", "concession": concession}
    return str(world.do(seller, "discounts:Create", **fields).reply["discount"]["id"])


@pytest.mark.parametrize(
    ("quantity", "currency", "unit", "amount"),
    [
        (9, None, "250", "2250"),
        (10, None, "240", "2400"),
        (50, "EUR", "199", "9950"),
        (9, "CNY", "1900", "17100"),
        (10, "CNY", "1800", "18000"),
    ],
)
def test_the_tier_that_the_quantity_reaches_in_the_currency_asked_for(
    quantity: int, currency: str | None, unit: str, amount: str
) -> None:
    world, listing = on_terms(**FULL)
    more = {} if currency is None else {"currency": currency}
    quote = quoted(world, listing, quantity, destination="DE", **more)
    line = quote["lines"][0]
    assert (line["price"]["unit_price"], quote["amount"], quote["lead_time"]) == (unit, amount, 86_400)
    order = place(world, listing, quantity, destination="DE", **more)
    assert (order["currency"], order["amount"]) == (currency or "EUR", amount)
    assert order["lines"][0]["price"] == line["price"]
    assert order["pricing"] == quote["pricing"]
    assert order["pricing"]["incoterm"] == {"code": "DAP", "place": "Hamburg"}


def test_a_quote_shows_freight_and_fee_and_writes_nothing() -> None:
    world, listing = market()
    before = dict(world.state)
    quote = quoted(world, listing, freight="100")
    shown = {key: quote[key] for key in ("goods", "freight", "fee", "proceeds", "amount", "pricing")}
    assert shown == {
        "goods": "1000",
        "freight": "100",
        "fee": "5",
        "proceeds": "995",
        "amount": "1100",
        "pricing": None,
    }
    assert world.state == before


def test_a_line_by_agreement_has_no_price() -> None:
    world, listing = market(unit_price=None)
    quote = quoted(world, listing)
    assert (quote["by_agreement"], quote["lines"][0]["price"], quote["amount"]) == (True, None, "0")
    assert unquoted(world, listing, currency="CNY") == ("CURRENCY_NOT_OFFERED", "currency")


def test_what_a_listing_does_not_allow() -> None:
    world, listing = on_terms(**FULL)
    assert unquoted(world, listing) == ("DESTINATION_MISSING", "destination")
    assert unquoted(world, listing, destination="FR") == ("REGION_NOT_SERVED", "destination")
    assert unquoted(world, listing, destination="XX") == ("COUNTRY_UNKNOWN", "destination")
    assert unquoted(world, listing, destination="DE", currency="USD") == ("CURRENCY_NOT_OFFERED", "currency")
    only = offered(world, terms={"allowed": ["NL"], "minimum": 4, "multiple": 2})
    assert unquoted(world, only, destination="DE") == ("REGION_NOT_SERVED", "destination")
    for quantity in (2, 5):
        refused = unquoted(world, only, quantity, destination="NL")
        assert refused == ("QUANTITY_NOT_OFFERED", "lines[0].quantity")
    assert quoted(world, only, 6, destination="NL")["amount"] == "1500"
    lines = [{"listing": only, "quantity": 4}] * 2
    twice = world.refusal("RetailerMSP", "orders:Quote", {"lines": lines, "destination": "NL"})
    assert twice == ("LINES_INVALID", "lines[1].listing")


def test_a_listing_takes_orders_in_its_time() -> None:
    world, listing = on_terms(valid_from="2027-01-15T08:01:00.000Z", valid_until="2027-01-15T08:02:00.000Z")
    assert unquoted(world, listing) == ("LISTING_NOT_VALID", "lines[0].listing")
    world.pass_time(60)
    place(world, listing)
    world.pass_time(60)
    assert unquoted(world, listing) == ("LISTING_NOT_VALID", "lines[0].listing")


def test_an_order_costs_what_is_quoted_to_the_last_unit() -> None:
    world, listing = on_terms(tiers=TIERS)
    for wrong in ("2399", "2401"):
        fields = {**order_of(world, listing, 10), "amount": wrong}
        assert world.refused("RetailerMSP", "orders:Place", **fields) == ("PRICE_MISMATCH", "amount")


def test_samples_are_for_each_buyer_so_many() -> None:
    world, listing = on_terms(sample={"quantity": 2, "unit_price": "50", "times": 2}, minimum=4)
    assert unquoted(world, listing, 3, sample=True) == ("QUANTITY_NOT_OFFERED", "lines[0].quantity")
    first = place(world, listing, 2, sample=True)
    assert (first["amount"], first["pricing"]["sample"]) == ("100", True)
    place(world, listing, 1, sample=True)
    assert world.record("samples", listing, "RetailerMSP")["orders"] == 2
    assert unquoted(world, listing, 1, sample=True) == ("SAMPLE_TAKEN", "lines[0].listing")
    other = world.ask("BankMSP", "orders:Quote", lines=[{"listing": listing, "quantity": 1}], sample=True)
    assert other["amount"] == "50"
    plain = offered(world)
    assert unquoted(world, plain, 1, sample=True) == ("SAMPLE_NOT_OFFERED", "sample")


def test_a_free_sample_takes_no_notes() -> None:
    world, listing = on_terms(sample={"quantity": 1})
    order = place(world, listing, 1, sample=True)
    assert (order["amount"], order["status"]) == ("0", "placed")


def test_goods_on_trial_need_time_to_be_tried() -> None:
    world, listing = on_terms(trial=600)
    fields = order_of(world, listing)
    refused = world.refused("RetailerMSP", "orders:Place", **fields)
    assert refused == ("TRIAL_TOO_SHORT", "terms.inspect_within")
    order = place(world, listing, terms={**TERMS, "inspect_within": 600})
    assert order["pricing"]["trial"] == 600


def test_the_best_discounts_are_found_and_each_line_takes_one() -> None:
    world, listing = market()
    small, large = discount(world, basis_points=500), discount(world, basis_points=1000, from_quantity=4)
    quote = quoted(world, listing)
    assert (quote["discounts"], quote["discount"], quote["amount"]) == ([large], "100", "900")
    assert quoted(world, listing, 3)["discounts"] == [small]
    order = place(world, listing)
    assert (order["amount"], order["pricing"]["discounts"]) == ("900", [large])
    chosen = quoted(world, listing, discounts=[small])
    assert (chosen["discounts"], chosen["amount"]) == ([small], "950")
    assert quoted(world, listing, discounts=[])["amount"] == "1000"


def test_an_amount_is_taken_off_once_an_order() -> None:
    world, first = market()
    second = offered(world, unit_price="30")
    off = discount(world, amount="1010", currency="EUR")
    lines = [{"listing": first, "quantity": 4}, {"listing": second, "quantity": 2}]
    quote = world.ask("RetailerMSP", "orders:Quote", lines=lines)
    assert [line["price"]["net"] for line in quote["lines"]] == ["0", "50"]
    assert (quote["discounts"], quote["discount"]) == ([off], "1010")


def test_a_discount_holds_for_whom_and_what_and_when_it_says() -> None:
    world, listing = market()
    other = offered(world)
    theirs = discount(world, basis_points=500, buyers=["BankMSP"])
    elsewhere = discount(world, basis_points=500, listings=[other])
    later = discount(world, basis_points=500, valid_from="2027-01-15T08:01:00.000Z")
    gone = discount(world, basis_points=500)
    world.do("ProducerMSP", "discounts:Withdraw", discount=gone)
    assert quoted(world, listing)["discounts"] == []
    for name in (theirs, elsewhere, later, gone):
        refused = unquoted(world, listing, discounts=[name])
        assert refused == ("DISCOUNT_NOT_APPLICABLE", "discounts[0]")
    world.pass_time(60)
    assert quoted(world, listing)["discounts"] == [later]
    assert unquoted(world, listing, discounts=[later, later]) == ("DISCOUNT_NOT_APPLICABLE", "discounts[1]")
    missing = unquoted(world, listing, discounts=[f"ProducerMSP.{'0' * 26}"])
    assert missing == ("DISCOUNT_NOT_FOUND", "discounts[0]")


@pytest.mark.parametrize(
    ("caller", "concession", "code", "field"),
    [
        ("BankMSP", {"basis_points": 1}, "NOT_PERMITTED", None),
        ("ProducerMSP", {}, "CONCESSION_INVALID", "concession.basis_points"),
        ("ProducerMSP", {"basis_points": 10_001}, "FIELD_INVALID", "concession.basis_points"),
        ("ProducerMSP", {"amount": "5"}, "CONCESSION_INVALID", "concession.currency"),
        ("ProducerMSP", {"amount": "0", "currency": "EUR"}, "CONCESSION_INVALID", "concession.amount"),
        ("ProducerMSP", {"amount": "5", "currency": "EUX"}, "CURRENCY_UNKNOWN", "concession.currency"),
        (
            "ProducerMSP",
            {"basis_points": 1, "valid_from": AT, "valid_until": AT},
            "CONCESSION_INVALID",
            "concession.valid_until",
        ),
        (
            "ProducerMSP",
            {"basis_points": 1, "listings": [f"RetailerMSP.{'0' * 26}"]},
            "NOT_PERMITTED",
            "concession.listings[0]",
        ),
    ],
)
def test_discounts_that_make_no_sense(
    caller: str, concession: dict[str, Any], code: str, field: str | None
) -> None:
    world, _ = market()
    refused = world.refused(caller, "discounts:Create", name="Less", concession=concession)
    assert refused == (code, field)


def test_a_discount_is_read_and_withdrawn_by_its_seller_once() -> None:
    world, _ = market()
    name = discount(world, basis_points=500)
    assert world.refused("RetailerMSP", "discounts:Withdraw", discount=name) == ("NOT_PERMITTED", None)
    withdrawn = world.do("ProducerMSP", "discounts:Withdraw", discount=name)
    assert withdrawn.event_types == ["discount.withdrawn"]
    again = world.refused("ProducerMSP", "discounts:Withdraw", discount=name)
    assert again == ("DISCOUNT_NOT_APPLICABLE", "discount")
    assert world.ask("BankMSP", "discounts:Get", discount=name)["discount"]["status"] == "withdrawn"
    assert len(world.ask("BankMSP", "discounts:List", seller="ProducerMSP")["discounts"]) == 1
    missing = {"discount": f"ProducerMSP.{'0' * 26}"}
    assert world.refusal("BankMSP", "discounts:Get", missing) == ("DISCOUNT_NOT_FOUND", "discount")


def test_a_coupon_comes_off_what_discounts_left() -> None:
    world, listing = market()
    discount(world, basis_points=1000)
    use = coupon(world)
    quote = quoted(world, listing, coupon=CODE_HASH)
    assert (quote["discount"], quote["amount"]) == ("190", "810")
    order = place(world, listing, coupon=use)
    assert (order["amount"], order["pricing"]["coupon"]) == ("810", CODE_HASH)
    left = world.ask("RetailerMSP", "coupons:Get", seller="ProducerMSP", code_hash=CODE_HASH)
    assert (left["left"], left["used"]) == ([0, 1, 1, 1], 1)


def test_a_coupon_is_used_by_who_knows_its_code_as_often_as_it_says() -> None:
    world, listing = market()
    use = coupon(world, uses=2, per_buyer=2, parts=1)
    fields = order_of(world, listing, coupon=use)
    for transient in ({}, {"coupon": b"GUESS"}):
        refused = world.refused("RetailerMSP", "orders:Place", **fields, transient=transient)
        assert refused == ("COUPON_CODE_WRONG", "coupon")
    for _ in range(2):
        place(world, listing, coupon=use)
    assert unquoted(world, listing, coupon=CODE_HASH) == ("COUPON_USED_UP", "coupon")
    theirs = order_of(world, listing)
    theirs |= {"coupon": use, "amount": "900", "notes": [mint(world, "900", "BankMSP")]}
    theirs["arbitrator"] = "RegulatorMSP"
    refused = world.refused("BankMSP", "orders:Place", **theirs, transient=TRANSIENT)
    assert refused == ("COUPON_USED_UP", "coupon.part")
    theirs["coupon"] = {**use, "part": 1}
    refused = world.refused("BankMSP", "orders:Place", **theirs, transient=TRANSIENT)
    assert refused == ("COUPON_USED_UP", "coupon.part")


def test_coupons_that_do_not_hold() -> None:
    world, listing = market()
    assert unquoted(world, listing, coupon=CODE_HASH) == ("COUPON_NOT_FOUND", "coupon")
    use = coupon(world, concession={"basis_points": 1000, "from_quantity": 5})
    assert unquoted(world, listing, coupon=CODE_HASH) == ("COUPON_NOT_APPLICABLE", "coupon")
    assert quoted(world, listing, 5, coupon=CODE_HASH)["discount"] == "125"
    twice = {"code_hash": CODE_HASH, "name": "Twice", "concession": {"basis_points": 1}, "uses": 1}
    refused = world.refused("ProducerMSP", "coupons:Issue", **twice)
    assert refused == ("COUPON_ALREADY_ISSUED", "code_hash")
    assert world.refused("BankMSP", "coupons:Issue", **twice) == ("NOT_PERMITTED", None)
    refused = world.refused("RetailerMSP", "coupons:Withdraw", code_hash=CODE_HASH)
    assert refused == ("COUPON_NOT_FOUND", "code_hash")
    result = world.do("ProducerMSP", "coupons:Withdraw", code_hash=use["code_hash"])
    assert result.event_types == ["coupon.withdrawn"]
    again = world.refused("ProducerMSP", "coupons:Withdraw", code_hash=CODE_HASH)
    assert again == ("COUPON_NOT_APPLICABLE", "code_hash")
    assert unquoted(world, listing, 5, coupon=CODE_HASH) == ("COUPON_NOT_APPLICABLE", "coupon")
    parts = {**twice, "code_hash": "00" * 32, "parts": 2}
    assert world.refused("RetailerMSP", "coupons:Issue", **parts) == ("CONCESSION_INVALID", "parts")


def test_orders_of_different_buyers_share_no_key_through_coupons_and_samples() -> None:
    world, listing = on_terms(sample={"quantity": 1, "unit_price": "50"})
    use = coupon(world)
    first = world.do(
        "RetailerMSP", "orders:Place", **order_of(world, listing, coupon=use), transient=TRANSIENT
    )
    other = order_of(world, listing, 1, bucket=1)
    other |= {"notes": [mint(world, "225", "BankMSP")], "amount": "225", "arbitrator": "RegulatorMSP"}
    other["coupon"] = {**use, "part": 1}
    second = world.do("BankMSP", "orders:Place", **other, transient=TRANSIENT)
    assert not set(first.outcome.writes) & set(second.outcome.writes)
    sample = order_of(world, listing, 1, bucket=2, sample=True)
    third = world.do("RetailerMSP", "orders:Place", **sample)
    sample |= {"notes": [mint(world, "50", "BankMSP")], "arbitrator": "RegulatorMSP"}
    sample["lines"][0]["take"][0]["bucket"] = 3
    fourth = world.do("BankMSP", "orders:Place", **sample)
    assert not set(third.outcome.writes) & set(fourth.outcome.writes)


def test_the_code_of_a_coupon_is_in_nothing_that_is_written() -> None:
    world, listing = market()
    fields = order_of(world, listing, coupon=coupon(world))
    outcome = world.do("RetailerMSP", "orders:Place", **fields, transient=TRANSIENT).outcome
    assert not any(
        CODE in (value or b"") for value in (*outcome.writes.values(), outcome.event, outcome.reply)
    )


def test_an_order_in_two_currencies_is_none() -> None:
    world, _ = market()
    euro = offered(world)
    yuan = offered(world, unit_price="1900", currency="CNY")
    lines = [{"listing": each, "quantity": 1} for each in (euro, yuan)]
    ask = ("RetailerMSP", "orders:Quote")
    assert world.refusal(*ask, {"lines": lines}) == ("CURRENCY_MISMATCH", "lines[1].listing")
    assert world.refusal(*ask, {"lines": lines, "currency": "EUR"}) == ("CURRENCY_NOT_OFFERED", "currency")
    both = offered(world, terms={"prices": [{"currency": "CNY", "unit_price": "1850"}]})
    lines[0]["listing"] = both
    assert world.ask(*ask, lines=lines, currency="CNY")["amount"] == "3750"
    assert world.record("listing", both)["gtin"] == GTIN


def test_a_total_beyond_18_digits_is_not_quoted() -> None:
    world, _ = market()
    dear = offered(world, unit_price="9" * 18)
    assert unquoted(world, dear, 2) == ("AMOUNT_TOO_LARGE", "lines")


def test_goods_on_trial_go_back_without_asking() -> None:
    world, listing = on_terms(trial=600)
    terms = {**TERMS, "inspect_within": 600}
    orders = [place(world, listing, terms=terms)["id"] for _ in range(2)]
    back = {"restocking_fee": "0", "receive_within": 180}
    for order in orders:
        advance(world, order, "shipped")
        early = world.do("RetailerMSP", "returns:Propose", order=order, **back)
        assert early.reply["returned"]["status"] == "proposed"
        world.do("ProducerMSP", "orders:Deliver", order=order)
    world.pass_time(590)
    for changes in ({"restocking_fee": "1"}, {"receive_within": 179}):
        asked = world.do("RetailerMSP", "returns:Propose", order=orders[0], **{**back, **changes})
        assert asked.reply["returned"]["status"] == "proposed"
    agreed = world.do("RetailerMSP", "returns:Propose", order=orders[0], **back)
    assert agreed.event_types == ["return.proposed", "return.accepted"]
    assert world.record("order", orders[0])["due"] == agreed.events[1]["due"]
    before = world.balance("RetailerMSP")
    world.do("ProducerMSP", "returns:Receive", order=orders[0])
    assert world.balance("RetailerMSP") == before + 1000
    world.pass_time(11)
    late = world.do("RetailerMSP", "returns:Propose", order=orders[1], **back)
    assert late.reply["returned"]["status"] == "proposed"
