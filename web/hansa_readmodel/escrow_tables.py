"""The tables of what happens to an order's escrow: milestones, splits by consent, disputes."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Table

from hansa_readmodel.columns import String
from hansa_readmodel.tables import metadata

milestones = Table(
    "milestones",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("event", String(16), nullable=False),
    Column("within", BigInteger, nullable=False),
    Column("otherwise", String(16), nullable=False),
    Column("weight", BigInteger, nullable=False),
    Column("inspector", String(64), index=True),
    Column("status", String(16), nullable=False, index=True),
    Column("cause", String(16)),
    Column("reported_by", String(64)),
    Column("document", String(64)),
    # What it paid, minor units; None while it is pending.
    Column("proceeds", BigInteger),
    Column("freight", BigInteger),
    Column("fee", BigInteger),
    Column("paid_at", String(32)),
)

settlements = Table(
    "settlements",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("by", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("to_buyer", BigInteger, nullable=False),
    Column("to_seller", BigInteger, nullable=False),
    Column("to_carrier", BigInteger, nullable=False),
    Column("goods", String(16)),
    Column("needs", JSON, nullable=False),
    Column("agreed", JSON, nullable=False),
    Column("proposed_at", String(32), nullable=False, index=True),
    Column("expires_at", String(32), nullable=False),
    Column("closed_at", String(32)),
)

disputes = Table(
    "disputes",
    metadata,
    Column("order_id", String(128), primary_key=True),
    Column("opener", String(64), primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("reason", String(32), nullable=False),
    Column("arbitrator", String(64), nullable=False, index=True),
    Column("due", String(32), nullable=False),
    # Who said what, and who laid which document before the arbitrator, by hash, as the events have it.
    Column("statements", JSON, nullable=False),
    Column("evidence", JSON, nullable=False),
    # What the arbitrator gave everybody, minor units; None where he did not decide.
    Column("decision", JSON),
    Column("opened_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
    Column("closed_by", String(64)),
)

claims = Table(
    "claims",
    metadata,
    Column("claim", String(128), primary_key=True),
    Column("order_id", String(128), nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("buyer", String(64), nullable=False, index=True),
    Column("seller", String(64), nullable=False, index=True),
    Column("arbitrator", String(64), index=True),
    Column("reason", String(32), nullable=False),
    Column("wanted", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount", BigInteger),
    Column("owed", BigInteger),
    Column("paid", BigInteger),
    Column("remedy", String(16)),
    Column("replacement", String(128)),
    Column("due", String(32)),
    Column("opened_at", String(32), nullable=False, index=True),
    Column("closed_at", String(32)),
    Index("claims_due", "status", "due"),
)
