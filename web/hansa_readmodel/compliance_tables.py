"""The tables of rule packs, of what was checked against them, of licences and of cross-border papers."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Table

from hansa_readmodel.columns import String
from hansa_readmodel.tables import metadata

packs = Table(
    "compliance_packs",
    metadata,
    Column("pack", String(48), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("document", String(64), nullable=False),
    Column("valid_from", String(32), nullable=False, index=True),
    Column("unknown", String(8), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("published_by", String(64), nullable=False),
    Column("published_at", String(32), nullable=False),
    # As the event has them, in the order of the pack.
    Column("rules", JSON, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
)

checks = Table(
    "compliance_checks",
    metadata,
    Column("check_id", String(128), primary_key=True),
    Column("subject_kind", String(16), nullable=False, index=True),
    Column("subject", String(128), nullable=False, index=True),
    Column("order_id", String(128), index=True),
    Column("occasion", String(16), nullable=False),
    Column("by", String(64), nullable=False, index=True),
    Column("result", String(8), nullable=False, index=True),
    Column("seller", String(64), nullable=False, index=True),
    Column("buyer", String(64), index=True),
    Column("carrier", String(64), index=True),
    Column("departure", String(2)),
    Column("destination", String(2)),
    Column("at", String(32), nullable=False, index=True),
    # Packs, facts and outcomes as the event has them.
    Column("packs", JSON, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("outcomes", JSON, nullable=False),
    Column("block", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
)

check_packs = Table(
    "compliance_check_packs",
    metadata,
    Column("check_id", String(128), primary_key=True),
    Column("pack", String(48), primary_key=True),
    Column("version", BigInteger, nullable=False, index=True),
)

check_rules = Table(
    "compliance_check_rules",
    metadata,
    Column("check_id", String(128), primary_key=True),
    Column("pack", String(48), primary_key=True),
    Column("rule", String(48), primary_key=True),
    Column("outcome", String(8), nullable=False, index=True),
    Column("refuses", Boolean, nullable=False),
)

check_countries = Table(
    "compliance_check_countries",
    metadata,
    Column("check_id", String(128), primary_key=True),
    # Of a party, of origin, of departure or of destination.
    Column("country", String(2), primary_key=True, index=True),
)

check_parties = Table(
    "compliance_check_parties",
    metadata,
    Column("check_id", String(128), primary_key=True),
    # Seller, buyer, and everybody who carries; an order in parts has several carriers.
    Column("member", String(64), primary_key=True, index=True),
)

flags = Table(
    "compliance_flags",
    metadata,
    # A listing or an order that is held back.
    Column("subject", String(128), primary_key=True),
    Column("check_id", String(128), nullable=False),
    Column("at", String(32), nullable=False),
)

licences = Table(
    "licences",
    metadata,
    Column("licence", String(128), primary_key=True),
    Column("kind", String(48), nullable=False, index=True),
    Column("holder", String(64), nullable=False, index=True),
    Column("issuer", String(64), nullable=False, index=True),
    Column("scope", JSON, nullable=False),
    Column("valid_from", String(32), nullable=False),
    Column("valid_until", String(32), nullable=False, index=True),
    Column("document", String(64), nullable=False),
    Column("number", String(64)),
    Column("status", String(16), nullable=False, index=True),
    Column("issued_at", String(32), nullable=False, index=True),
    Column("revoked_at", String(32)),
    Column("reason", String(1000)),
)

papers = Table(
    "papers",
    metadata,
    Column("paper", String(128), primary_key=True),
    Column("kind", String(32), nullable=False, index=True),
    Column("order_id", String(128), nullable=False, index=True),
    Column("issuer", String(64), nullable=False, index=True),
    Column("document", String(64), nullable=False, index=True),
    Column("number", String(64)),
    Column("security", String(16)),
    Column("signer", String(64)),
    Column("valid_from", String(32), nullable=False),
    Column("valid_until", String(32)),
    Column("status", String(16), nullable=False, index=True),
    Column("registered_at", String(32), nullable=False, index=True),
    Column("revoked_at", String(32)),
    Column("reason", String(1000)),
)
