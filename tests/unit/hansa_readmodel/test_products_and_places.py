"""What the read model tells of products and places."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa.products import Certificate, DangerousGoods, ProductDetails
from tests.support.portal import Consortium

GTIN = "09521321000018"
GLN = "9521321000018"


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def test_products_are_found_by_what_is_said_of_them(trade: Consortium) -> None:
    producer, queries = trade.sdk("Producer"), trade.ledger.queries.products
    producer.products.register(GTIN, "Lacquer", details=ProductDetails(hs_code="320820", origin="DE"))
    danger = DangerousGoods(un_number="UN 1263", shipping_name="PAINT", hazard_class="3", packing_group="II")
    details = ProductDetails(hs_code="32082010", origin="NL", dangerous_goods=danger)
    producer.products.revise(GTIN, brand="Glans", details=details)
    (row,) = queries.list(words="glan", hs_code="3208", origin="NL")
    assert (row.name, row.version, row.hs_code, row.un_number) == ("Lacquer", 2, "32082010", "UN 1263")
    assert queries.list(origin="DE") == queries.list(hs_code="3209") == queries.list(words="x") == []
    paper = Certificate(kind="CE", number="7", issuer="Body", valid_until="2099-01-01", document="ce" * 32)
    producer.products.add_certificate(GTIN, paper)
    producer.products.revoke_certificate(GTIN, "CE", "7")
    (held,) = queries.certificates(GTIN)
    assert (held.kind, held.revoked_at is None) == ("CE", False)
    producer.products.offer_transfer(GTIN, "RetailerMSP")
    trade.sdk("Retailer").products.accept_transfer(GTIN)
    found = queries.find(GTIN)
    assert found is not None
    assert found.owner == "RetailerMSP"
    assert [each.version for each in producer.products.versions(GTIN)] == [1, 2]


def test_places_are_found_by_country_and_words(trade: Consortium) -> None:
    carrier, queries = trade.sdk("Carrier"), trade.ledger.queries.places
    carrier.places.register(GLN, "Maasvlakte", "NL", kind="port")
    carrier.places.revise(GLN, position=(51_949_600, 4_145_300))
    (row,) = queries.list(country="NL", words="maas")
    assert (row.owner, row.version, row.latitude, row.kind) == ("CarrierMSP", 2, 51_949_600, "port")
    assert queries.list(owner="BankMSP") == []
    carrier.places.close(GLN)
    found = queries.find(GLN)
    assert found is not None
    assert found.status == "closed"
    assert len(carrier.places.versions(GLN)) == 2
