"""The tables of how an order comes about and how goods go back: tenders, offers, approvals, returns."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Table

from hansa_readmodel.columns import String
from hansa_readmodel.tables import metadata

tenders = Table(
    "tenders",
    metadata,
    Column("tender", String(128), primary_key=True),
    Column("buyer", String(64), nullable=False, index=True),
    Column("status", String(16), nullable=False, index=True),
    Column("country", String(2), nullable=False),
    Column("reference", String(64)),
    # Goods and invited sellers as the event has them; no invited ones: open to all.
    Column("lines", JSON, nullable=False),
    Column("invited", JSON, nullable=False),
    Column("wanted_by", String(32), nullable=False),
    Column("closes_at", String(32), nullable=False, index=True),
    Column("opened_at", String(32), nullable=False, index=True),
    Column("offer", String(128)),
    Column("order_id", String(128)),
)

offers = Table(
    "offers",
    metadata,
    Column("offer", String(128), primary_key=True),
    Column("tender", String(128), index=True),
    Column("buyer", String(64), nullable=False, index=True),
    Column("seller", String(64), nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("due", String(32), nullable=False),
    Column("opened_at", String(32), nullable=False, index=True),
    Column("order_id", String(128)),
    Index("offers_due", "status", "due"),
)

offer_versions = Table(
    "offer_versions",
    metadata,
    Column("offer", String(128), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("by", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("freight", BigInteger, nullable=False),
    Column("carrier", String(64)),
    Column("lines", JSON, nullable=False),
    Column("lead_time", BigInteger, nullable=False),
    # What the order would be paid by, as the event has it; none: as a whole, or in parts.
    Column("milestones", JSON(none_as_null=True)),
    Column("warranty", BigInteger),
    Column("due", String(32), nullable=False),
    Column("made_at", String(32), nullable=False),
)

approval_rules = Table(
    "approval_rules",
    metadata,
    Column("member", String(64), primary_key=True),
    Column("rules", BigInteger, nullable=False),
    Column("set_by", String(200), nullable=False),
    Column("set_at", String(32), nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("member", String(64), nullable=False, index=True),
    Column("approver", String(200), nullable=False),
    Column("seller", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("given_at", String(32), nullable=False, index=True),
)

returns = Table(
    "returns",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("restocking_fee", BigInteger, nullable=False),
    Column("exchange", Boolean, nullable=False),
    Column("proposed_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
)
