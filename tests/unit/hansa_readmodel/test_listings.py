"""What the read model tells of listings on full terms, and of what changes their prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.discounts import Concession
from hansa.errors import RefusedError
from hansa.listings import Incoterm, ListingTerms, Price, Sample, Tier
from hansa.products import ProductDetails
from hansa.taxes import TaxRule
from tests.support.portal import Consortium

GTIN = "09521321000018"
TERMS = ListingTerms(
    tiers=[Tier(from_quantity=10, unit_price="240")],
    prices=[Price(currency="CNY", unit_price="1900")],
    incoterm=Incoterm(code="DDP", place="Lyon"),
    allowed=["FR", "NL"],
    excluded=["NL"],
    sample=Sample(quantity=1),
)


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    trade = Consortium(tmp_path)
    details = ProductDetails(hs_code="15092000", origin="TN")
    trade.sdk("Producer").products.register(GTIN, "Olive oil", brand="Oleum", details=details)
    trade.sdk("Bank").money.mint("EUR", 100_000, "RetailerMSP")
    return trade


def offer(trade: Consortium, terms: ListingTerms | None = None) -> str:
    made = trade.sdk("Producer").listings.create(
        GTIN, unit_price=250, currency="EUR", quantity=100, buckets=4, terms=terms
    )
    return made.reply.listing.id


def test_listings_are_found_by_words_code_region_and_price(trade: Consortium) -> None:
    limited, everywhere = offer(trade, TERMS), offer(trade)
    queries = trade.ledger.queries.listings

    def found(**asked: object) -> set[str]:
        return {row.listing for row in queries.list(**asked)}  # type: ignore[arg-type]

    assert found(words="oleum", hs_code="1509") == {limited, everywhere}
    assert found(hs_code="1510") == set()
    assert found(region="FR") == {limited, everywhere}
    assert found(region="NL") == found(region="DE") == {everywhere}
    assert found(price=("EUR", 240)) == found(price=("CNY", 1900)) == {limited}
    assert found(price=("EUR", 250)) == {limited, everywhere}
    prices = [(row.currency, row.from_quantity, row.unit_price) for row in queries.prices(limited)]
    assert prices == [("CNY", 1, 1900), ("EUR", 1, 250), ("EUR", 10, 240)]


def test_a_listing_shows_its_versions_and_what_happened_to_it(trade: Consortium) -> None:
    producer, queries = trade.sdk("Producer"), trade.ledger.queries.listings
    listing = offer(trade, TERMS)
    producer.listings.revise(listing, unit_price=300)
    producer.listings.suspend(listing)
    row = queries.find(listing)
    assert row is not None
    assert (row.version, row.unit_price, row.status, row.incoterm) == (2, "300", "suspended", "DDP")
    producer.listings.resume(listing)
    producer.listings.restock(listing, 7)
    producer.listings.reduce(listing, 3)
    row = queries.find(listing)
    assert row is not None
    assert (row.status, row.left) == ("open", 104)
    assert [step.type for step in queries.history(listing)] == [
        "listing.created",
        "listing.revised",
        "listing.suspended",
        "listing.resumed",
    ]
    assert [each.version for each in producer.listings.versions(listing)] == [1, 2]


def test_an_order_shows_how_its_amount_came_about(trade: Consortium) -> None:
    producer, retailer, queries = trade.sdk("Producer"), trade.sdk("Retailer"), trade.ledger.queries
    rules = [TaxRule(hs_prefix="1509", kind="reduced", vat=550, duty=1000)]
    trade.sdk("Regulator").taxes.publish("FR", "CGI", rules)
    producer.discounts.create("Ten off", Concession(basis_points=1000))
    issued = producer.coupons.issue("Spring", Concession(amount="60", currency="EUR"), uses=5)
    listing = offer(trade, TERMS)
    quote = retailer.orders.quote(listing, 4, destination="FR", coupon=issued.code)
    # 1000, less 100, less 60; 5.5 % of 840 is 46.2.
    assert (quote.goods, quote.tax, quote.duty, quote.amount) == ("840", "46", "84", "886")
    with pytest.raises(RefusedError) as dearer:
        retailer.orders.place(listing, 4, destination="FR", coupon=issued.code, at_most=885)
    assert dearer.value.code == "PRICE_MISMATCH"
    order = retailer.orders.place(listing, 4, destination="FR", coupon=issued.code, at_most=886).reply.order
    pricing = queries.prices.of_order(order.id)
    assert pricing is not None
    assert (pricing["tax_table"], pricing["duty_by"], pricing["discount"]) == ("FR.1", "seller", "160")
    detail = queries.orders.detail(order.id)
    assert detail is not None
    assert detail.lines[0].price is not None
    assert detail.lines[0].price["net"] == "840"
    (used,) = queries.prices.coupons(seller="ProducerMSP")
    assert (used.used, used.uses, used.status) == (1, 5, "open")
    assert issued.code not in str(used)
    producer.coupons.withdraw(issued.code)
    (ended,) = queries.prices.coupons()
    assert ended.status == "withdrawn"
    (discount,) = queries.prices.discounts(seller="ProducerMSP", status="open")
    producer.discounts.withdraw(discount.discount)
    assert queries.prices.discounts(status="open") == []
    (table,) = queries.prices.tax_tables("FR")
    assert (table.version, table.publisher) == (1, "RegulatorMSP")
    (rule,) = queries.prices.tax_rules("FR", 1, hs_code="15")
    assert (rule.kind, rule.vat, rule.duty) == ("reduced", 550, 1000)
    assert queries.prices.of_order("nobody's") is None


def test_an_order_placed_twice_under_one_id_is_one(trade: Consortium) -> None:
    retailer = trade.sdk("Retailer")
    listing = offer(trade, TERMS)
    name = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    first = retailer.orders.place(listing, 1, destination="FR", sample=True, command_id=name)
    again = retailer.orders.place(listing, 1, destination="FR", sample=True, command_id=name)
    assert (again.repeated, again.reply.order.id) == (True, first.reply.order.id)
    with pytest.raises(RefusedError) as other:
        retailer.orders.place(listing, 1, destination="FR", command_id=name)
    assert other.value.code == "COMMAND_ID_REUSED"
