"""Tables beside products and listings: certificates, places."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

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
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("country", String(2), nullable=False, index=True),
    # Microdegrees.
    Column("latitude", Integer),
    Column("longitude", Integer),
    Column("registered_at", String(32), nullable=False),
    Column("closed_at", String(32)),
)
