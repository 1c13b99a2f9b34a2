"""Prices, tiers and concessions as people type them, and quotes as they read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hansa_cli.pricing import quote_lines, read_concession, read_terms
from hansa_cli.products import read_details
from hansa_cli.session import CliError
from hansa_domain.listings.terms import Incoterm, ListingTerms, Price, Tier
from hansa_domain.orders.quote import QuotedLine, QuoteReply
from hansa_domain.pricing.concessions import Concession
from hansa_domain.products.details import ProductDetails


def test_tiers_go_to_the_currency_beside_them(tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text("incoterm: {code: FOB, place: Shanghai}\n")
    assert read_terms(file, ["10:9.50", "10:72.00CNY"], ["78.00CNY"], "EUR") == ListingTerms(
        tiers=[Tier(from_quantity=10, unit_price="950")],
        prices=[Price(currency="CNY", unit_price="7800", tiers=[Tier(from_quantity=10, unit_price="7200")])],
        incoterm=Incoterm(code="FOB", place="Shanghai"),
    )
    assert read_terms(None, None, None, "EUR") == ListingTerms()


@pytest.mark.parametrize(
    ("text", "tiers"), [("incoterm: {code: DDU, place: X}", None), ("{}", ["ten:9"]), ("{}", ["10:72.00CNY"])]
)
def test_terms_that_cannot_be_understood(text: str, tiers: list[str] | None, tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(text)
    with pytest.raises(CliError) as refused:
        read_terms(file, tiers, None, "EUR")
    assert refused.value.code == "FIELD_INVALID"


@pytest.mark.parametrize(
    ("percent", "amount", "expected"),
    [
        ("5", None, Concession(basis_points=500, from_quantity=3)),
        ("2.5", None, Concession(basis_points=250, from_quantity=3)),
        (None, "10.00CNY", Concession(amount="1000", currency="CNY", from_quantity=3)),
    ],
)
def test_concessions(percent: str | None, amount: str | None, expected: Concession) -> None:
    assert (
        read_concession(percent, amount, {"from_quantity": 3, "buyers": [], "valid_until": None}) == expected
    )


def test_a_concession_beyond_the_price_is_none() -> None:
    with pytest.raises(CliError):
        read_concession("101", None, {})


def test_details_are_changed_where_named(tmp_path: Path) -> None:
    present = ProductDetails(hs_code="150920", tracking="lot")
    assert read_details(None, present, None, "TN") == ProductDetails(
        hs_code="150920", tracking="lot", origin="TN"
    )
    file = tmp_path / "details.yaml"
    file.write_text("warranty_days: 730\n")
    assert read_details(file, present, "150930", None) == ProductDetails(hs_code="150930", warranty_days=730)
    file.write_text("tracking: barcode\n")
    with pytest.raises(CliError):
        read_details(file, present, None, None)


def test_a_quote_by_agreement_says_so() -> None:
    sums: dict[str, Any] = dict.fromkeys(
        ("goods", "discount", "tax", "duty", "freight", "fee", "proceeds", "amount"), "0"
    )
    line = QuotedLine(listing="P.1", gtin="0", quantity=2, price=None, lead_time=None)
    quote = QuoteReply(
        seller="P",
        currency="EUR",
        lines=[line],
        by_agreement=True,
        discounts=[],
        pricing=None,
        lead_time=None,
        fee_schedule=None,
        **sums,
    )
    assert quote_lines(quote).splitlines() == [
        "2 of P.1  by agreement",
        "a price is by agreement: the order names the total",
    ]
