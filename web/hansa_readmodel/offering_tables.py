"""Tables beside products, listings and orders: certificates, places, prices, discounts, taxes."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Table

from hansa_readmodel.columns import String, Text
from hansa_readmodel.tables import metadata

product_certificates = Table(
    "product_certificates",
    metadata,
    Column("gtin", String(14), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("number", String(64), primary_key=True),
    Column("issuer", String(200), nullable=False),
    Column("valid_until", String(10), nullable=False, index=True),
    Column("document", String(64), nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("revoked_at", String(32)),
)

places = Table(
    "places",
    metadata,
    Column("gln", String(13), primary_key=True),
    Column("owner", String(64), nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("country", String(2), nullable=False, index=True),
    # Microdegrees.
    Column("latitude", BigInteger),
    Column("longitude", BigInteger),
    Column("registered_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    # Its name in small letters, for searches: databases differ in which letters they make small.
    Column("found_by", Text, nullable=False),
)

listing_prices = Table(
    "listing_prices",
    metadata,
    Column("listing", String(128), primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("from_quantity", BigInteger, primary_key=True),
    Column("unit_price", BigInteger, nullable=False, index=True),
)

listing_regions = Table(
    "listing_regions",
    metadata,
    Column("listing", String(128), primary_key=True),
    Column("country", String(2), primary_key=True),
    # Whether it is one of the only countries served, or one that is not served.
    Column("served", Boolean, nullable=False),
)

discounts = Table(
    "discounts",
    metadata,
    Column("discount", String(128), primary_key=True),
    Column("seller", String(64), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("concession", JSON, nullable=False),
    Column("created_at", String(32), nullable=False, index=True),
)

coupons = Table(
    "coupons",
    metadata,
    Column("seller", String(64), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("concession", JSON, nullable=False),
    Column("uses", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("per_buyer", BigInteger, nullable=False),
    Column("issued_at", String(32), nullable=False, index=True),
)

tax_tables = Table(
    "tax_tables",
    metadata,
    Column("country", String(2), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("publisher", String(64), nullable=False),
    Column("source", String(200), nullable=False),
    Column("valid_from", String(32), nullable=False),
    Column("published_at", String(32), nullable=False),
)

tax_rules = Table(
    "tax_rules",
    metadata,
    Column("country", String(2), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("hs_prefix", String(10), nullable=False, index=True),
    Column("origin", String(2)),
    Column("kind", String(16), nullable=False),
    Column("vat", BigInteger, nullable=False),
    Column("duty", BigInteger, nullable=False),
    Column("vat_on_duty", Boolean, nullable=False),
)

order_pricing = Table(
    "order_pricing",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("destination", String(2), index=True),
    Column("tax_table", String(16), index=True),
    Column("tax", BigInteger, nullable=False),
    Column("duty", BigInteger, nullable=False),
    Column("discount", BigInteger, nullable=False),
    Column("pricing", JSON, nullable=False),
)
