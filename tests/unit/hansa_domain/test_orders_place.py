"""Placing an order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import GTIN, TERMS, market, mint, order_fields, ulid

AT = "2027-01-15T08:00:00.000Z"
DUE = "2027-01-15T08:01:00.000Z"


PARTIES = {"buyer": "RetailerMSP", "seller": "ProducerMSP", "carrier": "CarrierMSP", "arbitrator": "BankMSP"}
SUMS = {"currency": "EUR", "amount": "1100", "freight": "100", "fee": "5", "proceeds": "995"}


def test_place_moves_the_price_into_escrow_and_goods_out_of_stock() -> None:
    world, listing = market()
    note = mint(world, "1500")
    fields = order_fields(listing, [note], reference="PO-7", change="RetailerMSP/till", id=ulid("o"))
    result = world.do("RetailerMSP", "orders:Place", **fields)
    order_id = f"RetailerMSP.{ulid('o')}"
    change = {"id": f"{order_id}.0", "owner": "RetailerMSP/till", "currency": "EUR", "amount": "400"}
    order = {
        "v": 3,
        "id": order_id,
        "status": "placed",
        **PARTIES,
        **SUMS,
        "fee_account": "BankMSP/consortium-fees",
        "refund_account": "RetailerMSP/till",
        "lines": [{**bought(listing), "take": [{"bucket": 0, "quantity": 4}]}],
        "terms": TERMS,
        "delivery_commitment": None,
        "reference": "PO-7",
        "due": DUE,
        "placed_at": AT,
        "offer": None,
        "settlement": "whole",
        "released": "0",
        **dict.fromkeys(["accepted_at", "shipped_at", "delivered_at", "closed_at", "closed_by", "cause"]),
        **dict.fromkeys(["left", "dispute", "second_arbitrator", "fee_schedule", "deliveries", "pricing"]),
        **dict.fromkeys(["warranty", "replaces"]),
    }
    parties = ("RetailerMSP", "ProducerMSP", "CarrierMSP")
    assert result.writes == {
        ("order", order_id): order,
        **{("order-of", party, order_id): {"v": 1, "order": order_id} for party in parties},
        ("escrow", order_id): {"v": 1, "order": order_id, "currency": "EUR", "amount": "1100"},
        ("stock", listing, "000"): {"v": 1, "listing": listing, "bucket": 0, "quantity": 21},
        ("note", note): None,
        ("owned", "RetailerMSP", "EUR", note): None,
        ("note", change["id"]): {"v": 1, **change},
        ("owned", "RetailerMSP/till", "EUR", change["id"]): {"v": 1, "note": change["id"], "amount": "400"},
    }
    assert result.reply == {"order": order, "change": change}
    consumed = {"id": note, "owner": "RetailerMSP", "currency": "EUR", "amount": "1500"}
    assert result.events == [
        {
            "type": "order.placed",
            "v": 2,
            "order": order_id,
            **PARTIES,
            **SUMS,
            "lines": [bought(listing)],
            "reference": "PO-7",
            "due": DUE,
            "at": AT,
            "offer": None,
            "pricing": None,
        },
        into_escrow(order_id, consumed, change),
        stock_changed(listing, 21),
    ]


def bought(listing: str) -> dict[str, Any]:
    sums = {"unit_price": "250", "discount": "0", "net": "1000", "tax": "0", "duty": "0"}
    price = {"version": 1, **sums, "tax_kind": None}
    return {"listing": listing, "gtin": GTIN, "quantity": 4, "price": price}


def into_escrow(order: str, consumed: dict[str, str], created: dict[str, str]) -> dict[str, object]:
    notes = {"consumed": [consumed], "created": [created]}
    head = {"type": "money.moved", "v": 2, "reason": "escrow", "currency": "EUR"}
    return {**head, **notes, "order": order, "at": AT, "references": {}, "document": None}


def stock_changed(listing: str, quantity: int) -> dict[str, object]:
    buckets = [{"bucket": 0, "quantity": quantity}]
    return {"type": "stock.changed", "v": 1, "listing": listing, "buckets": buckets, "at": AT}


def test_an_exact_payment_leaves_no_change() -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "600"), mint(world, "500", "RetailerMSP/till")])
    result = world.do("RetailerMSP", "orders:Place", **fields)
    assert result.reply["change"] is None
    assert world.balance("RetailerMSP") == world.balance("RetailerMSP/till") == 0


def test_orders_of_different_buyers_write_no_key_in_common() -> None:
    world, listing = market(buckets=4)
    fields = [
        order_fields(listing, [mint(world, "1100")]),
        order_fields(listing, [mint(world, "1100", "BankMSP")], arbitrator="RegulatorMSP"),
    ]
    fields[1]["lines"][0]["take"][0]["bucket"] = 1
    first = world.do("RetailerMSP", "orders:Place", **fields[0])
    second = world.do("BankMSP", "orders:Place", **fields[1])
    assert not set(first.outcome.writes) & set(second.outcome.writes)


def test_by_agreement_the_order_names_the_total() -> None:
    world, listing = market(unit_price=None)
    fields = order_fields(listing, [mint(world, "777")], amount="777", freight="0", carrier=None)
    order = world.do("RetailerMSP", "orders:Place", **fields).reply["order"]
    assert (order["amount"], order["proceeds"], order["fee"]) == ("777", "774", "3")


def test_nothing_to_pay_takes_no_notes() -> None:
    world, listing = market(unit_price=None)
    fields = order_fields(listing, [], amount="0", freight="0", carrier=None)
    result = world.do("RetailerMSP", "orders:Place", **fields)
    assert result.event_types == ["order.placed", "stock.changed"]
    assert not any(key[0] in {"escrow", "note"} for key in result.outcome.writes)


def line(listing: str, quantity: int, *take: tuple[int, int]) -> dict[str, Any]:
    return {
        "listing": listing,
        "quantity": quantity,
        "take": [{"bucket": bucket, "quantity": part} for bucket, part in take],
    }


def test_lines_add_up_over_listings_and_buckets() -> None:
    world, first = market(buckets=4)
    second = world.do(
        "ProducerMSP",
        "listings:Create",
        gtin=GTIN,
        unit_price="10",
        currency="EUR",
        quantity=5,
        buckets=1,
    ).reply["listing"]["id"]
    fields = order_fields(first, [mint(world, "7620")], amount="7620")
    fields["lines"] = [line(first, 30, (0, 25), (3, 5)), line(second, 2, (0, 2))]
    result = world.do("RetailerMSP", "orders:Place", **fields)
    assert world.record("stock", first, "000")["quantity"] == 0
    assert world.record("stock", first, "003")["quantity"] == 20
    assert world.record("stock", second, "000")["quantity"] == 3
    assert result.event_types.count("stock.changed") == 2


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"amount": "1099"}, "PRICE_MISMATCH", "amount"),
        ({"amount": "1101"}, "PRICE_MISMATCH", "amount"),
        ({"amount": "-1"}, "FIELD_INVALID", "amount"),
        ({"amount": 1100}, "FIELD_INVALID", "amount"),
        ({"carrier": None}, "CARRIER_INVALID", "carrier"),
        ({"carrier": "RegulatorMSP"}, "CARRIER_INVALID", "carrier"),
        ({"carrier": "ProducerMSP"}, "CARRIER_INVALID", "carrier"),
        ({"carrier": "ElseMSP"}, "MEMBER_NOT_FOUND", "carrier"),
        ({"arbitrator": "ElseMSP"}, "MEMBER_NOT_FOUND", "arbitrator"),
        ({"arbitrator": "ProducerMSP"}, "ARBITRATOR_INVALID", "arbitrator"),
        ({"arbitrator": "CarrierMSP"}, "ARBITRATOR_INVALID", "arbitrator"),
        ({"change": "ProducerMSP"}, "NOT_PERMITTED", "change"),
        ({"terms": {**TERMS, "accept_within": 0}}, "FIELD_INVALID", "terms.accept_within"),
        ({"terms": {**TERMS, "ship_within": 31_536_001}}, "FIELD_INVALID", "terms.ship_within"),
        ({"delivery_commitment": "AB" * 32}, "FIELD_INVALID", "delivery_commitment"),
        ({"reference": "x" * 65}, "FIELD_INVALID", "reference"),
        ({"lines": []}, "FIELD_INVALID", "lines"),
        ({"surprise": 1}, "FIELD_INVALID", "surprise"),
    ],
)
def test_place_refusals(changes: dict[str, Any], code: str, field: str | None) -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1500")], **changes)
    assert world.refused("RetailerMSP", "orders:Place", **fields) == (code, field)


def test_money_refusals() -> None:
    world, listing = market()
    note, theirs = mint(world, "1500"), mint(world, "1500", "ProducerMSP")
    yen = mint(world, "1500", currency="JPY")

    def refused(*notes: str, **changes: Any) -> tuple[str, str | None]:
        fields = order_fields(listing, list(notes), **changes)
        return world.refused("RetailerMSP", "orders:Place", **fields)

    assert refused(mint(world, "1099")) == ("FUNDS_INSUFFICIENT", "notes")
    assert refused() == ("FUNDS_INSUFFICIENT", "notes")
    assert refused(theirs) == ("NOTE_NOT_YOURS", "notes[0]")
    assert refused(yen) == ("CURRENCY_MISMATCH", "notes[0]")
    assert refused(note, note) == ("NOTE_REPEATED", "notes[1]")
    assert refused(f"BankMSP.{ulid('gone')}.0") == ("NOTE_NOT_FOUND", "notes[0]")
    assert refused(*[f"BankMSP.{ulid(n)}.0" for n in range(17)]) == ("FIELD_INVALID", "notes")


def test_change_beyond_18_digits_is_refused() -> None:
    world, listing = market()
    notes = [mint(world, "9" * 18), mint(world, "9" * 18)]
    fields = order_fields(listing, notes)
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("AMOUNT_TOO_LARGE", "notes")


def test_freight_and_fee_fit_into_the_amount() -> None:
    world, listing = market(unit_price=None)
    note = mint(world, "1000")
    fields = order_fields(listing, [note], amount="1000", freight="996")
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("SHARES_EXCEED_AMOUNT", "freight")
    fields = order_fields(listing, [note], amount="0", freight="0")
    assert world.refused("RetailerMSP", "orders:Place", **fields) == ("AMOUNT_ZERO", "notes")
    fields = order_fields(listing, [note], amount="1000", freight="995")
    assert world.do("RetailerMSP", "orders:Place", **fields).reply["order"]["proceeds"] == "0"


def test_line_refusals() -> None:
    world, listing = market(buckets=4)
    note = mint(world, "1500")

    def refused(*lines: dict[str, Any]) -> tuple[str, str | None]:
        return world.refused("RetailerMSP", "orders:Place", **order_fields(listing, [note], lines=lines))

    assert refused(line(listing, 4, (0, 3))) == ("LINES_INVALID", "lines[0].take")
    assert refused(line(listing, 4, (0, 3), (0, 1))) == ("LINES_INVALID", "lines[0].take")
    assert refused(line(listing, 2, (0, 2)), line(listing, 2, (1, 2))) == (
        "LINES_INVALID",
        "lines[1].listing",
    )
    assert refused(line(listing, 4, (4, 4))) == ("STOCK_INSUFFICIENT", "lines[0].take[0]")
    assert refused(line(listing, 4, (256, 4))) == ("FIELD_INVALID", "lines[0].take[0].bucket")
    assert refused(line(listing, -4, (0, 4))) == ("FIELD_INVALID", "lines[0].quantity")
    assert refused(line(f"ProducerMSP.{ulid('no')}", 4, (0, 4))) == ("LISTING_NOT_FOUND", "lines[0].listing")
    assert refused(*[line(listing, 1, (0, 1))] * 21) == ("FIELD_INVALID", "lines")


def test_a_bucket_gives_no_more_than_it_holds() -> None:
    world, listing = market(quantity=3, buckets=1)
    fields = order_fields(listing, [mint(world, "1500")])
    assert world.refused("RetailerMSP", "orders:Place", **fields) == (
        "STOCK_INSUFFICIENT",
        "lines[0].take[0]",
    )


@pytest.mark.parametrize(
    ("seller", "currency", "code"),
    [("RetailerMSP", "EUR", "LINES_INVALID"), ("ProducerMSP", "CNY", "CURRENCY_MISMATCH")],
)
def test_all_lines_have_one_seller_and_one_currency(seller: str, currency: str, code: str) -> None:
    world, first = market()
    second = world.do(
        seller, "listings:Create", gtin=GTIN, unit_price="1", currency=currency, quantity=1
    ).reply["listing"]["id"]
    fields = order_fields(first, [mint(world, "1101", "BankMSP")], amount="1101")
    fields["lines"] = [line(first, 4, (0, 4)), line(second, 1, (0, 1))]
    refused = world.refused("BankMSP", "orders:Place", **fields, arbitrator="RegulatorMSP")
    assert refused == (code, "lines[1].listing")


def test_who_may_not_order() -> None:
    world, listing = market()
    fields = order_fields(listing, [])
    assert world.refused("ProducerMSP", "orders:Place", **fields) == ("LINES_INVALID", "lines[0].listing")
    assert world.refused("RegulatorMSP", "orders:Place", **fields) == ("NOT_PERMITTED", None)


def test_a_withdrawn_listing_takes_no_orders() -> None:
    world, listing = market()
    world.do("ProducerMSP", "listings:Withdraw", listing=listing)
    refused = world.refused("RetailerMSP", "orders:Place", **order_fields(listing, []))
    assert refused == ("LISTING_WITHDRAWN", "lines[0].listing")


def test_without_a_consortium_there_are_no_orders() -> None:
    world, listing = market()
    del world.state[("consortium",)]
    refused = world.refused("RetailerMSP", "orders:Place", **order_fields(listing, []))
    assert refused == ("CONSORTIUM_NOT_INITIALIZED", None)


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ("BankMSP", "ARBITRATOR_INVALID"),
        ("RetailerMSP", "ARBITRATOR_INVALID"),
        ("CarrierMSP", "ARBITRATOR_INVALID"),
        ("NobodyMSP", "MEMBER_NOT_FOUND"),
    ],
)
def test_a_second_arbitrator_is_another_stranger(second: str, code: str) -> None:
    world, listing = market()
    fields = order_fields(listing, [mint(world, "1100")])
    refused = world.refused("RetailerMSP", "orders:Place", **fields, second_arbitrator=second)
    assert refused == (code, "second_arbitrator")
    placed_ = world.do("RetailerMSP", "orders:Place", **fields, second_arbitrator="RegulatorMSP")
    assert placed_.reply["order"]["second_arbitrator"] == "RegulatorMSP"
